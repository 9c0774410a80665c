"""Which apps a vendor's connection serves, and what is asked of each vendor: the least there is, in one place."""

from collections.abc import Mapping
from typing import Any

from services.auth.connection.models import Method, Vendor

APPS: Mapping[Vendor, tuple[str, ...]] = {
    Vendor.GOOGLE: ("google-workspace",),
    Vendor.MICROSOFT: ("microsoft-365",),
    Vendor.SLACK: ("slack",),
    Vendor.ATLASSIAN: ("jira", "confluence"),
    Vendor.GITHUB: ("github",),
    Vendor.CLICKUP: ("clickup",),
    Vendor.ZOOM: ("zoom",),
    Vendor.HUBSPOT: ("hubspot",),
    Vendor.SCIM: ("scim",),
}
TITLES: Mapping[Vendor, str] = {
    Vendor.GOOGLE: "Google",
    Vendor.MICROSOFT: "Microsoft",
    Vendor.SLACK: "Slack",
    Vendor.ATLASSIAN: "Atlassian",
    Vendor.GITHUB: "GitHub",
    Vendor.CLICKUP: "ClickUp",
    Vendor.ZOOM: "Zoom",
    Vendor.HUBSPOT: "HubSpot",
    Vendor.SCIM: "The application",
}
"""The vendors' names as sentences begin with them."""

_SCHEMES: Mapping[tuple[Vendor, str], str] = {
    (Vendor.CLICKUP, "default"): "Plain",
    (Vendor.ATLASSIAN, "site"): "Basic",
}


def scheme_of(vendor: Vendor, method: Method, credential: str) -> str:
    """How a credential's header begins; `Plain` is the token alone. What a person consented to is always a bearer's."""
    if method is Method.AUTHORIZATION_CODE:
        return "Bearer"
    return _SCHEMES.get((vendor, credential), "Bearer")


_GOOGLE = "https://www.googleapis.com/auth/"
GOOGLE_WHY: Mapping[str, str] = {
    f"{_GOOGLE}admin.directory.user": "create, adopt, update, suspend and delete accounts",
    f"{_GOOGLE}admin.directory.user.security": "end sessions, revoke app tokens and app passwords",
    f"{_GOOGLE}admin.directory.group.readonly": "look groups up",
    f"{_GOOGLE}admin.directory.group.member": "add to and remove from groups",
    f"{_GOOGLE}admin.directory.orgunit.readonly": "look organisational units up",
    f"{_GOOGLE}apps.licensing": "assign, switch and remove licences",
}
GOOGLE_SCOPES = tuple(GOOGLE_WHY)
"""Accounts, sign-out, reading groups and org units, memberships, licences. The administrator delegates exactly these."""

MICROSOFT_SCOPE = "https://graph.microsoft.com/.default"
"""Application permissions are granted by an administrator; a client-credential token carries what was granted."""


MICROSOFT_SCOPES: Mapping[str, str] = {
    "User.ReadWrite.All": "create, adopt, update, block and delete accounts; managers, sessions and licences",
    "GroupMember.ReadWrite.All": "look groups up, add to and remove from them",
    "Organization.Read.All": "verified domains, licences and their free seats",
}
MICROSOFT_DELEGATED = ("openid", "profile", "email", "offline_access", *MICROSOFT_SCOPES)
"""What a person is asked for; `offline_access` makes it last."""
MICROSOFT_MAILBOX = ("Mail.Read", "Calendars.Read", "Contacts.Read")
"""What a person may be asked for besides (`MS_OAUTH_MAILBOX_SCOPES`): each is about their own mailbox alone."""


def find_vendor(provider: str) -> Vendor | None:
    """The vendor of `google`, `microsoft` or an app's key such as `google-workspace`."""
    for vendor, apps in APPS.items():
        if provider == vendor or provider in apps:
            return vendor
    return None


def resolve_credential(vendor: Vendor, settings: Mapping[str, Any], wanted: str) -> str | None:
    """The name under which a connection has this credential; None when it has none of that name.

    `default` is the only one of most connections, and the first of those that have several.
    """
    if vendor is not Vendor.ATLASSIAN:
        return "default" if wanted == "default" else None
    held: list[str] = list(settings.get("credentials", ()))
    if wanted == "default":
        return held[0] if held else None
    return wanted if wanted in held else None
