"""APScheduler as a ticker in memory: it knows when, and nothing else. What is due is known by the database."""

import asyncio
from datetime import UTC, datetime

from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from services.scheduler.caller import Caller
from services.scheduler.ticks import Tick
from services.shared.kit.logging import get_logger

log = get_logger(__name__)


class Clock:
    """Runs each tick at once and then at its interval; a tick that still runs is not begun again."""

    def __init__(self, caller: Caller, ticks: tuple[Tick, ...]) -> None:
        self._caller = caller
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            jobstores={"default": MemoryJobStore()},
            executors={"default": AsyncIOExecutor()},
            # Without the last one, a tick that is a second late (a busy machine, a frozen process) is left out.
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        for tick in ticks:
            self._scheduler.add_job(
                self._tick,
                IntervalTrigger(seconds=tick.interval, timezone=UTC),
                args=[tick],
                id=tick.name,
                name=tick.name,
                next_run_time=datetime.now(UTC),
            )

    def start(self) -> None:
        """Begin ticking, in the running event loop."""
        self._scheduler.start()

    async def stop(self) -> None:
        """Tick no more; calls under way are given up: each may be repeated."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
            await asyncio.sleep(0.01)  # it ends in the loop's next rounds, and its calls with it

    async def _tick(self, tick: Tick) -> None:
        try:
            await self._caller.run(tick)
        except asyncio.CancelledError:
            # Only `stop` cancels; APScheduler would log it as an error of the tick.
            log.info("tick_given_up", tick=tick.name)

    async def check(self) -> None:
        """Return while it ticks.

        Raises:
            RuntimeError: it does not.
        """
        if not self._scheduler.running:
            raise RuntimeError("the clock does not run")
