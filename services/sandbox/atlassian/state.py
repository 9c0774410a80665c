"""What one Atlassian organisation holds: accounts, its SCIM directory, groups, and the products of its site."""

from __future__ import annotations

import secrets
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

ACTIVE, SUSPENDED = "active", "suspended"


def make_account_id() -> str:
    """Account ids of today: a number, a colon, a GUID."""
    return f"712020:{uuid.uuid4()}"


def make_id() -> str:
    return str(uuid.uuid4())


@dataclass(slots=True, eq=False)
class Account:
    """An Atlassian account. It belongs to its owner, or to the organisation when its domain is verified."""

    email: str
    name: str
    id: str = field(default_factory=make_account_id)
    nickname: str = ""
    title: str = ""
    is_active: bool = True
    """Whether its owner may sign in at all: lifecycle and SCIM switch this."""
    is_member: bool = True
    """Whether it is in the organisation's directory."""
    is_suspended: bool = False
    is_invited: bool = False
    """Nobody has signed in with it yet."""
    hides_email: bool = False
    is_admin: bool = False
    sessions_ended: int = 0
    created_at: float = field(default_factory=time.time)
    removed_at: float | None = None
    origin: str = "seed"

    @property
    def is_usable(self) -> bool:
        return self.is_active and self.is_member and not self.is_suspended

    @property
    def keys(self) -> list[str]:
        return [self.id, self.email]


@dataclass(slots=True, eq=False)
class ScimUser:
    """A record of the directory; `account_id` is the account that it is linked to."""

    user_name: str
    account_id: str
    fields: dict[str, Any]
    """As written, cleaned, without userName and active."""
    active: bool = True
    id: str = field(default_factory=make_id)
    created_at: float = field(default_factory=time.time)
    modified_at: float = field(default_factory=time.time)
    origin: str = "seed"

    @property
    def email(self) -> str:
        emails = self.fields["emails"]
        return str(next((one["value"] for one in emails if one.get("primary")), emails[0]["value"]))

    @property
    def external_id(self) -> str | None:
        return self.fields.get("externalId")

    @property
    def keys(self) -> list[str]:
        named = [self.external_id] if self.external_id else []
        return [self.id, self.user_name, self.email, self.account_id, *named]


@dataclass(slots=True, eq=False)
class Group:
    """One group seen from three sides: SCIM (when synced), administration, and the site."""

    name: str
    id: str = field(default_factory=make_id)
    """What administration and site call it; the SCIM directory has another id."""
    scim_id: str | None = None
    products: tuple[str, ...] = ()
    """Keys of the products that membership grants."""
    default_for: tuple[str, ...] = ()
    """Products whose new people come into this group."""
    members: dict[str, None] = field(default_factory=dict)
    """Account ids."""
    created_at: float = field(default_factory=time.time)
    external_id: str | None = None


@dataclass(slots=True, eq=False)
class Product:
    """A product of the site, bought by the seat."""

    key: str
    name: str
    seats: int
    holders: dict[str, None] = field(default_factory=dict)
    """Account ids that take a seat."""

    @property
    def free(self) -> int:
        return self.seats - len(self.holders)


@dataclass(slots=True, eq=False)
class Organisation:
    id: str
    name: str
    domains: tuple[str, ...]
    """The verified ones."""
    directory_id: str
    """The SCIM directory."""
    user_directory_id: str
    """The directory of the administration API."""
    site: str
    cloud_id: str
    scim_key: str
    admin_key: str
    api_tokens: dict[str, str] = field(default_factory=dict)
    """Address to API token."""
    accounts: dict[str, Account] = field(default_factory=dict)
    scim: dict[str, ScimUser] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)

    @property
    def domain(self) -> str:
        return self.domains[0]

    def is_verified(self, address: str) -> bool:
        return address.rpartition("@")[2].lower() in self.domains

    def find_account(self, key: str) -> Account | None:
        """By account id or address."""
        found = self.accounts.get(key)
        if found is not None:
            return found
        wanted = key.lower()
        return next((one for one in self.accounts.values() if one.email.lower() == wanted), None)

    def find_scim(self, key: str) -> ScimUser | None:
        """By record id, userName, address, externalId or account id."""
        wanted = key.lower()
        return next(
            (one for one in self.scim.values() if wanted in {name.lower() for name in one.keys}), None
        )

    def scim_of(self, account: Account) -> ScimUser | None:
        return next((one for one in self.scim.values() if one.account_id == account.id), None)

    def find_group(self, key: str) -> Group | None:
        """By any of its ids or its name."""
        return next((one for one in self.groups.values() if key in {one.id, one.scim_id, one.name}), None)

    def groups_of(self, account: Account) -> list[Group]:
        return [group for group in self.groups.values() if account.id in group.members]

    def has_access(self, account: Account, *products: str) -> bool:
        return any(account.id in self.products[key].holders for key in products if key in self.products)

    def granted(self, account: Account) -> set[str]:
        """Products that the account's groups grant, whether or not a seat was left."""
        if not account.is_usable:
            return set()
        return {key for group in self.groups_of(account) for key in group.products}

    def lacking(self, account: Account, products: tuple[str, ...]) -> str | None:
        """The first product for which the account would need a seat that nobody has bought."""
        if not account.is_usable:
            return None
        for key in products:
            product = self.products.get(key)
            if product is not None and account.id not in product.holders and product.free <= 0:
                return key
        return None

    def settle_seats(self) -> None:
        """Take back the seats of those without a grant, and seat whoever has one, as far as seats go."""
        for product in self.products.values():
            for account_id in list(product.holders):
                account = self.accounts.get(account_id)
                if account is None or product.key not in self.granted(account):
                    del product.holders[account_id]
        for account in self.accounts.values():
            for key in sorted(self.granted(account)):
                product = self.products[key]
                if account.id not in product.holders and product.free > 0:
                    product.holders[account.id] = None

    def leave_everything(self, account: Account) -> None:
        for group in self.groups.values():
            group.members.pop(account.id, None)


def token() -> str:
    """A trace id."""
    return secrets.token_hex(8)
