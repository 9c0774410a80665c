"""Access tokens that are still good, sealed, shared by all replicas."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, LargeBinary, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from services.shared.kit.db import Base


class ConnectionToken(Base):
    """The newest access token of a connection. After `refresh_at` a new one is asked for.

    Times are the database's clock.
    """

    __tablename__ = "connection_tokens"
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
    version: Mapped[int]
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    kek_id: Mapped[str] = mapped_column(Text)
    minted_at: Mapped[datetime] = mapped_column(server_default=func.now())
    refresh_at: Mapped[datetime]
    expires_at: Mapped[datetime]
