"""What is written down, and how it is read back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.shared.domain.audit.models import AuditEntry
from services.shared.domain.audit.repository import AuditFilter, AuditRepository
from services.shared.kit.ids import uuid7
from services.shared.kit.logging import redact
from services.shared.kit.pagination import Page, PageQuery
from services.shared.kit.uow import UnitOfWork

__all__ = ["AuditFilter", "list_entries", "write_down"]


def write_down(
    uow: UnitOfWork,
    action: str,
    *,
    target_kind: str,
    target_id: UUID | str,
    target_label: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    outcome: str = "ok",
) -> None:
    """Add one entry in this transaction: it exists if the act does. Secret-looking values become stars."""
    uow.session.add(
        AuditEntry(
            id=uuid7(),
            tenant_id=uow.tenant_id,
            actor_kind=uow.actor.kind,
            actor_id=uow.actor.id,
            actor_name=uow.actor.name,
            action=action,
            target_kind=target_kind,
            target_id=str(target_id),
            target_label=target_label,
            before=redact(dict(before)) if before is not None else None,
            after=redact(dict(after)) if after is not None else None,
            outcome=outcome,
            correlation_id=uow.correlation_id,
        )
    )


async def list_entries(uow: UnitOfWork, wanted: AuditFilter, query: PageQuery) -> Page[AuditEntry]:
    """The log, newest first."""
    return await AuditRepository(uow).list_entries(wanted, query)
