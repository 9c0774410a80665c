"""From schedules to what goes out, and from what came in to a schedule."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.api.requests.mapping import app_key, app_title
from services.api.requests.schemas import ActorRead, RequestAppRead
from services.api.schedule.schemas import (
    EntryRead,
    PreviewCreate,
    RecurrenceRead,
    RunRead,
    ScheduleCreate,
    ScheduleDetail,
    ScheduleEmployeeRead,
    ScheduleHealthRead,
    ScheduleRead,
    ScheduleTemplateRead,
    ScheduleUpdate,
    ShiftRead,
    UpcomingRead,
)
from services.shared.domain.employee.service import EmployeeDetails
from services.shared.domain.provisioning.states import RequestKind
from services.shared.domain.provisioning.wishes import Wish
from services.shared.domain.role_template.using import TemplateRef
from services.shared.domain.schedule.models import ScheduleRun
from services.shared.domain.schedule.reading import Entry, Health, ScheduleView
from services.shared.domain.schedule.service import Change, NewSchedule
from services.shared.domain.schedule.timing import Timing, Upcoming
from services.shared.kit.recurrence import kind_of
from services.shared.kit.wallclock import get_zone


def new_schedule(body: ScheduleCreate) -> NewSchedule:
    """The schedule that a body spells."""
    ref, tags = body.role_template, body.employee.tags
    person = body.employee.model_dump(exclude={"tags"})
    wish = Wish(
        kind=RequestKind(body.kind),
        person=EmployeeDetails(**person, tags=None if tags is None else tuple(tags)),
        apps=body.apps,
        existing_account=body.existing_account,
        tags=tuple(body.tags),
        dry_run=True,
        role_template=TemplateRef(id=ref.id, key=ref.key, version=ref.version) if ref else None,
    )
    timing = Timing(body.schedule_time, body.time_zone, body.recurrence, body.execute_if_past)
    return NewSchedule(wish, timing, body.priority)


def change_of(body: ScheduleUpdate) -> Change:
    """The change that a body spells."""
    return Change(
        schedule_time=body.schedule_time,
        time_zone=body.time_zone,
        recurrence=body.recurrence,
        once="recurrence" in body.model_fields_set and body.recurrence is None,
        priority=body.priority,
        tags=None if body.tags is None else tuple(body.tags),
        execute_if_past=body.execute_if_past,
    )


def timing_of(body: PreviewCreate) -> Timing:
    """When a body says that something would run."""
    return Timing(body.schedule_time, body.time_zone, body.recurrence)


def _local(at: datetime, time_zone: str) -> str:
    return at.astimezone(get_zone(time_zone)).isoformat()


def upcoming_read(found: Sequence[Upcoming], time_zone: str) -> list[UpcomingRead]:
    """Times to come."""
    return [
        UpcomingRead(
            at=one.at,
            local=_local(one.at, time_zone),
            note=ShiftRead.model_validate(one.shift, from_attributes=True) if one.shift else None,
        )
        for one in found
    ]


def recurrence_read(rule: str | None) -> RecurrenceRead | None:
    """A rule and which language it is in."""
    return RecurrenceRead(kind=kind_of(rule), rule=rule) if rule else None


def run_read(run: ScheduleRun, time_zone: str) -> RunRead:
    """One run."""
    return RunRead(
        id=run.id,
        fire_at=run.fire_at,
        local=_local(run.fire_at, time_zone),
        by_hand=run.by_hand,
        state=run.state,
        request_id=run.request_id,
        retry_count=run.retry_count,
        next_try_at=run.next_try_at,
        error_message=run.error_message,
        claimed_at=run.claimed_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
    )


def schedule_read(view: ScheduleView) -> ScheduleRead:
    """A line in the list of schedules."""
    return ScheduleRead(**_common(view))


def schedule_detail(view: ScheduleView, coming: Sequence[Upcoming]) -> ScheduleDetail:
    """A schedule with everything that its page shows."""
    body = view.schedule.body
    return ScheduleDetail(
        **_common(view),
        upcoming=upcoming_read(coming, view.schedule.time_zone),
        applications=body["apps"],
        person=body["employee"],
        existing_account=body["existing_account"],
    )


def _common(view: ScheduleView) -> dict[str, Any]:
    schedule, latest = view.schedule, view.latest
    ref = schedule.body.get("role_template")
    apps = list(
        dict.fromkeys(app_key(name) for name, fields in schedule.body["apps"].items() if fields is not False)
    )
    return {
        "id": schedule.id,
        "status": schedule.state,
        "kind": RequestKind(schedule.body["kind"]),
        "employee": ScheduleEmployeeRead(
            id=schedule.employee_id, full_name=schedule.full_name, work_email=schedule.work_email
        ),
        "apps": [RequestAppRead(app=app, title=app_title(app)) for app in apps],
        "role_template": ScheduleTemplateRead.model_validate(ref) if ref else None,
        "tags": schedule.tags,
        "priority": schedule.priority,
        "schedule_time": schedule.starts_at,
        "time_zone": schedule.time_zone,
        "recurrence": recurrence_read(schedule.recurrence),
        "next_run_at": schedule.next_fire_at,
        "at": schedule.at,
        "local": _local(schedule.at, schedule.time_zone),
        "executed_at": schedule.executed_at,
        "retry_count": schedule.retry_count,
        "error_message": schedule.error_message,
        "needs_person": schedule.needs_person,
        "request_id": _request_id(latest),
        "latest_run": run_read(latest, schedule.time_zone) if latest else None,
        "source": schedule.source,
        "tag_rule_id": schedule.tag_rule_id,
        "created_at": schedule.created_at,
        "created_by": ActorRead(kind=schedule.actor_kind, name=schedule.actor_name),
        "updated_at": schedule.updated_at,
    }


def _request_id(run: ScheduleRun | None) -> UUID | None:
    return run.request_id if run else None


def entry_read(entry: Entry) -> EntryRead:
    """One time in a calendar."""
    schedule, run = entry.schedule, entry.run
    return EntryRead(
        schedule_id=schedule.id,
        run_id=run.id if run else None,
        request_id=_request_id(run),
        at=entry.at,
        local=_local(entry.at, schedule.time_zone),
        status=schedule.state,
        run_state=run.state if run else None,
        full_name=schedule.full_name,
        work_email=schedule.work_email,
        tags=schedule.tags,
        priority=schedule.priority,
        recurring=schedule.recurrence is not None,
        needs_person=schedule.needs_person,
    )


def health_read(health: Health) -> ScheduleHealthRead:
    """How a tenant's schedules are."""
    return ScheduleHealthRead(
        status="late" if health.late else "ok",
        pending=health.pending,
        executing=health.executing,
        needs_person=health.needs_person,
        late=health.late,
        late_seconds=health.late_seconds,
        missed_last_7_days=health.missed_recently,
        next_run_at=health.next_fire_at,
        time_zone=health.time_zone,
    )
