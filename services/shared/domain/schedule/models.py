"""A schedule is a request that runs later, once or repeatedly; a run is one of its times."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.shared.domain.schedule.states import RunState, ScheduleState, Source
from services.shared.kit.db import Base


class Schedule(Base):
    __tablename__ = "schedules"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        ForeignKeyConstraint(["tenant_id", "employee_id"], ["api.employees.tenant_id", "api.employees.id"]),
        CheckConstraint("priority >= 0", name="priority"),
        CheckConstraint("state <> 'cancelled' OR next_fire_at IS NULL", name="cancelled"),
        Index("ix_schedules_due", "next_fire_at", postgresql_where=text("next_fire_at IS NOT NULL")),
        Index("ix_schedules_tag_slugs", "tag_slugs", postgresql_using="gin"),
        Index("ix_schedules_tenant_id_at", "tenant_id", "at"),
        Index("ix_schedules_tenant_id_employee_id", "tenant_id", "employee_id"),
        Index(
            "uq_schedules_tag_rule",
            "tenant_id",
            "tag_rule_id",
            "employee_id",
            unique=True,
            postgresql_where=text("tag_rule_id IS NOT NULL AND withdrawn_at IS NULL"),
        ),
        {"schema": "api"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    employee_id: Mapped[UUID]
    state: Mapped[ScheduleState] = mapped_column(Text)
    body: Mapped[dict[str, Any]]
    """The wish as it was accepted: `wishing.stored_wish`."""
    full_name: Mapped[str] = mapped_column(Text)
    work_email: Mapped[str] = mapped_column(Text)
    tags: Mapped[list[str]]
    tag_slugs: Mapped[list[str]]
    priority: Mapped[int] = mapped_column(Integer)
    time_zone: Mapped[str] = mapped_column(Text)
    starts_at: Mapped[datetime]
    """When it runs; of a repeating one, the first instant that counts."""
    recurrence: Mapped[str | None] = mapped_column(Text)
    next_fire_at: Mapped[datetime | None]
    at: Mapped[datetime]
    """When it runs next, or ran last: its place in a list and in a calendar."""
    executed_at: Mapped[datetime | None]
    retry_count: Mapped[int] = mapped_column(Integer)
    error_message: Mapped[str | None] = mapped_column(Text)
    needs_person: Mapped[bool]
    source: Mapped[Source] = mapped_column(Text)
    tag_rule_id: Mapped[UUID | None]
    withdrawn_at: Mapped[datetime | None]
    """Of one that a tag queued: when the tag was taken away."""
    actor_kind: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[str] = mapped_column(Text)
    actor_name: Mapped[str] = mapped_column(Text)
    correlation_id: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class ScheduleRun(Base):
    """The unique constraint is what makes a time fire once, however many schedulers there are."""

    __tablename__ = "schedule_runs"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "schedule_id", "fire_at"),
        ForeignKeyConstraint(["tenant_id", "schedule_id"], ["api.schedules.tenant_id", "api.schedules.id"]),
        Index(
            "ix_schedule_runs_open",
            "tenant_id",
            "schedule_id",
            postgresql_where=text("state IN ('due', 'running', 'waiting_retry', 'needs_person')"),
        ),
        {"schema": "api"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    schedule_id: Mapped[UUID]
    fire_at: Mapped[datetime]
    by_hand: Mapped[bool]
    state: Mapped[RunState] = mapped_column(Text)
    request_id: Mapped[UUID | None]
    retry_count: Mapped[int] = mapped_column(Integer)
    max_retries: Mapped[int] = mapped_column(Integer)
    retry_seconds: Mapped[int] = mapped_column(Integer)
    """Before the first try again; each later one waits twice as long."""
    next_try_at: Mapped[datetime | None]
    error_message: Mapped[str | None] = mapped_column(Text)
    correlation_id: Mapped[str] = mapped_column(Text)
    claimed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    started_at: Mapped[datetime | None]
    """When its request was made."""
    finished_at: Mapped[datetime | None]
