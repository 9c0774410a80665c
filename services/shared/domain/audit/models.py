"""The audit log: append-only."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from services.shared.kit.db import Base


class AuditEntry(Base):
    """Who did what, when, against what, with before and after. Never changed, never deleted by the product."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_tenant_id_at", "tenant_id", "at"), {"schema": "api"})

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    actor_kind: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[str] = mapped_column(Text)
    actor_name: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    target_kind: Mapped[str] = mapped_column(Text)
    target_id: Mapped[str] = mapped_column(Text)
    target_label: Mapped[str] = mapped_column(Text)
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    outcome: Mapped[str] = mapped_column(Text)
    correlation_id: Mapped[str] = mapped_column(Text)
