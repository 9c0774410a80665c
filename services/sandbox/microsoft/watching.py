"""What a subscription is: the resource that it watches, how long it may, and whom a change concerns.

learn.microsoft.com/graph/api/resources/subscription, /graph/change-notifications-overview#subscription-lifetime.
"""

from __future__ import annotations

import re
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

MINIMUM_MINUTES = 45
"""Shorter wishes are raised to it."""
_OUTLOOK_MINUTES, _RICH_MINUTES, _DIRECTORY_MINUTES = 10_080, 1_440, 41_760
_ID = r"[^/?#()]+"
_OWNER = rf"users(?:/(?P<user>{_ID})|\('(?P<quoted_user>{_ID})'\))"
_FOLDER = rf"/mailFolders(?:/(?P<folder>{_ID})|\('(?P<quoted_folder>{_ID})'\))"
_SHAPES = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("message", rf"(?:{_OWNER}|me)(?:{_FOLDER})?/messages"),
        ("event", rf"(?:{_OWNER}|me)/events"),
        ("contact", rf"(?:{_OWNER}|me)/contacts"),
        ("user", rf"users(?:/(?P<object>{_ID}))?"),
        ("group", rf"groups(?:/(?P<object>{_ID}))?"),
    )
)
OUTLOOK = frozenset({"message", "event", "contact"})
PERMISSIONS = {
    "message": {"Mail.Read", "Mail.ReadWrite"},
    "event": {"Calendars.Read", "Calendars.ReadWrite"},
    "contact": {"Contacts.Read", "Contacts.ReadWrite"},
    "user": {"User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"},
    "group": {"Group.Read.All", "Group.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"},
}


@dataclass(frozen=True, slots=True)
class Resource:
    """`user`, `folder` and `object` as the subscription spells them."""

    kind: str
    user: str | None
    folder: str | None
    object: str | None
    options: str


def read_resource(text: str) -> Resource | None:
    """The resource, or None where nothing can be watched."""
    path, _, options = text.strip("/").partition("?")
    for kind, shape in _SHAPES:
        match = shape.fullmatch(path)
        if match is not None:
            got = match.groupdict()
            user = got.get("user") or got.get("quoted_user")
            folder = got.get("folder") or got.get("quoted_folder")
            return Resource(kind, user, folder, got.get("object"), options)
    return None


def longest_minutes(kind: str, *, rich: bool) -> int:
    if kind not in OUTLOOK:
        return _DIRECTORY_MINUTES
    return _RICH_MINUTES if rich else _OUTLOOK_MINUTES


@dataclass(slots=True, eq=False)
class Subscription:
    """`owner`, `folder` and `object` are ids, None where all are meant. `immutable`: it was made with that header."""

    app_id: str
    tenant_id: str
    fields: dict[str, Any]
    """As given: changeType, notificationUrl, resource, clientState, …"""
    kind: str
    owner: str | None
    folder: str | None
    object: str | None
    expires_at: float
    immutable: bool = False
    person: str | None = None
    """Whose consent it was made with; None for an app of its own."""
    is_paused: bool = False
    """After `reauthorizationRequired`, until it is reauthorised or renewed: nothing is told of."""
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def changes(self) -> frozenset[str]:
        return frozenset(self.fields["changeType"].split(","))

    @property
    def url(self) -> str:
        return str(self.fields["notificationUrl"])

    @property
    def lifecycle_url(self) -> str | None:
        return self.fields.get("lifecycleNotificationUrl")

    @property
    def is_alive(self) -> bool:
        return self.expires_at > time.time()

    @property
    def is_rich(self) -> bool:
        return bool(self.fields.get("includeResourceData"))

    @property
    def select(self) -> str | None:
        """Which properties come along."""
        return self.fields["resource"].partition("$select=")[2] or None

    @property
    def expiry(self) -> str:
        return stamp7(self.expires_at)


def stamp7(moment: float) -> str:
    """A moment with seven digits behind the second, as .NET writes them."""
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment))
    return f"{whole}.{int(moment % 1 * 10_000_000):07d}Z"
