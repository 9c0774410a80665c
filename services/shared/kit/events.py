"""Events: what happened, in commit order, for live pages and everything that fans out.

Sequence numbers are given out before commit, so a reader of `id > last` would skip a late commit.
Readers follow a watermark: only events of transactions older than every running one.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from services.shared.kit.db import Base


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


class Event(Base):
    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_tenant_id_subject_id_tx_id", "tenant_id", "subject_id", "tx", "id"),
        Index("ix_events_tx_id", "tx", "id"),
        {"schema": "api"},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    tx: Mapped[int] = mapped_column(Xid8(), server_default=text("pg_current_xact_id()"))
    tenant_id: Mapped[UUID]
    subject_id: Mapped[UUID]
    """Whom a live page watches: the request."""
    type: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
