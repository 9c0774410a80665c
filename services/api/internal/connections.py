"""`/api/internal/follow-connections` and `/test-connections`: what the clock asks for about connected accounts.

Safe to repeat, and for any number of callers at once.
"""

from fastapi import APIRouter, Depends

from services.api.connections import at_auth
from services.api.connections.mapping import told
from services.api.dependencies import Backends
from services.api.internal.access import CurrentBackends, scheduler_only
from services.api.metrics import CONNECTION_CHANGES
from services.api.wire import Read
from services.shared.domain.connection import following, testing
from services.shared.kit.actors import service_actor
from services.shared.kit.db import DatabaseFailure
from services.shared.kit.logging import get_logger
from services.shared.kit.uow import unit_of_work
from services.shared.web.correlation import current_correlation_id

log = get_logger(__name__)
router = APIRouter(prefix="/api/internal", tags=["internal"], dependencies=[Depends(scheduler_only)])
FOLLOWER = service_actor("connections")
BATCH = 200


class FollowedRead(Read):
    changes: int


class AskedRead(Read):
    asked: int


@router.post("/follow-connections")
async def follow_connections(backends: CurrentBackends) -> FollowedRead:
    """Notice what became of connected accounts since the last look: tell people, wake what waited."""
    # The auth service looks back a little further by itself, for what was committed late.
    since = await following.seen_until(backends.sessions)
    changes = 0
    for tenant_id, held in await at_auth.list_changed(backends.auth, since):
        try:
            async with unit_of_work(
                backends.sessions,
                backends.bell,
                tenant_id=tenant_id,
                actor=FOLLOWER,
                correlation_id=current_correlation_id(),
            ) as uow:
                event = await following.note(uow, told(held))
        except DatabaseFailure as error:
            log.error("connection_not_followed", tenant_id=str(tenant_id), error=type(error).__name__)  # noqa: TRY400  # the next tick tries again
            continue
        if event is not None:
            changes += 1
            CONNECTION_CHANGES.labels(held.vendor, event).inc()
            backends.auth.forget_connections(tenant_id)
            log.info("connection_changed", change=event, tenant_id=str(tenant_id), connection_id=str(held.id))
    return FollowedRead(changes=changes)


@router.post("/test-connections")
async def test_connections(backends: CurrentBackends) -> AskedRead:
    """Have every account tested that works and was not tested for a week."""
    due = await testing.find_due_tests(backends.sessions, BATCH)
    for one in due:
        await _ask(backends, one)
    return AskedRead(asked=len(due))


async def _ask(backends: Backends, one: testing.DueTest) -> None:
    async with unit_of_work(
        backends.sessions,
        backends.bell,
        tenant_id=one.tenant_id,
        actor=FOLLOWER,
        correlation_id=current_correlation_id(),
    ) as uow:
        await testing.ask_test(uow, one.connection_id, one.vendor)
