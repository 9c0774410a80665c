"""Sessions: server-side records behind the browser's cookie."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from services.shared.kit.db import Base


class Session(Base):
    """`token_hash` is SHA-256 of the cookie's 256-bit token, which is stored nowhere."""

    __tablename__ = "sessions"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        Index("ix_sessions_tenant_id_operator_id", "tenant_id", "operator_id"),
        {"schema": "auth"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("auth.tenants.id"))
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("auth.operators.id"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    issuer_session: Mapped[str | None] = mapped_column(Text)
    """The identity provider's own session id (`sid`), for its back-channel sign-out."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
    idle_expires_at: Mapped[datetime]
    absolute_expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
