"""`/api/audit`."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.api.audit.schemas import AuditActorRead, AuditEntryRead, AuditPage, AuditTargetRead
from services.api.dependencies import Paging, Unit, allowed
from services.api.wire import Moment, Search
from services.shared.domain.audit import service as audit
from services.shared.domain.audit.models import AuditEntry
from services.shared.web.principal import Permission

router = APIRouter(prefix="/api/audit", tags=["audit"])


@router.get("", dependencies=[allowed(Permission.AUDIT_READ)])
async def list_audit(
    uow: Unit,
    page: Paging,
    action: Search | None = None,
    actor: Search | None = None,
    target: Search | None = None,
    since: Annotated[Moment | None, Query(alias="from")] = None,
    until: Annotated[Moment | None, Query(alias="to")] = None,
) -> AuditPage:
    """Who did what, newest first."""
    wanted = audit.AuditFilter(
        action=action or None, actor=actor or None, target_id=target or None, since=since, until=until
    )
    found = await audit.list_entries(uow, wanted, page)
    return AuditPage(
        items=[_read(entry) for entry in found.items],
        total=found.total,
        limit=found.limit,
        offset=found.offset,
    )


def _read(entry: AuditEntry) -> AuditEntryRead:
    return AuditEntryRead(
        id=entry.id,
        at=entry.at,
        actor=AuditActorRead(kind=entry.actor_kind, id=entry.actor_id, name=entry.actor_name),
        action=entry.action,
        target=AuditTargetRead(kind=entry.target_kind, id=entry.target_id, label=entry.target_label),
        before=entry.before,
        after=entry.after,
        outcome=entry.outcome,
        correlation_id=entry.correlation_id,
    )
