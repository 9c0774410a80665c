"""What one Google customer holds."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

_DELETED_FOR = 20 * 24 * 3600


def _number(digits: int) -> str:
    return str(secrets.randbelow(9 * 10 ** (digits - 1)) + 10 ** (digits - 1))


def digest(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()


@dataclass(slots=True, eq=False)
class User:
    primary_email: str
    fields: dict[str, Any]
    """What the API lets an administrator write, without the password."""
    password: str
    """SHA-256; the text itself is not kept."""
    id: str = field(default_factory=lambda: _number(21))
    aliases: list[str] = field(default_factory=list)
    is_admin: bool = False
    created_at: float = field(default_factory=time.time)
    renamed_at: float = 0
    deleted_at: float | None = None
    version: int = 1
    sign_outs: int = 0
    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)
    asps: dict[int, dict[str, Any]] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)
    origin: str = "seed"

    @property
    def addresses(self) -> list[str]:
        return [self.primary_email, *self.aliases]

    @property
    def keys(self) -> list[str]:
        return [self.id, *self.addresses]

    @property
    def org_unit(self) -> str:
        return str(self.fields.get("orgUnitPath") or "/")

    @property
    def is_suspended(self) -> bool:
        return bool(self.fields.get("suspended"))


@dataclass(slots=True, eq=False)
class Group:
    email: str
    name: str
    description: str = ""
    id: str = field(default_factory=lambda: secrets.token_hex(8)[:15])
    aliases: list[str] = field(default_factory=list)
    members: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By the member's id (or lower-case address for people outside the customer)."""
    external_ids: list[dict[str, Any]] = field(default_factory=list)
    admin_created: bool = True
    version: int = 1


@dataclass(slots=True, eq=False)
class OrgUnit:
    path: str
    description: str = ""
    id: str = field(default_factory=lambda: "id:" + secrets.token_hex(8)[:15])

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[1]

    @property
    def parent(self) -> str:
        return self.path.rsplit("/", 1)[0] or "/"


@dataclass(slots=True, eq=False)
class Sku:
    product_id: str
    product_name: str
    sku_id: str
    sku_name: str
    seats: int
    automatic: bool = False
    """Automatic licensing is on: the API may not change assignments."""


@dataclass(slots=True, eq=False)
class Customer:
    id: str
    domains: tuple[str, ...]
    name: str
    users: dict[str, User] = field(default_factory=dict)
    deleted: dict[str, User] = field(default_factory=dict)
    by_address: dict[str, User | Group] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    org_units: dict[str, OrgUnit] = field(default_factory=dict)
    root_id: str = field(default_factory=lambda: "id:" + secrets.token_hex(8)[:15])
    skus: dict[str, Sku] = field(default_factory=dict)
    licenses: dict[str, dict[str, str]] = field(default_factory=dict)
    """Product id → user id → SKU id: one SKU per product and user. Written by `give` and `take_back` alone."""
    taken: dict[str, int] = field(default_factory=dict)
    """SKU id → seats in use."""
    unmanaged: set[str] = field(default_factory=set)
    """Addresses of people who opened a personal account with one of the customer's domains."""

    @property
    def primary_domain(self) -> str:
        return self.domains[0]

    def owns(self, address: str) -> bool:
        return address.rpartition("@")[2].lower() in self.domains

    def find_user(self, key: str) -> User | None:
        """Find by immutable id, primary address or alias."""
        if key in self.users:
            return self.users[key]
        found = self.by_address.get(key.lower())
        return found if isinstance(found, User) else None

    def find_group(self, key: str) -> Group | None:
        if key in self.groups:
            return self.groups[key]
        found = self.by_address.get(key.lower())
        return found if isinstance(found, Group) else None

    def is_taken(self, address: str) -> bool:
        return address.lower() in self.by_address

    def add_user(self, user: User) -> None:
        self.users[user.id] = user
        for address in user.addresses:
            self.by_address[address.lower()] = user

    def add_group(self, group: Group) -> None:
        self.groups[group.id] = group
        for address in (group.email, *group.aliases):
            self.by_address[address.lower()] = group

    def find_org_unit(self, path: str) -> OrgUnit | None:
        return self.org_units.get(path.lower())

    def remove_user(self, user: User) -> None:
        """Move to the recycle bin; memberships and licences go at once."""
        del self.users[user.id]
        for address in user.addresses:
            self.by_address.pop(address.lower(), None)
        for group in self.groups.values():
            group.members.pop(user.id, None)
        for product_id in self.licenses:
            self.take_back(user, product_id)
        user.deleted_at = time.time()
        self.deleted[user.id] = user

    def list_deleted(self) -> list[User]:
        """Return users removed in the last twenty days."""
        horizon = time.time() - _DELETED_FOR
        return [user for user in self.deleted.values() if (user.deleted_at or 0) >= horizon]

    def sku_of(self, product_id: str, user: User) -> str | None:
        return self.licenses.get(product_id, {}).get(user.id)

    def give(self, user: User, sku: Sku) -> None:
        """Assign; a different SKU of the same product is given back first."""
        self.take_back(user, sku.product_id)
        self.licenses.setdefault(sku.product_id, {})[user.id] = sku.sku_id
        self.taken[sku.sku_id] = self.taken.get(sku.sku_id, 0) + 1

    def take_back(self, user: User, product_id: str) -> None:
        held = self.licenses.get(product_id, {}).pop(user.id, None)
        if held is not None:
            self.taken[held] -= 1

    def free_seats(self, sku: Sku) -> int:
        return sku.seats - self.taken.get(sku.sku_id, 0)
