"""The audit log on the wire."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.api.wire import PageRead, Read


class AuditActorRead(Read):
    kind: str
    id: str
    name: str


class AuditTargetRead(Read):
    kind: str
    id: str
    label: str


class AuditEntryRead(Read):
    id: UUID
    at: datetime
    actor: AuditActorRead
    action: str
    target: AuditTargetRead
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    outcome: str
    correlation_id: str


class AuditPage(PageRead[AuditEntryRead]):
    pass
