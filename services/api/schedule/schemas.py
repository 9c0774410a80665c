"""Schedules on the wire."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    AliasChoices,
    BeforeValidator,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from services.api.requests.schemas import (
    MAX_APPS,
    ActorRead,
    AppFields,
    EmployeeCreate,
    RequestAppRead,
    RoleTemplateRef,
)
from services.api.wire import Body, PageRead, Read, Tags
from services.shared.domain.provisioning.states import RequestKind
from services.shared.domain.schedule.service import HIGHEST
from services.shared.domain.schedule.states import RunState, ScheduleState, Source
from services.shared.kit.recurrence import RuleKind

MAX_PRIORITY = HIGHEST


def _text_only(value: Any) -> Any:
    if not isinstance(value, str):
        raise PydanticCustomError(
            "schedule_time", "Write the time as 2026-12-01T08:00:00Z, or without an offset."
        )
    return value


def _near(moment: datetime) -> datetime:
    if not 2000 <= moment.year <= 2200:  # noqa: PLR2004  # years, said in the message
        raise PydanticCustomError("schedule_time", "Choose a year between 2000 and 2200.")
    return moment if moment.tzinfo is None else moment.astimezone(UTC)


def _rule(value: Any) -> Any:
    if isinstance(value, dict) and len(value) == 1:
        ((kind, rule),) = value.items()
        if str(kind).lower() in set(RuleKind):
            return rule
    if isinstance(value, dict):
        raise PydanticCustomError("recurrence", 'Send {"cron": …} or {"rrule": …}, or the rule itself.')
    return value or None


Rule = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)] | None,
    BeforeValidator(_rule),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "maxLength": 300},
                {
                    "type": "object",
                    "properties": {"cron": {"type": "string"}, "rrule": {"type": "string"}},
                    "minProperties": 1,
                    "maxProperties": 1,
                },
                {"type": "null"},
            ]
        }
    ),
]
"""A cron expression of five fields, or an RRULE."""
When = Annotated[datetime, BeforeValidator(_text_only), AfterValidator(_near)]
"""With an offset (or Z) an instant; without one a time on the clocks of the zone."""
ZoneName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
Priority = Annotated[StrictInt, Field(ge=0, le=MAX_PRIORITY)]


class ScheduleCreate(Body):
    """A request's body and when it runs. Without `time_zone`, the tenant's."""

    kind: Literal["onboard", "change"] = "onboard"
    employee: EmployeeCreate
    apps: dict[str, AppFields] = Field(
        default={}, validation_alias=AliasChoices("apps", "applications"), max_length=MAX_APPS
    )
    role_template: RoleTemplateRef | None = None
    existing_account: Literal["ask", "adopt", "fail"] = "ask"
    tags: Tags = Field(default=[])
    schedule_time: When | None = None
    """May be left out with a recurrence: then from now on."""
    time_zone: ZoneName | None = None
    recurrence: Rule = None
    priority: Priority = 0
    execute_if_past: StrictBool = False
    """Run at once what should have run within the last three days."""


class ScheduleUpdate(Body):
    """What is left out stays as it is. `"recurrence": null` makes it run once more."""

    schedule_time: When | None = None
    time_zone: ZoneName | None = None
    recurrence: Rule = None
    priority: Priority | None = None
    tags: Tags | None = None
    execute_if_past: StrictBool = False

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise PydanticCustomError("nothing", "Say what to change.")
        return self


class PreviewCreate(Body):
    schedule_time: When | None = None
    time_zone: ZoneName | None = None
    recurrence: Rule = None
    count: Annotated[StrictInt, Field(ge=1, le=50)] = 5


class ShiftRead(Read):
    """What daylight saving does to one time."""

    code: Literal["gap", "fold_first", "fold_second"]
    message: str


class UpcomingRead(Read):
    """`local` is what the clocks of the zone show, with their offset."""

    at: datetime
    local: str
    note: ShiftRead | None


class PreviewRead(Read):
    time_zone: str
    recurrence: "RecurrenceRead | None"
    items: list[UpcomingRead]


class RecurrenceRead(Read):
    kind: RuleKind
    rule: str


class ScheduleEmployeeRead(Read):
    id: UUID
    full_name: str
    work_email: str


class ScheduleTemplateRead(Read):
    """As it was named; which version is used is known when it runs."""

    id: UUID | None
    key: str | None
    version: int | None


class RunRead(Read):
    id: UUID
    fire_at: datetime
    local: str
    by_hand: bool
    state: RunState
    request_id: UUID | None
    retry_count: int
    next_try_at: datetime | None
    error_message: str | None
    claimed_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class ScheduleRead(Read):
    """`at` is when it runs next, or ran last. `request_id` is the newest run's request."""

    id: UUID
    status: ScheduleState
    kind: RequestKind
    employee: ScheduleEmployeeRead
    apps: list[RequestAppRead]
    role_template: ScheduleTemplateRead | None
    tags: list[str]
    priority: int
    schedule_time: datetime
    time_zone: str
    recurrence: RecurrenceRead | None
    next_run_at: datetime | None
    at: datetime
    local: str
    executed_at: datetime | None
    retry_count: int
    error_message: str | None
    needs_person: bool
    request_id: UUID | None
    latest_run: RunRead | None
    source: Source
    tag_rule_id: UUID | None
    created_at: datetime
    created_by: ActorRead
    updated_at: datetime


class ScheduleDetail(ScheduleRead):
    """`upcoming` are the next five times; `applications` and `person` what the request will say."""

    upcoming: list[UpcomingRead]
    applications: dict[str, Any]
    person: dict[str, Any]
    existing_account: str


class SchedulePage(PageRead[ScheduleRead]):
    pass


class RunPage(PageRead[RunRead]):
    pass


class EntryRead(Read):
    """One time of a schedule: a run, or (`run_id` is null) one that is still to come."""

    schedule_id: UUID
    run_id: UUID | None
    request_id: UUID | None
    at: datetime
    local: str
    status: ScheduleState
    run_state: RunState | None
    full_name: str
    work_email: str
    tags: list[str]
    priority: int
    recurring: bool
    needs_person: bool


class CalendarRead(Read):
    """At most a thousand; `cut` says that there are more."""

    items: list[EntryRead]
    cut: bool


class ScheduleHealthRead(Read):
    """`late`: something has been due for longer than ten seconds, so nothing runs the schedule now."""

    status: Literal["ok", "late"]
    pending: int
    executing: int
    needs_person: int
    late: int
    late_seconds: float
    missed_last_7_days: int
    next_run_at: datetime | None
    time_zone: str


class ScheduleSettingsRead(Read):
    time_zone: str


class ScheduleSettingsUpdate(Body):
    time_zone: ZoneName
