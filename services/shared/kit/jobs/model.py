"""A job: the promise that something will be done. Inserted in the transaction of the wish."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, SmallInteger, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

from services.shared.kit.db import Base


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"


class Job(Base):
    """Times come from the database's clock. `fence` grows with every claim and travels with every write."""

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'running', 'done', 'dead')", name="state"),
        Index(
            "ix_jobs_lanes",
            "tenant_id",
            text("coalesce(lane, '')"),
            text("priority DESC"),
            "run_at",
            postgresql_where=text("state = 'queued'"),
        ),
        Index("ix_jobs_running", "lease_until", postgresql_where=text("state = 'running'")),
        Index(
            "uq_jobs_live",
            "tenant_id",
            "subject_id",
            "kind",
            unique=True,
            postgresql_where=text("state IN ('queued', 'running')"),
        ),
        Index("ix_jobs_finished", "finished_at", postgresql_where=text("state IN ('done', 'dead')")),
        {"schema": "api"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    state: Mapped[JobState] = mapped_column(Text, default=JobState.QUEUED, server_default="queued")
    priority: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    lane: Mapped[str | None] = mapped_column(Text)
    run_at: Mapped[datetime] = mapped_column(server_default=func.now())
    attempt: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    crash_count: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    fence: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    locked_by: Mapped[str | None] = mapped_column(Text)
    lease_until: Mapped[datetime | None]
    correlation_id: Mapped[str] = mapped_column(Text)
    last_error: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]


class Cooldown(Base):
    """A lane that is left alone for a while, and one of which fewer jobs than usual are claimed at once."""

    __tablename__ = "cooldowns"
    __table_args__ = ({"schema": "api"},)

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    lane: Mapped[str] = mapped_column(Text, primary_key=True)
    until: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)
    width: Mapped[int | None] = mapped_column(Integer)
    narrow_until: Mapped[datetime | None]


class CallGate(Base):
    """What is left of one connection's rates, and who is calling now, while Redis is away.

    `api.take_turn` and its neighbours keep it; times in the documents are seconds of the database's clock.
    """

    __tablename__ = "call_gates"
    __table_args__ = ({"schema": "api"},)

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    gate: Mapped[str] = mapped_column(Text, primary_key=True)
    opened_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    closed_until: Mapped[datetime | None]
    turns: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    leases: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    objects: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
