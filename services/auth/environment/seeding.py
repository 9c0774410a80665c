"""Connections of a fresh installation: what the environment brings is stored, sealed."""

from sqlalchemy import text

from services.auth.connection.models import Connection
from services.auth.connection.service import ensure_connection
from services.auth.environment.vendors import VendorSettings
from services.auth.tenant.service import find_tenant_by_slug
from services.auth.vault.vault import Vault
from services.shared.kit.db import Sessions
from services.shared.kit.uow import enter_tenant

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(7113020260115)")


class UnknownTenant(ValueError):
    """CONNECTIONS_TENANT names a tenant that does not exist."""


async def seed_connections(sessions: Sessions, vault: Vault, settings: VendorSettings) -> list[Connection]:
    """Store what the environment brings, sealed. Repeats safely; a changed variable replaces the secret.

    Raises:
        UnknownTenant: the tenant they belong to is not there.
    """
    if settings.connections_tenant is None:
        return []
    async with sessions.begin() as session:
        await session.execute(_ONE_AT_A_TIME)
        tenant = await find_tenant_by_slug(session, settings.connections_tenant)
        if tenant is None:
            raise UnknownTenant(f"there is no tenant {settings.connections_tenant!r}")
        await enter_tenant(session, tenant.id)
        return [
            await ensure_connection(
                session,
                vault,
                tenant_id=tenant.id,
                vendor=seed.vendor,
                method=seed.method,
                display_name=seed.display_name,
                settings=seed.settings,
                secrets=seed.secrets,
            )
            for seed in settings.seeds()
        ]
