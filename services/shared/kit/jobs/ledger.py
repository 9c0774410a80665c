"""The job ledger: claim, lease, fence, heartbeat, hand-back, bury.

Cross-tenant steps (claim, heartbeat, hand-back) go through narrow database functions; everything
else happens inside the tenant's transaction, under row-level security, and carries the fence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, INTERVAL, JSONB, TEXT
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import BigInteger, Integer

from services.shared.kit.db import Sessions
from services.shared.kit.direct import Transaction, run
from services.shared.kit.prepared import Prepared

MAX_CRASHES = 3
"""A job whose worker was lost this often is not tried again."""


class LeaseLost(Exception):
    """Somebody else owns this job now, or it has ended: stop, and write nothing."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a job until the lease ends."""

    id: UUID
    tenant_id: UUID
    kind: str
    subject_id: UUID
    attempt: int
    crash_count: int
    fence: int
    correlation_id: str
    run_at: datetime
    claimed_at: datetime

    @property
    def poisoned(self) -> bool:
        """Whether its workers died so often that it must be buried instead of run."""
        return self.crash_count >= MAX_CRASHES


_CLAIM = text("SELECT * FROM api.claim_jobs(:worker, :kinds, :slots, :lease, :lanes, :widths)").bindparams(
    bindparam("kinds", type_=ARRAY(TEXT)),
    bindparam("lease", type_=INTERVAL),
    bindparam("lanes", type_=ARRAY(TEXT)),
    bindparam("widths", type_=ARRAY(Integer)),
)
_EXTEND = text("SELECT id FROM api.extend_leases(:worker, :ids, :fences, :lease) AS id").bindparams(
    bindparam("ids", type_=ARRAY(PG_UUID(as_uuid=True))),
    bindparam("fences", type_=ARRAY(BigInteger)),
    bindparam("lease", type_=INTERVAL),
)
_HAND_BACK = text("SELECT api.hand_back_jobs(:worker, :ids, :fences)").bindparams(
    bindparam("ids", type_=ARRAY(PG_UUID(as_uuid=True))), bindparam("fences", type_=ARRAY(BigInteger))
)
_ENTER = Prepared(text("SELECT api.enter_job(:tenant_id, :id, :fence) AS held"))
_END = Prepared(
    text(
        "UPDATE api.jobs SET state = :state, finished_at = now(), lease_until = NULL, locked_by = NULL,"
        " last_error = :error WHERE id = :id AND fence = :fence AND state = 'running' RETURNING 1 AS held"
    ).bindparams(bindparam("error", type_=JSONB(none_as_null=True)))
)
_LATER = text(
    "UPDATE api.jobs SET state = 'queued', lease_until = NULL, locked_by = NULL, crash_count = 0,"
    " run_at = now() + :delay, last_error = :error, priority = greatest(priority, 1),"
    " attempt = attempt - CASE WHEN :counted THEN 0 ELSE 1 END"
    " WHERE id = :id AND fence = :fence AND state = 'running' RETURNING 1"
).bindparams(bindparam("delay", type_=INTERVAL), bindparam("error", type_=JSONB(none_as_null=True)))
_COOL_DOWN = text(
    "INSERT INTO api.cooldowns AS c (tenant_id, lane, until, reason, width, narrow_until)"
    " SELECT :tenant_id, :lane, now() + :delay, :reason, greatest(r.running - 1, :enough), now() + :narrow FROM"
    " (SELECT count(*) AS running FROM api.jobs WHERE :narrow IS NOT NULL"
    "   AND tenant_id = :tenant_id AND lane = :lane AND state = 'running') r"
    " ON CONFLICT (tenant_id, lane) DO UPDATE"
    " SET until = greatest(c.until, excluded.until), reason = excluded.reason,"
    " width = CASE WHEN :narrow IS NULL THEN c.width"
    "  WHEN c.narrow_until > now() THEN least(c.width, excluded.width)"
    "  ELSE excluded.width END,"
    " narrow_until = coalesce(excluded.narrow_until, c.narrow_until)"
).bindparams(
    bindparam("delay", type_=INTERVAL),
    bindparam("narrow", type_=INTERVAL),
    bindparam("enough", type_=Integer),
)
_SWEEP = text(
    "SELECT what, rows FROM api.sweep(:keep)"
    " UNION ALL SELECT 'incoming_deliveries', api.sweep_deliveries(:keep)"
).bindparams(bindparam("keep", type_=INTERVAL))
_DEPTH = text("SELECT kind, state, jobs, oldest_seconds FROM api.job_depth()")


async def claim_jobs(
    sessions: Sessions,
    *,
    worker: str,
    kinds: Sequence[str],
    slots: int,
    lease: timedelta,
    widths: Mapping[str, int] | None = None,
) -> list[Claim]:
    """Lease up to `slots` due jobs of these kinds, fairly over tenants; kinds not named are left alone.

    Of a lane that `widths` names, about so many of one tenant run at once, over all workers. Jobs whose lease ran
    out are claimable at once, with `crash_count` one higher.
    """
    wide = widths or {}
    async with sessions.begin() as session:
        rows = await session.execute(
            _CLAIM,
            {
                "worker": worker,
                "kinds": list(kinds),
                "slots": slots,
                "lease": lease,
                "lanes": list(wide),
                "widths": list(wide.values()),
            },
        )
        return [Claim(**row) for row in rows.mappings()]


async def extend_leases(
    sessions: Sessions, *, worker: str, claims: Sequence[Claim], lease: timedelta
) -> set[UUID]:
    """Heartbeat. Returns the ids that this worker still holds; the others are lost."""
    async with sessions.begin() as session:
        rows = await session.scalars(
            _EXTEND,
            {
                "worker": worker,
                "ids": [claim.id for claim in claims],
                "fences": [claim.fence for claim in claims],
                "lease": lease,
            },
        )
        return set(rows.all())


async def hand_back(sessions: Sessions, *, worker: str, claims: Sequence[Claim]) -> None:
    """Give jobs back at once on a graceful stop. Does not count as a try."""
    async with sessions.begin() as session:
        await session.execute(
            _HAND_BACK,
            {
                "worker": worker,
                "ids": [claim.id for claim in claims],
                "fences": [claim.fence for claim in claims],
            },
        )


async def enter_job(transaction: Transaction, claim: Claim) -> None:
    """Begin a transaction in the job's name: sets the tenant and locks the job under our fence.

    Whatever this transaction writes lands only if nobody else has claimed the job.

    Raises:
        LeaseLost: the fence moved on, or the job ended.
    """
    (found,) = await run(transaction, _ENTER, tenant_id=claim.tenant_id, id=claim.id, fence=claim.fence)
    if not found.held:
        raise LeaseLost(f"{claim.kind} {claim.id} fence {claim.fence}")


async def finish(transaction: Transaction, claim: Claim) -> None:
    """The job is done.

    Raises:
        LeaseLost: it is no longer ours.
    """
    await _end(transaction, claim, "done", None)


async def bury(transaction: Transaction, claim: Claim, error: Mapping[str, Any]) -> None:
    """A dead letter: visible, explained, never tried again by itself.

    Raises:
        LeaseLost: it is no longer ours.
    """
    await _end(transaction, claim, "dead", error)


async def _end(transaction: Transaction, claim: Claim, state: str, error: Mapping[str, Any] | None) -> None:
    held = await run(
        transaction,
        _END,
        state=state,
        id=claim.id,
        fence=claim.fence,
        error=dict(error) if error else None,
    )
    if not held:
        raise LeaseLost(f"{claim.kind} {claim.id} fence {claim.fence}")


async def later(
    session: AsyncSession,
    claim: Claim,
    delay: timedelta,
    error: Mapping[str, Any] | None = None,
    *,
    counted: bool = True,
) -> None:
    """Put the job back to be due after `delay`. No worker ever sleeps on a wait.

    It comes before its lane's jobs that have not begun. `counted=False` where nothing was tried.

    Raises:
        LeaseLost: it is no longer ours.
    """
    row = await session.scalar(
        _LATER,
        {
            "id": claim.id,
            "fence": claim.fence,
            "delay": delay,
            "error": dict(error) if error else None,
            "counted": counted,
        },
    )
    if row is None:
        raise LeaseLost(f"{claim.kind} {claim.id} fence {claim.fence}")


async def cool_down(
    session: AsyncSession,
    *,
    tenant_id: UUID,
    lane: str,
    delay: timedelta,
    reason: str,
    narrow: timedelta | None = None,
    enough: int = 1,
) -> None:
    """Leave this tenant's lane alone for `delay`: nothing of it is claimed, old or new.

    `narrow` is said by a job that found no room among those that run: for so long one fewer of them runs at once,
    but not fewer than `enough`.
    """
    await session.execute(
        _COOL_DOWN,
        {
            "tenant_id": tenant_id,
            "lane": lane,
            "delay": delay,
            "reason": reason,
            "narrow": narrow,
            "enough": enough,
        },
    )


@dataclass(frozen=True, slots=True)
class Depth:
    """How much of a kind is in a state, and how long the oldest due one has waited.

    `queued` waits for a worker; `later` is not due yet.
    """

    kind: str
    state: str
    jobs: int
    oldest_seconds: float


async def measure_depth(sessions: Sessions) -> list[Depth]:
    """Queue depth and age over all tenants, for metrics."""
    async with sessions.begin() as session:
        rows = await session.execute(_DEPTH)
        return [Depth(**row) for row in rows.mappings()]


async def sweep_ledger(sessions: Sessions, *, keep_days: int) -> dict[str, int]:
    """Expire plans and delete what is past its time, over all tenants; how many rows of what.

    Finished jobs, events and the ids of vendors' deliveries are kept for `keep_days`. Safe to repeat.
    """
    async with sessions.begin() as session:
        rows = await session.execute(_SWEEP, {"keep": timedelta(days=keep_days)})
        return {row.what: row.rows for row in rows}
