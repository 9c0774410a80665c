"""Times in which notifications may have been lost. Each is closed by reading what changed, and says by what."""

from datetime import datetime

from sqlalchemy import func, select

from services.shared.domain.notification.models import WebhookGap, WebhookSubscription
from services.shared.domain.notification.repository import GapRepository
from services.shared.domain.notification.states import (
    LANE,
    SUBSCRIPTION_RESYNC,
    ClosedBy,
    GapReason,
)
from services.shared.domain.notification.telling import tell_gap
from services.shared.kit.ids import uuid7
from services.shared.kit.uow import UnitOfWork


async def now_of(uow: UnitOfWork) -> datetime:
    """The database's clock, at this moment rather than at the transaction's beginning."""
    now: datetime = (await uow.session.scalars(select(func.clock_timestamp()))).one()
    return now


async def open_gap(
    uow: UnitOfWork, subscription: WebhookSubscription, reason: GapReason, *, since: datetime | None = None
) -> None:
    """Something may have been missed until now; a resync is promised where one can be made.

    `since` is from when; without it, the last moment at which all was surely well. A gap of the same kind that is
    open already grows instead.
    """
    now = await now_of(uow)
    from_at = min(since or last_sure(subscription), now)
    for gap in await GapRepository(uow).still_open(subscription.id):
        if gap.reason == reason:
            gap.from_at, gap.to_at = min(gap.from_at, from_at), now
            break
    else:
        uow.session.add(
            WebhookGap(
                id=uuid7(),
                tenant_id=uow.tenant_id,
                subscription_id=subscription.id,
                reason=reason,
                from_at=from_at,
                to_at=now,
                found=0,
            )
        )
    tell_gap(uow, subscription, closed=0)
    await uow.ensure_job(SUBSCRIPTION_RESYNC, subscription.id, lane=LANE)


def last_sure(subscription: WebhookSubscription) -> datetime:
    """When the last thing happened that shows that notifications arrived, or that nothing was missing."""
    seen = (subscription.last_event_at, subscription.last_resync_at, subscription.granted_at)
    return max((at for at in seen if at is not None), default=subscription.created_at)


async def close_gaps(
    uow: UnitOfWork, subscription: WebhookSubscription, by: ClosedBy, *, began_at: datetime, found: int
) -> int:
    """What a resync that began then has closed; how many. Later gaps stay open."""
    closed = 0
    now = await now_of(uow)
    for gap in await GapRepository(uow).still_open(subscription.id):
        if gap.to_at is not None and gap.to_at > began_at:
            continue
        gap.closed_at, gap.closed_by, gap.found = now, by, found
        closed += 1
    if closed:
        tell_gap(uow, subscription, closed=closed)
    return closed
