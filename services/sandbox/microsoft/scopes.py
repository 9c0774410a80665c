"""Delegated permissions of Graph: their names, what people read of them, and which only an administrator may grant.

From learn.microsoft.com/graph/permissions-reference and .../entra/identity-platform/scopes-oidc.
"""

from __future__ import annotations

from collections.abc import Iterable

RESOURCE = "https://graph.microsoft.com/"
DEFAULT = ".default"
OPENID, PROFILE, EMAIL, OFFLINE = "openid", "profile", "email", "offline_access"
OIDC = {
    OPENID: "Sign you in",
    PROFILE: "View your basic profile",
    EMAIL: "View your email address",
    OFFLINE: "Maintain access to data you have given it access to",
}
USER_SCOPES = {
    "User.Read": "Sign you in and read your profile",
    "User.ReadBasic.All": "Read all users' basic profiles",
    "Mail.Read": "Read your mail",
    "Mail.ReadWrite": "Read and write access to your mail",
    "Mail.Send": "Send mail as you",
    "MailboxSettings.Read": "Read your mailbox settings",
    "Calendars.Read": "Read your calendars",
    "Calendars.ReadWrite": "Have full access to your calendars",
    "Contacts.Read": "Read your contacts",
}
"""What everybody may grant for themselves."""
ADMIN_SCOPES = {
    "User.Read.All": "Read all users' full profiles",
    "User.ReadWrite.All": "Read and write all users' full profiles",
    "User.RevokeSessions.All": "Revoke all sign in sessions of users",
    "User.EnableDisableAccount.All": "Enable and disable user accounts",
    "Group.Read.All": "Read all groups",
    "Group.ReadWrite.All": "Read and write all groups",
    "GroupMember.Read.All": "Read group memberships",
    "GroupMember.ReadWrite.All": "Read and write group memberships",
    "Directory.Read.All": "Read directory data",
    "Directory.ReadWrite.All": "Read and write directory data",
    "Organization.Read.All": "Read organization information",
    "Domain.Read.All": "Read domains",
    "LicenseAssignment.ReadWrite.All": "Manage all license assignments",
}
"""What needs an administrator."""
_ALL = {**OIDC, **USER_SCOPES, **ADMIN_SCOPES}
_CANONICAL = {name.lower(): name for name in (*_ALL, DEFAULT)}


class UnknownScopeError(ValueError):
    """A scope that Graph does not have."""


def read_scopes(text: str) -> tuple[str, ...]:
    """The asked scopes by their short names, each once, in order.

    Raises:
        UnknownScopeError: one does not exist, or `.default` stands beside others of the resource.
    """
    found: dict[str, None] = {}
    for word in text.split():
        name = _CANONICAL.get(word.removeprefix(RESOURCE).lower())
        if name is None:
            raise UnknownScopeError(word)
        found[name] = None
    if DEFAULT in found and set(found) - {DEFAULT, *OIDC}:
        raise UnknownScopeError(text)
    return tuple(found)


def expanded(scopes: Iterable[str], registered: frozenset[str]) -> tuple[str, ...]:
    """The same with `.default` replaced by what the registration of the app lists."""
    found: dict[str, None] = {}
    for name in scopes:
        found |= dict.fromkeys(sorted(registered) if name == DEFAULT else [name])
    return tuple(found)


def text_of(name: str) -> str:
    return _ALL[name]


def needs_admin(name: str) -> bool:
    return name in ADMIN_SCOPES


def shown(scopes: Iterable[str], form: str) -> str:
    """How token replies say them: short, or in mode `scope_form` `full` with the resource in front."""
    names = [name for name in scopes if name != OFFLINE]
    if form == "full":
        names = [name if name in OIDC else RESOURCE + name for name in names]
    return " ".join(names)
