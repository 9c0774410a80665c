"""What one Microsoft tenant holds."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from services.sandbox.microsoft.mailbox import Mailbox
from services.sandbox.microsoft.rounds import Rounds
from services.sandbox.microsoft.watching import Subscription


@dataclass(slots=True, eq=False)
class Held:
    """One licence of one user."""

    disabled_plans: list[str]
    at: float


@dataclass(slots=True, eq=False)
class User:
    fields: dict[str, Any]
    """Every stored property but the password, by its name on the wire."""
    password: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    licenses: dict[str, Held] = field(default_factory=dict)
    manager: str | None = None
    created_at: float = field(default_factory=time.time)
    located_at: float = 0
    """When usageLocation was last written by PATCH."""
    sessions_from: float = 0
    deleted_at: float | None = None
    revocations: int = 0
    origin: str = "seed"
    is_admin: bool = False
    """Whether the person has an administrator's role in the directory."""

    @property
    def upn(self) -> str:
        return str(self.fields["userPrincipalName"])

    @property
    def keys(self) -> list[str]:
        mail = self.fields.get("mail")
        return [self.id, self.upn, *([mail] if mail and mail != self.upn else [])]

    @property
    def proxy_addresses(self) -> list[str]:
        return list(self.fields.get("proxyAddresses") or [])


@dataclass(slots=True, eq=False)
class Group:
    id: str
    display_name: str
    mail_nickname: str
    kind: str
    """security, unified or dynamic"""
    mail: str | None
    description: str | None = None
    members: dict[str, None] = field(default_factory=dict)
    created_at: float = field(default_factory=time.time)

    @property
    def is_dynamic(self) -> bool:
        return self.kind == "dynamic"


@dataclass(slots=True, eq=False)
class Plan:
    id: str
    name: str
    needs: frozenset[str]
    excludes: frozenset[str]


@dataclass(slots=True, eq=False)
class Sku:
    id: str
    part: str
    enabled: int
    plans: tuple[Plan, ...]
    status: str = "Enabled"


@dataclass(slots=True, eq=False)
class App:
    """An app registration: what it may ask for, and which tenants know it."""

    client_id: str
    secret: str
    name: str
    permissions: frozenset[str]
    """Application permissions."""
    tenants: frozenset[str]
    """Where an administrator granted them."""
    delegated: frozenset[str] = frozenset()
    """Delegated permissions of the registration, which `.default` stands for."""
    principals: frozenset[str] = frozenset()
    """Where somebody consented to something, so that the app has a service principal."""

    def is_known_in(self, tenant_id: str) -> bool:
        return tenant_id in self.tenants or tenant_id in self.principals


@dataclass(slots=True, eq=False)
class Tenant:
    id: str
    name: str
    country: str
    domains: tuple[str, ...]
    initial_domain: str
    users: dict[str, User] = field(default_factory=dict)
    deleted: dict[str, User] = field(default_factory=dict)
    by_name: dict[tuple[str, str], User] = field(default_factory=dict)
    """(property, lower-case value) → holder, the recycle bin included, as uniqueness has it."""
    groups: dict[str, Group] = field(default_factory=dict)
    skus: dict[str, Sku] = field(default_factory=dict)
    consumed: dict[str, int] = field(default_factory=dict)
    mailboxes: dict[str, Mailbox] = field(default_factory=dict)
    """By the person's id; made when first looked into."""
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    rounds: Rounds = field(default_factory=Rounds)
    created_at: float = field(default_factory=time.time)

    @property
    def label(self) -> str:
        """Return the name by which the control surface knows the tenant: its first domain."""
        return self.domains[0]

    @property
    def verified(self) -> frozenset[str]:
        return frozenset((*self.domains, self.initial_domain))

    def mailbox(self, user_id: str) -> Mailbox:
        return self.mailboxes.setdefault(user_id, Mailbox())

    def watchers(self, kind: str, change: str) -> list[Subscription]:
        """Whom to tell of such a change."""
        return [
            one
            for one in self.subscriptions.values()
            if one.kind == kind and change in one.changes and one.is_alive and not one.is_paused
        ]

    def find_user(self, key: str) -> User | None:
        """Find a live user by id or user principal name; an address alone is no key in Graph."""
        found = self.users.get(key.lower())
        if found is not None:
            return found
        holder = self.by_name.get(("userPrincipalName", key.lower()))
        return holder if holder is not None and holder.deleted_at is None else None

    def names_of(self, fields: dict[str, Any]) -> Iterator[tuple[str, str]]:
        for name in ("userPrincipalName", "mailNickname"):
            if fields.get(name):
                yield name, str(fields[name]).lower()
        for address in fields.get("proxyAddresses") or []:
            yield "proxyAddresses", str(address).lower()

    def candidates(self, keys: Iterable[tuple[str, str]]) -> list[User]:
        """Return the live users that have one of these (property, lower-case value) pairs, in no order."""
        found: dict[str, User] = {}
        for name, value in keys:
            key = ("proxyAddresses", f"smtp:{value}") if name == "mail" else (name, value)
            user = self.by_name.get(key)
            if user is not None and user.deleted_at is None:
                found[user.id] = user
        return list(found.values())

    def find_conflict(self, fields: dict[str, Any], own: User | None = None) -> str | None:
        """Return the property whose value another user has, deleted users included."""
        for name, value in self.names_of(fields):
            holder = self.by_name.get((name, value))
            if holder is not None and holder is not own:
                return name
        return None

    def index(self, user: User) -> None:
        for key in self.names_of(user.fields):
            self.by_name[key] = user

    def unindex(self, user: User) -> None:
        for key in self.names_of(user.fields):
            if self.by_name.get(key) is user:
                del self.by_name[key]

    def add_user(self, user: User) -> None:
        self.users[user.id] = user
        self.index(user)

    def give(self, user: User, sku_id: str, held: Held) -> None:
        if sku_id not in user.licenses:
            self.consumed[sku_id] = self.consumed.get(sku_id, 0) + 1
        user.licenses[sku_id] = held

    def take_back(self, user: User, sku_id: str) -> None:
        del user.licenses[sku_id]
        self.consumed[sku_id] -= 1

    def soft_delete(self, user: User) -> None:
        """Move to the recycle bin; the licences stay with the object and stop counting."""
        del self.users[user.id]
        user.deleted_at = time.time()
        self.deleted[user.id] = user
        for sku_id in user.licenses:
            self.consumed[sku_id] -= 1

    def restore(self, user: User) -> None:
        del self.deleted[user.id]
        user.deleted_at = None
        self.users[user.id] = user
        for sku_id in user.licenses:
            self.consumed[sku_id] = self.consumed.get(sku_id, 0) + 1

    def purge(self, user: User) -> None:
        del self.deleted[user.id]
        self.unindex(user)
        for group in self.groups.values():
            group.members.pop(user.id, None)

    def free_seats(self, sku: Sku) -> int:
        return sku.enabled - self.consumed.get(sku.id, 0)
