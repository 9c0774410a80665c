"""What people do with schedules: make, change, cancel, run now."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from services.shared.domain.employee.service import ensure_employee
from services.shared.domain.provisioning.merging import lay_under
from services.shared.domain.provisioning.waking import SCHEDULE_FIRE
from services.shared.domain.provisioning.wishes import Wish
from services.shared.domain.schedule.errors import ScheduleEnded, ScheduleNotFound, ScheduleStarted
from services.shared.domain.schedule.models import Schedule, ScheduleRun
from services.shared.domain.schedule.repository import RunRepository, ScheduleRepository
from services.shared.domain.schedule.states import RunState, ScheduleState, Source
from services.shared.domain.schedule.tags import slugs_of
from services.shared.domain.schedule.telling import said_of, tell_run, tell_schedule, write_down
from services.shared.domain.schedule.timing import Timing, When, check_timing, now_of, zone_of
from services.shared.domain.schedule.wishing import stored_wish
from services.shared.kit.errors import FieldError, InvalidInput
from services.shared.kit.ids import uuid7
from services.shared.kit.uow import UnitOfWork

RETRIES = 3
RETRY_SECONDS = 300
PLANNED_BY = timedelta(minutes=10)
"""A plan that is made wakes its run. Thousands that wait for theirs must not crowd out those that have not begun."""
HIGHEST = 1000
"""Priorities end here."""


@dataclass(frozen=True, slots=True)
class NewSchedule:
    """A schedule as a caller wants it."""

    wish: Wish
    timing: Timing
    priority: int = 0
    source: Source = Source.OPERATOR
    tag_rule_id: UUID | None = None
    objection: str | None = None
    """Why a request for it would be refused as things are. It is kept all the same and waits for a person: no caller is
    there to be told."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a caller changes; None leaves it alone. `once` makes a repeating one run one time more."""

    schedule_time: datetime | None = None
    time_zone: str | None = None
    recurrence: str | None = None
    once: bool = False
    priority: int | None = None
    tags: tuple[str, ...] | None = None
    execute_if_past: bool = False

    @property
    def moves(self) -> bool:
        """Whether it is about when."""
        said = (self.schedule_time, self.time_zone, self.recurrence)
        return self.once or any(item is not None for item in said)


async def create_schedule(uow: UnitOfWork, new: NewSchedule) -> Schedule:
    """Store a request for later. It is checked now as it would be then, and planned only then.

    Raises:
        InvalidInput: a field is wrong; nothing was stored.
    """
    when = await _check(uow, new)
    employee, _ = await ensure_employee(uow, new.wish.person)
    tags = list(dict.fromkeys(new.wish.tags))
    schedule = Schedule(
        id=uuid7(),
        tenant_id=uow.tenant_id,
        employee_id=employee.id,
        state=ScheduleState.PENDING,
        body=stored_wish(new.wish),
        full_name=new.wish.person.full_name,
        work_email=employee.work_email,
        tags=tags,
        tag_slugs=slugs_of(tags),
        priority=new.priority,
        time_zone=when.time_zone,
        starts_at=when.starts_at,
        recurrence=when.recurrence,
        next_fire_at=when.next_fire_at,
        at=when.next_fire_at,
        retry_count=0,
        needs_person=new.objection is not None,
        error_message=new.objection,
        source=new.source,
        tag_rule_id=new.tag_rule_id,
        actor_kind=uow.actor.kind,
        actor_id=uow.actor.id,
        actor_name=uow.actor.name,
        correlation_id=uow.correlation_id,
    )
    uow.session.add(schedule)
    await uow.session.flush()
    tell_schedule(uow, schedule)
    write_down(uow, "created", schedule, after={**said_of(schedule), "apps": sorted(schedule.body["apps"])})
    return schedule


async def _check(uow: UnitOfWork, new: NewSchedule) -> When:
    errors: list[FieldError] = []
    when = None
    try:
        when = check_timing(new.timing, await now_of(uow), await zone_of(uow))
    except InvalidInput as error:
        errors += error.errors
    if new.priority < 0:
        errors.append(FieldError("priority", "Must be 0 or more.", "negative"))
    try:
        if new.objection is None:
            await lay_under(uow, new.wish)
    except InvalidInput as error:
        errors += error.errors
    if errors or when is None:
        raise InvalidInput(errors)
    return when


async def lock_schedule(uow: UnitOfWork, schedule_id: UUID) -> Schedule:
    """One schedule, locked for this transaction.

    Raises:
        ScheduleNotFound: not in this tenant.
    """
    schedule = await ScheduleRepository(uow).find(schedule_id, lock=True)
    if schedule is None:
        raise ScheduleNotFound("There is no such schedule.")
    return schedule


async def change_schedule(uow: UnitOfWork, schedule_id: UUID, change: Change) -> Schedule:
    """Reschedule, or change its tags or priority. One that was missed or has failed may get a new time.

    Raises:
        ScheduleNotFound: not in this tenant.
        ScheduleStarted, ScheduleEnded: it runs already, or is over.
        InvalidInput: a field is wrong.
    """
    schedule = await lock_schedule(uow, schedule_id)
    await _refuse_started(uow, schedule)
    over = {ScheduleState.CANCELLED, ScheduleState.COMPLETED}
    if schedule.state in over or (schedule.state == ScheduleState.FAILED and not change.moves):
        raise ScheduleEnded(f"This schedule is over: it is {schedule.state}.")
    before = said_of(schedule)
    if change.priority is not None:
        if change.priority < 0:
            raise InvalidInput([FieldError("priority", "Must be 0 or more.", "negative")])
        schedule.priority = change.priority
    if change.tags is not None:
        schedule.tags = list(dict.fromkeys(change.tags))
        schedule.tag_slugs = slugs_of(change.tags)
    if change.moves:
        _move(schedule, change, await now_of(uow))
        if await RunRepository(uow).open_of(schedule.id):
            schedule.state = ScheduleState.EXECUTING
    await uow.session.flush()
    tell_schedule(uow, schedule)
    write_down(uow, "updated", schedule, before=before, after=said_of(schedule))
    return schedule


def _move(schedule: Schedule, change: Change, now: datetime) -> None:
    recurrence = None if change.once else change.recurrence or schedule.recurrence
    said = change.schedule_time
    if said is None:
        kept = schedule.next_fire_at if change.once or not recurrence else schedule.starts_at
        said = kept or schedule.starts_at
    timing = Timing(said, change.time_zone, recurrence, change.execute_if_past)
    when = check_timing(timing, now, schedule.time_zone)
    schedule.time_zone = when.time_zone
    schedule.starts_at = when.starts_at
    schedule.recurrence = when.recurrence
    # A time that has passed may have had its run: a new one gets a time of its own.
    schedule.next_fire_at = schedule.at = max(when.next_fire_at, now)
    schedule.state = ScheduleState.PENDING
    schedule.error_message = None
    schedule.retry_count = 0


async def _refuse_started(uow: UnitOfWork, schedule: Schedule) -> None:
    """A schedule that runs once cannot be stopped here any more. A repeating one goes on with its next times."""
    if schedule.state != ScheduleState.EXECUTING or schedule.recurrence is not None:
        return
    open_runs = await RunRepository(uow).open_of(schedule.id)
    request_id = next((run.request_id for run in open_runs if run.request_id), None)
    raise ScheduleStarted(
        "This schedule has started. Look at its request, or cancel that.",
        extra={"request_id": str(request_id) if request_id else None},
    )


async def cancel_schedule(uow: UnitOfWork, schedule_id: UUID) -> Schedule:
    """Never run it (again). A run of a repeating one that is under way goes on.

    Raises:
        ScheduleNotFound: not in this tenant.
        ScheduleStarted, ScheduleEnded: it runs already, or is over.
    """
    schedule = await lock_schedule(uow, schedule_id)
    if schedule.state == ScheduleState.CANCELLED:
        return schedule
    if schedule.state in {ScheduleState.COMPLETED, ScheduleState.FAILED}:
        raise ScheduleEnded(f"This schedule is over: it is {schedule.state}.")
    runs = RunRepository(uow)
    begun = False
    for run in await runs.open_of(schedule.id, lock=True):
        if run.state == RunState.DUE:
            run.state = RunState.CANCELLED
            run.finished_at = await now_of(uow)
            tell_run(uow, run)
        else:
            begun = True
    if begun:
        await _refuse_started(uow, schedule)
    before = said_of(schedule)
    schedule.next_fire_at = None
    schedule.state = ScheduleState.CANCELLED
    await uow.session.flush()
    tell_schedule(uow, schedule)
    write_down(uow, "cancelled", schedule, before=before, after=said_of(schedule))
    return schedule


async def execute_now(uow: UnitOfWork, schedule_id: UUID) -> ScheduleRun:
    """Run it now. One that runs once will not run at its time any more; a repeating one will.

    Raises:
        ScheduleNotFound: not in this tenant.
        ScheduleStarted, ScheduleEnded: it runs already, or is over.
    """
    schedule = await lock_schedule(uow, schedule_id)
    await _refuse_started(uow, schedule)
    if schedule.state in {ScheduleState.CANCELLED, ScheduleState.COMPLETED}:
        raise ScheduleEnded(f"This schedule is over: it is {schedule.state}.")
    now = await now_of(uow)
    if schedule.recurrence is None:
        schedule.next_fire_at = None
    schedule.state = ScheduleState.EXECUTING
    schedule.at = schedule.next_fire_at or now
    schedule.error_message = None
    run = make_run(uow, schedule, now, by_hand=True)
    uow.session.add(run)
    await uow.session.flush()
    enqueue_run(uow, schedule, run)
    tell_schedule(uow, schedule)
    tell_run(uow, run)
    write_down(uow, "executed", schedule, after={"run_id": str(run.id)})
    return run


def make_run(
    uow: UnitOfWork,
    schedule: Schedule,
    fire_at: datetime,
    *,
    by_hand: bool = False,
    retries: int = RETRIES,
    retry_seconds: int = RETRY_SECONDS,
) -> ScheduleRun:
    """A run that is due, not yet stored."""
    return ScheduleRun(
        id=uuid7(),
        tenant_id=uow.tenant_id,
        schedule_id=schedule.id,
        fire_at=fire_at,
        by_hand=by_hand,
        state=RunState.DUE,
        retry_count=0,
        max_retries=retries,
        retry_seconds=retry_seconds,
        correlation_id=str(uuid7()),
    )


def enqueue_run(
    uow: UnitOfWork, schedule: Schedule, run: ScheduleRun, *, begun_at: datetime | None = None
) -> None:
    """Promise that a worker makes the run's request, or looks after one that is made. The important ones come first."""
    own = replace(uow, correlation_id=run.correlation_id)
    run_at = begun_at + PLANNED_BY if begun_at is not None else None
    own.enqueue(SCHEDULE_FIRE, run.id, priority=min(schedule.priority, HIGHEST), run_at=run_at)
