"""What the clock does: renew in time, compare wanted and actual, reconcile, forget what is past its time."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import INTERVAL

from services.shared.domain.notification.gaps import open_gap
from services.shared.domain.notification.repository import SubscriptionRepository
from services.shared.domain.notification.states import (
    LANE,
    SUBSCRIPTION_KEEP,
    SUBSCRIPTION_RESYNC,
    SUBSCRIPTION_WATCH,
    Asked,
    GapReason,
)
from services.shared.kit.db import Sessions
from services.shared.kit.uow import UnitOfWork

WITHIN = timedelta(hours=24)
"""Whatever ends so soon is renewed by the hourly sweep, whatever its own time says."""
RECONCILE = timedelta(hours=6)
"""For users and groups Microsoft never says that something was missed, and directory delta links live seven days."""
MOST = 5000

_DUE = text("SELECT tenant_id, subscription_id FROM api.due_subscriptions(:within, :most)").bindparams(
    bindparam("within", type_=INTERVAL)
)
_WATCHED = text(
    "SELECT tenant_id, subscription_id, reconcile FROM api.watched_subscriptions(:reconcile)"
).bindparams(bindparam("reconcile", type_=INTERVAL))
_SWEEP = text("SELECT what, rows FROM api.sweep_notifications(:keep)").bindparams(
    bindparam("keep", type_=INTERVAL)
)


async def find_due(sessions: Sessions, within: timedelta = WITHIN) -> dict[UUID, list[UUID]]:
    """Subscriptions that need attention: they end soon, failed, are not made or not ended yet; ids by tenant."""
    found: dict[UUID, list[UUID]] = {}
    async with sessions.begin() as session:
        for tenant_id, id_ in await session.execute(_DUE, {"within": within, "most": MOST}):
            found.setdefault(tenant_id, []).append(id_)
    return found


async def find_watched(sessions: Sessions) -> Mapping[UUID, list[UUID]]:
    """Tenants with subscriptions, each with those of them that were not reconciled for long."""
    found: dict[UUID, list[UUID]] = {}
    async with sessions.begin() as session:
        for tenant_id, id_, reconcile in await session.execute(_WATCHED, {"reconcile": RECONCILE}):
            kept = found.setdefault(tenant_id, [])
            if reconcile:
                kept.append(id_)
    return found


async def renew_due(uow: UnitOfWork, ids: list[UUID], within: timedelta = WITHIN) -> int:
    """Promise that these are seen to. How many there were."""
    repository = SubscriptionRepository(uow)
    for id_ in ids:
        # A worker holds its job first, and the subscription after that.
        await uow.ensure_job(SUBSCRIPTION_KEEP, id_, lane=LANE)
        found = await repository.find(id_, lock=True)
        if found is None:
            continue
        lives_long = timedelta(minutes=found.life_minutes) > within
        if found.wanted and found.remote_id is not None and found.asked is None and lives_long:
            # One that lives for an hour is always about to end: its own half-life is soon enough.
            found.asked = Asked.RENEW
    return len(ids)


async def watch(uow: UnitOfWork, reconcile: list[UUID]) -> None:
    """Promise the comparison with the vendor, and that these are read by delta."""
    await uow.ensure_job(SUBSCRIPTION_WATCH, uow.tenant_id, lane=LANE)
    repository = SubscriptionRepository(uow)
    for id_ in reconcile:
        await uow.ensure_job(SUBSCRIPTION_RESYNC, id_, lane=LANE)
        found = await repository.find(id_, lock=True)
        if found is not None and found.wanted:
            await open_gap(uow, found, GapReason.RECONCILE)


async def sweep_notifications(sessions: Sessions, *, keep_days: int) -> dict[str, int]:
    """Delete what is past its time, over all tenants; how many rows of what. Safe to repeat."""
    async with sessions.begin() as session:
        rows = await session.execute(_SWEEP, {"keep": timedelta(days=keep_days)})
        return {row.what: row.rows for row in rows}
