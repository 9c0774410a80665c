"""How notifications are in a tenant, at a glance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from services.shared.domain.notification.models import WebhookEvent, WebhookGap, WebhookSubscription
from services.shared.domain.notification.repository import EventRepository, SubscriptionRepository
from services.shared.domain.notification.states import EventState
from services.shared.kit.uow import UnitOfWork

MOST_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class Health:
    """Counts by state, what is open, and the subscriptions that need somebody."""

    subscriptions: Mapping[str, int]
    notifications: Mapping[str, int]
    open_gaps: int
    next_expiry_at: datetime | None
    oldest_waiting_at: datetime | None
    problems: Sequence[WebhookSubscription]


async def read_health(uow: UnitOfWork) -> Health:
    """The present state."""
    session, tenant = uow.session, uow.tenant_id
    states = await session.execute(
        select(WebhookSubscription.state, func.count())
        .where(WebhookSubscription.tenant_id == tenant)
        .group_by(WebhookSubscription.state)
    )
    waiting = select(func.min(WebhookEvent.received_at)).where(
        WebhookEvent.tenant_id == tenant,
        WebhookEvent.state.in_([EventState.QUEUED, EventState.RETRYING]),
    )
    gaps = select(func.count()).where(WebhookGap.tenant_id == tenant, WebhookGap.closed_at.is_(None))
    expiry = select(func.min(WebhookSubscription.expires_at)).where(
        WebhookSubscription.tenant_id == tenant, WebhookSubscription.wanted
    )
    problems = (
        SubscriptionRepository(uow)
        .select()
        .where(WebhookSubscription.problem.is_not(None))
        .order_by(WebhookSubscription.expires_at.nulls_first())
        .limit(MOST_PROBLEMS)
    )
    return Health(
        subscriptions={str(state): count for state, count in states},
        notifications=await EventRepository(uow).counts(),
        open_gaps=(await session.scalars(gaps)).one(),
        next_expiry_at=(await session.scalars(expiry)).one(),
        oldest_waiting_at=(await session.scalars(waiting)).one(),
        problems=(await session.scalars(problems)).all(),
    )
