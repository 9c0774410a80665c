"""How notifications are in a tenant, at a glance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from services.shared.domain.notification.models import WebhookEvent, WebhookGap, WebhookSubscription
from services.shared.domain.notification.repository import EventRepository, SubscriptionRepository
from services.shared.domain.notification.states import EventState
from services.shared.kit.uow import UnitOfWork

MOST_PROBLEMS = 20
LATELY = timedelta(hours=1)
SHARE = 0.95


@dataclass(frozen=True, slots=True)
class Health:
    """Counts by state, what is open, and the subscriptions that need somebody."""

    subscriptions: Mapping[str, int]
    notifications: Mapping[str, int]
    open_gaps: int
    next_expiry_at: datetime | None
    oldest_waiting_at: datetime | None
    last_event_at: datetime | None
    received_last_hour: int
    lag_seconds: float | None
    """Within which 95 of 100 that came in the last hour were done; None when none was."""
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
    newest = select(func.max(WebhookSubscription.last_event_at)).where(
        WebhookSubscription.tenant_id == tenant, WebhookSubscription.wanted
    )
    took = func.extract("epoch", WebhookEvent.processed_at - WebhookEvent.received_at)
    received, lag = (
        await session.execute(
            select(
                func.count(),
                func.percentile_cont(SHARE)
                .within_group(took)
                .filter(WebhookEvent.state == EventState.DONE, WebhookEvent.replays == 0),
            ).where(WebhookEvent.tenant_id == tenant, WebhookEvent.received_at > func.now() - LATELY)
        )
    ).one()
    return Health(
        subscriptions={str(state): count for state, count in states},
        notifications=await EventRepository(uow).open_counts(),
        open_gaps=(await session.scalars(gaps)).one(),
        next_expiry_at=(await session.scalars(expiry)).one(),
        oldest_waiting_at=(await session.scalars(waiting)).one(),
        last_event_at=(await session.scalars(newest)).one(),
        received_last_hour=received,
        lag_seconds=None if lag is None else float(lag),
        problems=(await session.scalars(problems)).all(),
    )
