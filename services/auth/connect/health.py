"""How a connection is, in one word, with a plain reason and the next step."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.auth.connection.models import Connection, Method, Status, Vendor
from services.auth.connection.vendors import TITLES

SOON = timedelta(days=8)
"""A consent that ends within this time is expiring: Google's test apps are from the first moment."""


class State(StrEnum):
    ACTIVE = "active"
    EXPIRING = "expiring"
    NEEDS_REAUTH = "needs_reauth"
    ERROR = "error"
    DISCONNECTED = "disconnected"


@dataclass(frozen=True, slots=True)
class Health:
    """`reason` and `remedy` are null while all is well; `link` leads to the vendor's own page."""

    state: State
    reason: str | None = None
    remedy: str | None = None
    link: str | None = None


_PAGES: Mapping[Vendor, str] = {
    Vendor.GOOGLE: "https://admin.google.com/ac/owl",
    Vendor.MICROSOFT: "https://entra.microsoft.com/#view/Microsoft_AAD_IAM/StartboardApplicationsMenuBlade",
    Vendor.SLACK: "https://api.slack.com/apps",
    Vendor.ATLASSIAN: "https://admin.atlassian.com",
    Vendor.GITHUB: "https://github.com/settings/installations",
    Vendor.CLICKUP: "https://app.clickup.com/settings/apps",
    Vendor.ZOOM: "https://marketplace.zoom.us/user/build",
    Vendor.HUBSPOT: "https://app.hubspot.com/settings",
}


def health_of(connection: Connection, now: datetime) -> Health:
    """The state at a moment of the database's clock."""
    vendor = Vendor(connection.vendor)
    title, link = TITLES[vendor], _PAGES.get(vendor)
    if connection.status == Status.DISCONNECTED:
        return Health(State.DISCONNECTED, "It was disconnected.", f"Connect {title} again.")
    if connection.status == Status.NEEDS_REAUTH:
        return Health(State.NEEDS_REAUTH, connection.reason, _remedy(connection), link)
    if connection.status == Status.ERROR:
        return Health(
            State.ERROR, connection.reason, "Put right what the reason says, then test the connection.", link
        )
    ends = connection.grant_expires_at
    if ends is not None and ends - now <= SOON:
        return Health(State.EXPIRING, _ending(vendor, ends, now), "Reconnect before that day.", link)
    return Health(State.ACTIVE)


def _remedy(connection: Connection) -> str:
    if connection.source == "environment":
        return (
            "Put right what the reason says, or connect this account here; then the environment is not used."
        )
    if connection.method in {Method.AUTHORIZATION_CODE, Method.ADMIN_CONSENT, Method.APP_INSTALLATION}:
        return "Reconnect this account. Nothing else changes, and work that waits goes on."
    return "Reconnect this account and enter valid credentials. Work that waits goes on."


def _ending(vendor: Vendor, ends: datetime, now: datetime) -> str:
    if ends <= now:
        return f"The consent at {TITLES[vendor]} should have ended on {ends:%-d %B %Y}."
    sentence = f"The consent ends on {ends:%-d %B %Y}."
    if vendor is Vendor.GOOGLE:
        sentence += (
            " Google ends each consent after seven days while the app's publishing status is Testing. "
            "Publish the app, then reconnect: publishing does not heal consents that were given before."
        )
    return sentence
