"""Key pairs for rich notifications."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, LargeBinary, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from services.shared.kit.db import Base


class NotificationKey(Base):
    """A connection's certificate, which the vendor gets, and its private key, sealed.

    The newest is given out; older ones open what was sealed for them until they have expired.
    """

    __tablename__ = "notification_keys"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "connection_id"],
            ["auth.connections.tenant_id", "auth.connections.id"],
            ondelete="CASCADE",
        ),
        {"schema": "auth"},
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    connection_id: Mapped[UUID] = mapped_column(primary_key=True)
    certificate_id: Mapped[str] = mapped_column(Text, primary_key=True)
    certificate: Mapped[str] = mapped_column(Text)
    """X.509 in base64 of DER, as the vendor takes it."""
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    kek_id: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
