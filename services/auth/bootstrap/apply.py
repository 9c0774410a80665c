"""Make the database say what the bootstrap file says. Repeats safely; replicas take turns."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.auth.bootstrap.file import BadBootstrapFile, BootstrapFile, TenantEntry
from services.auth.operator.service import (
    ensure_operator,
    replace_group_roles,
    replace_listed_members,
    set_platform_admins,
)
from services.auth.tenant.service import ensure_tenant
from services.shared.kit.db import Sessions
from services.shared.kit.logging import get_logger

log = get_logger(__name__)
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(7113020260114)")


async def apply_bootstrap(sessions: Sessions, wanted: BootstrapFile) -> None:
    """Tenants and operators are made or renamed, never removed; the file's roles and groups are exactly the file's.

    What administrators decided in the product stays and counts instead.

    Raises:
        BadBootstrapFile: a fixed tenant id differs from the one that the slug has already.
    """
    async with sessions.begin() as session:
        await session.execute(ONE_AT_A_TIME)
        for tenant in wanted.tenants:
            await _apply_tenant(session, tenant)
        for email in wanted.platform_admins:
            await ensure_operator(session, email=email, name=email)
        await set_platform_admins(session, wanted.platform_admins)
    log.info("bootstrap_applied", tenants=len(wanted.tenants), platform_admins=len(wanted.platform_admins))


async def _apply_tenant(session: AsyncSession, wanted: TenantEntry) -> None:
    tenant = await ensure_tenant(session, slug=wanted.slug, name=wanted.name, id=wanted.id)
    if wanted.id is not None and tenant.id != wanted.id:
        raise BadBootstrapFile(
            f"tenant {wanted.slug} exists with the id {tenant.id}, and the file says {wanted.id}"
        )
    roles = {}
    for entry in wanted.operators:
        operator = await ensure_operator(session, email=entry.email, name=entry.name)
        roles[operator.id] = entry.role
    await replace_listed_members(session, tenant.id, roles)
    if tenant.groups_set_at is None:
        await replace_group_roles(session, tenant.id, wanted.groups)
