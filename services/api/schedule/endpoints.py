"""`/api/schedule`."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request

from services.api.dependencies import Caller, CurrentCaller, IdempotencyKey, Paging, Unit, allowed
from services.api.once import answer_once
from services.api.schedule.mapping import (
    change_of,
    entry_read,
    health_read,
    new_schedule,
    recurrence_read,
    run_read,
    schedule_detail,
    schedule_read,
    timing_of,
    upcoming_read,
)
from services.api.schedule.schemas import (
    CalendarRead,
    PreviewCreate,
    PreviewRead,
    RunPage,
    ScheduleCreate,
    ScheduleDetail,
    ScheduleHealthRead,
    SchedulePage,
    ScheduleSettingsRead,
    ScheduleSettingsUpdate,
    ScheduleUpdate,
)
from services.api.wire import Moment, Search, named_as_sent
from services.shared.domain.schedule import reading
from services.shared.domain.schedule import service as schedules
from services.shared.domain.schedule.states import ScheduleState
from services.shared.domain.schedule.timing import zone_of
from services.shared.domain.setting.service import set_time_zone
from services.shared.kit.uow import UnitOfWork
from services.shared.web.principal import Permission

router = APIRouter(prefix="/api/schedule", tags=["schedule"])
READ = [allowed(Permission.SCHEDULE_READ)]
WRITE = [allowed(Permission.SCHEDULE_WRITE)]


@router.post("", status_code=201, dependencies=WRITE, response_model=ScheduleDetail)
async def create_schedule(
    body: ScheduleCreate, caller: CurrentCaller, http: Request, idempotency_key: IdempotencyKey = None
) -> Any:
    """Make a request that runs later, once or repeatedly. It is checked now, and planned when it runs."""

    async def act(uow: UnitOfWork) -> UUID:
        with named_as_sent(body):
            return (await schedules.create_schedule(uow, new_schedule(body))).id

    return await answer_once(
        caller,
        idempotency_key,
        route=f"{http.method} {http.url.path}",
        body=body.model_dump(mode="json"),
        status=201,
        act=act,
        answer=lambda schedule_id: _read(caller, schedule_id),
    )


@router.get("", dependencies=READ)
async def list_schedules(
    uow: Unit,
    page: Paging,
    status: ScheduleState | None = None,
    tag: Search | None = None,
    since: Annotated[Moment | None, Query(alias="from")] = None,
    until: Annotated[Moment | None, Query(alias="to")] = None,
    order: Literal["earliest", "latest"] = "earliest",
) -> SchedulePage:
    """Schedules by their time. `tag` matches by its slug: `to-be-created` finds “to be created”."""
    found = await reading.list_schedules(
        uow,
        page,
        state=status,
        tag=tag or None,
        since=since,
        until=until,
        newest_first=order == "latest",
    )
    return SchedulePage(
        items=[schedule_read(view) for view in found.items],
        total=found.total,
        limit=found.limit,
        offset=found.offset,
    )


@router.post("/preview", dependencies=READ)
async def preview_schedule(body: PreviewCreate, uow: Unit) -> PreviewRead:
    """The next times of a rule, with what daylight saving does to them. Nothing is stored."""
    with named_as_sent(body):
        when, coming = await reading.preview(uow, timing_of(body), body.count)
    return PreviewRead(
        time_zone=when.time_zone,
        recurrence=recurrence_read(when.recurrence),
        items=upcoming_read(coming, when.time_zone),
    )


@router.get("/calendar", dependencies=READ)
async def list_calendar(
    uow: Unit, since: Annotated[Moment, Query(alias="from")], until: Annotated[Moment, Query(alias="to")]
) -> CalendarRead:
    """Every run and every time to come between two times, repeating ones spelt out. At most 100 days."""
    found = await reading.list_entries(uow, since, until)
    return CalendarRead(items=[entry_read(entry) for entry in found], cut=len(found) >= reading.MOST_ENTRIES)


@router.get("/health", dependencies=READ)
async def get_schedule_health(uow: Unit) -> ScheduleHealthRead:
    """Whether what is due runs, and what waits for a person."""
    return health_read(await reading.get_health(uow))


@router.get("/settings", dependencies=READ)
async def get_schedule_settings(uow: Unit) -> ScheduleSettingsRead:
    """The zone that times without one mean."""
    return ScheduleSettingsRead(time_zone=await zone_of(uow))


@router.put("/settings", dependencies=[allowed(Permission.SETTINGS_WRITE)])
async def change_schedule_settings(body: ScheduleSettingsUpdate, uow: Unit) -> ScheduleSettingsRead:
    """Change that zone. What is scheduled already keeps its own."""
    with named_as_sent(body):
        await set_time_zone(uow, body.time_zone)
    return ScheduleSettingsRead(time_zone=body.time_zone)


@router.get("/{schedule_id}", dependencies=READ)
async def get_schedule(schedule_id: UUID, caller: CurrentCaller) -> ScheduleDetail:
    """One schedule with its newest run and its next five times."""
    return await _read(caller, schedule_id)


@router.patch("/{schedule_id}", dependencies=WRITE)
async def change_schedule(schedule_id: UUID, body: ScheduleUpdate, caller: CurrentCaller) -> ScheduleDetail:
    """Reschedule, or change tags or priority. 409 `schedule_started` once it runs."""
    async with caller.unit() as uow:
        with named_as_sent(body):
            await schedules.change_schedule(uow, schedule_id, change_of(body))
    return await _read(caller, schedule_id)


@router.delete("/{schedule_id}", dependencies=WRITE)
async def cancel_schedule(schedule_id: UUID, caller: CurrentCaller) -> ScheduleDetail:
    """Cancel. What has not begun never runs; 409 `schedule_started` once it has, with its `request_id`."""
    async with caller.unit() as uow:
        await schedules.cancel_schedule(uow, schedule_id)
    return await _read(caller, schedule_id)


@router.post("/{schedule_id}/execute", status_code=202, dependencies=WRITE, response_model=ScheduleDetail)
async def execute_schedule(
    schedule_id: UUID, caller: CurrentCaller, http: Request, idempotency_key: IdempotencyKey = None
) -> Any:
    """Run it now. One that runs once will not run at its time any more; a repeating one will."""

    async def act(uow: UnitOfWork) -> UUID:
        await schedules.execute_now(uow, schedule_id)
        return schedule_id

    return await answer_once(
        caller,
        idempotency_key,
        route=f"{http.method} {http.url.path}",
        body=None,
        status=202,
        act=act,
        answer=lambda executed_id: _read(caller, executed_id),
    )


@router.get("/{schedule_id}/runs", dependencies=READ)
async def list_runs(schedule_id: UUID, uow: Unit, page: Paging) -> RunPage:
    """Its runs, newest first; those that were missed too."""
    zone = (await reading.get_view(uow, schedule_id)).schedule.time_zone
    found = await reading.list_runs(uow, schedule_id, page)
    return RunPage(
        items=[run_read(run, zone) for run in found.items],
        total=found.total,
        limit=found.limit,
        offset=found.offset,
    )


async def _read(caller: Caller, schedule_id: UUID) -> ScheduleDetail:
    async with caller.unit() as uow:
        view = await reading.get_view(uow, schedule_id)
    return schedule_detail(view, reading.upcoming_of(view.schedule))
