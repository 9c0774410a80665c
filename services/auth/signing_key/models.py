"""Keys that sign the internal tokens."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from services.shared.kit.db import Base


class SigningKey(Base):
    """Published from the start, signing from `active_at` on, gone from the published set at `expires_at`."""

    __tablename__ = "signing_keys"
    __table_args__ = {"schema": "auth"}  # noqa: RUF012  # SQLAlchemy reads it from the class

    id: Mapped[UUID] = mapped_column(primary_key=True)
    public_jwk: Mapped[dict[str, Any]]
    private_envelope: Mapped[bytes] = mapped_column(LargeBinary)
    kek_id: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    active_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
