"""Schedules as people see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, takewhile
from uuid import UUID

from sqlalchemy import func, select

from services.shared.domain.schedule.errors import ScheduleNotFound
from services.shared.domain.schedule.models import Schedule, ScheduleRun
from services.shared.domain.schedule.repository import RunRepository, ScheduleRepository
from services.shared.domain.schedule.states import RunState, ScheduleState
from services.shared.domain.schedule.tags import slug_of
from services.shared.domain.schedule.timing import (
    Timing,
    Upcoming,
    When,
    check_timing,
    now_of,
    rule_of,
    upcoming,
    zone_of,
)
from services.shared.kit.errors import FieldError, InvalidInput
from services.shared.kit.pagination import Page, PageQuery
from services.shared.kit.uow import UnitOfWork
from services.shared.kit.wallclock import explain_shift, get_zone

LATE = timedelta(seconds=10)
MOST_UPCOMING = 5
MOST_ENTRIES = 1000
LONGEST = timedelta(days=100)


@dataclass(frozen=True, slots=True)
class ScheduleView:
    """A schedule with its newest run."""

    schedule: Schedule
    latest: ScheduleRun | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One time of a schedule in a calendar. `run` is None for what is still to come."""

    schedule: Schedule
    at: datetime
    run: ScheduleRun | None


@dataclass(frozen=True, slots=True)
class Health:
    """How this tenant's schedules are. `late` are due for longer than a healthy clock lets them be."""

    pending: int
    executing: int
    needs_person: int
    late: int
    late_seconds: float
    missed_recently: int
    next_fire_at: datetime | None
    time_zone: str


async def get_view(uow: UnitOfWork, schedule_id: UUID) -> ScheduleView:
    """One schedule.

    Raises:
        ScheduleNotFound: not in this tenant.
    """
    schedule = await ScheduleRepository(uow).find(schedule_id)
    if schedule is None:
        raise ScheduleNotFound("There is no such schedule.")
    latest = await RunRepository(uow).latest_of([schedule.id])
    return ScheduleView(schedule, latest.get(schedule.id))


async def list_schedules(
    uow: UnitOfWork,
    query: PageQuery,
    *,
    state: ScheduleState | None = None,
    tag: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    newest_first: bool = False,
) -> Page[ScheduleView]:
    """Schedules by their time. A tag is found by its slug, however it is spelt."""
    schedules = ScheduleRepository(uow)
    slug = slug_of(tag) if tag else None
    wanted = schedules.search(state=state, tag_slug=slug, since=since, until=until, newest_first=newest_first)
    page = await schedules.page(wanted, query)
    latest = await RunRepository(uow).latest_of([item.id for item in page.items])
    views = [ScheduleView(item, latest.get(item.id)) for item in page.items]
    return Page(views, page.total, page.limit, page.offset)


async def list_runs(uow: UnitOfWork, schedule_id: UUID, query: PageQuery) -> Page[ScheduleRun]:
    """A schedule's runs, newest first.

    Raises:
        ScheduleNotFound: not in this tenant.
    """
    if await ScheduleRepository(uow).find(schedule_id) is None:
        raise ScheduleNotFound("There is no such schedule.")
    return await RunRepository(uow).of_schedule(schedule_id, query)


def upcoming_of(schedule: Schedule, most: int = MOST_UPCOMING) -> list[Upcoming]:
    """The next times of a schedule that has any, with what daylight saving does to them."""
    if schedule.next_fire_at is None:
        return []
    zone = get_zone(schedule.time_zone)
    if schedule.recurrence is None:
        return [Upcoming(schedule.next_fire_at, explain_shift(schedule.next_fire_at, zone))]
    when = When(schedule.time_zone, schedule.starts_at, schedule.recurrence, schedule.next_fire_at)
    return upcoming(when, schedule.next_fire_at - timedelta(microseconds=1), most)


async def preview(uow: UnitOfWork, timing: Timing, most: int) -> tuple[When, list[Upcoming]]:
    """What a timing would come to.

    Raises:
        InvalidInput: the zone, the rule or the time is wrong.
    """
    now = await now_of(uow)
    when = check_timing(timing, now, await zone_of(uow))
    return when, upcoming(when, when.next_fire_at - timedelta(microseconds=1), most)


async def list_entries(uow: UnitOfWork, since: datetime, until: datetime) -> list[Entry]:
    """Everything in a calendar between two times: runs, and what is still to come. At most `MOST_ENTRIES`.

    Raises:
        InvalidInput: the times are more than `LONGEST` apart.
    """
    if until - since > LONGEST:
        raise InvalidInput([FieldError("to", "Ask for at most 100 days.", "too_long")])
    runs = await uow.session.execute(
        select(Schedule, ScheduleRun)
        .join(
            ScheduleRun,
            (ScheduleRun.tenant_id == Schedule.tenant_id) & (ScheduleRun.schedule_id == Schedule.id),
        )
        .where(Schedule.tenant_id == uow.tenant_id, ScheduleRun.fire_at >= since, ScheduleRun.fire_at < until)
        .order_by(ScheduleRun.fire_at)
        .limit(MOST_ENTRIES)
    )
    found = [Entry(schedule, run.fire_at, run) for schedule, run in runs]
    coming = await uow.session.scalars(
        ScheduleRepository(uow)
        .select()
        .where(Schedule.next_fire_at < until)
        .order_by(Schedule.next_fire_at)
        .limit(MOST_ENTRIES)
    )
    for schedule in coming:
        found += _to_come(schedule, since, until)
    return sorted(found, key=lambda entry: entry.at)[:MOST_ENTRIES]


def _to_come(schedule: Schedule, since: datetime, until: datetime) -> Sequence[Entry]:
    first = schedule.next_fire_at
    if first is None:
        return []
    if schedule.recurrence is None:
        return [Entry(schedule, first, None)] if first >= since else []
    rule = rule_of(schedule.recurrence, schedule.time_zone, schedule.starts_at)
    times = takewhile(lambda one: one.at < until, rule.after(max(first, since) - timedelta(microseconds=1)))
    return [Entry(schedule, one.at, None) for one in islice(times, MOST_ENTRIES)]


async def get_health(uow: UnitOfWork) -> Health:
    """How this tenant's schedules are."""
    now = await now_of(uow)
    of_tenant = Schedule.tenant_id == uow.tenant_id
    row = (
        await uow.session.execute(
            select(
                func.count().filter(Schedule.state == ScheduleState.PENDING),
                func.count().filter(Schedule.state == ScheduleState.EXECUTING),
                func.count().filter(Schedule.needs_person),
                func.count().filter(Schedule.next_fire_at < now - LATE),
                func.min(Schedule.next_fire_at),
            ).where(of_tenant)
        )
    ).one()
    pending, executing, needs_person, late, next_fire_at = row
    missed = await uow.session.scalar(
        select(func.count())
        .select_from(ScheduleRun)
        .where(
            ScheduleRun.tenant_id == uow.tenant_id,
            ScheduleRun.state == RunState.MISSED,
            ScheduleRun.finished_at > now - timedelta(days=7),
        )
    )
    late_seconds = (now - next_fire_at).total_seconds() if late and next_fire_at else 0.0
    return Health(
        pending, executing, needs_person, late, late_seconds, missed or 0, next_fire_at, await zone_of(uow)
    )


async def count_coming(uow: UnitOfWork, apps: Sequence[str]) -> int:
    """Schedules that will run and name one of these apps, themselves or by their role template."""
    return await ScheduleRepository(uow).count_coming(apps)
