"""Every way to connect every vendor."""

from collections.abc import Awaitable, Callable, Mapping
from types import ModuleType
from typing import Any

from services.auth.connection.models import Connection, Method, Vendor
from services.auth.environment.vendors import VendorSettings
from services.auth.method import atlassian, clickup, github, google, hubspot, microsoft, scim, slack, zoom
from services.auth.method.base import Draft, Kind, Scope, Way
from services.auth.method.desk import Desk
from services.auth.method.flow import Back, Going, Onward
from services.auth.vault.secret import Secret

_MODULES: Mapping[Vendor, ModuleType] = {
    Vendor.GOOGLE: google,
    Vendor.MICROSOFT: microsoft,
    Vendor.SLACK: slack,
    Vendor.ATLASSIAN: atlassian,
    Vendor.GITHUB: github,
    Vendor.CLICKUP: clickup,
    Vendor.ZOOM: zoom,
    Vendor.HUBSPOT: hubspot,
    Vendor.SCIM: scim,
}
ALIASES: Mapping[str, Vendor] = {"ms365": Vendor.MICROSOFT}
"""Names of vendors in public addresses beside their own."""
_REVOCABLE = frozenset({Method.AUTHORIZATION_CODE, Method.APP_INSTALLATION})
"""What we were given by a redirect is ours to give back; what somebody typed in is theirs."""


def ways_of(vendor: Vendor) -> tuple[Way, ...]:
    """The ways to connect a vendor, the usual one first."""
    ways: tuple[Way, ...] = _MODULES[vendor].WAYS
    return ways


def find_way(vendor: Vendor, key: str) -> Way | None:
    """The way of this name."""
    return next((way for way in ways_of(vendor) if way.key == key), None)


def first_redirect(vendor: Vendor) -> Way | None:
    """The way that a browser takes when none is named."""
    return next((way for way in ways_of(vendor) if way.kind is Kind.REDIRECT), None)


def find_vendor_named(name: str) -> Vendor | None:
    """The vendor of a public name."""
    if name in ALIASES:
        return ALIASES[name]
    return Vendor(name) if name in set(Vendor) else None


def why_unavailable(way: Way, known: VendorSettings) -> str | None:
    """Why this installation cannot offer a way; None when it can."""
    if way.kind is Kind.TYPED_IN:
        return None
    if way.vendor is Vendor.GITHUB:
        return (
            None
            if known.github_oauth_app_id
            else "OneClick has no GitHub App here. Whoever runs it sets GITHUB_OAUTH_APP_ID."
        )
    if known.client_of(way.vendor) is not None:
        return None
    prefix = "MS" if way.vendor is Vendor.MICROSOFT else way.vendor.value.upper()
    return f"OneClick is not registered with this vendor here. Whoever runs it sets {prefix}_OAUTH_CLIENT_ID."


def missing_scopes(connection: Connection) -> list[Scope]:
    """What a connection was not granted."""
    way = find_way(Vendor(connection.vendor), connection.method)
    return way.missing(connection.scopes_granted) if way is not None else []


async def draft_typed_in(desk: Desk, way: Way, given: Mapping[str, str]) -> Draft:
    """What was typed in, checked with the vendor. Raises ConnectFailed."""
    check: Callable[[Desk, Way, Mapping[str, str]], Awaitable[Draft]] = _MODULES[way.vendor].typed_in
    return await check(desk, way, given)


def authorize_url(desk: Desk, vendor: Vendor, going: Going) -> str:
    """Where the browser goes. Raises ConnectFailed."""
    make: Callable[[Desk, Going], str] = _MODULES[vendor].authorize_url
    return make(desk, going)


async def finish(desk: Desk, vendor: Vendor, back: Back) -> Draft | Onward:
    """What the vendor's answer is worth. Raises ConnectFailed."""
    read: Callable[[Desk, Back], Awaitable[Draft | Onward]] = _MODULES[vendor].finish
    return await read(desk, back)


async def revoke(
    desk: Desk, vendor: Vendor, method: Method, settings: Mapping[str, Any], secrets: Mapping[str, Secret]
) -> bool | None:
    """End a consent at the vendor: whether it is over; None where there is nothing to end. Raises ConnectFailed."""
    end = getattr(_MODULES[vendor], "revoke", None)
    if end is None or method not in _REVOCABLE:
        return None
    over: Awaitable[bool] = end(desk, settings, secrets)
    return await over
