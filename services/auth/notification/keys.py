"""The certificate that Microsoft seals a tenant's rich notifications for, and the key that opens them.

One key pair per connection, made when it is first asked for and replaced ahead of its end; an older one opens what
was sealed for it until then. Self-signed certificates are accepted
(learn.microsoft.com/graph/change-notifications-with-resource-data).
"""

import asyncio
import base64
from datetime import UTC, datetime, timedelta
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.auth.audit.recorder import entry, write
from services.auth.connection.models import Connection, Vendor
from services.auth.connection.service import ConnectionNotFound, find_by_vendor
from services.auth.notification.models import NotificationKey
from services.auth.vault.context import Context
from services.auth.vault.secret import Secret
from services.auth.vault.vault import Vault, kek_id_of
from services.shared.kit.actors import service_actor
from services.shared.kit.db import Sessions
from services.shared.kit.ids import uuid7
from services.shared.kit.uow import enter_tenant

BITS = 2048
LIFE = timedelta(days=365)
AHEAD = timedelta(days=60)
"""A new one is made so long before the end: renewals, each within a day, have brought it to every subscription by then."""


def key_context(row: NotificationKey) -> Context:
    """What a stored private key is bound to."""
    return Context(row.tenant_id, row.connection_id, f"notification.key.{row.certificate_id}")


async def ensure_certificate(sessions: Sessions, vault: Vault, tenant_id: UUID) -> NotificationKey:
    """The tenant's present certificate. Repeats safely.

    Raises:
        ConnectionNotFound: Microsoft is not connected.
    """
    found = await _newest(sessions, tenant_id)
    if found is not None:
        return found
    private, certificate, expires_at = await asyncio.to_thread(_make)
    async with sessions.begin() as session:
        await enter_tenant(session, tenant_id)
        connection = await find_microsoft(session, tenant_id, lock=True)
        held = await _find_newest(session, connection)
        if held is not None:  # somebody was faster
            return held
        row = NotificationKey(
            tenant_id=tenant_id,
            connection_id=connection.id,
            certificate_id=uuid7().hex,
            certificate=certificate,
            expires_at=expires_at,
        )
        row.envelope = await vault.seal(key_context(row), private)
        row.kek_id = kek_id_of(row.envelope)
        session.add(row)
        await write(
            session,
            entry(
                tenant_id,
                service_actor("auth"),
                "notification_key.made",
                ("connection", str(connection.id)),
                certificate_id=row.certificate_id,
            ),
        )
        return row


async def _newest(sessions: Sessions, tenant_id: UUID) -> NotificationKey | None:
    async with sessions.begin() as session:
        await enter_tenant(session, tenant_id)
        return await _find_newest(session, await find_microsoft(session, tenant_id))


async def find_microsoft(session: AsyncSession, tenant_id: UUID, *, lock: bool = False) -> Connection:
    """The tenant's connection to Microsoft.

    Raises:
        ConnectionNotFound: there is none.
    """
    connection = await find_by_vendor(session, tenant_id, Vendor.MICROSOFT, lock=lock)
    if connection is None:
        raise ConnectionNotFound("Microsoft 365 is not connected. Connect it first.")
    return connection


async def _find_newest(session: AsyncSession, connection: Connection) -> NotificationKey | None:
    statement = (
        select(NotificationKey)
        .where(
            NotificationKey.tenant_id == connection.tenant_id,
            NotificationKey.connection_id == connection.id,
            NotificationKey.expires_at > func.now() + AHEAD,
        )
        .order_by(NotificationKey.expires_at.desc())
        .limit(1)
    )
    return (await session.scalars(statement)).one_or_none()


async def find_key(
    session: AsyncSession, vault: Vault, connection: Connection, certificate_id: str
) -> Secret | None:
    """The private key of a certificate of this connection, as PEM; None when there is none that is valid.

    Raises:
        VaultError: it cannot be read.
    """
    statement = select(NotificationKey).where(
        NotificationKey.tenant_id == connection.tenant_id,
        NotificationKey.connection_id == connection.id,
        NotificationKey.certificate_id == certificate_id,
        NotificationKey.expires_at > func.now(),
    )
    row = (await session.scalars(statement)).one_or_none()
    return await vault.open(key_context(row), row.envelope) if row is not None else None


def _make() -> tuple[Secret, str, datetime]:
    """A private key as PEM, its self-signed certificate in base64 of DER, and when it ends. Takes a moment."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "OneClick notifications")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LIFE)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    der = certificate.public_bytes(serialization.Encoding.DER)
    return Secret(private.decode()), base64.b64encode(der).decode(), now + LIFE
