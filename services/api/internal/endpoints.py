"""`/api/internal`: for the other services, by X-Service-Token. Not proxied by the bff."""

from fastapi import APIRouter, Depends

from services.api.internal.access import CurrentBackends, scheduler_only
from services.api.wire import Read
from services.shared.domain.notification.sweeping import sweep_notifications
from services.shared.kit.jobs.ledger import sweep_ledger

router = APIRouter(prefix="/api/internal", tags=["internal"])


class SweepRead(Read):
    swept: dict[str, int]


@router.post("/sweep", dependencies=[Depends(scheduler_only)])
async def sweep(backends: CurrentBackends) -> SweepRead:
    """Expire plans and forget what is past its time. Safe to repeat and to run twice at once."""
    swept = await sweep_ledger(backends.sessions, keep_days=backends.retention_days)
    swept |= await sweep_notifications(backends.sessions, keep_days=backends.retention_days)
    return SweepRead(swept=swept)
