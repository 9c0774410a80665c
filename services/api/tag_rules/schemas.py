"""Tag rules on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StrictBool, StrictInt, StringConstraints

from services.api.requests.schemas import RequestAppRead
from services.api.schedule.schemas import Priority, ShiftRead, ZoneName
from services.api.wire import Body, Read, Tag

TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Offset = Annotated[StrictInt, Field(ge=-365, le=365)]


class TagRuleWrite(Body):
    """`role_template_id` null: whichever one is suggested for the person. `time_zone` null: the tenant's."""

    tag: Tag
    role_template_id: UUID | None = None
    offset_days: Offset = 0
    """From the start date; -3 is three days before it."""
    time_of_day: TimeOfDay = "08:00"
    time_zone: ZoneName | None = None
    priority: Priority = 0
    enabled: StrictBool = True


class RuleTemplateRead(Read):
    id: UUID
    key: str
    name: str


class TagRuleRead(Read):
    """`shipped`: it came with OneClick. `role_template` is null too where it was deleted."""

    id: UUID
    tag: str
    slug: str
    role_template_id: UUID | None
    role_template: RuleTemplateRead | None
    offset_days: int
    time_of_day: str
    time_zone: str | None
    priority: int
    enabled: bool
    shipped: bool


class TagRulePage(Read):
    items: list[TagRuleRead]


class DecisionEmployeeRead(Read):
    id: UUID
    full_name: str
    work_email: str


class DecisionRead(Read):
    """What a rule would do with somebody: run at `at`; or nothing, because of `reason`.

    `warning` says in words what stands in the way of apps of the role template: a template that lacks something,
    and apps that are `not_connected`, make the run wait for a person, those that are `switched_off` are left out.
    """

    employee: DecisionEmployeeRead
    role_template: RuleTemplateRead | None
    at: datetime | None
    local: str | None
    time_zone: str
    note: ShiftRead | None
    reason: str | None
    queued: bool
    not_connected: list[RequestAppRead]
    switched_off: list[RequestAppRead]
    warning: str | None


class TagRulePreview(Read):
    """Everybody who has the tag now, at most 200."""

    items: list[DecisionRead]
