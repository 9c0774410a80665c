"""Requests on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    AliasChoices,
    BeforeValidator,
    Field,
    StrictBool,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from services.api.wire import (
    Body,
    Email,
    Incoming,
    OptionalDay,
    OptionalEmail,
    OptionalText,
    PageRead,
    PersonName,
    Read,
    Tags,
    address,
)
from services.shared.domain.provisioning.states import (
    ActionState,
    AppPlanState,
    EffectState,
    PlanState,
    RequestKind,
    RequestState,
    ResultState,
)
from services.shared.sdk.catalogue import Who
from services.shared.sdk.manifest import ActionKind

MAX_APPS = 50
MAX_VERSION = 2**31 - 1


def _switch_or_fields(value: Any) -> Any:
    if not isinstance(value, bool | dict):
        raise PydanticCustomError("app_fields", "Send the app's fields as an object, or true or false.")
    return value


AppFields = Annotated[
    Any,
    BeforeValidator(_switch_or_fields),
    WithJsonSchema({"anyOf": [{"type": "object", "additionalProperties": True}, {"type": "boolean"}]}),
]
"""An app's fields; `true` takes its defaults, `false` leaves it out."""


class EmployeeCreate(Incoming):
    full_name: PersonName
    work_email: Email
    personal_email: OptionalEmail = None
    external_id: OptionalText = None
    department: OptionalText = None
    job_title: OptionalText = None
    role: OptionalText = None
    location: OptionalText = None
    manager_email: OptionalEmail = None
    start_date: OptionalDay = None
    tags: Tags | None = None


class RoleTemplateRef(Incoming):
    """By id or by key. Without a version it is the newest."""

    id: UUID | None = None
    key: OptionalText = None
    version: Annotated[int, Field(ge=1, le=MAX_VERSION)] | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.id is None) is (self.key is None):
            raise PydanticCustomError("role_template", "Name the role template by its id or by its key.")
        return self


class RequestCreate(Body):
    kind: Literal["onboard", "change"] = "onboard"
    dry_run: StrictBool = Field(False, validation_alias=AliasChoices("dry_run", "dryRun"))
    employee: EmployeeCreate
    apps: dict[str, AppFields] = Field(
        default={}, validation_alias=AliasChoices("apps", "applications"), max_length=MAX_APPS
    )
    role_template: RoleTemplateRef | None = None
    """Its apps and fields lie under `apps`, its tags are added to `tags`."""
    existing_account: Literal["ask", "adopt", "fail"] = "ask"
    tags: Tags = Field(default=[])


class PlanApply(Body):
    plan_id: UUID
    decisions: dict[str, dict[str, str]] = Field(default={})


class ResultRetry(Body):
    fields: dict[str, Any] | None = None
    decisions: dict[str, str] | None = None


ME = "me"


def _me_or_address(said: str) -> str:
    return ME if said.strip().lower() == ME else address(said)


Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]


class TaskDone(Body):
    note: Note | None = None


class TaskAssign(Body):
    """`me`, an operator's address in this tenant, or null for nobody in particular."""

    assignee: Annotated[str, StringConstraints(max_length=320), AfterValidator(_me_or_address)] | None


class LinkRead(Read):
    label: str
    url: str


class ErrorRead(Read):
    code: str
    message: str
    remedy: str
    who: Who
    link: LinkRead | None
    field: str | None
    vendor_message: str | None
    raw: bool


class WarningRead(Read):
    code: str
    message: str


class ChoiceOptionRead(Read):
    value: str
    label: str


class ChoiceRead(Read):
    code: str
    message: str
    options: list[ChoiceOptionRead]
    selected: str | None


class SeatRead(Read):
    """`free` is what the vendor told. `reserved` were promised to others' requests, or taken since it told.

    `left` is what remains after all of them; below zero the seats do not reach.
    """

    key: str
    name: str
    free: int | None
    needed: int
    reserved: int
    left: int | None


class PlannedActionRead(Read):
    key: str
    kind: ActionKind
    target: str
    title: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reversible: bool
    destructive: bool
    depends_on: list[str]


class PlanAppRead(Read):
    app: str
    title: str
    state: AppPlanState
    actions: list[PlannedActionRead]
    warnings: list[WarningRead]
    choices: list[ChoiceRead]
    seats: list[SeatRead]
    error: ErrorRead | None
    fingerprint: str | None


class PlanRead(Read):
    id: UUID
    state: PlanState
    created_at: datetime
    expires_at: datetime | None
    apps: list[PlanAppRead]


class FirstPasswordRead(Read):
    state: Literal["sealed", "revealed", "expired"]
    expires_at: datetime | None


class PersonRead(Read):
    """An operator."""

    id: str
    name: str


class SaidDoneRead(Read):
    at: datetime
    by: PersonRead
    note: str | None


class TaskRead(Read):
    """A task for a person. `checking`: somebody said that it is done, and the vendor is being asked."""

    instructions: list[str]
    link: str | None
    assignee: PersonRead | None
    said_done: SaidDoneRead | None
    checking: bool


class ActionRead(PlannedActionRead):
    id: UUID
    state: ActionState
    tries: int
    started_at: datetime | None
    sent_at: datetime | None
    """When the vendor was last told: of an invitation, when it was sent."""
    finished_at: datetime | None
    next_try_at: datetime | None
    expires_at: datetime | None
    next_look_at: datetime | None
    note: str | None
    error: ErrorRead | None
    task: TaskRead | None
    effect: EffectState | None
    first_password: FirstPasswordRead | None
    calls: int


class ResultAccountRead(Read):
    remote_id: str
    label: str
    url: str | None


class ResultRead(Read):
    app: str
    title: str
    state: ResultState
    actions: list[ActionRead]
    next_try_at: datetime | None
    waiting_reason: str | None
    error: ErrorRead | None
    started_at: datetime | None
    finished_at: datetime | None
    account: ResultAccountRead | None
    expires_at: datetime | None


class RequestEmployeeRead(Read):
    id: UUID
    full_name: str
    work_email: str
    existing: bool


class RequestAppRead(Read):
    app: str
    title: str


class ActorRead(Read):
    kind: str
    name: str


class CountsRead(Read):
    actions: int
    done: int
    failed: int


class RequestSummary(Read):
    """`waits_for`: the people without whom a running request does not go on."""

    id: UUID
    kind: RequestKind
    state: RequestState
    waits_for: Literal[ResultState.AWAITING_PERSON, ResultState.AWAITING_ACCEPTANCE] | None
    dry_run: bool
    employee: RequestEmployeeRead
    apps: list[RequestAppRead]
    tags: list[str]
    created_at: datetime
    created_by: ActorRead
    finished_at: datetime | None
    counts: CountsRead


class UsedRoleTemplateRead(Read):
    """The version that a request used. `left_out` are its apps that the request does without."""

    id: UUID
    key: str
    name: str
    version: int
    left_out: list[RequestAppRead]


class RequestRead(RequestSummary):
    role_template: UsedRoleTemplateRead | None
    results: list[ResultRead]
    plan: PlanRead | None
    cancel_requested: bool
    correlation_id: str


class RequestPage(PageRead[RequestSummary]):
    pass


class CallRead(Read):
    purpose: str
    method: str
    path: str
    status: int | None
    ms: int
    attempt: int = Field(serialization_alias="try")
    at: datetime
    request_body: Any
    response_body: Any


class CallPage(Read):
    items: list[CallRead]


class FirstPassword(Read):
    password: str
