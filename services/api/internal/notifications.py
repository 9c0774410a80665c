"""`/api/internal/renew-subscription`: the hourly sweep. Safe to repeat, and for any number of callers."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import Field

from services.api.internal.access import CurrentBackends, scheduler_only
from services.api.metrics import SUBSCRIPTIONS_RENEWED
from services.api.wire import Body, Read
from services.shared.domain.notification import sweeping
from services.shared.kit.actors import service_actor
from services.shared.kit.db import DatabaseFailure
from services.shared.kit.logging import get_logger
from services.shared.kit.uow import UnitOfWork, unit_of_work
from services.shared.web.correlation import current_correlation_id

log = get_logger(__name__)
router = APIRouter(prefix="/api/internal", tags=["internal"])
CLOCK = service_actor("scheduler")
LONGEST = 30 * 24 * 3600


class RenewOrder(Body):
    """`within` is in seconds: whatever ends so soon is renewed."""

    within: Annotated[float, Field(gt=0, le=LONGEST)] = sweeping.WITHIN.total_seconds()


class RenewedRead(Read):
    """`promised` subscriptions will be seen to; `tenants` will be compared with the vendor."""

    promised: int
    tenants: int
    reconciled: int
    failed: int


@router.post("/renew-subscription", dependencies=[Depends(scheduler_only)])
async def renew_due_subscriptions(backends: CurrentBackends, body: RenewOrder | None = None) -> RenewedRead:
    """Promise the renewal of what ends soon, the comparison of wanted and actual, and reconciling."""
    within = timedelta(seconds=(body or RenewOrder()).within)

    def unit(tenant_id: UUID) -> AbstractAsyncContextManager[UnitOfWork]:
        return unit_of_work(
            backends.sessions,
            backends.bell,
            tenant_id=tenant_id,
            actor=CLOCK,
            correlation_id=current_correlation_id(),
        )

    promised, failed = await _renew(unit, await sweeping.find_due(backends.sessions, within), within)
    watched = await sweeping.find_watched(backends.sessions)
    for tenant_id, reconcile in watched.items():
        async with unit(tenant_id) as uow:
            await sweeping.watch(uow, reconcile)
    SUBSCRIPTIONS_RENEWED.inc(promised)
    if promised:
        log.info("subscriptions_promised", promised=promised, failed=failed)
    return RenewedRead(
        promised=promised, tenants=len(watched), reconciled=sum(map(len, watched.values())), failed=failed
    )


async def _renew(
    unit: Callable[[UUID], AbstractAsyncContextManager[UnitOfWork]],
    due: dict[UUID, list[UUID]],
    within: timedelta,
) -> tuple[int, int]:
    """One tenant's failure stops no other's renewals; how many were promised, how many were not."""
    promised = failed = 0
    for tenant_id, ids in due.items():
        try:
            async with unit(tenant_id) as uow:
                promised += await sweeping.renew_due(uow, ids, within)
        except DatabaseFailure as error:
            failed += len(ids)
            log.error("subscriptions_not_promised", tenant_id=str(tenant_id), error=type(error).__name__)  # noqa: TRY400  # the next tick tries again
    return promised, failed
