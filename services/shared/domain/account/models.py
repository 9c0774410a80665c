"""The standing link between an employee and a remote account."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from services.shared.kit.db import Base


class AccountState(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    DELETED = "deleted"


class Account(Base):
    """One per person and app. `grants` is what OneClick gave: [{kind, key, label}]."""

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("tenant_id", "employee_id", "app"),
        ForeignKeyConstraint(["tenant_id", "employee_id"], ["api.employees.tenant_id", "api.employees.id"]),
        Index(
            "uq_accounts_remote_id",
            "tenant_id",
            "app",
            "remote_id",
            unique=True,
            postgresql_where=text("state <> 'deleted'"),
        ),
        CheckConstraint("state IN ('active', 'suspended', 'deleted')", name="state"),
        {"schema": "api"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    employee_id: Mapped[UUID]
    app: Mapped[str] = mapped_column(Text)
    remote_id: Mapped[str | None] = mapped_column(Text)
    """None while all we have is a person's word: the vendor shows nothing."""
    login: Mapped[str | None] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(Text)
    adopted: Mapped[bool]
    state: Mapped[AccountState] = mapped_column(Text, default=AccountState.ACTIVE)
    grants: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())
