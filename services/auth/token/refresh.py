"""One refresh, under the connection's lock: ask the vendor, keep what it gave, or keep why it did not."""

import time
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.auth.audit.recorder import entry, write
from services.auth.connection.models import Connection, Method, Status, Vendor
from services.auth.connection.service import open_secrets, recover, store_secrets
from services.auth.connection.vendors import TITLES
from services.auth.grant.base import GrantLost, Minted, MintFailed, RequestRefused, VendorAway
from services.auth.grant.refresh import PREVIOUS_REFRESH_TOKEN, REFRESH_TOKEN
from services.auth.metrics import REFRESHES_IN_DOUBT, TOKEN_MINT_SECONDS, TOKEN_MINTS
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
from services.auth.vault.secret import Secret
from services.auth.vault.vault import Vault
from services.shared.kit.actors import service_actor
from services.shared.kit.errors import DomainError
from services.shared.kit.faults import faultpoint
from services.shared.kit.logging import get_logger

log = get_logger(__name__)
FIRST_COOL_DOWN_SECONDS = 2.0


class CredentialsUnreadable(RequestRefused):
    """The sealed credentials do not open: changed, or put in another place."""


async def refresh(
    session: AsyncSession,
    vault: Vault,
    minter: Minter,
    connection: Connection,
    credential: str,
    *,
    in_doubt: bool = False,
) -> StoredToken:
    """A new token from the vendor, stored; the connection is in working order again.

    `in_doubt` says that an earlier attempt ended without a trace: the vendor may have answered it.

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
        minted, secrets = await _ask(minter, connection, secrets, credential)
    except MintFailed as error:
        TOKEN_MINTS.labels(vendor.value, type(error).__name__).inc()
        if in_doubt and isinstance(error, GrantLost):
            REFRESHES_IN_DOUBT.labels("lost").inc()
            raise _interrupted(vendor) from error
        raise
    finally:
        TOKEN_MINT_SECONDS.labels(vendor.value).observe(time.perf_counter() - began)
    TOKEN_MINTS.labels(vendor.value, "success").inc()
    await faultpoint("token.after_reply")
    if in_doubt:
        REFRESHES_IN_DOUBT.labels("recovered").inc()
    if REFRESH_TOKEN in secrets:
        await store_secrets(session, vault, connection, _rotated(secrets, minted))
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


async def _ask(
    minter: Minter, connection: Connection, secrets: dict[str, Secret], credential: str
) -> tuple[Minted, dict[str, Secret]]:
    """A token, and the credentials with `refresh_token` being the one that worked.

    A refresh token that never worked may be one that the vendor did not keep: then the one before is tried.

    Raises:
        MintFailed: neither is taken; the reason is the present one's.
    """
    vendor, method = Vendor(connection.vendor), Method(connection.method)
    try:
        return await minter.mint(vendor, method, connection.settings, secrets, credential=credential), secrets
    except GrantLost:
        previous = secrets.get(PREVIOUS_REFRESH_TOKEN)
        if previous is None:
            raise
        older = {**secrets, REFRESH_TOKEN: previous}
        try:
            minted = await minter.mint(vendor, method, connection.settings, older, credential=credential)
        except MintFailed:
            log.info("previous_refresh_token_refused", connection_id=str(connection.id))
        else:
            log.warning("previous_refresh_token_used", connection_id=str(connection.id))
            return minted, older
        raise


def _rotated(secrets: Mapping[str, Secret], minted: Minted) -> dict[str, Secret]:
    """What to keep: the newest refresh token, and the one that it was got with until the newest has worked."""
    used = secrets[REFRESH_TOKEN]
    kept = {name: value for name, value in secrets.items() if name != PREVIOUS_REFRESH_TOKEN}
    if minted.refresh_token is None or minted.refresh_token == used:
        return kept
    return {**kept, REFRESH_TOKEN: minted.refresh_token, PREVIOUS_REFRESH_TOKEN: used}


def _interrupted(vendor: Vendor) -> GrantLost:
    title = TITLES[vendor]
    return GrantLost(
        "refresh_interrupted",
        f"OneClick was stopped while {title} was renewing the consent, and the answer was lost. Reconnect this account; "
        "work that waits goes on.",
    )


async def record_failure(
    session: AsyncSession,
    connection: Connection,
    error: MintFailed,
    cool_down: float,
    *,
    in_doubt: bool = False,
) -> None:
    """Keep why, and leave the vendor alone for a while. Only a refusal changes the connection's state."""
    now = (await session.scalars(select(func.clock_timestamp()))).one()
    connection.failure_count += 1
    seconds = cool_down
    if isinstance(error, VendorAway):
        seconds = min(cool_down, FIRST_COOL_DOWN_SECONDS * 2 ** min(connection.failure_count - 1, 10))
    connection.cool_down_until = now + timedelta(seconds=seconds)
    if not (in_doubt and isinstance(error, VendorAway)):
        # A vendor that is away has not cleared up what became of the attempt before.
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
