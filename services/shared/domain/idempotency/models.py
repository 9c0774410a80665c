"""Idempotency keys: the same key and body get the same answer."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from services.shared.kit.db import Base


class IdempotencyKey(Base):
    """Stored in the transaction of the work, so it exists if the work does. `actor` keeps callers apart."""

    __tablename__ = "idempotency_keys"
    __table_args__ = ({"schema": "api"},)

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    actor: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(Text)
    status: Mapped[int | None] = mapped_column(Integer)
    body: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
