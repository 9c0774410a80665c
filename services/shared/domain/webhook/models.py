"""What vendors told us by themselves."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Integer, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from services.shared.kit.db import Base


class IncomingDelivery(Base):
    """One authentic delivery of a vendor, so that a second one of the same id does nothing.

    What it said is not kept: nothing of it is believed.
    """

    __tablename__ = "incoming_deliveries"
    __table_args__ = (Index("ix_incoming_deliveries_received_at", "received_at"), {"schema": "api"})

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    connection_id: Mapped[UUID] = mapped_column(primary_key=True)
    delivery_id: Mapped[str] = mapped_column(Text, primary_key=True)
    vendor: Mapped[str] = mapped_column(Text)
    heard: Mapped[int] = mapped_column(Integer)
    """How many accounts it was about."""
    hastened: Mapped[int] = mapped_column(Integer)
    """How many waiting apps were looked at because of it."""
    correlation_id: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
