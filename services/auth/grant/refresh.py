"""Refresh tokens (RFC 6749 6), in each vendor's manner.

Google and HubSpot keep the refresh token; Microsoft, Atlassian and Slack give another one with each use. Sources:
developers.google.com/identity/protocols/oauth2/web-server; learn.microsoft.com/entra/identity-platform/refresh-tokens;
developer.atlassian.com/cloud/oauth/getting-started/refresh-tokens; api.slack.com/authentication/rotation;
HubSpot's OpenAPI file oauth-v1.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from services.auth.connection.models import Vendor
from services.auth.connection.vendors import MICROSOFT_DELEGATED
from services.auth.grant.base import (
    GrantLost,
    Minted,
    RequestRefused,
    TokenRequest,
    VendorAway,
    body_of,
    or_away,
    read_oauth,
    scopes_of,
    seconds_of,
    secret_of,
)
from services.auth.vault.secret import Secret

REFRESH_TOKEN = "refresh_token"  # noqa: S105  # a field's name
PREVIOUS_REFRESH_TOKEN = "previous_refresh_token"  # noqa: S105  # a field's name
"""The one that the present one was got with, kept until the present one has worked."""
MAILBOX_SCOPES = "mailbox_scopes"
"""Of a connection's settings: what the person granted besides, and nobody else did."""


@dataclass(frozen=True, slots=True)
class Client:
    """This installation at a vendor: its registration, and where the vendor gives tokens."""

    token_url: str
    client_id: str
    secret: str


def request_token(
    vendor: Vendor, client: Client, refresh_token: Secret, settings: Mapping[str, Any]
) -> TokenRequest:
    """The request for a new access token. A consent is asked for what it was given for, never for more."""
    form = {
        "grant_type": "refresh_token",
        "refresh_token": refresh_token.reveal(),
        "client_id": client.client_id,
        "client_secret": client.secret,
    }
    match vendor:
        case Vendor.MICROSOFT:
            asked = (*MICROSOFT_DELEGATED, *settings.get(MAILBOX_SCOPES, ()))
            return TokenRequest(client.token_url, read_oauth, {**form, "scope": " ".join(asked)})
        case Vendor.ATLASSIAN:
            return TokenRequest(client.token_url, read_oauth, json=form)
        case Vendor.HUBSPOT:
            return TokenRequest(client.token_url, read_hubspot, form)
        case Vendor.SLACK:
            basic = base64.b64encode(f"{client.client_id}:{client.secret}".encode()).decode()
            wanted = {name: form[name] for name in ("grant_type", "refresh_token")}
            return TokenRequest(client.token_url, read_slack, wanted, {"authorization": f"Basic {basic}"})
        case _:
            return TokenRequest(client.token_url, read_google, form)


def read_google(vendor: Vendor, answer: httpx.Response) -> Minted:
    """Google's token answer to a refresh token; the same word means another thing for a service account.

    developers.google.com/identity/protocols/oauth2, "Refresh token expiration".

    Raises:
        MintFailed: it is none.
    """
    try:
        return read_oauth(vendor, answer)
    except GrantLost as error:
        if error.code != "invalid_grant":
            raise
        raise GrantLost(
            error.code,
            "Google has ended the consent: somebody withdrew it, the account was suspended, it was not used for six "
            "months, or the app's publishing status is Testing and seven days are over. Reconnect this account.",
        ) from error


_HUBSPOT_LOST = {
    "BAD_REFRESH_TOKEN": "HubSpot has withdrawn the consent, or the app was uninstalled. Connect again.",
    "BAD_AUTH_CODE": "HubSpot does not accept the code. Connect again.",
    "BAD_CLIENT_ID": "HubSpot does not know this installation's app. Ask whoever runs OneClick.",
    "BAD_CLIENT_SECRET": "HubSpot does not accept this installation's client secret. Ask whoever runs OneClick.",
    "BAD_REDIRECT_URI": "HubSpot does not know this installation's address. Ask whoever runs OneClick.",
}


def read_hubspot(vendor: Vendor, answer: httpx.Response) -> Minted:
    """HubSpot's token answer; its refusals have a word of their own in `status`.

    Raises:
        MintFailed: it is none.
    """
    body = body_of(answer)
    word = body.get("status") if body is not None and answer.is_client_error else None
    if isinstance(word, str) and word in _HUBSPOT_LOST:
        raise GrantLost(word.lower(), _HUBSPOT_LOST[word])
    minted = read_oauth(vendor, answer)
    granted = scopes_of((body or {}).get("scopes"))
    return minted if granted is None else Minted(
        minted.token, minted.expires_in, minted.learned, minted.refresh_token, granted
    )  # fmt: skip


_SLACK_AWAY = frozenset(
    {"internal_error", "fatal_error", "ratelimited", "service_unavailable", "request_timeout"}
)
_SLACK_LOST = {
    "invalid_refresh_token": "Slack has withdrawn the consent. Connect again.",
    "token_revoked": "Slack has withdrawn the consent. Connect again.",
    "token_expired": "Slack's consent has expired. Connect again.",
    "account_inactive": "The account that gave the consent is deactivated. Connect with another owner.",
    "invalid_code": "Slack does not accept the code. Connect again.",
    "code_already_used": "The code was used twice. Connect again.",
}
_SLACK_NEVER = 31_536_000
"""Without rotation Slack's tokens do not end; they are read anew from the vault."""


def read_slack(vendor: Vendor, answer: httpx.Response) -> Minted:
    """Slack's token answer: HTTP 200 with `ok`, and a person's token within `authed_user`.

    Raises:
        MintFailed: it is none.
    """
    body = body_of(answer)
    if body is None or not answer.is_success:
        or_away(vendor, answer, body)
        raise RequestRefused(
            f"http_{answer.status_code}", f"Slack refuses to give a token (HTTP {answer.status_code})."
        )
    if body.get("ok") is not True:
        word = str(body.get("error", "unknown"))[:64]
        if word in _SLACK_AWAY:
            raise VendorAway(word, "Slack has troubles of its own.")
        if word in _SLACK_LOST:
            raise GrantLost(word, _SLACK_LOST[word])
        raise RequestRefused(word, f"Slack refuses to give a token ({word}).")
    person = body.get("authed_user")
    found = person if isinstance(person, dict) and person.get("access_token") else body
    token = secret_of(found.get("access_token"))
    if token is None:
        raise RequestRefused("no_token", "Slack gave no token for a person. Ask for user scopes.")
    seconds = found.get("expires_in")
    return Minted(
        token,
        seconds_of(seconds if seconds is not None else _SLACK_NEVER),
        refresh_token=secret_of(found.get("refresh_token")),
        scopes=scopes_of(found.get("scope")),
    )
