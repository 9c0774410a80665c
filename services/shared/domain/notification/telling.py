"""What is told about subscriptions, to live pages and to the audit log."""

from functools import lru_cache
from typing import Any
from uuid import UUID, uuid5

from services.shared.domain.audit import service as audit
from services.shared.domain.notification.models import WebhookEvent, WebhookSubscription
from services.shared.kit.uow import UnitOfWork


@lru_cache(maxsize=4096)
def feed_of(tenant_id: UUID) -> UUID:
    """The subject under which everything about a tenant's notifications is told: one feed, whatever it is about."""
    return uuid5(tenant_id, "notifications")


def tell(uow: UnitOfWork, subscription: WebhookSubscription, what: str = "changed") -> None:
    """A subscription got somewhere. `problem` and `recovered` are for alerts."""
    data: dict[str, Any] = {
        "subscription_id": str(subscription.id),
        "resource": subscription.resource,
        "state": subscription.state,
    }
    if what != "changed":
        data["problem"] = subscription.problem
    uow.emit(f"subscription.{what}", feed_of(uow.tenant_id), data)


def tell_event(uow: UnitOfWork, event: WebhookEvent) -> None:
    """A notification got somewhere."""
    data = {
        "notification_id": str(event.id),
        "subscription_id": str(event.subscription_id),
        "state": event.state,
        "message_id": str(event.message_id) if event.message_id else None,
    }
    uow.emit("notification.changed", feed_of(uow.tenant_id), data)


def tell_gap(uow: UnitOfWork, subscription: WebhookSubscription, *, closed: int) -> None:
    """A gap opened or grew (`closed` is 0), or so many were closed."""
    data = {"subscription_id": str(subscription.id), "closed": closed}
    uow.emit("gap.changed", feed_of(uow.tenant_id), data)


def write_down(uow: UnitOfWork, what: str, subscription: WebhookSubscription, **more: Any) -> None:
    """One entry of the audit log about a subscription."""
    audit.write_down(
        uow,
        f"subscription.{what}",
        target_kind="subscription",
        target_id=subscription.id,
        target_label=subscription.resource,
        after={"change_types": subscription.change_types, **more},
    )
