"""What one Zoom account holds."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

BASIC, LICENSED, ON_PREM, NONE = 1, 2, 3, 99
OWNER_ROLE, ADMIN_ROLE, MEMBER_ROLE = "0", "1", "2"
PENDING, ACTIVE, INACTIVE = "pending", "active", "inactive"


def make_id() -> str:
    """Zoom's user and group ids: 22 characters of the URL alphabet."""
    return secrets.token_urlsafe(16)


@dataclass(slots=True, eq=False)
class User:
    email: str
    first_name: str = ""
    last_name: str = ""
    display_name: str = ""
    type: int = BASIC
    status: str = ACTIVE
    id: str = field(default_factory=make_id)
    role: str = MEMBER_ROLE
    fields: dict[str, Any] = field(default_factory=dict)
    """What PATCH wrote beside names and type: dept, job_title, location, manager, …"""
    features: set[str] = field(default_factory=set)
    """Add-ons held, by the name of their SKU, e.g. `webinar500`."""
    united: str | None = None
    licenses: list[dict[str, Any]] = field(default_factory=list)
    """`license_info_list` as it was sent."""
    primary_group: str | None = None
    created_at: float = field(default_factory=time.time)
    lapsed: bool = False
    """The invitation ran out: the id answers 1120 until somebody invites anew."""
    deleted_at: float | None = None
    login_type: int = 100
    sign_outs: int = 0
    password: str | None = None
    merges: bool = False
    """The person owns a Zoom account elsewhere and was asked to bring it in."""
    origin: str = "seed"

    @property
    def keys(self) -> list[str]:
        return [self.id, self.email]

    @property
    def is_pending(self) -> bool:
        return self.status == PENDING


@dataclass(slots=True, eq=False)
class Group:
    name: str
    id: str = field(default_factory=make_id)
    members: dict[str, float] = field(default_factory=dict)
    """User id to the moment of joining."""


@dataclass(slots=True, eq=False)
class Role:
    id: str
    name: str
    description: str = ""


@dataclass(slots=True, eq=False)
class Sku:
    """Something that is bought by the seat: `basic`, `licensed`, `webinar500`, `large500`, `united1`."""

    id: str
    name: str
    seats: int


@dataclass(slots=True, eq=False)
class Account:
    id: str
    name: str
    domains: tuple[str, ...]
    client_id: str
    client_secret: str
    users: dict[str, User] = field(default_factory=dict)
    deleted: dict[str, User] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    skus: dict[str, Sku] = field(default_factory=dict)
    elsewhere: set[str] = field(default_factory=set)
    """Addresses whose owners have a Zoom account outside this one."""
    blocked_domains: set[str] = field(default_factory=set)
    created_today: int = 0
    """Calls of `action=create` that succeeded; counted against the plan's daily cap."""

    @property
    def domain(self) -> str:
        return self.domains[0]

    def find_user(self, key: str) -> User | None:
        """By id or by address, lapsed invitations included."""
        found = self.users.get(key)
        if found is not None:
            return found
        wanted = key.lower()
        return next((user for user in self.users.values() if user.email.lower() == wanted), None)

    def add_user(self, user: User) -> None:
        self.users[user.id] = user

    def remove_user(self, user: User) -> None:
        """The account forgets the person; licences, groups and role go with them."""
        del self.users[user.id]
        for group in self.groups.values():
            group.members.pop(user.id, None)
        user.deleted_at = time.time()
        self.deleted[user.id] = user

    def groups_of(self, user: User) -> list[Group]:
        return [group for group in self.groups.values() if user.id in group.members]

    def held(self, user: User) -> list[str]:
        """The SKUs whose seats this person takes. Pending people count: Zoom says so where seats run out."""
        if user.lapsed or user.status == INACTIVE:
            return []
        base = {BASIC: ["basic"], LICENSED: ["licensed"]}.get(user.type, [])
        united = [f"united{user.united}"] if user.united else []
        return [*base, *united, *sorted(user.features)]

    def used(self, sku_id: str) -> int:
        return sum(1 for user in self.users.values() if sku_id in self.held(user))

    def free_seats(self, sku_id: str) -> int:
        """Seats left; a SKU that the account does not have has none."""
        sku = self.skus.get(sku_id)
        return sku.seats - self.used(sku_id) if sku else 0
