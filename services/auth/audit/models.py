"""What was done with access and secrets: appended, never changed; no service role may update or delete."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

from services.shared.kit.db import Base


class AuditEntry(Base):
    """One thing that happened in a tenant; `count` times in the same moment with the same words."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_tenant_id_at", "tenant_id", "at"), {"schema": "auth"})

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("auth.tenants.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    actor_kind: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    target_kind: Mapped[str] = mapped_column(Text)
    target_id: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    correlation_id: Mapped[str] = mapped_column(Text)
    count: Mapped[int] = mapped_column(server_default=text("1"))


class SecurityEvent(Base):
    """The same for what belongs to no tenant: a refused sign-in, a new signing key."""

    __tablename__ = "security_events"
    __table_args__ = (Index("ix_security_events_at", "at"), {"schema": "auth"})

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    action: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    correlation_id: Mapped[str] = mapped_column(Text)
