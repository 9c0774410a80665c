"""`/api/internal/fire-schedules`: the clock asks for what is due. Safe to repeat, and for any number of callers."""

import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import Field, StrictBool

from services.api.dependencies import Backends
from services.api.internal.access import CurrentBackends, scheduler_only
from services.api.metrics import OVERDUE, SCHEDULES
from services.api.wire import Body, Read
from services.shared.domain.schedule import firing
from services.shared.domain.schedule.service import RETRIES, RETRY_SECONDS
from services.shared.domain.schedule.timing import GRACE
from services.shared.kit.actors import service_actor
from services.shared.kit.logging import get_logger
from services.shared.kit.uow import UnitOfWork, unit_of_work
from services.shared.web.correlation import current_correlation_id

log = get_logger(__name__)
router = APIRouter(prefix="/api/internal", tags=["internal"])
CLOCK = service_actor("scheduler")
BATCH = 250
BUDGET_SECONDS = 10.0
"""After so long the caller is answered; what is left is due still."""
YEAR = 366 * 24 * 3600


class FireOrder(Body):
    """How the clock wants it. Times in seconds."""

    misfire_grace: Annotated[float, Field(gt=0, le=YEAR)] = GRACE.total_seconds()
    catch_up: Annotated[int, Field(ge=1, le=100)] = firing.CATCH_UP
    retries: Annotated[int, Field(ge=0, le=100)] = RETRIES
    retry_delay: Annotated[int, Field(ge=1, le=24 * 3600)] = RETRY_SECONDS
    sweep: StrictBool = False
    """Look for runs that lost their job besides."""


class FiredRead(Read):
    """`next_due_in` is in seconds from now; null when nothing is scheduled."""

    schedules: int
    fired: int
    missed: int
    revived: int
    more: bool
    next_due_in: float | None


@router.post("/fire-schedules", dependencies=[Depends(scheduler_only)])
async def fire_schedules(backends: CurrentBackends, body: FireOrder | None = None) -> FiredRead:
    """Make runs of what is due, each exactly once, by priority."""
    order = body or FireOrder()
    policy = firing.Policy(
        timedelta(seconds=order.misfire_grace), order.catch_up, order.retries, order.retry_delay
    )
    done, more = await _fire_all(backends, policy)
    revived = await _revive(backends) if order.sweep else 0
    SCHEDULES.labels("fired").inc(done.fired)
    SCHEDULES.labels("missed").inc(done.missed)
    SCHEDULES.labels("revived").inc(revived)
    if done.schedules:
        log.info("schedules_fired", schedules=done.schedules, fired=done.fired, missed=done.missed, more=more)
    next_due_in = await firing.next_due_seconds(backends.sessions)
    OVERDUE.set(max(0.0, -(next_due_in or 0.0)))
    return FiredRead(
        schedules=done.schedules,
        fired=done.fired,
        missed=done.missed,
        revived=revived,
        more=more,
        next_due_in=next_due_in,
    )


async def _fire_all(backends: Backends, policy: firing.Policy) -> tuple[firing.Fired, bool]:
    """Batch after batch, until nothing is due, others are at the rest, or the time is over."""
    total, until = firing.Fired(), time.monotonic() + BUDGET_SECONDS
    while time.monotonic() < until:
        due = await firing.find_due(backends.sessions, BATCH)
        if not due:
            return total, False
        took = 0
        for tenant_id, ids in due.items():
            took += await _fire_tenant(backends, tenant_id, ids, policy, total)
        if not took:
            return total, True
    return total, True


async def _fire_tenant(
    backends: Backends, tenant_id: UUID, ids: Sequence[UUID], policy: firing.Policy, total: firing.Fired
) -> int:
    """One tenant's failure stops no other's schedules."""
    try:
        async with _unit(backends, tenant_id) as uow:
            done = await firing.claim_due(uow, ids, policy)
    except Exception:  # the next tick tries again
        log.exception("schedules_not_fired", tenant_id=str(tenant_id))
        SCHEDULES.labels("not_fired").inc(len(ids))
        return 0
    total.schedules += done.schedules
    total.fired += done.fired
    total.missed += done.missed
    return done.schedules


async def _revive(backends: Backends) -> int:
    stray: Mapping[UUID, Sequence[UUID]] = await firing.find_stray(backends.sessions, BATCH)
    revived = 0
    for tenant_id, ids in stray.items():
        async with _unit(backends, tenant_id) as uow:
            revived += await firing.revive_runs(uow, ids)
    return revived


def _unit(backends: Backends, tenant_id: UUID) -> AbstractAsyncContextManager[UnitOfWork]:
    return unit_of_work(
        backends.sessions,
        backends.bell,
        tenant_id=tenant_id,
        actor=CLOCK,
        correlation_id=current_correlation_id(),
    )
