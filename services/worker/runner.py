"""Claims jobs, keeps their leases, runs them, and hands them back on a graceful stop."""

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from services.shared.kit.actors import service_actor
from services.shared.kit.bell import Bell, wait
from services.shared.kit.db import create_sessions
from services.shared.kit.direct import Direct
from services.shared.kit.ids import uuid7
from services.shared.kit.jobs.ledger import (
    Claim,
    LeaseLost,
    bury,
    claim_jobs,
    enter_job,
    extend_leases,
    hand_back,
    later,
    measure_depth,
)
from services.shared.kit.logging import bind, get_logger, unbind_all
from services.shared.kit.uow import UnitOfWork
from services.worker import metrics
from services.worker.backoff import retry_delay

log = get_logger(__name__)
MAX_DEFECTS = 10
"""Tries of a job that ends in an error of ours before it becomes a dead letter."""
DEPTH_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Task:
    """`run` finishes the job in its last transaction. `lost` tells the subject that it is given up."""

    run: Callable[[Claim], Awaitable[None]]
    lost: Callable[[UnitOfWork, Claim, str], Awaitable[None]]


class Transactions:
    """Short transactions under a claim's fence."""

    def __init__(self, engine: AsyncEngine, bell: Bell) -> None:
        self.sessions = create_sessions(engine)
        self.direct = Direct(engine)
        self.bell = bell

    @asynccontextmanager
    async def under(self, claim: Claim) -> AsyncIterator[UnitOfWork]:
        """One transaction in the job's tenant that lands only while the claim holds.

        Raises:
            LeaseLost: somebody else has the job now.
        """
        async with self.direct.begin() as transaction:
            await enter_job(transaction, claim)
            uow = UnitOfWork(transaction, claim.tenant_id, service_actor("worker"), claim.correlation_id)
            yield uow
            await uow.store_events()
        if uow.rings or uow.news:
            self.bell.ring(uow.rings, uow.news)


@dataclass(frozen=True, slots=True)
class Pace:
    """Times in seconds."""

    slots: int
    lease: float
    poll: float
    stop: float
    backoff: float


class Runner:
    """One process's share of the ledger."""

    def __init__(
        self,
        transactions: Transactions,
        tasks: Mapping[str, Task],
        pace: Pace,
        widths: Mapping[str, int] | None = None,
        *,
        name: str | None = None,
    ) -> None:
        """`widths` says of which lanes only so many of one tenant's jobs are worth running at once."""
        self._transactions = transactions
        self._sessions = transactions.sessions
        self._tasks = tasks
        self._pace = pace
        self._widths = widths
        self._lease = timedelta(seconds=pace.lease)
        self.name = name or f"{socket.gethostname()}-{os.getpid()}-{str(uuid7())[-6:]}"
        self._poked = asyncio.Event()
        self._stopping = asyncio.Event()
        self._running: dict[Claim, asyncio.Task[None]] = {}

    def poke(self) -> None:
        """There may be work: look now rather than at the next poll."""
        self._poked.set()

    def stop(self) -> None:
        """Claim nothing more, and end."""
        self._stopping.set()
        self._poked.set()

    async def run(self) -> None:
        """Work until stopped."""
        beating = asyncio.create_task(self._beat())
        measuring = asyncio.create_task(self._measure())
        try:
            while not self._stopping.is_set():
                self._poked.clear()
                if await self._claim_once():
                    continue
                await wait(self._poked, self._pace.poll)
            await self._drain()
        finally:
            for helper in (beating, measuring):
                helper.cancel()
            await asyncio.gather(beating, measuring, return_exceptions=True)

    async def _claim_once(self) -> bool:
        """Whether every free slot was filled, so that there may be more."""
        free = self._pace.slots - len(self._running)
        if free <= 0:
            return False
        try:
            claims = await claim_jobs(
                self._sessions,
                worker=self.name,
                kinds=list(self._tasks),
                slots=free,
                lease=self._lease,
                widths=self._widths,
            )
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("claim_failed", error=type(error).__name__)
            await asyncio.sleep(min(self._pace.poll, 1.0))
            return False
        for claim in claims:
            task = asyncio.create_task(self._work(claim))
            self._running[claim] = task
            task.add_done_callback(partial(self._ended, claim))
        return len(claims) == free

    def _ended(self, claim: Claim, _task: asyncio.Task[None]) -> None:
        was_full = len(self._running) >= self._pace.slots
        self._running.pop(claim, None)
        metrics.RUNNING.set(len(self._running))
        if was_full:
            self._poked.set()

    async def _work(self, claim: Claim) -> None:
        unbind_all()
        bind(
            service="worker",
            correlation_id=claim.correlation_id,
            tenant_id=claim.tenant_id,
            job_id=claim.id,
            job_kind=claim.kind,
        )
        metrics.RUNNING.set(len(self._running))
        metrics.START_DELAY.labels(claim.kind).observe(
            max((claim.claimed_at - claim.run_at).total_seconds(), 0.0)
        )
        began = time.perf_counter()
        outcome = "done"
        try:
            if claim.poisoned:
                outcome = "dead"
                await self._bury(claim, "Its worker was lost three times while working on this.")
            else:
                await self._tasks[claim.kind].run(claim)
        except LeaseLost:
            outcome = "lost"
            metrics.LEASES_LOST.inc()
            log.warning("lease_lost", fence=claim.fence)
        except asyncio.CancelledError:
            outcome = "handed_back"
            raise
        except Exception as error:  # a defect must not take the other jobs along
            outcome = "error"
            log.exception("job_failed")
            await self._after_defect(claim, error)
        finally:
            metrics.JOBS.labels(claim.kind, outcome).inc()
            metrics.JOB_SECONDS.labels(claim.kind).observe(time.perf_counter() - began)

    async def _after_defect(self, claim: Claim, error: Exception) -> None:
        try:
            if claim.attempt >= MAX_DEFECTS:
                await self._bury(claim, f"It failed {claim.attempt} times with {type(error).__name__}.")
                return
            delay = retry_delay(claim.attempt, base=self._pace.backoff)
            async with self._transactions.under(claim) as uow:
                await later(uow.session, claim, delay, {"error": type(error).__name__})
        except LeaseLost:
            log.warning("lease_lost", fence=claim.fence)
        except (SQLAlchemyError, OSError, TimeoutError) as away:
            # The lease runs out by itself, and whoever claims it next resumes.
            log.warning("database_unavailable", error=type(away).__name__)

    async def _bury(self, claim: Claim, why: str) -> None:
        async with self._transactions.under(claim) as uow:
            await self._tasks[claim.kind].lost(uow, claim, why)
            await bury(uow.transaction, claim, {"error": why})
        log.error("job_buried", why=why)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._pace.lease / 3)
            claims = list(self._running)
            if not claims:
                continue
            try:
                held = await extend_leases(self._sessions, worker=self.name, claims=claims, lease=self._lease)
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                log.warning("heartbeat_failed", error=type(error).__name__)
                continue
            for claim in claims:
                task = self._running.get(claim)
                if claim.id not in held and task is not None and not task.done():
                    log.warning("lease_lost_while_working", job_id=str(claim.id), fence=claim.fence)
                    task.cancel()

    async def _measure(self) -> None:
        while True:
            try:
                metrics.set_depth(await measure_depth(self._sessions))
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                log.warning("measure_failed", error=type(error).__name__)
            await asyncio.sleep(DEPTH_SECONDS)

    async def _drain(self) -> None:
        """Let running jobs end for a moment, then hand the rest back without counting a try."""
        if self._running:
            await asyncio.wait(list(self._running.values()), timeout=self._pace.stop)
        left = dict(self._running)
        for task in left.values():
            task.cancel()
        await asyncio.gather(*left.values(), return_exceptions=True)
        if left:
            try:
                await hand_back(self._sessions, worker=self.name, claims=list(left))
                log.info("handed_back", jobs=len(left))
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                log.warning("hand_back_failed", error=type(error).__name__)
