"""Tenants: the companies that this installation serves."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text, func
from sqlalchemy.orm import Mapped, mapped_column

from services.shared.kit.db import Base


class Tenant(Base):
    __tablename__ = "tenants"
    __table_args__ = {"schema": "auth"}  # noqa: RUF012  # SQLAlchemy reads it from the class

    id: Mapped[UUID] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    groups_set_at: Mapped[datetime | None]
    """Since when the groups' roles are what administrators set, and no more the installation's file's."""
