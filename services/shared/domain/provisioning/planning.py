"""The worker's half of planning, and starting what was planned."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from services.shared.domain.audit import service as audit
from services.shared.domain.employee.models import EmployeeStatus
from services.shared.domain.employee.service import bring_up_to_date, differs, follow_person, get_employee
from services.shared.domain.provisioning import statements
from services.shared.domain.provisioning.errors import (
    DecisionNeeded,
    PlanExpired,
    PlanNotFound,
    PlanNotReady,
    PlanUsed,
)
from services.shared.domain.provisioning.holding import hold_apps
from services.shared.domain.provisioning.models import AppPlan, Plan, Request, Result
from services.shared.domain.provisioning.repository import PlanRepository, ResultRepository
from services.shared.domain.provisioning.requesting import (
    PLAN_APPLY,
    RESULT_APPLY,
    lock_request,
    replace_plan,
)
from services.shared.domain.provisioning.states import (
    AppPlanState,
    PlanState,
    RequestState,
    ResultState,
)
from services.shared.domain.provisioning.telling import tell_plan, tell_request, tell_result
from services.shared.domain.provisioning.waking import wake_run
from services.shared.domain.provisioning.work import AppWork, app_works, details_of
from services.shared.kit.errors import FieldError, InvalidInput
from services.shared.kit.ids import uuid7
from services.shared.kit.uow import UnitOfWork
from services.shared.sdk.catalogue import Explained
from services.shared.sdk.contract import Plan as ProviderPlan

Planned = ProviderPlan | Explained
"""What planning one app came to: its plan, or why there is none."""


@dataclass(frozen=True, slots=True)
class PlanWork:
    """A plan to make or to verify."""

    plan_id: UUID
    request_id: UUID
    apps: tuple[AppWork, ...]


async def load_plan(uow: UnitOfWork, plan_id: UUID, state: PlanState) -> PlanWork | None:
    """What to plan for. None when the plan is no longer in that state: somebody was faster.

    While it is being made, apps that are planned already are left out.
    """
    plan = await PlanRepository(uow).find(plan_id)
    if plan is None or plan.state != state:
        return None
    request = await lock_request(uow, plan.request_id)
    plan.read_at = func.now()
    results = await ResultRepository(uow).of_requests([request.id])
    if state is PlanState.PLANNING:
        parts = await PlanRepository(uow).parts(plan.id)
        left = {part.result_id for part in parts if part.state == AppPlanState.PLANNING}
        results = [result for result in results if result.id in left]
    return PlanWork(plan.id, request.id, tuple(await app_works(uow, request, results)))


async def store_plan(uow: UnitOfWork, plan_id: UUID, made: Mapping[UUID, Planned]) -> None:
    """Store what planning these apps came to, by result id; the plan is made once every app's is stored.

    Does nothing when the plan was superseded.
    """
    plans = PlanRepository(uow)
    plan = await plans.find(plan_id, lock=True)
    if plan is None or plan.state != PlanState.PLANNING:
        return
    for result_id, planned in made.items():
        await fill_part(uow, plan_id, result_id, planned)
    await close_plan(uow, plan_id, plan.request_id)


def part_values(planned: Planned) -> dict[str, Any]:
    """What planning came to, as an app's part of a plan keeps it. None leaves an earlier document alone."""
    if isinstance(planned, Explained):
        return {
            "state": AppPlanState.FAILED,
            "document": None,
            "fingerprint": None,
            "error": planned.model_dump(mode="json"),
        }
    return {
        "state": AppPlanState.NEEDS_DECISION if planned.choices else AppPlanState.READY,
        "document": planned.model_dump(mode="json"),
        "fingerprint": planned.fingerprint,
        "error": None,
    }


async def fill_part(uow: UnitOfWork, plan_id: UUID, result_id: UUID, planned: Planned) -> None:
    """Put what planning came to into an app's part of a plan."""
    values = part_values(planned)
    await uow.run(statements.FILL_PART, of_plan=plan_id, of_result=result_id, **values)


async def close_plan(uow: UnitOfWork, plan_id: UUID, request_id: UUID) -> PlanState:
    """Once every part is in, the plan is ready, needs a decision, or failed altogether."""
    states = {row.state for row in await uow.run(statements.PART_STATES, plan_id=plan_id)}
    if AppPlanState.PLANNING in states:
        return PlanState.PLANNING
    if AppPlanState.NEEDS_DECISION in states:
        state = PlanState.NEEDS_DECISION
    elif states == {AppPlanState.FAILED}:
        state = PlanState.FAILED
    else:
        state = PlanState.READY
    (closed,) = await uow.run(statements.CLOSE_PLAN, id=plan_id, state=state)
    tell_plan(uow, request_id, plan_id, state)
    await wake_run(uow, closed.schedule_run_id)
    return state


async def apply_plan(
    uow: UnitOfWork, request_id: UUID, plan_id: UUID, decisions: Mapping[str, Mapping[str, str]]
) -> Plan:
    """Start a plan that a person has seen. The worker first makes sure that it still holds.

    Raises:
        RequestNotFound, PlanNotFound: not in this tenant, or not of this request.
        PlanUsed, PlanExpired, PlanNotReady: the plan cannot be applied.
        DecisionNeeded: an app has a choice and `decisions` does not take it.
        InvalidInput: a decision is not one of the choices.
    """
    request = await lock_request(uow, request_id)
    plans = PlanRepository(uow)
    plan = await plans.find(plan_id, lock=True)
    if plan is None or plan.request_id != request.id:
        raise PlanNotFound("This request has no such plan.")
    await _check_plan(uow, plan)
    results = {result.app: result for result in await ResultRepository(uow).of_requests([request.id])}
    await _decide(uow, plan, results, decisions)
    if all(part.state == AppPlanState.FAILED for part in await plans.parts(plan.id)):
        raise PlanNotReady("No app of this plan could be planned. Plan again.")
    plan.state = PlanState.APPLYING
    request.state = RequestState.QUEUED
    request.finished_at = None
    request.cancel_requested_at = None
    uow.enqueue(PLAN_APPLY, plan.id)
    tell_request(uow, request.id, request.state)
    tell_plan(uow, request.id, plan.id, plan.state)
    employee = await get_employee(uow, request.employee_id)
    audit.write_down(
        uow,
        "plan.applied",
        target_kind="request",
        target_id=request.id,
        target_label=employee.work_email,
        after={"plan_id": str(plan.id), "decisions": {app: dict(taken) for app, taken in decisions.items()}},
    )
    return plan


async def _check_plan(uow: UnitOfWork, plan: Plan) -> None:
    if plan.state in {PlanState.APPLIED, PlanState.APPLYING}:
        raise PlanUsed("This plan was applied already. Plan again to see what is left to do.")
    if plan.state in {PlanState.PLANNING, PlanState.FAILED}:
        raise PlanNotReady("This plan is not ready.")
    if plan.state == PlanState.SUPERSEDED:
        raise PlanExpired("There is a newer plan for this request.")
    past = await uow.session.scalar(select(Plan.expires_at < func.now()).where(Plan.id == plan.id))
    if plan.state == PlanState.EXPIRED or past:
        raise PlanExpired("This plan has expired. Plan again.")


async def _decide(
    uow: UnitOfWork, plan: Plan, results: Mapping[str, Result], decisions: Mapping[str, Mapping[str, str]]
) -> None:
    unknown = [app for app in decisions if app not in results]
    if unknown:
        raise InvalidInput(
            [
                FieldError(f"decisions.{app}", "This request has no such app.", "unknown_app")
                for app in unknown
            ]
        )
    undecided: list[str] = []
    for part in await PlanRepository(uow).parts(plan.id):
        taken = dict(decisions.get(part.app, {}))
        for choice in (part.document or {}).get("choices", ()):
            allowed = [option["value"] for option in choice["options"]]
            value = taken.pop(choice["code"], None)
            if value is None:
                undecided.append(part.app)
            elif value not in allowed:
                raise InvalidInput(
                    [
                        FieldError(
                            f"decisions.{part.app}.{choice['code']}", f"Choose one of {', '.join(allowed)}."
                        )
                    ]
                )
            else:
                results[part.app].decisions = {**results[part.app].decisions, choice["code"]: value}
        if taken:
            raise InvalidInput(
                [FieldError(f"decisions.{part.app}.{code}", "There is no such choice.") for code in taken]
            )
    if undecided:
        raise DecisionNeeded(f"Decide first: {', '.join(undecided)}.")


async def start_plan(uow: UnitOfWork, plan_id: UUID, fresh: Mapping[UUID, Planned]) -> None:
    """Start a plan if the vendors' state is still what it was made from; else store the new one beside it.

    `fresh` is what planning again came to, with the decisions taken, by result id. An app that could
    not be planned now is started all the same and plans by itself: one app never stops another.
    """
    plans = PlanRepository(uow)
    request_id = await plans.request_of(plan_id)
    if request_id is None:
        return
    await hold_apps(uow, request_id)
    request = await lock_request(uow, request_id)
    plan = await plans.find(plan_id, lock=True)
    if plan is None or plan.state != PlanState.APPLYING:
        return
    parts = await plans.parts(plan_id)
    results = {result.id: result for result in await ResultRepository(uow).of_requests([request.id])}
    if any(_moved(part, fresh[part.result_id]) for part in parts):
        await _replace(uow, plan, request, results, fresh)
        return
    plan.state = PlanState.APPLIED
    plan.applied_at = func.now()
    await activate(uow, request.employee_id, request.person)
    for part in parts:
        result, made = results[part.result_id], fresh[part.result_id]
        restart(result)
        if isinstance(made, ProviderPlan) and not made.choices:
            result.round += 1
            await add_actions(uow, request.id, result.id, result.round, made)
        elif part.state == AppPlanState.FAILED and isinstance(made, Explained):
            part.error = made.model_dump(mode="json")
        await uow.ensure_job(RESULT_APPLY, result.id, lane=result.vendor)
        tell_result(uow, request.id, result.app, result.state)
    tell_plan(uow, request.id, plan.id, plan.state)


def _moved(part: AppPlan, made: Planned) -> bool:
    if isinstance(made, Explained) or part.fingerprint is None:
        return False
    return part.fingerprint != made.fingerprint


async def _replace(
    uow: UnitOfWork,
    plan: Plan,
    request: Request,
    results: Mapping[UUID, Result],
    fresh: Mapping[UUID, Planned],
) -> None:
    plan.state = PlanState.SUPERSEDED
    for result in results.values():
        result.decisions = {}
    newer = await replace_plan(uow, request, sorted(results.values(), key=lambda item: item.ordinal))
    newer.read_at = plan.read_at
    for result in results.values():
        await fill_part(uow, newer.id, result.id, fresh[result.id])
    await close_plan(uow, newer.id, request.id)
    request.state = RequestState.PLANNED
    tell_plan(uow, request.id, plan.id, plan.state)
    tell_request(uow, request.id, request.state)


def restart(result: Result) -> None:
    """A result that is to run (again) from its plan."""
    result.state = ResultState.PENDING
    result.tries = 0
    result.error = None
    result.next_try_at = None
    result.waiting_reason = None
    result.finished_at = None


async def add_actions(
    uow: UnitOfWork, request_id: UUID, result_id: UUID, round_: int, plan: ProviderPlan
) -> list[UUID]:
    """A plan's actions become rows of the result's next round, which this is; their ids."""
    rows = [
        {
            "id": uuid7(),
            "request_id": request_id,
            "result_id": result_id,
            "round": round_,
            "ordinal": ordinal,
            **planned.model_dump(mode="json"),
        }
        for ordinal, planned in enumerate(plan.actions)
    ]
    await uow.insert(statements.ADD_ACTIONS, rows)
    return [row["id"] for row in rows]


async def activate(uow: UnitOfWork, employee_id: UUID, said: Mapping[str, Any]) -> None:
    """The request really runs: the person is taken over into our books."""
    details = details_of(said)
    (stored,) = await uow.run(statements.PERSON_AS_STORED, id=employee_id)
    if not differs(stored, details):
        if stored.status == EmployeeStatus.PROSPECTIVE:
            await uow.run(statements.PERSON_IS_ACTIVE, id=employee_id)
        return
    employee = await get_employee(uow, employee_id)
    tags, start_date = list(employee.tags), employee.start_date
    bring_up_to_date(uow, employee, details)
    if employee.tags != tags or employee.start_date != start_date:
        await follow_person(uow, employee)
    if employee.status == EmployeeStatus.PROSPECTIVE:
        employee.status = EmployeeStatus.ACTIVE
