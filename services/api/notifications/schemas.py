"""Subscriptions, notifications, messages and gaps on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StrictBool, StrictInt, StringConstraints

from services.api.wire import Body, Incoming, PageRead, Read
from services.shared.domain.notification.resources import ResourceKind
from services.shared.domain.notification.service import MOST_REPLAYED
from services.shared.domain.notification.states import (
    Asked,
    ClosedBy,
    EventKind,
    EventState,
    GapReason,
    SubscriptionState,
)

MOST_AT_ONCE = 100
Resource = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
ChangeType = Literal["created", "updated", "deleted"]


class SubscriptionWish(Incoming):
    """What to be told of. Without `life_minutes` as long as Microsoft grants."""

    resource: Resource
    change_types: Annotated[list[ChangeType], Field(min_length=1, max_length=3)] = Field(
        default=["created", "updated"]
    )
    include_resource_data: StrictBool = False
    life_minutes: StrictInt | None = None


class SubscriptionCreate(SubscriptionWish, Body):
    """One subscription."""


class SubscriptionsCreate(Body):
    """Several, of which all are made or none."""

    items: Annotated[list[SubscriptionWish], Field(min_length=1, max_length=MOST_AT_ONCE)]


class SubscriptionsRenew(Body):
    """Which to renew; without `ids` all."""

    ids: Annotated[list[UUID], Field(min_length=1, max_length=1000)] | None = None


class ProblemRead(Read):
    """What is wrong and what to do."""

    code: str
    message: str
    remedy: str
    link: str | None
    vendor_message: str | None
    since: datetime | None


class SubscriptionRead(Read):
    """`expires_at` and `renew_at` are empty until it is at Microsoft."""

    id: UUID
    resource: str
    resource_kind: ResourceKind
    change_types: list[ChangeType]
    include_resource_data: bool
    state: SubscriptionState
    asked: Asked | None
    remote_id: str | None
    life_minutes: int
    granted_at: datetime | None
    expires_at: datetime | None
    renew_at: datetime | None
    failures: int
    problem: ProblemRead | None
    last_event_at: datetime | None
    last_resync_at: datetime | None
    created_by: str
    created_at: datetime
    deleted_at: datetime | None


class SubscriptionPage(PageRead[SubscriptionRead]):
    """Subscriptions, newest first."""


class SubscriptionList(Read):
    items: list[SubscriptionRead]


class NotificationErrorRead(Read):
    code: str
    message: str
    remedy: str | None
    vendor_message: str | None


class NotificationRead(Read):
    """`change_type` of a lifecycle event is its name. `outcome` says what was seen at Microsoft."""

    id: UUID
    subscription_id: UUID
    kind: EventKind
    change_type: str
    resource: str
    state: EventState
    tries: int
    replays: int
    error: NotificationErrorRead | None
    outcome: dict[str, Any] | None
    message_id: UUID | None
    correlation_id: str
    received_at: datetime
    processed_at: datetime | None


class NotificationPage(PageRead[NotificationRead]):
    """Notifications, newest first."""


class ReplayOrder(Body):
    """Of which subscription, or which ones; without either, all. What is not dead among `ids` is left as it is."""

    subscription_id: UUID | None = None
    ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST_REPLAYED)] | None = None


class ReplayedRead(Read):
    replayed: int


class CorrespondentRead(Read):
    address: str
    name: str | None


class RecipientRead(Read):
    kind: Literal["to", "cc"]
    address: str
    name: str | None


class MessageRead(Read):
    """A mail as it was last seen. `deleted_at` is when it was seen to be gone."""

    id: UUID
    subscription_id: UUID
    internet_message_id: str | None
    conversation_id: str | None
    sender: CorrespondentRead | None
    recipients: list[RecipientRead]
    subject: str | None
    body_preview: str | None
    has_attachments: bool
    is_read: bool | None
    sent_at: datetime | None
    received_at: datetime | None
    seen_at: datetime
    deleted_at: datetime | None


class MessagePage(PageRead[MessageRead]):
    """Messages, newest first."""


class GapRead(Read):
    """`found` is how many changes the resync brought in; `closed_by` is empty while it is open."""

    id: UUID
    subscription_id: UUID
    reason: GapReason
    from_at: datetime
    to_at: datetime | None
    closed_at: datetime | None
    closed_by: ClosedBy | None
    found: int


class GapPage(PageRead[GapRead]):
    """Gaps: the open ones first, then the newest."""


class HealthRead(Read):
    """How notifications are in this tenant.

    `notifications` counts those that are not done, by state. `received_last_hour` are changes and lifecycle events; `lag_seconds` is within which 95 of 100 that came in the last
    hour were done, empty where none was.
    """

    subscriptions: dict[str, int]
    notifications: dict[str, int]
    open_gaps: int
    next_expiry_at: datetime | None
    oldest_waiting_at: datetime | None
    last_event_at: datetime | None
    received_last_hour: int
    lag_seconds: float | None
    problems: list[SubscriptionRead]
