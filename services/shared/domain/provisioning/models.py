"""A request is a wish, a plan is the list of actions, a result is what became of one app."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, Integer, Text, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from services.shared.domain.provisioning.states import (
    ActionState,
    AppPlanState,
    EffectState,
    PlanState,
    RequestKind,
    RequestState,
    ResultState,
)
from services.shared.kit.db import Base


class Request(Base):
    __tablename__ = "requests"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        ForeignKeyConstraint(["tenant_id", "employee_id"], ["api.employees.tenant_id", "api.employees.id"]),
        ForeignKeyConstraint(
            ["tenant_id", "role_template_id", "role_template_version"],
            [f"api.role_template_versions.{name}" for name in ("tenant_id", "template_id", "version")],
            name="fk_requests_role_template",
        ),
        Index("ix_requests_tenant_id_created_at", "tenant_id", "created_at"),
        Index("ix_requests_tenant_id_employee_id", "tenant_id", "employee_id"),
        {"schema": "api"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    employee_id: Mapped[UUID]
    kind: Mapped[RequestKind] = mapped_column(Text)
    state: Mapped[RequestState] = mapped_column(Text)
    dry_run: Mapped[bool]
    person: Mapped[dict[str, Any]]
    """What the caller said about the person; taken over into `employees` when the request runs."""
    existing: Mapped[bool]
    """Whether the person was known before."""
    existing_account: Mapped[str] = mapped_column(Text)
    presence: Mapped[str] = mapped_column(Text)
    tags: Mapped[list[str]] = mapped_column(default=list)
    actor_kind: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[str] = mapped_column(Text)
    actor_name: Mapped[str] = mapped_column(Text)
    correlation_id: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    cancel_requested_at: Mapped[datetime | None]
    role_template_id: Mapped[UUID | None]
    role_template_version: Mapped[int | None] = mapped_column(Integer)
    """The version whose apps and fields lay under what the caller said."""
    schedule_run_id: Mapped[UUID | None]
    """The run of a schedule that made it: it is woken when this request or its plan gets somewhere."""


class Result(Base):
    __tablename__ = "results"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "request_id", "app"),
        ForeignKeyConstraint(["tenant_id", "request_id"], ["api.requests.tenant_id", "api.requests.id"]),
        Index("ix_results_begun", "tenant_id", "finished_at", postgresql_where=text("round > 0")),
        {"schema": "api"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    request_id: Mapped[UUID]
    app: Mapped[str] = mapped_column(Text)
    vendor: Mapped[str] = mapped_column(Text)
    ordinal: Mapped[int] = mapped_column(Integer)
    state: Mapped[ResultState] = mapped_column(Text)
    fields: Mapped[dict[str, Any]]
    decisions: Mapped[dict[str, Any]] = mapped_column(default=dict)
    round: Mapped[int] = mapped_column(Integer, default=0)
    """How often this app was planned for applying; actions of earlier rounds are history. 0: not yet."""
    tries: Mapped[int] = mapped_column(Integer, default=0)
    """Transient failures in a row while planning; actions count their own."""
    next_try_at: Mapped[datetime | None]
    waiting_reason: Mapped[str | None] = mapped_column(Text)
    error: Mapped[dict[str, Any] | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class Plan(Base):
    __tablename__ = "plans"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        ForeignKeyConstraint(["tenant_id", "request_id"], ["api.requests.tenant_id", "api.requests.id"]),
        Index("ix_plans_tenant_id_request_id", "tenant_id", "request_id", "created_at"),
        Index(
            "ix_plans_open",
            "tenant_id",
            "expires_at",
            postgresql_where=text("state IN ('ready', 'needs_decision', 'applying')"),
        ),
        {"schema": "api"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    request_id: Mapped[UUID]
    state: Mapped[PlanState] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    read_at: Mapped[datetime | None]
    """When a worker began to read the vendors for it. None: nobody looked at it before it was applied."""
    expires_at: Mapped[datetime | None]
    applied_at: Mapped[datetime | None]


class AppPlan(Base):
    """One app's part of a plan, as an immutable document."""

    __tablename__ = "app_plans"
    __table_args__ = (
        UniqueConstraint("tenant_id", "plan_id", "app"),
        ForeignKeyConstraint(["tenant_id", "plan_id"], ["api.plans.tenant_id", "api.plans.id"]),
        {"schema": "api"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    plan_id: Mapped[UUID]
    result_id: Mapped[UUID]
    app: Mapped[str] = mapped_column(Text)
    ordinal: Mapped[int] = mapped_column(Integer)
    state: Mapped[AppPlanState] = mapped_column(Text)
    document: Mapped[dict[str, Any] | None]
    """`sdk.contract.Plan` as JSON."""
    selected: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Decisions that this part was planned with."""
    fingerprint: Mapped[str | None] = mapped_column(Text)
    error: Mapped[dict[str, Any] | None]


class Action(Base):
    __tablename__ = "actions"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "result_id", "round", "key"),
        ForeignKeyConstraint(["tenant_id", "result_id"], ["api.results.tenant_id", "api.results.id"]),
        Index("ix_actions_tenant_id_request_id", "tenant_id", "request_id"),
        Index(
            "ix_actions_waiting",
            "tenant_id",
            "result_id",
            postgresql_where=text("state IN ('awaiting_acceptance', 'awaiting_person')"),
        ),
        {"schema": "api"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    request_id: Mapped[UUID]
    result_id: Mapped[UUID]
    round: Mapped[int] = mapped_column(Integer)
    ordinal: Mapped[int] = mapped_column(Integer)
    key: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    target: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    reversible: Mapped[bool]
    depends_on: Mapped[list[str]]
    params: Mapped[dict[str, Any]]
    state: Mapped[ActionState] = mapped_column(Text, default=ActionState.PENDING)
    effect: Mapped[EffectState | None] = mapped_column(Text)
    fence: Mapped[int | None] = mapped_column(BigInteger)
    """The claim under which the effect was last moved."""
    tries: Mapped[int] = mapped_column(Integer, default=0)
    settles: Mapped[int] = mapped_column(Integer, default=0)
    sent_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    next_try_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    """Of an invitation."""
    look_at: Mapped[datetime | None]
    """When a waiting action is looked at next. None: not before somebody says that it is done."""
    looks: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """How often a waiting action was looked at, since it began to wait or somebody said that it is done."""
    known_as: Mapped[list[str] | None]
    """What the vendor's events may call the account of an invitation, in lower case."""
    assignee_id: Mapped[str | None] = mapped_column(Text)
    assignee_name: Mapped[str | None] = mapped_column(Text)
    said_done: Mapped[dict[str, Any] | None]
    """Who said last that a task is done: {at, by: {id, name}, note}."""
    has_password: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str | None] = mapped_column(Text)
    error: Mapped[dict[str, Any] | None]


class ProviderCall(Base):
    """One exchange with a vendor, kept for people and audit; secrets were redacted before storing."""

    __tablename__ = "provider_calls"
    __table_args__ = (
        Index("ix_provider_calls_tenant_id_action_id", "tenant_id", "action_id"),
        Index("ix_provider_calls_tenant_id_result_id", "tenant_id", "result_id"),
        {"schema": "api"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    request_id: Mapped[UUID]
    result_id: Mapped[UUID]
    action_id: Mapped[UUID | None]
    purpose: Mapped[str] = mapped_column(Text)
    method: Mapped[str] = mapped_column(Text)
    path: Mapped[str] = mapped_column(Text)
    status: Mapped[int | None] = mapped_column(Integer)
    """None when no answer came."""
    ms: Mapped[int] = mapped_column(Integer)
    attempt: Mapped[int] = mapped_column(Integer)
    request_body: Mapped[dict[str, Any] | None]
    response_body: Mapped[dict[str, Any] | None]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
