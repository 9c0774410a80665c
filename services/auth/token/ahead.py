"""Renew ahead what would end soon, so that a grant that fails is seen before it hurts.

Safe to run at any moment, by any number of schedulers: a connection is renewed under its row's lock, and one that was
renewed a while ago is left alone.
"""

import asyncio
import time
from collections import Counter as Tally
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import and_, case, exists, func, or_, select

from services.auth.connection.models import Connection, ConnectionToken, Method, Status, Vendor
from services.auth.connection.vendors import resolve_credential
from services.auth.metrics import REFRESHED_AHEAD
from services.auth.tenant.service import list_tenant_ids
from services.auth.token.broker import Broker
from services.auth.token.cache import Wanted
from services.shared.kit.db import Sessions
from services.shared.kit.logging import get_logger
from services.shared.kit.uow import enter_tenant

log = get_logger(__name__)
WITHIN = timedelta(hours=24)
RESTED = timedelta(minutes=30)
"""A token that is younger is good enough."""
MOST = 1000
SECONDS = 15.0
"""One run begins no renewal after this; what is left comes first in the next."""
AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a run did."""

    refreshed: int
    failed: int
    left: int


async def refresh_expiring(sessions: Sessions, broker: Broker, *, seconds: float = SECONDS) -> Refreshed:
    """Renew what ends within 24 hours, and what a crash left in doubt, for every tenant."""
    waiting = await _find(sessions)
    until = time.monotonic() + seconds
    tally: Tally[str] = Tally()

    async def work() -> None:
        while waiting and time.monotonic() < until:
            wanted = waiting.pop(0)
            tally["refreshed" if await broker.renew(wanted) else "failed"] += 1

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(work())
    for outcome, count in tally.items():
        REFRESHED_AHEAD.labels(outcome).inc(count)
    done = Refreshed(tally["refreshed"], tally["failed"], len(waiting))
    log.info("refreshed_ahead", refreshed=done.refreshed, failed=done.failed, left=done.left)
    return done


async def _find(sessions: Sessions) -> list[Wanted]:
    async with sessions.begin() as session:
        tenant_ids = await list_tenant_ids(session)
    found: list[Wanted] = []
    for tenant_id in tenant_ids:
        found += await _of_tenant(sessions, tenant_id)
        if len(found) >= MOST:
            break
    return found


async def _of_tenant(sessions: Sessions, tenant_id: UUID) -> list[Wanted]:
    """A static credential has no end; one that needs a person is left to them."""
    of_this = and_(
        ConnectionToken.tenant_id == Connection.tenant_id, ConnectionToken.connection_id == Connection.id
    )
    good = exists().where(
        of_this,
        or_(
            ConnectionToken.expires_at > func.now() + WITHIN, ConnectionToken.minted_at > func.now() - RESTED
        ),
    )
    in_doubt = Connection.refresh_attempt_id.is_not(None)
    async with sessions.begin() as session:
        await enter_tenant(session, tenant_id)
        rows = await session.scalars(
            select(Connection)
            .where(
                Connection.tenant_id == tenant_id,
                Connection.status.in_([Status.ACTIVE, Status.ERROR]),
                Connection.method != Method.TOKEN,
                or_(in_doubt, ~good),
            )
            .order_by(case((in_doubt, 0), else_=1), Connection.last_refreshed_at.nulls_first(), Connection.id)
            .limit(MOST)
        )
        return [Wanted(None, None, row.id, _renewable(row)) for row in rows]


def _renewable(connection: Connection) -> str:
    """The credential that ends: of Atlassian's doors the site's, of every other vendor's the only one."""
    vendor = Vendor(connection.vendor)
    if vendor is Vendor.ATLASSIAN and resolve_credential(vendor, connection.settings, "site"):
        return "site"
    return "default"
