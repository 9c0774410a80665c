"""APScheduler as a ticker in memory: it knows when, and nothing else. What is due is known by the database."""

import asyncio
from datetime import UTC, datetime, timedelta

from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from services.scheduler.caller import Caller
from services.scheduler.ticks import FIRE, Tick
from services.shared.kit.logging import get_logger
from services.shared.kit.recurrence import next_check
from services.shared.kit.wallclock import get_zone

log = get_logger(__name__)
NEXT_DUE = "schedules.next"
DAY = 24 * 3600


class CronTimes(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Cron as everybody writes it: APScheduler's own counts weekdays from Monday as 0, and repeats autumn's hour."""

    def __init__(self, cron: str, time_zone: str) -> None:
        self._cron = cron
        self._zone = get_zone(time_zone)

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        """The next time after the previous one; what was missed is left out."""
        return next_check(self._cron, self._zone, max(previous or now, now).astimezone(UTC))


class Clock:
    """Runs each tick at once and then at its interval; a tick that still runs is not begun again."""

    def __init__(self, caller: Caller, ticks: tuple[Tick, ...], time_zone: str = "UTC") -> None:
        self._caller = caller
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            jobstores={"default": MemoryJobStore()},
            executors={"default": AsyncIOExecutor()},
            # Without the last one, a tick that is a second late (a busy machine, a frozen process) is left out.
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        for tick in ticks:
            trigger = (
                CronTimes(tick.cron, time_zone)
                if tick.cron
                else IntervalTrigger(seconds=tick.interval, timezone=UTC)
            )
            self._scheduler.add_job(
                self._tick,
                trigger,
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
            told = await self._caller.run(tick)
        except asyncio.CancelledError:
            # Only `stop` cancels; APScheduler would log it as an error of the tick.
            log.info("tick_given_up", tick=tick.name)
            return
        if tick.name == FIRE and told is not None:
            self._come_again(tick, told)

    def _come_again(self, tick: Tick, told: dict[str, object]) -> None:
        """Be there when the next one is due, rather than up to an interval later."""
        due = told.get("next_due_in")
        if not isinstance(due, int | float) or due > DAY:
            return
        # What is overdue now was held by another, or did not fit: the next interval is soon enough.
        if 0 < due < tick.interval and self._scheduler.running:
            self._scheduler.add_job(
                self._tick,
                DateTrigger(datetime.now(UTC) + timedelta(seconds=due), timezone=UTC),
                args=[tick],
                id=NEXT_DUE,
                name=NEXT_DUE,
                replace_existing=True,
            )

    async def check(self) -> None:
        """Return while it ticks.

        Raises:
            RuntimeError: it does not.
        """
        if not self._scheduler.running:
            raise RuntimeError("the clock does not run")
