"""First passwords of accounts: sealed under their own data key, shown once, then gone."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from services.shared.kit.db import Base


class FirstPassword(Base):
    """The password of the account that an action creates. `envelope` is empty once revealed or expired."""

    __tablename__ = "first_passwords"
    __table_args__ = {"schema": "auth"}  # noqa: RUF012  # SQLAlchemy reads it from the class

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("auth.tenants.id"), primary_key=True)
    action_id: Mapped[UUID] = mapped_column(primary_key=True)
    request_id: Mapped[UUID]
    app: Mapped[str] = mapped_column(Text)
    envelope: Mapped[bytes | None] = mapped_column(LargeBinary)
    kek_id: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    revealed_at: Mapped[datetime | None]
    revealed_by: Mapped[UUID | None]
