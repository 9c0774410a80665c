"""Sealed access tokens in the database, looked at with the database's clock."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.auth.connection.models import Connection, ConnectionToken, Method, Vendor
from services.auth.connection.service import find_envelope
from services.auth.grant.base import Minted
from services.auth.token.cache import LiveToken
from services.auth.vault.context import Context
from services.auth.vault.errors import VaultError
from services.auth.vault.vault import Vault, kek_id_of

DEFAULT = "default"
"""The credential of connections that have one."""
MARGIN = timedelta(minutes=5)
MARGIN_SHARE = 0.2
"""Tokens that live shortly are renewed when a fifth of their life is left."""
JITTER = 0.2
"""The margin varies by up to this share, so that tokens made together are not renewed together."""
LAST_SECONDS = timedelta(seconds=10)
LAST_SHARE = 0.05
"""A token this close to its end is not given out even when nothing else is to be had."""


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A token as it is now. Times are relative to the database's clock."""

    live: LiveToken
    age: timedelta
    fresh_seconds: float
    """Until it should be renewed; below zero when that time has come."""
    usable_seconds: float
    """Until it must not be given out any more."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the database knows about a connection's token at one moment."""

    token: StoredToken | None
    cooling_seconds: float
    """How long the vendor is still left alone after a failure."""


def token_context(row: ConnectionToken) -> Context:
    """What a stored access token is bound to."""
    name = "connection.access_token"
    if row.credential != DEFAULT:
        name = f"{name}.{row.credential}"
    return Context(row.tenant_id, row.connection_id, name, row.version)


async def look(session: AsyncSession, vault: Vault, connection: Connection, credential: str) -> Look:
    """The credential's token and the connection's cool-down. An unreadable token counts as none; the vault has raised the alert."""
    now, row = (
        await session.execute(
            select(func.clock_timestamp(), ConnectionToken)
            .select_from(Connection)
            .outerjoin(
                ConnectionToken,
                and_(
                    ConnectionToken.tenant_id == Connection.tenant_id,
                    ConnectionToken.connection_id == Connection.id,
                    ConnectionToken.credential == credential,
                ),
            )
            .where(Connection.tenant_id == connection.tenant_id, Connection.id == connection.id)
        )
    ).one()
    until = connection.cool_down_until
    cooling = max(0.0, (until - now).total_seconds()) if until is not None else 0.0
    return Look(await _read(vault, connection, row, now), cooling)


async def store(
    session: AsyncSession,
    vault: Vault,
    connection: Connection,
    minted: Minted,
    asked_at: datetime,
    *,
    credential: str,
) -> StoredToken:
    """Seal a new token beside the connection's credentials. Its life is counted from before the call."""
    life = timedelta(seconds=minted.expires_in)
    expires_at = asked_at + life
    margin = min(MARGIN, life * MARGIN_SHARE) * (1 + JITTER * random.random())  # noqa: S311  # spread, not secrecy
    held = await session.scalar(
        select(ConnectionToken.version).where(
            ConnectionToken.tenant_id == connection.tenant_id,
            ConnectionToken.connection_id == connection.id,
            ConnectionToken.credential == credential,
        )
    )
    now = (await session.scalars(select(func.clock_timestamp()))).one()
    row = ConnectionToken(
        tenant_id=connection.tenant_id,
        connection_id=connection.id,
        credential=credential,
        version=(held or 0) + 1,
        minted_at=now,
        refresh_at=expires_at - margin,
        expires_at=expires_at,
    )
    row.envelope = await vault.seal(
        token_context(row), minted.token, beside=await find_envelope(session, connection)
    )
    row.kek_id = kek_id_of(row.envelope)
    values = {
        name: getattr(row, name)
        for name in ("version", "envelope", "kek_id", "minted_at", "refresh_at", "expires_at")
    }
    await session.execute(
        insert(ConnectionToken)
        .values(tenant_id=row.tenant_id, connection_id=row.connection_id, credential=credential, **values)
        .on_conflict_do_update(
            index_elements=[
                ConnectionToken.tenant_id,
                ConnectionToken.connection_id,
                ConnectionToken.credential,
            ],
            set_=values,
        )
    )
    stored = await _read(vault, connection, row, now)
    assert stored is not None  # noqa: S101  # sealed a moment ago
    return stored


async def _read(
    vault: Vault, connection: Connection, row: ConnectionToken | None, now: datetime
) -> StoredToken | None:
    if row is None or row.expires_at <= now:
        return None
    try:
        token = await vault.open(token_context(row), row.envelope)
    except VaultError:
        return None
    last = min(LAST_SECONDS, (row.expires_at - row.minted_at) * LAST_SHARE)
    return StoredToken(
        LiveToken(
            token=token,
            tenant_id=row.tenant_id,
            connection_id=row.connection_id,
            vendor=Vendor(connection.vendor),
            method=Method(connection.method),
            credential=row.credential,
            settings=connection.settings,
            minted_at=row.minted_at,
            expires_at=row.expires_at,
        ),
        age=now - row.minted_at,
        fresh_seconds=(row.refresh_at - now).total_seconds(),
        usable_seconds=(row.expires_at - last - now).total_seconds(),
    )
