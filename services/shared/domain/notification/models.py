"""Subscriptions at the vendor, what arrived, the messages that came of it, and what was missed meanwhile."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.shared.domain.notification.states import (
    Asked,
    ClosedBy,
    EventKind,
    EventState,
    GapReason,
    SubscriptionState,
)
from services.shared.kit.db import Base

SUBSCRIPTION = ["api.webhook_subscriptions.tenant_id", "api.webhook_subscriptions.id"]


class WebhookSubscription(Base):
    """What a tenant wants to be told of, and how far that is so at the vendor. Times come from the database."""

    __tablename__ = "webhook_subscriptions"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        Index("ix_webhook_subscriptions_remote_id", "remote_id"),
        Index(
            "uq_webhook_subscriptions_wanted",
            "tenant_id",
            text("lower(resource)"),
            "change_types",
            unique=True,
            postgresql_where=text("wanted"),
        ),
        {"schema": "api"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    resource: Mapped[str] = mapped_column(Text)
    resource_kind: Mapped[str] = mapped_column(Text)
    change_types: Mapped[str] = mapped_column(Text)
    """Sorted, with commas: as the vendor takes them."""
    rich: Mapped[bool]
    """Whether notifications bring the changed resource along, encrypted."""
    wanted: Mapped[bool]
    state: Mapped[SubscriptionState] = mapped_column(Text)
    asked: Mapped[Asked | None] = mapped_column(Text)
    remote_id: Mapped[str | None] = mapped_column(Text)
    client_state_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    """SHA-256 of 256 random bits; the bits themselves are nowhere but at the vendor."""
    sent_at: Mapped[datetime | None]
    """A subscription is being made at the vendor since then; nobody has read back whether it was."""
    life_minutes: Mapped[int]
    """How long a renewal asks for; lower when the vendor granted less."""
    granted_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    renew_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(Integer, server_default="0")
    problem: Mapped[dict[str, Any] | None]
    """What a person must know and do: `code`, `message`, `remedy`, `since`."""
    cursors: Mapped[dict[str, Any]]
    """Where reading by delta goes on: for each root its `link`, and whether a round is being read (`open`)."""
    last_event_at: Mapped[datetime | None]
    last_resync_at: Mapped[datetime | None]
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())
    deleted_at: Mapped[datetime | None]


class WebhookEvent(Base):
    """One notification. What it says is a hint: the resource is read at the vendor."""

    __tablename__ = "webhook_events"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "subscription_id", "dedupe"),
        ForeignKeyConstraint(
            ["tenant_id", "subscription_id"], SUBSCRIPTION, name="fk_webhook_events_subscription"
        ),
        CheckConstraint("state IN ('queued', 'retrying', 'done', 'dead')", name="state"),
        Index("ix_webhook_events_open", "tenant_id", "state", postgresql_where=text("state <> 'done'")),
        Index("ix_webhook_events_received_at", "received_at", postgresql_using="brin"),
        Index("ix_webhook_events_resource", "resource", postgresql_using="hash"),
        {"schema": "api"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    subscription_id: Mapped[UUID]
    kind: Mapped[EventKind] = mapped_column(Text)
    change_type: Mapped[str] = mapped_column(Text)
    """`created`, `updated`, `deleted`; or the lifecycle event."""
    resource: Mapped[str] = mapped_column(Text)
    change_key: Mapped[str | None] = mapped_column(Text)
    dedupe: Mapped[bytes] = mapped_column(LargeBinary)
    """Digest of subscription, resource, change type and change key. Where the vendor tells no change key, a
    notification is the same as another one that waits still, and `dedupe` is renewed when work on it begins."""
    coalesces: Mapped[bool]
    encrypted: Mapped[dict[str, Any] | None]
    """The sealed resource of a rich notification with its validation tokens, until it was read."""
    state: Mapped[EventState] = mapped_column(Text, server_default="queued")
    tries: Mapped[int] = mapped_column(Integer, server_default="0")
    replays: Mapped[int] = mapped_column(Integer, server_default="0")
    error: Mapped[dict[str, Any] | None]
    outcome: Mapped[dict[str, Any] | None]
    """What was seen: `seen` (stored, gone, unchanged, ignored) and, for what is no message, its main facts."""
    message_id: Mapped[UUID | None]
    correlation_id: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
    processed_at: Mapped[datetime | None]


class Message(Base):
    """A mail as it was last seen at the vendor."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "remote_id"),
        ForeignKeyConstraint(["tenant_id", "subscription_id"], SUBSCRIPTION, name="fk_messages_subscription"),
        Index("ix_messages_tenant_id_received_at", "tenant_id", "received_at"),
        Index("ix_messages_stored_at", "stored_at", postgresql_using="brin"),
        {"schema": "api"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    subscription_id: Mapped[UUID]
    """The one that brought it first."""
    remote_id: Mapped[str] = mapped_column(Text)
    internet_message_id: Mapped[str | None] = mapped_column(Text)
    conversation_id: Mapped[str | None] = mapped_column(Text)
    sender: Mapped[dict[str, Any] | None]
    recipients: Mapped[list[Any]]
    """`{"kind": "to" | "cc", "address", "name"}`"""
    subject: Mapped[str | None] = mapped_column(Text)
    body_preview: Mapped[str | None] = mapped_column(Text)
    has_attachments: Mapped[bool]
    is_read: Mapped[bool | None]
    sent_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    change_key: Mapped[str | None] = mapped_column(Text)
    seen_at: Mapped[datetime]
    """When the look at the vendor began that this row is from: an earlier look never replaces a later one."""
    deleted_at: Mapped[datetime | None]
    """Seen to be gone at the vendor."""
    stored_at: Mapped[datetime] = mapped_column(server_default=func.now())


class WebhookGap(Base):
    """A time in which notifications may have been lost, and what closed it."""

    __tablename__ = "webhook_gaps"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        ForeignKeyConstraint(
            ["tenant_id", "subscription_id"], SUBSCRIPTION, name="fk_webhook_gaps_subscription"
        ),
        Index(
            "ix_webhook_gaps_open",
            "tenant_id",
            "subscription_id",
            postgresql_where=text("closed_at IS NULL"),
        ),
        {"schema": "api"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    subscription_id: Mapped[UUID]
    reason: Mapped[GapReason] = mapped_column(Text)
    from_at: Mapped[datetime]
    to_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[ClosedBy | None] = mapped_column(Text)
    found: Mapped[int] = mapped_column(Integer, server_default="0")
    """How many changes the resync brought in."""
