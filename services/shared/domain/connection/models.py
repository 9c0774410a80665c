"""What the product remembers of connected accounts: how each was when it was last heard of, and its newest test."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from services.shared.kit.db import Base


class ConnectionState(Base):
    """The auth service owns connections. This is what it told last, so that a change is noticed once."""

    __tablename__ = "connection_states"
    __table_args__ = ({"schema": "api"},)

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    connection_id: Mapped[UUID] = mapped_column(primary_key=True)
    vendor: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    remedy: Mapped[str | None] = mapped_column(Text)
    generation: Mapped[int] = mapped_column(BigInteger)
    """The auth service's count of changes: an older one changes nothing here."""
    changed_at: Mapped[datetime]
    """On the auth service's clock."""
    since: Mapped[datetime] = mapped_column(server_default=func.now())
    """How long it has been in this state."""


class ConnectionTest(Base):
    """The newest test of a connection. It is underway while it was asked for after it ended."""

    __tablename__ = "connection_tests"
    __table_args__ = ({"schema": "api"},)

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    connection_id: Mapped[UUID] = mapped_column(primary_key=True)
    vendor: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    ok: Mapped[bool | None]
    message: Mapped[str | None] = mapped_column(Text)
