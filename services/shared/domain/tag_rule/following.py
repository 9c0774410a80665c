"""Who gets a tag is queued once; who loses it before it has run is withdrawn. What is queued follows the person.

Locks are taken as runs take them: schedules first, then the person.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from services.shared.domain.employee.models import Employee
from services.shared.domain.employee.service import EmployeeDetails
from services.shared.domain.provisioning.merging import lay_under
from services.shared.domain.provisioning.states import RequestKind
from services.shared.domain.provisioning.wishes import Wish
from services.shared.domain.role_template import service as role_template
from services.shared.domain.role_template.service import (
    Content,
    TemplateView,
    find_template,
    suggest_templates,
)
from services.shared.domain.role_template.using import TemplateRef
from services.shared.domain.schedule.errors import ScheduleEnded, ScheduleStarted
from services.shared.domain.schedule.models import Schedule
from services.shared.domain.schedule.repository import ScheduleRepository
from services.shared.domain.schedule.service import (
    Change,
    NewSchedule,
    cancel_schedule,
    change_schedule,
    create_schedule,
)
from services.shared.domain.schedule.states import ScheduleState, Source
from services.shared.domain.schedule.tags import slugs_of
from services.shared.domain.schedule.telling import tell_schedule, write_down
from services.shared.domain.schedule.timing import Timing, now_of, zone_of
from services.shared.domain.schedule.wishing import of_person, wish_of
from services.shared.domain.setting import service as setting
from services.shared.domain.setting.service import list_offered_apps
from services.shared.domain.tag_rule.models import TagRule
from services.shared.domain.tag_rule.service import list_rules, slug_of_rule
from services.shared.kit.actors import Actor, ActorKind
from services.shared.kit.errors import InvalidInput
from services.shared.kit.logging import get_logger
from services.shared.kit.uow import UnitOfWork
from services.shared.kit.wallclock import Shift, explain_shift, get_zone, resolve

log = get_logger(__name__)
PERSON = ("department", "location", "job_title")
MOST_PEOPLE = 200


@dataclass(frozen=True, slots=True)
class Decision:
    """What a rule would do with somebody: run at `at`, or nothing, for a reason."""

    employee: Employee
    template: TemplateView | None
    at: datetime | None
    time_zone: str
    shift: Shift | None
    reason: str | None
    queued: bool = False
    """It has queued them already."""
    not_connected: tuple[str, ...] = ()
    """Apps of the template whose vendors nobody has connected: the run will wait for a person."""
    switched_off: tuple[str, ...] = ()
    """Apps of the template that this tenant does not offer: they are left out."""
    objection: str | None = None
    """Why a request for it would be refused as the template is. It is queued all the same, and somebody is told."""


async def follow_tags(uow: UnitOfWork, employee_id: UUID) -> None:
    """Bring what tags have queued for somebody in line with the tags that they have now."""
    queued = await ScheduleRepository(uow).of_rules(employee_id)
    employee = (
        await uow.session.scalars(
            select(Employee)
            .where(Employee.tenant_id == uow.tenant_id, Employee.id == employee_id)
            .with_for_update()
        )
    ).one_or_none()
    if employee is None:
        return
    slugs = slugs_of(employee.tags)
    for schedule in queued:
        if schedule.tag_rule_id and await slug_of_rule(uow, schedule.tag_rule_id) not in slugs:
            await _withdraw(uow, schedule)
    rules = await list_rules(uow)
    by_id = {view.rule.id: view.rule for view in rules}
    held = {schedule.tag_rule_id for schedule in queued if schedule.withdrawn_at is None}
    for schedule in queued:
        if schedule.withdrawn_at is None and schedule.state == ScheduleState.PENDING:
            await _keep_up(uow, schedule, by_id.get(schedule.tag_rule_id or schedule.id), employee)
    for view in rules:
        if view.rule.enabled and view.rule.slug in slugs and view.rule.id not in held:
            await _queue(uow, view.rule, employee)


async def change_template(uow: UnitOfWork, template_id: UUID, seen: int, content: Content) -> None:
    """A role template's new version; what stood in the way of people whom rules have queued may be gone with it.

    Raises:
        RoleTemplateNotFound, RoleTemplateChanged, InvalidInput: as the role template's own function does.
    """
    await role_template.change_template(uow, template_id, seen, content)
    await _look_at_objected(uow)


async def set_app_defaults(uow: UnitOfWork, app: str, fields: Mapping[str, Any]) -> None:
    """An app's defaults; what was lacking for people whom rules have queued may be there with them.

    Raises:
        AppNotFound, InvalidInput: as the setting's own function does.
    """
    await setting.set_app_defaults(uow, app, fields)
    await _look_at_objected(uow)


async def _look_at_objected(uow: UnitOfWork) -> None:
    for schedule in await ScheduleRepository(uow).objected(MOST_PEOPLE):
        await _look_again(uow, schedule)


async def _look_again(uow: UnitOfWork, schedule: Schedule) -> None:
    objection = await _objection(uow, wish_of(schedule.body, tags=schedule.tags))
    if objection != schedule.error_message:
        schedule.error_message, schedule.needs_person = objection, objection is not None
        tell_schedule(uow, schedule)


async def _withdraw(uow: UnitOfWork, schedule: Schedule) -> None:
    """The tag is gone: what has not run will not. What has run stays, and the tag may come again."""
    try:
        if schedule.state in {ScheduleState.PENDING, ScheduleState.EXECUTING}:
            await cancel_schedule(_acting(uow, _tag_of(schedule)), schedule.id)
    except (ScheduleStarted, ScheduleEnded):
        log.info("tag_gone_too_late", schedule_id=str(schedule.id))
    schedule.withdrawn_at = await now_of(uow)
    await uow.session.flush()


async def _keep_up(uow: UnitOfWork, schedule: Schedule, rule: TagRule | None, employee: Employee) -> None:
    """What waits for its time follows what is known of the person: the start date, and everything else."""
    started = date.fromisoformat(day) if (day := schedule.body["employee"].get("start_date")) else None
    template = None
    if rule is not None and rule.role_template_id is None:
        template = await _template(uow, rule, employee)
    details = _details(employee)
    body = of_person(schedule.body, details, TemplateRef(id=template.template.id) if template else None)
    if body != schedule.body:
        before, schedule.body = schedule.body["employee"], body
        schedule.full_name, schedule.work_email = details.full_name, details.work_email
        tell_schedule(uow, schedule)
        changed = [key for key in body["employee"] if body["employee"][key] != before.get(key)]
        write_down(_acting(uow, _tag_of(schedule)), "person_changed", schedule, after={"fields": changed})
    if schedule.needs_person:
        await _look_again(uow, schedule)
    if employee.start_date is None or started is None or employee.start_date == started:
        return
    if schedule.next_fire_at is None:
        return
    at = await _moved(uow, schedule, rule, started, employee.start_date)
    try:
        async with uow.session.begin_nested():
            await change_schedule(_acting(uow, _tag_of(schedule)), schedule.id, Change(schedule_time=at))
    except (ScheduleStarted, ScheduleEnded, InvalidInput) as error:
        log.warning("schedule_not_moved", schedule_id=str(schedule.id), error=type(error).__name__)


async def _moved(
    uow: UnitOfWork, schedule: Schedule, rule: TagRule | None, before: date, after: date
) -> datetime:
    """Its time after the start date has moved: as the rule says; by as many days where somebody gave it another."""
    now = await now_of(uow)
    at = schedule.next_fire_at or now
    if rule is not None and at == _due(rule, before, get_zone(rule.time_zone or schedule.time_zone))[0]:
        return max(_due(rule, after, get_zone(rule.time_zone or schedule.time_zone))[0], now)
    zone = get_zone(schedule.time_zone)
    wall = at.astimezone(zone).replace(tzinfo=None, fold=0) + (after - before)
    return max(resolve(wall, zone), now)


def _due(rule: TagRule, start_date: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When a rule means somebody who starts on that day, and the time on the wall that it asks for."""
    wall = datetime.combine(
        start_date + timedelta(days=rule.offset_days), time.fromisoformat(rule.time_of_day)
    )
    return resolve(wall, zone), wall


def _tag_of(schedule: Schedule) -> str:
    return schedule.tags[0] if schedule.tags else "a tag"


def _acting(uow: UnitOfWork, tag: str) -> UnitOfWork:
    """The same transaction in a rule's name."""
    return replace(uow, actor=Actor(ActorKind.SERVICE, "tag-rule", f"Tag rule “{tag}”"))


async def _queue(uow: UnitOfWork, rule: TagRule, employee: Employee) -> None:
    decision = await decide(uow, rule, employee)
    if decision.at is None or decision.template is None:
        _tell(uow, rule, employee, decision.reason)
        return
    wish = _wish(rule, employee, decision.template)
    new = NewSchedule(
        wish=wish,
        timing=Timing(decision.at, decision.time_zone),
        priority=rule.priority,
        source=Source.TAG_RULE,
        tag_rule_id=rule.id,
        objection=await _objection(uow, wish),
    )
    try:
        async with uow.session.begin_nested():
            await create_schedule(_acting(uow, rule.tag), new)
    except InvalidInput as error:
        _tell(uow, rule, employee, str(error))


def _wish(rule: TagRule, employee: Employee, template: TemplateView) -> Wish:
    """What the rule would ask for."""
    return Wish(
        kind=RequestKind.ONBOARD,
        person=_details(employee),
        apps={},
        tags=(rule.tag,),
        dry_run=True,
        role_template=TemplateRef(id=template.template.id),
    )


def _tell(uow: UnitOfWork, rule: TagRule, employee: Employee, reason: str | None) -> None:
    """Nobody was queued, and a person should know."""
    uow.emit(
        "tag_rule.not_queued",
        employee.id,
        {"employee_id": str(employee.id), "tag_rule_id": str(rule.id), "tag": rule.tag, "reason": reason},
    )


async def decide(uow: UnitOfWork, rule: TagRule, employee: Employee) -> Decision:
    """What the rule would do with this person."""
    zone_name = rule.time_zone or await zone_of(uow)
    zone = get_zone(zone_name)
    template = await _template(uow, rule, employee)
    reason, at, shift = None, None, None
    if template is None:
        reason = "No role template is suggested for this person." if rule.role_template_id is None else None
        reason = reason or "The role template of this rule was deleted."
    elif employee.start_date is None:
        reason = "This person has no start date yet."
    else:
        now = await now_of(uow)
        due, wall = _due(rule, employee.start_date, zone)
        # Whoever has begun already is not left without accounts.
        at = max(due, now)
        shift = explain_shift(due, zone, wall) if at == due else None
    return Decision(employee, template, at, zone_name, shift, reason)


async def _template(uow: UnitOfWork, rule: TagRule, employee: Employee) -> TemplateView | None:
    if rule.role_template_id is not None:
        found = await find_template(uow, rule.role_template_id)
        return found if found is not None and found.template.deleted_at is None else None
    person = {name: getattr(employee, name) for name in PERSON}
    suggested = await suggest_templates(uow, person)
    return suggested[0].view if suggested else None


def _details(employee: Employee) -> EmployeeDetails:
    return EmployeeDetails(
        full_name=employee.full_name,
        work_email=employee.work_email,
        personal_email=employee.personal_email,
        department=employee.department,
        job_title=employee.job_title,
        role=employee.role,
        location=employee.location,
        manager_email=employee.manager_email,
        start_date=employee.start_date,
    )


async def preview_rule(uow: UnitOfWork, rule: TagRule, connected: Collection[str]) -> Sequence[Decision]:
    """What the rule would do with everybody who has its tag now; at most `MOST_PEOPLE`."""
    offered = await list_offered_apps(uow)
    people = await uow.session.scalars(
        select(Employee)
        .where(Employee.tenant_id == uow.tenant_id, func.jsonb_array_length(Employee.tags) > 0)
        .order_by(Employee.full_name, Employee.id)
    )
    tagged = [one for one in people if rule.slug in slugs_of(one.tags)][:MOST_PEOPLE]
    by_rule = await uow.session.scalars(
        select(Schedule.employee_id).where(
            Schedule.tenant_id == uow.tenant_id,
            Schedule.tag_rule_id == rule.id,
            Schedule.withdrawn_at.is_(None),
        )
    )
    queued = set(by_rule)
    found: list[Decision] = []
    objections: dict[UUID, str | None] = {}
    for one in tagged:
        decision = await decide(uow, rule, one)
        if (template := decision.template) is not None and decision.reason is None:
            if template.template.id not in objections:
                objections[template.template.id] = await _objection(uow, _wish(rule, one, template))
            decision = replace(decision, objection=objections[template.template.id])
        apps = sorted(decision.template.content.apps) if decision.template else []
        found.append(
            replace(
                decision,
                queued=one.id in queued,
                not_connected=tuple(app for app in apps if app in offered and app not in connected),
                switched_off=tuple(app for app in apps if app not in offered),
            )
        )
    return found


async def _objection(uow: UnitOfWork, wish: Wish) -> str | None:
    """Why a request for this would be refused as it is. Nothing is kept of looking."""
    looking = await uow.session.begin_nested()
    try:
        await lay_under(uow, wish)
    except InvalidInput as error:
        said = "; ".join(f"{one.field.removeprefix('apps.')}: {one.message}" for one in error.errors)
        return f"The role template cannot be used as it is. {said}"
    finally:
        await looking.rollback()
    return None
