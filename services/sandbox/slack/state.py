"""What one Slack workspace holds."""

from __future__ import annotations

import secrets
import string
import time
from dataclasses import dataclass, field
from typing import Any

_LETTERS = string.ascii_uppercase + string.digits


def make_id(letter: str) -> str:
    """An id as Slack makes them: a letter that tells the kind, then ten letters and digits."""
    return letter + "0" + "".join(secrets.choice(_LETTERS) for _ in range(9))


@dataclass(slots=True, eq=False)
class User:
    user_name: str
    emails: list[dict[str, Any]]
    """At most two: the primary one first."""
    fields: dict[str, Any]
    """What SCIM lets a client write, cleaned, without userName, emails, active and the guest extension."""
    id: str = field(default_factory=lambda: make_id("U"))
    active: bool = True
    role: str = "member"
    """member, admin, owner or primary_owner."""
    guest: dict[str, Any] | None = None
    created_at: float = field(default_factory=time.time)
    session_resets: int = 0
    in_workspace: bool = True
    """False for somebody whom SCIM made in an organisation of several workspaces, until they are assigned."""
    origin: str = "seed"

    @property
    def address(self) -> str:
        return str(self.emails[0]["value"])

    @property
    def keys(self) -> list[str]:
        return [self.id, self.user_name, *(str(email["value"]) for email in self.emails)]

    @property
    def label(self) -> str:
        return str(self.fields.get("displayName") or self.user_name)

    @property
    def real_name(self) -> str:
        name = self.fields.get("name") or {}
        whole = f"{name.get('givenName') or ''} {name.get('familyName') or ''}".strip()
        return whole or self.label


@dataclass(slots=True, eq=False)
class Group:
    name: str
    id: str = field(default_factory=lambda: make_id("S"))
    members: list[str] = field(default_factory=list)
    """Ids of users, in the order in which they joined."""
    created_at: float = field(default_factory=time.time)


@dataclass(slots=True, eq=False)
class Channel:
    name: str
    id: str = field(default_factory=lambda: make_id("C"))
    is_private: bool = False
    is_general: bool = False
    is_archived: bool = False
    members: list[str] = field(default_factory=list)
    created_at: float = field(default_factory=time.time)


@dataclass(slots=True, eq=False)
class Workspace:
    id: str
    domain: str
    """The part before `.slack.com`."""
    name: str
    mail_domain: str
    token: str
    users: dict[str, User] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    enterprise_id: str = "E0SANDBOX01"
    """The organisation that holds the workspace, where the mode `workspaces` is `organisation`."""
    acting: str = ""
    """The id of the owner whose token this is."""

    def find_user(self, key: str) -> User | None:
        """By id, userName or address, as `manager.managerId` takes them."""
        if key in self.users:
            return self.users[key]
        wanted = key.lower()
        return next(
            (user for user in self.users.values() if wanted in {one.lower() for one in user.keys}), None
        )

    def find_by_email(self, address: str, *, apart: User | None = None) -> User | None:
        wanted = address.lower()
        for user in self.users.values():
            if user is not apart and wanted in {str(one["value"]).lower() for one in user.emails}:
                return user
        return None

    def is_name_taken(self, name: str, *, apart: User | None = None) -> bool:
        """Whether a user or a channel has this name: they share one space."""
        if any(channel.name == name for channel in self.channels.values()):
            return True
        return any(user.user_name == name and user is not apart for user in self.users.values())

    def groups_of(self, user: User) -> list[Group]:
        return [group for group in self.groups.values() if user.id in group.members]

    def channels_of(self, user: User) -> list[Channel]:
        return [channel for channel in self.channels.values() if user.id in channel.members]

    def leave_everything(self, user: User) -> None:
        """A deactivated member or one who becomes a guest is in no user group any more."""
        for group in self.groups.values():
            if user.id in group.members:
                group.members.remove(user.id)
