"""Making a request, and planning it again."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import update

from services.shared.domain.audit import service as audit
from services.shared.domain.employee.models import Employee
from services.shared.domain.employee.service import EmployeeDetails, ensure_employee
from services.shared.domain.provisioning import statements
from services.shared.domain.provisioning.errors import RequestNotFound, RequestRunning
from services.shared.domain.provisioning.merging import lay_under
from services.shared.domain.provisioning.models import AppPlan, Plan, Request, Result
from services.shared.domain.provisioning.repository import RequestRepository, ResultRepository
from services.shared.domain.provisioning.states import (
    REQUEST_ENDED,
    AppPlanState,
    PlanState,
    RequestState,
    ResultState,
)
from services.shared.domain.provisioning.telling import tell_plan, tell_request
from services.shared.domain.provisioning.wishes import WantedApp, Wish
from services.shared.domain.role_template.using import UsedTemplate
from services.shared.kit.ids import uuid7
from services.shared.kit.uow import UnitOfWork

PLAN_MAKE = "plan.make"
PLAN_APPLY = "plan.apply"
RESULT_APPLY = "result.apply"


async def create_request(uow: UnitOfWork, wish: Wish, *, schedule_run_id: UUID | None = None) -> Request:
    """Store a wish and start on it: a plan to look at with `dry_run`, the accounts themselves without.

    `schedule_run_id` is the run of a schedule that is woken when the request gets somewhere.

    Raises:
        InvalidInput: a field is wrong; nothing was stored.
    """
    wanted, template = await lay_under(uow, wish)
    employee, existing = await ensure_employee(uow, wish.person)
    request, results = new_request(uow, wish, wanted, template, employee, existing=existing)
    request.schedule_run_id = schedule_run_id
    uow.session.add(request)
    await uow.session.flush()
    uow.session.add_all(results)
    plan = await add_plan(uow, request, results)
    if wish.dry_run:
        uow.enqueue(PLAN_MAKE, plan.id)
    else:
        for result in results:
            uow.enqueue(RESULT_APPLY, result.id, lane=result.vendor)
    tell_created(uow, request, wanted, template, employee)
    return request


def new_request(
    uow: UnitOfWork,
    wish: Wish,
    wanted: Sequence[WantedApp],
    template: UsedTemplate | None,
    employee: Employee,
    *,
    existing: bool,
) -> tuple[Request, list[Result]]:
    """A request and its results as rows that are not stored."""
    request = Request(
        id=uuid7(),
        tenant_id=uow.tenant_id,
        employee_id=employee.id,
        kind=wish.kind,
        state=RequestState.PLANNED if wish.dry_run else RequestState.QUEUED,
        dry_run=wish.dry_run,
        person=_stored_person(wish.person),
        existing=existing,
        existing_account=wish.existing_account,
        presence="active",
        tags=list(dict.fromkeys((*wish.tags, *(template.tags if template else ())))),
        actor_kind=uow.actor.kind,
        actor_id=uow.actor.id,
        actor_name=uow.actor.name,
        correlation_id=uow.correlation_id,
        role_template_id=template.id if template else None,
        role_template_version=template.version if template else None,
    )
    results = [
        Result(
            id=uuid7(),
            tenant_id=uow.tenant_id,
            request_id=request.id,
            app=item.app,
            vendor=item.vendor,
            ordinal=ordinal,
            state=ResultState.PENDING,
            fields=item.fields,
            decisions={},
        )
        for ordinal, item in enumerate(wanted)
    ]
    return request, results


def tell_created(
    uow: UnitOfWork,
    request: Request,
    wanted: Sequence[WantedApp],
    template: UsedTemplate | None,
    employee: Employee,
) -> None:
    """A request was made: to live pages and the audit log."""
    tell_request(uow, request.id, request.state)
    audit.write_down(
        uow,
        "request.created",
        target_kind="request",
        target_id=request.id,
        target_label=employee.work_email,
        after={
            "kind": request.kind,
            "dry_run": request.dry_run,
            "apps": {item.app: item.fields for item in wanted},
            **({"role_template": f"{template.name}, version {template.version}"} if template else {}),
        },
    )


def _stored_person(details: EmployeeDetails) -> dict[str, Any]:
    return {
        name: value.isoformat()
        if isinstance(value, date)
        else list(value)
        if isinstance(value, tuple)
        else value
        for name, value in asdict(details).items()
        if value is not None
    }


async def replace_plan(uow: UnitOfWork, request: Request, results: Sequence[Result]) -> Plan:
    """A new plan in the making; older ones that were not applied are superseded."""
    await uow.session.execute(
        update(Plan)
        .where(
            Plan.tenant_id == uow.tenant_id,
            Plan.request_id == request.id,
            Plan.state.in_([PlanState.PLANNING, PlanState.READY, PlanState.NEEDS_DECISION, PlanState.FAILED]),
        )
        .values(state=PlanState.SUPERSEDED)
    )
    return await add_plan(uow, request, results)


async def add_plan(uow: UnitOfWork, request: Request, results: Sequence[Result]) -> Plan:
    """A plan in the making, with a part for each app."""
    plan, parts = new_plan(uow, request, results)
    uow.session.add(plan)
    await uow.session.flush()
    uow.session.add_all(parts)
    tell_plan(uow, request.id, plan.id, plan.state)
    return plan


def new_plan(uow: UnitOfWork, request: Request, results: Sequence[Result]) -> tuple[Plan, list[AppPlan]]:
    """A plan in the making and its parts as rows that are not stored."""
    plan = Plan(id=uuid7(), tenant_id=uow.tenant_id, request_id=request.id, state=PlanState.PLANNING)
    parts = [
        AppPlan(
            id=uuid7(),
            tenant_id=uow.tenant_id,
            plan_id=plan.id,
            result_id=result.id,
            app=result.app,
            ordinal=result.ordinal,
            state=AppPlanState.PLANNING,
            document=None,
            selected=result.decisions,
        )
        for result in results
    ]
    return plan, parts


async def plan_again(uow: UnitOfWork, request_id: UUID) -> Plan:
    """A fresh plan against the vendors' present state, for a request that is not running.

    Raises:
        RequestNotFound: not in this tenant.
        RequestRunning: it is being applied now.
    """
    request = await lock_request(uow, request_id)
    if request.state not in REQUEST_ENDED | {RequestState.PLANNED}:
        raise RequestRunning("This request is being applied. Wait until it has ended, or cancel it.")
    results = await ResultRepository(uow).of_requests([request.id])
    plan = await replace_plan(uow, request, results)
    uow.enqueue(PLAN_MAKE, plan.id)
    return plan


async def lock_request(uow: UnitOfWork, request_id: UUID) -> Request:
    """One request, locked for this transaction.

    Raises:
        RequestNotFound: not in this tenant.
    """
    request = await RequestRepository(uow).find(request_id, lock=True)
    if request is None:
        raise RequestNotFound("There is no such request.")
    return request


async def hold_request_row(uow: UnitOfWork, request_id: UUID) -> Any:
    """The same, for who needs its state, person and schedule only.

    Raises:
        RequestNotFound: not in this tenant.
    """
    found = await uow.run(statements.HOLD_REQUEST, id=request_id)
    if not found:
        raise RequestNotFound("There is no such request.")
    return found[0]
