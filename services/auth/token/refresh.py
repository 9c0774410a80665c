"""One refresh, under the connection's lock: ask the vendor, keep what it gave, or keep why it did not."""

import time
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.auth.audit.recorder import entry, write
from services.auth.connection.models import Connection, Method, Status, Vendor
from services.auth.connection.service import open_secrets, recover
from services.auth.connection.vendors import TITLES
from services.auth.grant.base import GrantLost, MintFailed, RequestRefused, VendorAway
from services.auth.metrics import TOKEN_MINT_SECONDS, TOKEN_MINTS
from services.auth.token.errors import (
    ConnectionUnusable,
    NeedsReauth,
    VaultUnavailable,
    VendorUnavailable,
    about,
)
from services.auth.token.mint import Minter
from services.auth.token.store import StoredToken, store
from services.auth.vault.errors import UnknownKey, VaultError
from services.auth.vault.vault import Vault
from services.shared.kit.actors import service_actor
from services.shared.kit.errors import DomainError
from services.shared.kit.logging import get_logger

log = get_logger(__name__)
FIRST_COOL_DOWN_SECONDS = 2.0


class CredentialsUnreadable(RequestRefused):
    """The sealed credentials do not open: changed, or put in another place."""


async def refresh(
    session: AsyncSession, vault: Vault, minter: Minter, connection: Connection, credential: str
) -> StoredToken:
    """A new token from the vendor, stored; the connection is in working order again.

    Raises:
        MintFailed: there is none; the caller keeps the reason with `record_failure`.
        VaultUnavailable: the key ring is not whole.
    """
    vendor = Vendor(connection.vendor)
    try:
        secrets = await open_secrets(session, vault, connection)
    except UnknownKey as error:
        raise VaultUnavailable("The key that these credentials were sealed under is not loaded.") from error
    except VaultError as error:
        raise CredentialsUnreadable(
            "secret_unreadable", "The stored credentials cannot be read. Enter them again."
        ) from error
    asked_at = (await session.scalars(select(func.clock_timestamp()))).one()
    began = time.perf_counter()
    try:
        minted = await minter.mint(
            vendor, Method(connection.method), connection.settings, secrets, credential=credential
        )
    except MintFailed as error:
        TOKEN_MINTS.labels(vendor.value, type(error).__name__).inc()
        raise
    finally:
        TOKEN_MINT_SECONDS.labels(vendor.value).observe(time.perf_counter() - began)
    TOKEN_MINTS.labels(vendor.value, "success").inc()
    if minted.learned:
        connection.settings = {**connection.settings, **minted.learned}
    stored = await store(session, vault, connection, minted, asked_at, credential=credential)
    if connection.status != Status.ACTIVE or connection.failure_count:
        await _note(session, connection, "connection.recovered", "success")
        recover(connection)
    connection.last_refreshed_at = asked_at
    connection.refresh_attempt_id = connection.refresh_started_at = None
    log.info(
        "token_minted", vendor=vendor.value, connection_id=str(connection.id), expires_in=minted.expires_in
    )
    return stored


async def record_failure(
    session: AsyncSession, connection: Connection, error: MintFailed, cool_down: float
) -> None:
    """Keep why, and leave the vendor alone for a while. Only a refusal changes the connection's state."""
    now = (await session.scalars(select(func.clock_timestamp()))).one()
    connection.failure_count += 1
    seconds = cool_down
    if isinstance(error, VendorAway):
        seconds = min(cool_down, FIRST_COOL_DOWN_SECONDS * 2 ** min(connection.failure_count - 1, 10))
    connection.cool_down_until = now + timedelta(seconds=seconds)
    connection.refresh_attempt_id = connection.refresh_started_at = None
    if not isinstance(error, VendorAway):
        status = Status.NEEDS_REAUTH if isinstance(error, GrantLost) else Status.ERROR
        if (connection.status, connection.reason_code) != (status, error.code):
            connection.status, connection.reason_code, connection.reason = status, error.code, error.reason
            await _note(session, connection, "connection.failed", error.code)
    log.warning(
        "token_refused",
        vendor=connection.vendor,
        connection_id=str(connection.id),
        outcome=type(error).__name__,
        code=error.code,
        failures=connection.failure_count,
    )


def refusal(connection: Connection, failure: MintFailed | None = None) -> DomainError:
    """What to tell the caller: by this failure, or, while cooling down, by what the connection remembers."""
    if isinstance(failure, VendorAway) or (failure is None and connection.status == Status.ACTIVE):
        reason = (
            failure.reason
            if failure
            else f"{TITLES[Vendor(connection.vendor)]} did not give a token a moment ago."
        )
        return VendorUnavailable(f"{reason} The connection is kept; try again soon.", extra=about(connection))
    reason = connection.reason or "The connection does not work."
    kind = NeedsReauth if connection.status == Status.NEEDS_REAUTH else ConnectionUnusable
    return kind(reason, extra=about(connection))


async def _note(session: AsyncSession, connection: Connection, action: str, outcome: str) -> None:
    await write(
        session,
        entry(
            connection.tenant_id,
            service_actor("auth"),
            action,
            ("connection", str(connection.id)),
            outcome=outcome,
            vendor=connection.vendor,
        ),
    )
