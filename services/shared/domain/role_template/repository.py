from collections.abc import Collection
from uuid import UUID

from sqlalchemy import or_, select

from services.shared.domain.role_template.models import RoleTemplate, RoleTemplateVersion
from services.shared.kit.pagination import Page, PageQuery
from services.shared.kit.repository import TenantRepository

Stored = tuple[RoleTemplate, RoleTemplateVersion]


class RoleTemplateRepository(TenantRepository[RoleTemplate]):
    model = RoleTemplate

    async def live(self, also: Collection[UUID] = ()) -> list[Stored]:
        """Every template with its newest version; deleted ones where their ids are asked for."""
        rows = await self.session.execute(
            select(RoleTemplate, RoleTemplateVersion)
            .join(
                RoleTemplateVersion,
                (RoleTemplateVersion.tenant_id == RoleTemplate.tenant_id)
                & (RoleTemplateVersion.template_id == RoleTemplate.id)
                & (RoleTemplateVersion.version == RoleTemplate.version),
            )
            .where(
                RoleTemplate.tenant_id == self.uow.tenant_id,
                or_(RoleTemplate.deleted_at.is_(None), RoleTemplate.id.in_(also)),
            )
        )
        return [(template, version) for template, version in rows]


class VersionRepository(TenantRepository[RoleTemplateVersion]):
    model = RoleTemplateVersion

    async def of_template(self, template_id: UUID, query: PageQuery) -> Page[RoleTemplateVersion]:
        """A template's versions, newest first."""
        statement = self.select().where(RoleTemplateVersion.template_id == template_id)
        return await self.page(statement.order_by(RoleTemplateVersion.version.desc()), query)

    async def find_version(self, template_id: UUID, version: int) -> RoleTemplateVersion | None:
        """One version."""
        statement = self.select().where(
            RoleTemplateVersion.template_id == template_id, RoleTemplateVersion.version == version
        )
        return (await self.session.scalars(statement)).one_or_none()
