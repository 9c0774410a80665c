"""What is due becomes runs, each exactly once. Any number of callers at once, and no leader.

A claim is one transaction in one tenant: the schedules' rows are locked (those that somebody else holds are left to
them), their runs and jobs stored, their next times computed and stored. It all happens or nothing does.

Every time that has come gets its row, so that none is lost from sight. Of a repeating schedule whose times passed while
nothing ran, the newest ones run, as many as `Policy.catch_up` says, and the others are marked as missed: each run brings
about the same wish, so that hundreds of them would do what the last one does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from services.shared.domain.provisioning.requesting_many import ManyWish, create_requests
from services.shared.domain.provisioning.waking import SCHEDULE_FIRE
from services.shared.domain.schedule.models import Schedule, ScheduleRun
from services.shared.domain.schedule.repository import RunRepository, ScheduleRepository
from services.shared.domain.schedule.service import (
    HIGHEST,
    RETRIES,
    RETRY_SECONDS,
    enqueue_run,
    make_run,
)
from services.shared.domain.schedule.states import RunState, ScheduleState
from services.shared.domain.schedule.telling import schedule_actor, tell_run, tell_schedule, write_down
from services.shared.domain.schedule.timing import GRACE, now_of, rule_of
from services.shared.domain.schedule.wishing import wish_of
from services.shared.kit.db import Sessions
from services.shared.kit.errors import DomainError
from services.shared.kit.logging import get_logger
from services.shared.kit.uow import UnitOfWork

log = get_logger(__name__)
CATCH_UP = 10
"""Times of one schedule that are run after they passed while nothing ran."""
MOST_TIMES = 200
"""Times of one schedule in one transaction; what is left is due still, and comes with the next."""
MOST_RUNS = 2000
"""Runs of all schedules in one transaction, about; the same."""
STORE_AT_ONCE = 500
"""Rows of one INSERT: PostgreSQL takes at most 32,767 values in one statement."""
TOO_OLD = "Its time passed while nothing ran, longer ago than the grace allows."
STOOD_FOR = (
    "Its time passed while nothing ran. Later times of this schedule are run instead: they do the same."
)

_DUE = text("SELECT tenant_id, schedule_id FROM api.due_schedules(:most)")
_NEXT = text("SELECT api.next_due_seconds()")
_LET_GO = text("SELECT set_config('idle_in_transaction_session_timeout', '20000', true)")
"""Milliseconds: a process that is frozen in a claim holds up nobody for longer."""
_STRAY = text("SELECT tenant_id, run_id FROM api.stray_runs(:most)")


@dataclass(frozen=True, slots=True)
class Policy:
    """How late is too late, how many passed times of one schedule run, and how often a run that fails is tried again."""

    grace: timedelta = GRACE
    catch_up: int = CATCH_UP
    retries: int = RETRIES
    retry_seconds: int = RETRY_SECONDS


@dataclass(slots=True)
class Fired:
    """What one claim came to."""

    schedules: int = 0
    fired: int = 0
    missed: int = 0


async def find_due(sessions: Sessions, most: int) -> dict[UUID, list[UUID]]:
    """Schedules that are due, over all tenants, the important ones first; ids by tenant."""
    return await _by_tenant(sessions, _DUE, most)


async def find_stray(sessions: Sessions, most: int) -> dict[UUID, list[UUID]]:
    """Runs that have not ended and that no job brings on, over all tenants; ids by tenant."""
    return await _by_tenant(sessions, _STRAY, most)


async def _by_tenant(sessions: Sessions, statement: object, most: int) -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = {}
    async with sessions.begin() as session:
        for tenant_id, id_ in await session.execute(statement, {"most": most}):  # type: ignore[call-overload]  # both are texts
            found.setdefault(tenant_id, []).append(id_)
    return found


async def next_due_seconds(sessions: Sessions) -> float | None:
    """Until the next schedule of any tenant is due; below zero when one is overdue, None when there is none."""
    async with sessions.begin() as session:
        found: float | None = await session.scalar(_NEXT)
        return found


async def claim_due(uow: UnitOfWork, ids: Sequence[UUID], policy: Policy) -> Fired:
    """Make runs of those that are due still, and promise that they are run."""
    await uow.session.execute(_LET_GO)
    now = await now_of(uow)
    done = Fired()
    taken: list[tuple[Schedule, list[ScheduleRun]]] = []
    runs = 0
    for schedule in await ScheduleRepository(uow).take_due(ids):
        if runs >= MOST_RUNS:
            break
        taken.append((schedule, _fire(uow, schedule, now, policy)))
        runs += len(taken[-1][1])
    stored = await _store(uow, [run for _, made in taken for run in made])
    fired = [(schedule, made, [run for run in made if run.id in stored]) for schedule, made in taken]
    await _begin_plain(uow, [(schedule, run) for schedule, _, new in fired for run in new], now)
    for schedule, made, new in fired:
        await _tell_fired(uow, schedule, new, done)
        if len(new) < len(made):
            await _settle(uow, schedule)
        done.schedules += 1
        tell_schedule(uow, schedule)
    return done


async def _begin_plain(uow: UnitOfWork, fired: Sequence[tuple[Schedule, ScheduleRun]], now: datetime) -> None:
    """Make the requests of runs that wait for no other run, all at once.

    The others are begun by a worker, one by one. If anything is wrong with so many at once, all are.
    """
    plain = [one for one in fired if one[0].recurrence is None and one[1].state == RunState.DUE]
    if not plain:
        return
    many = [
        ManyWish(
            wish_of(schedule.body, tags=schedule.tags),
            schedule_actor(schedule),
            run.correlation_id,
            run.id,
            min(schedule.priority, HIGHEST),
        )
        for schedule, run in plain
    ]
    rings, news = list(uow.rings), set(uow.news)
    try:
        async with uow.session.begin_nested():
            made = await create_requests(uow, many)
    except (DomainError, SQLAlchemyError) as error:
        uow.rings[:] = rings
        uow.news.clear()
        uow.news.update(news)
        log.warning("runs_not_begun_at_once", error=type(error).__name__, runs=len(many))
        return
    rows = []
    for schedule, run in plain:
        if (request := made.get(run.id)) is not None:
            run.state, run.request_id, run.started_at = RunState.RUNNING, request.id, now
            schedule.executed_at = now
            rows.append({"id": run.id, "state": run.state, "request_id": request.id, "started_at": now})
    if rows:
        await uow.session.execute(update(ScheduleRun), rows)


async def _tell_fired(uow: UnitOfWork, schedule: Schedule, runs: Sequence[ScheduleRun], done: Fired) -> None:
    """Promise that the due ones are run; say once that others were missed."""
    missed = [run for run in runs if run.state == RunState.MISSED]
    for run in runs:
        if run.state != RunState.MISSED:
            done.fired += 1
            enqueue_run(uow, schedule, run, begun_at=run.started_at)
            tell_run(uow, run)
    if missed:
        done.missed += len(missed)
        tell_run(uow, missed[-1], "missed")
        times = {"fire_at": missed[-1].fire_at.isoformat(), "since": missed[0].fire_at.isoformat()}
        write_down(uow, "missed", schedule, after={**times, "times": len(missed)})


async def _store(uow: UnitOfWork, runs: Sequence[ScheduleRun]) -> set[UUID]:
    """Store runs. A time that has a run already gets no other; the ids of those that are new."""
    names = [column.name for column in ScheduleRun.__table__.columns if column.name != "claimed_at"]
    new: set[UUID] = set()
    for begin in range(0, len(runs), STORE_AT_ONCE):
        values = [{name: getattr(run, name) for name in names} for run in runs[begin : begin + STORE_AT_ONCE]]
        made = await uow.session.scalars(
            insert(ScheduleRun).values(values).on_conflict_do_nothing().returning(ScheduleRun.id)
        )
        new.update(made.all())
    return new


async def _settle(uow: UnitOfWork, schedule: Schedule) -> None:
    """One of its times had its run before: the schedule is in the state that its runs say."""
    if await RunRepository(uow).open_of(schedule.id):
        schedule.state = ScheduleState.EXECUTING
    elif schedule.next_fire_at is not None:
        schedule.state = ScheduleState.PENDING
        schedule.at = schedule.next_fire_at
    else:
        schedule.state = ScheduleState.FAILED
        schedule.error_message = schedule.error_message or "It has run at this time before."


def _fire(uow: UnitOfWork, schedule: Schedule, now: datetime, policy: Policy) -> list[ScheduleRun]:
    """Runs for every time that has come, and the schedule moved on to the next one."""
    runs: list[ScheduleRun] = []
    try:
        passed, following = _times(schedule, now, MOST_TIMES + policy.catch_up)
        take = passed[:MOST_TIMES]
        for index, fire_at in enumerate(take):
            run = make_run(uow, schedule, fire_at, retries=policy.retries, retry_seconds=policy.retry_seconds)
            too_old = fire_at < now - policy.grace
            if too_old or len(passed) - index > policy.catch_up:
                run.state = RunState.MISSED
                run.finished_at = now
                run.error_message = TOO_OLD if too_old else STOOD_FOR
            runs.append(run)
        schedule.at = take[-1]
        schedule.next_fire_at = passed[len(take)] if len(passed) > len(take) else following
    except (ValueError, TypeError, OverflowError) as error:  # among them UnknownZone and BadRule
        runs.clear()
        log.error("schedule_broken", schedule_id=str(schedule.id), error=type(error).__name__)  # noqa: TRY400  # told on the schedule
        schedule.next_fire_at = None
        schedule.error_message = f"Its times can no longer be told: {error}"
    _follow(schedule, runs)
    return runs


def _times(schedule: Schedule, now: datetime, most: int) -> tuple[list[datetime], datetime | None]:
    """Its times that have come, at most so many, and the one after them."""
    passed: list[datetime] = []
    due = [schedule.next_fire_at] if schedule.next_fire_at is not None else []
    for at in chain(due, _following(schedule)):
        if at > now or len(passed) >= most:
            return passed, at
        passed.append(at)
    return passed, None


def _following(schedule: Schedule) -> Iterator[datetime]:
    """Its times after the next one."""
    if schedule.recurrence is None or schedule.next_fire_at is None:
        return iter(())
    rule = rule_of(schedule.recurrence, schedule.time_zone, schedule.starts_at)
    return (one.at for one in rule.after(schedule.next_fire_at))


def _follow(schedule: Schedule, runs: Sequence[ScheduleRun]) -> None:
    """The schedule's own state after its times were taken."""
    missed = [run for run in runs if run.state == RunState.MISSED]
    if missed:
        schedule.error_message = missed[-1].error_message
    if any(run.state == RunState.DUE for run in runs):
        schedule.state = ScheduleState.EXECUTING
        schedule.error_message = None
        schedule.needs_person = False
    elif schedule.next_fire_at is None and schedule.state != ScheduleState.EXECUTING:
        schedule.state = ScheduleState.FAILED
    if schedule.next_fire_at is not None and schedule.state != ScheduleState.EXECUTING:
        schedule.at = schedule.next_fire_at


async def revive_runs(uow: UnitOfWork, run_ids: Sequence[UUID]) -> int:
    """Promise again that these runs are brought on: their jobs were buried or deleted. How many there were."""
    for run_id in run_ids:
        await uow.ensure_job(SCHEDULE_FIRE, run_id)
    return len(run_ids)
