"""Between the wire and the domain."""

from services.api.notifications.schemas import (
    CorrespondentRead,
    GapRead,
    HealthRead,
    MessageRead,
    NotificationErrorRead,
    NotificationRead,
    ProblemRead,
    RecipientRead,
    SubscriptionRead,
    SubscriptionWish,
)
from services.shared.domain.notification.health import Health
from services.shared.domain.notification.models import (
    Message,
    WebhookEvent,
    WebhookGap,
    WebhookSubscription,
)
from services.shared.domain.notification.resources import ResourceKind, Watched, read_wish


def wish_of(body: SubscriptionWish) -> Watched:
    """What is wished.

    Raises:
        InvalidInput: it cannot be watched so.
    """
    return read_wish(
        body.resource,
        list(body.change_types),
        rich=body.include_resource_data,
        life_minutes=body.life_minutes,
    )


def subscription_read(row: WebhookSubscription) -> SubscriptionRead:
    """A subscription as people see it; nothing of its client state."""
    told = row.problem
    return SubscriptionRead(
        id=row.id,
        resource=row.resource,
        resource_kind=ResourceKind(row.resource_kind),
        change_types=row.change_types.split(","),
        include_resource_data=row.rich,
        state=row.state,
        asked=row.asked,
        remote_id=row.remote_id,
        life_minutes=row.life_minutes,
        granted_at=row.granted_at,
        expires_at=row.expires_at,
        renew_at=row.renew_at,
        failures=row.failures,
        problem=ProblemRead(
            code=told["code"],
            message=told["message"],
            remedy=told["remedy"],
            link=told.get("link"),
            vendor_message=told.get("vendor_message"),
            since=told.get("since"),
        )
        if told
        else None,
        last_event_at=row.last_event_at,
        last_resync_at=row.last_resync_at,
        created_by=row.created_by,
        created_at=row.created_at,
        deleted_at=row.deleted_at,
    )


def notification_read(row: WebhookEvent) -> NotificationRead:
    """A notification as people see it; nothing of what was sealed."""
    told = row.error
    return NotificationRead(
        id=row.id,
        subscription_id=row.subscription_id,
        kind=row.kind,
        change_type=row.change_type,
        resource=row.resource,
        state=row.state,
        tries=row.tries,
        replays=row.replays,
        error=NotificationErrorRead(
            code=told["code"],
            message=told["message"],
            remedy=told.get("remedy"),
            vendor_message=told.get("vendor_message"),
        )
        if told
        else None,
        outcome=row.outcome,
        message_id=row.message_id,
        correlation_id=row.correlation_id,
        received_at=row.received_at,
        processed_at=row.processed_at,
    )


def message_read(row: Message) -> MessageRead:
    """A message."""
    return MessageRead(
        id=row.id,
        subscription_id=row.subscription_id,
        internet_message_id=row.internet_message_id,
        conversation_id=row.conversation_id,
        sender=CorrespondentRead.model_validate(row.sender) if row.sender else None,
        recipients=[RecipientRead.model_validate(one) for one in row.recipients],
        subject=row.subject,
        body_preview=row.body_preview,
        has_attachments=row.has_attachments,
        is_read=row.is_read,
        sent_at=row.sent_at,
        received_at=row.received_at,
        seen_at=row.seen_at,
        deleted_at=row.deleted_at,
    )


def gap_read(row: WebhookGap) -> GapRead:
    """A gap."""
    return GapRead(
        id=row.id,
        subscription_id=row.subscription_id,
        reason=row.reason,
        from_at=row.from_at,
        to_at=row.to_at,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        found=row.found,
    )


def health_read(found: Health) -> HealthRead:
    """A tenant's health."""
    return HealthRead(
        subscriptions=dict(found.subscriptions),
        notifications=dict(found.notifications),
        open_gaps=found.open_gaps,
        next_expiry_at=found.next_expiry_at,
        oldest_waiting_at=found.oldest_waiting_at,
        last_event_at=found.last_event_at,
        received_last_hour=found.received_last_hour,
        lag_seconds=found.lag_seconds,
        problems=[subscription_read(row) for row in found.problems],
    )
