"""Is a delivery from the vendor that it says it is from? The secret that tells never leaves this service."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.auth.connection.models import Connection, ConnectionSecret, Status, Vendor
from services.auth.connection.service import find_tenant_of, secret_context
from services.auth.environment.github import WEBHOOK_SECRET
from services.auth.metrics import WEBHOOK_CHECKS
from services.auth.vault.errors import VaultError
from services.auth.vault.secret import Secret
from services.auth.vault.vault import Vault
from services.auth.webhook.signatures import CHECKS, Proof
from services.shared.kit.db import Sessions
from services.shared.kit.logging import get_logger
from services.shared.kit.uow import enter_tenant

log = get_logger(__name__)
_NO_SECRET = Secret("compared with, so that a connection that is not there takes as long as one that is")


@dataclass(frozen=True, slots=True)
class Authentic:
    """A delivery that its vendor has signed."""

    tenant_id: UUID
    vendor: Vendor
    proof: Proof


async def check_delivery(
    sessions: Sessions,
    vault: Vault,
    *,
    vendor: str,
    connection_id: UUID,
    headers: Mapping[str, str],
    body: bytes,
) -> Authentic | None:
    """The delivery's tenant, if its signature is right. None otherwise, whatever the reason; the log has it."""
    known = Vendor(vendor) if vendor in set(Vendor) else None
    check = CHECKS.get(known) if known else None
    if known is None or check is None:
        _refuse("unknown", "unknown_vendor", connection_id)
        return None
    async with sessions.begin() as session:
        connection = await _find(session, known, connection_id)
        secret, reason = await _open(session, vault, connection) if connection else (None, "no_connection")
    proof = check(secret or _NO_SECRET, headers, body, time.time())
    if connection is None or secret is None or proof is None:
        _refuse(known, reason or "wrong_signature", connection_id)
        return None
    WEBHOOK_CHECKS.labels(known, "authentic").inc()
    return Authentic(connection.tenant_id, known, proof)


async def _find(session: AsyncSession, vendor: Vendor, connection_id: UUID) -> Connection | None:
    tenant_id = await find_tenant_of(session, connection_id)
    if tenant_id is None:
        return None
    await enter_tenant(session, tenant_id)
    statement = select(Connection).where(
        Connection.tenant_id == tenant_id,
        Connection.id == connection_id,
        Connection.vendor == vendor,
        Connection.status != Status.DISCONNECTED,
    )
    return (await session.scalars(statement)).one_or_none()


async def _open(
    session: AsyncSession, vault: Vault, connection: Connection
) -> tuple[Secret | None, str | None]:
    """The connection's webhook secret, or why there is none."""
    row = (
        await session.scalars(
            select(ConnectionSecret).where(
                ConnectionSecret.tenant_id == connection.tenant_id,
                ConnectionSecret.connection_id == connection.id,
                ConnectionSecret.field == WEBHOOK_SECRET,
            )
        )
    ).one_or_none()
    if row is None:
        return None, "no_secret"
    try:
        return await vault.open(secret_context(row), row.envelope), None
    except VaultError:
        # The vault has raised the alert.
        return None, "unreadable_secret"


def _refuse(vendor: str, reason: str, connection_id: UUID) -> None:
    WEBHOOK_CHECKS.labels(vendor, reason).inc()
    log.warning("delivery_refused", vendor=vendor, reason=reason, connection_id=str(connection_id))
