"""Sessions with the vendor that notifies us: its provider, signed in app-only, under its limits."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, NoReturn
from uuid import UUID

from pydantic import SecretStr

from services.shared.sdk.catalogue import Explained
from services.shared.sdk.contract import Context, Known, Person, Provider
from services.shared.sdk.notifying import Notifies
from services.shared.sdk.registry import providers
from services.worker.explaining import explained
from services.worker.vendor import BeforeWrite, Ledger, VendorDesk, vendor_time

VENDOR = "microsoft"
SECONDS = 60.0
NOBODY = Person(employee_id=UUID(int=0), full_name="Nobody", work_email="nobody@invalid")
"""Subscriptions are nobody's in particular."""


@dataclass(frozen=True, slots=True)
class Talk:
    """One signed-in talk: the provider's side of notifications, and what it is called with."""

    notifier: Notifies
    reading: Context[Any]
    writing: Context[Any]


def find_notifier() -> Provider[Any]:
    """The vendor's provider.

    Raises:
        LookupError: none that can be notified is installed.
    """
    for provider in providers().values():
        if provider.manifest.vendor == VENDOR and isinstance(provider, Notifies):
            return provider
    raise LookupError("no provider of Microsoft's is installed")


@asynccontextmanager
async def talk(
    desk: VendorDesk, tenant_id: UUID, purpose: str, *, before_write: BeforeWrite | None = None
) -> AsyncIterator[tuple[Talk, Ledger]]:
    """A session for one step. `before_write` is called once, just before something is changed at the vendor.

    Raises:
        ConsentLost: nothing usable is connected.
        Transient: the auth service or the vendor is away, or our turn does not come soon (`Throttled`).
    """
    provider = find_notifier()
    assert isinstance(provider, Notifies)  # noqa: S101  # it was found by this
    ledger = Ledger(purpose, before_write=before_write)
    async with vendor_time(ledger, SECONDS), desk.open(provider, tenant_id, purpose) as session:
        reading = session.read_context(NOBODY, Known(), ledger)
        writing = session.write_context(NOBODY, Known(), ledger, _no_password)
        yield Talk(provider, reading, writing), ledger


async def _no_password() -> SecretStr:
    _refuse()


def _refuse() -> NoReturn:
    raise RuntimeError("subscriptions need no first password")


def explain_to_people(error: Exception) -> Explained:
    """What to tell a person."""
    return explained(error, find_notifier())
