"""A person who gets accounts."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from services.shared.kit.db import Base


class EmployeeStatus(StrEnum):
    PROSPECTIVE = "prospective"
    """Only ever planned for."""
    ACTIVE = "active"
    LEFT = "left"


class Employee(Base):
    """Work e-mail is unique inside the tenant, without regard to case."""

    __tablename__ = "employees"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "work_email_key"),
        Index(
            "uq_employees_external_id",
            "tenant_id",
            "external_id",
            unique=True,
            postgresql_where=text("external_id IS NOT NULL"),
        ),
        CheckConstraint("status IN ('prospective', 'active', 'left')", name="status"),
        {"schema": "api"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    full_name: Mapped[str] = mapped_column(Text)
    work_email: Mapped[str] = mapped_column(Text)
    work_email_key: Mapped[str] = mapped_column(Text)
    """The work e-mail in lower case, for looking up."""
    personal_email: Mapped[str | None] = mapped_column(Text)
    external_id: Mapped[str | None] = mapped_column(Text)
    department: Mapped[str | None] = mapped_column(Text)
    job_title: Mapped[str | None] = mapped_column(Text)
    role: Mapped[str | None] = mapped_column(Text)
    location: Mapped[str | None] = mapped_column(Text)
    manager_email: Mapped[str | None] = mapped_column(Text)
    start_date: Mapped[date | None]
    end_date: Mapped[date | None]
    tags: Mapped[list[str]] = mapped_column(default=list)
    status: Mapped[EmployeeStatus] = mapped_column(Text, default=EmployeeStatus.PROSPECTIVE)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())
