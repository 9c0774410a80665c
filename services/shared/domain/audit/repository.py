from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_

from services.shared.domain.audit.models import AuditEntry
from services.shared.kit.pagination import Page, PageQuery
from services.shared.kit.repository import TenantRepository


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Every member that is None leaves its column alone. `actor` matches name or id."""

    action: str | None = None
    actor: str | None = None
    target_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class AuditRepository(TenantRepository[AuditEntry]):
    model = AuditEntry

    async def list_entries(self, wanted: AuditFilter, query: PageQuery) -> Page[AuditEntry]:
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
