from typing import TYPE_CHECKING

from sqlalchemy import or_

from services.shared.domain.audit.models import AuditEntry
from services.shared.kit.pagination import Page, PageQuery
from services.shared.kit.repository import TenantRepository

if TYPE_CHECKING:
    from services.shared.domain.audit.service import AuditFilter


class AuditRepository(TenantRepository[AuditEntry]):
    model = AuditEntry

    async def list_entries(self, wanted: "AuditFilter", query: PageQuery) -> Page[AuditEntry]:
        """A page of entries, newest first."""
        statement = self.select()
        if wanted.action:
            statement = statement.where(AuditEntry.action.startswith(wanted.action, autoescape=True))
        if wanted.actor:
            statement = statement.where(
                or_(
                    AuditEntry.actor_name.icontains(wanted.actor, autoescape=True),
                    AuditEntry.actor_id == wanted.actor,
                )
            )
        if wanted.target_id:
            statement = statement.where(AuditEntry.target_id == wanted.target_id)
        if wanted.since:
            statement = statement.where(AuditEntry.at >= wanted.since)
        if wanted.until:
            statement = statement.where(AuditEntry.at < wanted.until)
        return await self.page(statement.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()), query)
