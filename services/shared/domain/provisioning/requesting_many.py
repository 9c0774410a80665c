"""Requests by the hundred: what `create_request` does for one, in a handful of statements for all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from services.shared.domain.employee.models import Employee
from services.shared.domain.employee.service import list_free_by_email, outside_domains
from services.shared.domain.provisioning.merging import check_over, merged
from services.shared.domain.provisioning.models import AppPlan, Plan, Request, Result
from services.shared.domain.provisioning.requesting import (
    PLAN_MAKE,
    new_plan,
    new_request,
    tell_created,
)
from services.shared.domain.provisioning.telling import tell_plan
from services.shared.domain.provisioning.wishes import WantedApp, Wish
from services.shared.domain.role_template.using import TemplateRef, UsedTemplate, use_template
from services.shared.domain.setting.service import get_settings, list_offered_apps
from services.shared.kit.actors import Actor
from services.shared.kit.errors import InvalidInput
from services.shared.kit.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class ManyWish:
    """One of many wishes to be planned (`dry_run`), in whose name, and the run of a schedule that it is for."""

    wish: Wish
    actor: Actor
    correlation_id: str
    schedule_run_id: UUID
    priority: int


async def create_requests(uow: UnitOfWork, many: Sequence[ManyWish]) -> dict[UUID, Request]:
    """Store those wishes whose person is known and free, and whose fields are right; their requests by run.

    What is left out is for `create_request`, which waits for whoever is at the person, and says what is wrong.
    """
    people = await list_free_by_email(uow, {one.wish.person.work_email for one in many})
    outside = await outside_domains(uow)
    offered = await list_offered_apps(uow)
    defaults = (await get_settings(uow)).app_defaults
    templates: dict[TemplateRef, UsedTemplate | None] = {}
    made: dict[UUID, Request] = {}
    plans: list[Plan] = []
    results: list[Result] = []
    parts: list[AppPlan] = []
    told: list[tuple[UnitOfWork, Request, list[WantedApp], UsedTemplate | None, Employee, Plan, int]] = []
    for one in many:
        wish, person = one.wish, one.wish.person
        employee = people.pop(person.work_email.lower(), None)
        if employee is None or outside(person.work_email):
            continue
        if person.external_id not in {None, employee.external_id}:
            continue
        try:
            template = await _template(uow, wish, templates)
            apps = merged(wish.apps, template.apps, offered) if template else wish.apps
            wanted = check_over(apps, defaults, offered)
        except InvalidInput:
            continue
        own = replace(uow, actor=one.actor, correlation_id=one.correlation_id)
        request, its_results = new_request(own, wish, wanted, template, employee, existing=True)
        request.schedule_run_id = one.schedule_run_id
        plan, its_parts = new_plan(own, request, its_results)
        made[one.schedule_run_id] = request
        plans.append(plan)
        results += its_results
        parts += its_parts
        told.append((own, request, wanted, template, employee, plan, one.priority))
    # Nothing here relates rows to each other but their keys, so each table is stored after those that it points at.
    uow.session.add_all(made.values())
    await uow.session.flush()
    uow.session.add_all([*plans, *results])
    await uow.session.flush()
    uow.session.add_all(parts)
    for own, request, wanted, template, employee, plan, priority in told:
        own.enqueue(PLAN_MAKE, plan.id, priority=priority)
        tell_plan(own, request.id, plan.id, plan.state)
        tell_created(own, request, wanted, template, employee)
    return made


async def _template(
    uow: UnitOfWork, wish: Wish, known: dict[TemplateRef, UsedTemplate | None]
) -> UsedTemplate | None:
    """The template that a wish names, looked up once.

    Raises:
        InvalidInput: there is none.
    """
    if wish.role_template is None:
        return None
    if wish.role_template not in known:
        known[wish.role_template] = await use_template(uow, wish.role_template)
    return known[wish.role_template]
