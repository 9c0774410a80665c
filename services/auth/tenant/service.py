"""Find and ensure tenants."""

from collections.abc import Sequence
from typing import ClassVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.auth.tenant.models import Tenant
from services.shared.kit.errors import NotFound
from services.shared.kit.ids import uuid7


class TenantNotFound(NotFound):
    code: ClassVar[str] = "tenant_not_found"


async def find_tenant_by_slug(session: AsyncSession, slug: str) -> Tenant | None:
    """The tenant of that short name."""
    return (await session.scalars(select(Tenant).where(Tenant.slug == slug))).one_or_none()


async def list_tenants(session: AsyncSession) -> Sequence[Tenant]:
    """Every tenant, by name."""
    return (await session.scalars(select(Tenant).order_by(Tenant.name))).all()


async def list_tenant_ids(session: AsyncSession) -> Sequence[UUID]:
    """The id of every tenant, for work that goes through all of them, one at a time."""
    return (await session.scalars(select(Tenant.id).order_by(Tenant.id))).all()


async def ensure_tenant(session: AsyncSession, *, slug: str, name: str, id: UUID | None = None) -> Tenant:
    """The tenant of that slug, made if there is none, and called `name` from now on."""
    statement = (
        insert(Tenant)
        .values(id=id or uuid7(), slug=slug, name=name)
        .on_conflict_do_update(index_elements=[Tenant.slug], set_={"name": name})
        .returning(Tenant)
    )
    return (await session.scalars(statement, execution_options={"populate_existing": True})).one()
