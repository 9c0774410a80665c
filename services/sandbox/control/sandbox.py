"""The vendors and what the control surface may ask of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from services.sandbox.control.models import AccountCreate, LicensePatch
from services.sandbox.settings import SandboxSettings
from services.sandbox.twin import Twin


class UnknownNameError(LookupError):
    """A tenant, user, licence or group that the twin does not have."""


class Inspector(Protocol):
    """A vendor's twin seen from behind."""

    @property
    def twin(self) -> Twin: ...

    def state(self, *, tenant: str | None, user: str | None) -> dict[str, Any]: ...

    def add_account(self, account: AccountCreate) -> dict[str, Any]:
        """Add an account that was not made through the API; raise UnknownNameError for a name it refers to."""

    def change_license(self, sku: str, change: LicensePatch) -> list[dict[str, Any]]: ...

    def has_password(self, user: str, password: str, *, tenant: str | None) -> bool: ...

    def info(self, base_url: str) -> dict[str, Any]:
        """Addresses and credentials, as the environment of a client needs them."""


@runtime_checkable
class Acts(Protocol):
    """A twin whose people do things: accept an invitation, let it lapse, join, change the plan."""

    async def act(self, verb: str, body: dict[str, Any]) -> dict[str, Any]:
        """Do it; raise UnknownNameError for a verb or a name that the twin does not have."""


@dataclass(slots=True)
class Sandbox:
    settings: SandboxSettings
    vendors: Mapping[str, Inspector]
    extra: Mapping[str, list[AccountCreate]] = field(default_factory=dict)

    def inspector(self, vendor: str) -> Inspector:
        """A vendor's twin; raise UnknownNameError."""
        try:
            return self.vendors[vendor]
        except KeyError:
            raise UnknownNameError(f"no vendor {vendor}") from None

    def apply_extra(self, vendor: str | None = None) -> None:
        """Add the accounts of the seed file."""
        for name, accounts in self.extra.items():
            if vendor in {None, name}:
                for account in accounts:
                    self.vendors[name].add_account(account)
