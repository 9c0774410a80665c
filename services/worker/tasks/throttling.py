"""What a rate limit means for a job, for the other jobs of its lane, and for calls that are about to leave."""

from datetime import timedelta

from services.shared.kit.jobs.ledger import Claim, cool_down
from services.shared.kit.uow import UnitOfWork
from services.shared.sdk.catalogue import Explained
from services.shared.sdk.errors import ErrorCode, ProviderError, Transient
from services.worker import metrics
from services.worker.limits.throttled import Throttled
from services.worker.vendor import VendorSession

NARROW = timedelta(seconds=30)
"""For so long fewer of a lane's jobs run at once after one found no room; then more are tried again."""


async def tell_others(session: VendorSession, error: ProviderError, *, backoff: float) -> None:
    """The vendor said that we are too fast: calls of all workers wait, also those that are about to leave.

    `backoff` is in seconds, for a vendor that does not say how long.
    """
    if isinstance(error, Transient) and error.code is ErrorCode.RATE_LIMITED and is_counted(error):
        await session.left_alone(error.retry_after or backoff)


async def leave_alone(
    uow: UnitOfWork, claim: Claim, lane: str, error: Transient, why: Explained, *, backoff: timedelta
) -> timedelta:
    """Hold the lane's other jobs back; how long this one waits. `backoff` is for what the vendor said."""
    if isinstance(error, Throttled):
        delay, closed = timedelta(seconds=error.delay), timedelta(seconds=error.closed)
        narrow, enough = (NARROW, error.enough) if error.enough else (None, 1)
    else:
        delay, closed, narrow, enough = backoff, backoff, None, 1
        metrics.COOLDOWNS.labels(lane).inc()
    if closed or narrow:
        await cool_down(
            uow.session,
            tenant_id=claim.tenant_id,
            lane=lane,
            delay=closed,
            reason=why.message,
            narrow=narrow,
            enough=enough,
        )
    return delay


def is_counted(error: ProviderError) -> bool:
    """Whether something was tried: a call that we held back ourselves was not."""
    return not isinstance(error, Throttled)
