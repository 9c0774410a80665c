"""What one company's application holds."""

from __future__ import annotations

import hashlib
import time
import uuid
from dataclasses import dataclass, field
from typing import Any


def digest(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()


@dataclass(slots=True, eq=False)
class Resource:
    """A user or a group: its document in canonical names, without id, meta, groups and password."""

    document: dict[str, Any]
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    version: int = 1
    created_at: float = field(default_factory=time.time)
    modified_at: float = 0
    password: str = ""
    origin: str = "seed"

    def __post_init__(self) -> None:
        # RFC 7643 section 3.1: what was never modified says the moment of its creation.
        self.modified_at = self.modified_at or self.created_at

    @property
    def etag(self) -> str:
        return f'W/"{self.version}"'

    @property
    def label(self) -> str:
        return str(self.document.get("displayName") or self.document.get("userName") or self.id)

    @property
    def address(self) -> str:
        """The primary address, else the first, else the user name."""
        emails = self.document.get("emails") or []
        first = next((one for one in emails if one.get("primary")), emails[0] if emails else {})
        return str(first.get("value") or self.document.get("userName") or "")

    @property
    def is_active(self) -> bool:
        return self.document.get("active") is not False

    @property
    def keys(self) -> list[str]:
        addresses = [one.get("value") for one in self.document.get("emails") or []]
        return [str(one) for one in (self.id, self.document.get("userName"), *addresses) if one]


@dataclass(slots=True, eq=False)
class Company:
    name: str
    domain: str
    token: str
    client_id: str
    client_secret: str
    users: dict[str, Resource] = field(default_factory=dict)
    deleted: dict[str, Resource] = field(default_factory=dict)
    groups: dict[str, Resource] = field(default_factory=dict)

    def find_user(self, key: str) -> Resource | None:
        if key in self.users:
            return self.users[key]
        wanted = key.lower()
        return next(
            (user for user in self.users.values() if wanted in {one.lower() for one in user.keys}), None
        )

    def find_user_name(self, name: str, *, apart: Resource | None = None) -> Resource | None:
        for user in self.users.values():
            if user is not apart and str(user.document.get("userName", "")).lower() == name.lower():
                return user
        return None

    def find_address(self, address: str, *, apart: Resource | None = None) -> Resource | None:
        for user in self.users.values():
            held = {str(one.get("value", "")).lower() for one in user.document.get("emails") or []}
            if user is not apart and address.lower() in held:
                return user
        return None

    def groups_of(self, user_id: str) -> list[Resource]:
        return [
            group
            for group in self.groups.values()
            if user_id in {one.get("value") for one in group.document.get("members") or []}
        ]

    def remove_user(self, user: Resource) -> None:
        """Gone at once, and out of every group."""
        for group in self.groups_of(user.id):
            members = [one for one in group.document["members"] if one.get("value") != user.id]
            group.document = {**group.document, "members": members}
            group.version += 1
        self.deleted[user.id] = self.users.pop(user.id)
