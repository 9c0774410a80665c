"""What a way to connect is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.auth.connection.models import Method, Vendor
from services.auth.grant.base import Minted
from services.auth.vault.secret import Secret


class Kind(StrEnum):
    REDIRECT = "redirect"
    """A person goes to the vendor and consents there."""
    TYPED_IN = "typed_in"


@dataclass(frozen=True, slots=True)
class Scope:
    """A permission that OneClick asks for, and what does not work without it."""

    name: str
    why: str
    instead: tuple[str, ...] = ()
    """Finer ones that together are as good."""
    required: bool = True
    """Without any of the required ones the account is of no use at all."""


@dataclass(frozen=True, slots=True)
class Input:
    """A field to type in."""

    name: str
    label: str
    help: str = ""
    secret: bool = False
    multiline: bool = False
    required: bool = True


@dataclass(frozen=True, slots=True)
class Way:
    """One way to connect one vendor, as the page explains it."""

    vendor: Vendor
    key: Method
    title: str
    kind: Kind
    explanation: str
    preparation: tuple[str, ...] = ()
    scopes: tuple[Scope, ...] = ()
    fields: tuple[Input, ...] = ()

    def missing(self, granted: Sequence[str] | None) -> list[Scope]:
        """What was not granted. Nothing where the vendor does not tell."""
        if granted is None:
            return []
        held = set(granted)
        return [
            scope
            for scope in self.scopes
            if scope.name not in held and not (scope.instead and held.issuperset(scope.instead))
        ]


@dataclass(frozen=True, slots=True)
class Draft:
    """A connection that works, not stored yet."""

    method: Method
    title: str
    settings: Mapping[str, Any]
    secrets: Mapping[str, Secret] = field(repr=False)
    external_id: str
    """The company at the vendor: a reconnect has to bring the same. Empty where the credentials do not tell."""
    account: str | None = None
    scopes: tuple[str, ...] | None = None
    grant_expires_at: datetime | None = None
    minted: Mapping[str, Minted] = field(default_factory=dict, repr=False)
    """Access tokens that came with it, by credential."""


class ConnectFailed(Exception):
    """Base: nothing was connected. `code` is for the page, `reason` for a person."""

    code = "vendor_refused"

    def __init__(self, reason: str, *, field: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field
        """Which typed-in field is to blame, where that is known."""


class VendorRefused(ConnectFailed):
    """The vendor says no, or says something that is not good enough."""


class VendorUnreachable(ConnectFailed):
    code = "vendor_unreachable"


class AccessDenied(ConnectFailed):
    """The person said no at the vendor."""

    code = "access_denied"


class OtherAccount(ConnectFailed):
    """It belongs to another company at the vendor, or to another tenant here."""

    code = "other_account"


class ScopesMissing(ConnectFailed):
    """Nothing that is needed was granted."""

    code = "scopes_missing"


class NotConfigured(ConnectFailed):
    """This installation is not registered with the vendor."""

    code = "not_configured"


class StateInvalid(ConnectFailed):
    """The answer belongs to no way that this person began, or was used before."""

    code = "state_invalid"


class StateExpired(ConnectFailed):
    code = "state_expired"
