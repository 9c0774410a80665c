"""Find connections, keep their secrets sealed, and say how they are."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.auth.audit.recorder import entry, write
from services.auth.connection.models import (
    Connection,
    ConnectionSecret,
    ConnectionToken,
    Method,
    Source,
    Status,
    Vendor,
)
from services.auth.vault.context import Context
from services.auth.vault.errors import VaultError
from services.auth.vault.secret import Secret
from services.auth.vault.vault import Vault, kek_id_of
from services.shared.kit.actors import service_actor
from services.shared.kit.errors import NotFound
from services.shared.kit.ids import uuid7
from services.shared.kit.logging import get_logger

log = get_logger(__name__)
_HOLD_CONNECTION = text("SELECT set_config('app.connection_id', :id, true)")


class ConnectionNotFound(NotFound):
    code: ClassVar[str] = "connection_not_found"


def secret_context(row: ConnectionSecret) -> Context:
    """What a stored credential is bound to."""
    return Context(row.tenant_id, row.connection_id, f"connection.{row.field}", row.version)


async def find_tenant_of(session: AsyncSession, connection_id: UUID) -> UUID | None:
    """The tenant of a connection whose id the caller holds."""
    await session.execute(_HOLD_CONNECTION, {"id": str(connection_id)})
    return (
        await session.scalars(select(Connection.tenant_id).where(Connection.id == connection_id))
    ).one_or_none()


async def list_connections(
    session: AsyncSession, tenant_id: UUID, *, disconnected: bool = False
) -> Sequence[Connection]:
    """A tenant's connections; disconnected ones only when asked for."""
    statement = (
        select(Connection)
        .where(Connection.tenant_id == tenant_id)
        .order_by(Connection.vendor, Connection.created_at)
    )
    if not disconnected:
        statement = statement.where(Connection.status != Status.DISCONNECTED)
    return (await session.scalars(statement)).all()


async def find_by_vendor(
    session: AsyncSession, tenant_id: UUID, vendor: Vendor, *, lock: bool = False
) -> Connection | None:
    """The tenant's connection to a vendor."""
    statement = select(Connection).where(
        Connection.tenant_id == tenant_id,
        Connection.vendor == vendor,
        Connection.status != Status.DISCONNECTED,
    )
    if lock:
        statement = statement.with_for_update()
    return (await session.scalars(statement)).one_or_none()


async def open_secrets(session: AsyncSession, vault: Vault, connection: Connection) -> dict[str, Secret]:
    """The connection's credentials, by field.

    Raises:
        VaultError: one cannot be read.
    """
    rows = await session.scalars(
        select(ConnectionSecret).where(
            ConnectionSecret.tenant_id == connection.tenant_id,
            ConnectionSecret.connection_id == connection.id,
        )
    )
    return {row.field: await vault.open(secret_context(row), row.envelope) for row in rows}


async def find_envelope(session: AsyncSession, connection: Connection) -> bytes | None:
    """Any envelope of the connection, for sealing beside it under the same data key."""
    statement = (
        select(ConnectionSecret.envelope)
        .where(
            ConnectionSecret.tenant_id == connection.tenant_id,
            ConnectionSecret.connection_id == connection.id,
        )
        .order_by(ConnectionSecret.field)
        .limit(1)
    )
    return (await session.scalars(statement)).one_or_none()


async def ensure_connection(
    session: AsyncSession,
    vault: Vault,
    *,
    tenant_id: UUID,
    vendor: Vendor,
    method: Method,
    display_name: str,
    settings: Mapping[str, Any],
    secrets: Mapping[str, Secret],
) -> Connection:
    """The tenant's connection to a vendor with exactly these settings and credentials, from the environment.

    Repeats safely: nothing is written when nothing differs. What was disconnected stays so. New credentials keep the connection's id,
    make it active again and drop the cached token. A connection that an operator made is left alone.
    """
    connection = await find_by_vendor(session, tenant_id, vendor, lock=True)
    if connection is not None and connection.source != Source.ENVIRONMENT:
        log.warning("environment_connection_ignored", vendor=vendor.value, connection_id=str(connection.id))
        return connection
    if connection is None:
        ended = await _find_ended(session, tenant_id, vendor)
        if ended is not None:
            # Somebody disconnected it on the page: a restart does not undo that.
            log.warning("environment_connection_stays_disconnected", vendor=vendor.value)
            return ended
        connection = Connection(
            id=uuid7(),
            tenant_id=tenant_id,
            vendor=vendor,
            method=method,
            source=Source.ENVIRONMENT,
            display_name=display_name,
            settings=dict(settings),
            external_id=settings.get("installation_id"),
        )
        session.add(connection)
        await session.flush()
        changed = True
    else:
        changed = connection.settings != dict(settings) or connection.display_name != display_name
    changed |= await store_secrets(session, vault, connection, secrets)
    if changed:
        connection.settings, connection.display_name = dict(settings), display_name
        connection.method = method
        connection.external_id = settings.get("installation_id")
        recover(connection)
        await forget_tokens(session, connection)
        await write(
            session,
            entry(
                tenant_id,
                service_actor("auth"),
                "connection.seeded",
                ("connection", str(connection.id)),
                vendor=vendor.value,
            ),
        )
        log.info("connection_seeded", vendor=vendor.value, connection_id=str(connection.id))
    return connection


async def _find_ended(session: AsyncSession, tenant_id: UUID, vendor: Vendor) -> Connection | None:
    statement = (
        select(Connection)
        .where(
            Connection.tenant_id == tenant_id,
            Connection.vendor == vendor,
            Connection.status == Status.DISCONNECTED,
        )
        .order_by(Connection.connected_at.desc())
        .limit(1)
    )
    return (await session.scalars(statement)).one_or_none()


async def forget_tokens(session: AsyncSession, connection: Connection) -> None:
    """Drop the connection's access tokens; replicas forget theirs within seconds."""
    await session.execute(
        delete(ConnectionToken).where(
            ConnectionToken.tenant_id == connection.tenant_id, ConnectionToken.connection_id == connection.id
        )
    )


async def get_connection(
    session: AsyncSession, tenant_id: UUID, connection_id: UUID, *, lock: bool = False
) -> Connection:
    """The tenant's connection, disconnected ones too; with `lock` held until the transaction ends.

    Raises:
        ConnectionNotFound: there is none.
    """
    statement = select(Connection).where(Connection.tenant_id == tenant_id, Connection.id == connection_id)
    if lock:
        statement = statement.with_for_update()
    found = (await session.scalars(statement)).one_or_none()
    if found is None:
        raise ConnectionNotFound("There is no such connection.")
    return found


def recover(connection: Connection) -> None:
    """Back to working order."""
    connection.status, connection.reason_code, connection.reason = Status.ACTIVE, None, None
    connection.failure_count, connection.cool_down_until = 0, None


async def store_secrets(
    session: AsyncSession, vault: Vault, connection: Connection, secrets: Mapping[str, Secret]
) -> bool:
    """Let the connection have exactly these credentials, sealed under one data key; whether anything changed."""
    held = {
        row.field: row
        for row in await session.scalars(
            select(ConnectionSecret).where(
                ConnectionSecret.tenant_id == connection.tenant_id,
                ConnectionSecret.connection_id == connection.id,
            )
        )
    }
    changed = False
    for field in set(held) - set(secrets):
        await session.delete(held.pop(field))
        changed = True
    beside: bytes | None = None
    for field, secret in secrets.items():
        row = held.get(field)
        if row is not None and await _same(vault, row, secret):
            beside = row.envelope
            continue
        if row is None:
            row = ConnectionSecret(
                tenant_id=connection.tenant_id, connection_id=connection.id, field=field, version=1
            )
            session.add(row)
        else:
            row.version += 1
        row.envelope = await vault.seal(secret_context(row), secret, beside=beside)
        row.kek_id = kek_id_of(row.envelope)
        beside = row.envelope
        changed = True
    await session.flush()
    return changed


async def _same(vault: Vault, row: ConnectionSecret, secret: Secret) -> bool:
    try:
        return await vault.open(secret_context(row), row.envelope) == secret
    except VaultError:
        # Unreadable, and the environment brings it again: replacing it is the cure.
        return False
