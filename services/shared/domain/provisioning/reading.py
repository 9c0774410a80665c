"""Requests as people see them: read in a few statements however many there are."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from services.shared.domain.account.models import Account
from services.shared.domain.account.service import list_accounts
from services.shared.domain.employee.models import Employee
from services.shared.domain.employee.service import get_employee
from services.shared.domain.provisioning.errors import ActionNotFound, PlanNotFound, RequestNotFound
from services.shared.domain.provisioning.models import (
    Action,
    AppPlan,
    Plan,
    ProviderCall,
    Request,
    Result,
)
from services.shared.domain.provisioning.repository import (
    ActionRepository,
    PlanRepository,
    ProviderCallRepository,
    RequestRepository,
    ResultRepository,
)
from services.shared.domain.provisioning.states import (
    RESULT_WAITING,
    ActionState,
    PlanState,
    RequestState,
    ResultState,
)
from services.shared.domain.provisioning.waiting_for import WaitingFor, has_waiting
from services.shared.kit.pagination import Page, PageQuery
from services.shared.kit.uow import UnitOfWork


@dataclass(slots=True)
class ResultView:
    """One app within a request, with its present round of actions and how often each called out."""

    result: Result
    actions: list[Action] = field(default_factory=list)
    calls: dict[UUID, int] = field(default_factory=dict)
    account: Account | None = None


@dataclass(slots=True)
class RequestView:
    """A request with everything that its page shows."""

    request: Request
    employee: Employee
    results: list[ResultView]
    plan: Plan | None
    plan_parts: Sequence[AppPlan]


@dataclass(frozen=True, slots=True)
class Counts:
    """How far the present round's actions are."""

    actions: int = 0
    done: int = 0
    failed: int = 0


@dataclass(slots=True)
class RequestSummary:
    """A line in the list of requests."""

    request: Request
    employee: Employee
    results: list[Result]
    counts: Counts


async def get_request_view(uow: UnitOfWork, request_id: UUID) -> RequestView:
    """One request.

    Raises:
        RequestNotFound: not in this tenant.
    """
    request = await RequestRepository(uow).find(request_id)
    if request is None:
        raise RequestNotFound("There is no such request.")
    employee = await get_employee(uow, request.employee_id)
    results = await ResultRepository(uow).of_requests([request.id])
    begun = any(result.round for result in results)
    actions = await ActionRepository(uow).of_requests([request.id]) if begun else []
    counted = await _count_calls(uow, actions) if actions else {}
    # Nobody who was new with this request has an account before its first action.
    known = await list_accounts(uow, employee.id) if begun or request.existing else []
    accounts = {account.app: account for account in known}
    views = {
        result.id: ResultView(result, account=accounts.get(result.app), calls=counted) for result in results
    }
    for action in actions:
        views[action.result_id].actions.append(action)
    plans = PlanRepository(uow)
    plan = await plans.latest(request.id)
    parts = await plans.parts(plan.id) if plan else ()
    return RequestView(request, employee, list(views.values()), plan, parts)


async def _count_calls(uow: UnitOfWork, actions: Sequence[Action]) -> dict[UUID, int]:
    calls = await uow.session.execute(
        select(ProviderCall.action_id, func.count())
        .where(
            ProviderCall.tenant_id == uow.tenant_id,
            ProviderCall.action_id.in_([action.id for action in actions]),
        )
        .group_by(ProviderCall.action_id)
    )
    return {action_id: count for action_id, count in calls if action_id is not None}


async def check_request(uow: UnitOfWork, request_id: UUID) -> None:
    """Pass.

    Raises:
        RequestNotFound: not in this tenant.
    """
    if await RequestRepository(uow).find(request_id) is None:
        raise RequestNotFound("There is no such request.")


async def list_requests(
    uow: UnitOfWork,
    query: PageQuery,
    *,
    state: RequestState | None = None,
    app: str | None = None,
    text: str | None = None,
    tag: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    waiting_for: WaitingFor | None = None,
    employee_id: UUID | None = None,
) -> Page[RequestSummary]:
    """Requests, newest first."""
    requests = RequestRepository(uow)
    if employee_id is not None:
        page = await requests.of_employee(employee_id, query)
    else:
        page = await requests.page(
            requests.search(
                state=state,
                app=app,
                text=text,
                tag=tag,
                since=since,
                until=until,
                also=() if waiting_for is None else (has_waiting(uow, waiting_for),),
            ),
            query,
        )
    return Page(await _summarise(uow, page.items), page.total, page.limit, page.offset)


async def list_waiting(uow: UnitOfWork, since: datetime, limit: int) -> list[RequestSummary]:
    """Requests that wait: for a vendor, an invited person, a task of ours, or (made since then) for a decision."""
    waiting = (
        select(Result.id)
        .where(
            Result.tenant_id == Request.tenant_id,
            Result.request_id == Request.id,
            Result.state.in_({ResultState.WAITING_RETRY} | RESULT_WAITING),
        )
        .exists()
    )
    undecided = (
        select(Plan.id)
        .where(
            Plan.tenant_id == Request.tenant_id,
            Plan.request_id == Request.id,
            Plan.state == PlanState.NEEDS_DECISION,
        )
        .exists()
    )
    broken = Request.state.in_([RequestState.PARTIAL, RequestState.FAILED]) & (Request.created_at >= since)
    statement = (
        RequestRepository(uow)
        .select()
        .where(waiting | undecided | broken)
        .order_by(Request.created_at.desc(), Request.id.desc())
        .limit(limit)
    )
    return await _summarise(uow, (await uow.session.scalars(statement)).all())


async def _summarise(uow: UnitOfWork, requests: Sequence[Request]) -> list[RequestSummary]:
    ids = [request.id for request in requests]
    results: dict[UUID, list[Result]] = defaultdict(list)
    for result in await ResultRepository(uow).of_requests(ids):
        results[result.request_id].append(result)
    people = {
        employee.id: employee
        for employee in await uow.session.scalars(
            select(Employee).where(
                Employee.tenant_id == uow.tenant_id,
                Employee.id.in_({request.employee_id for request in requests}),
            )
        )
    }
    counts = await _counts(uow, ids)
    return [
        RequestSummary(
            request, people[request.employee_id], results[request.id], counts.get(request.id, Counts())
        )
        for request in requests
    ]


async def _counts(uow: UnitOfWork, request_ids: Sequence[UUID]) -> dict[UUID, Counts]:
    rows = await uow.session.execute(
        select(
            Action.request_id,
            func.count(),
            func.count().filter(Action.state == ActionState.DONE),
            func.count().filter(Action.state == ActionState.FAILED),
        )
        .join(
            Result,
            (Result.tenant_id == Action.tenant_id)
            & (Result.id == Action.result_id)
            & (Result.round == Action.round),
        )
        .where(Action.tenant_id == uow.tenant_id, Action.request_id.in_(request_ids))
        .group_by(Action.request_id)
    )
    return {request_id: Counts(*numbers) for request_id, *numbers in rows}


async def get_plan(uow: UnitOfWork, plan_id: UUID) -> Plan:
    """One plan.

    Raises:
        PlanNotFound: not in this tenant.
    """
    plan = await PlanRepository(uow).find(plan_id)
    if plan is None:
        raise PlanNotFound("There is no such plan.")
    return plan


async def get_latest_plan(uow: UnitOfWork, request_id: UUID) -> Plan:
    """The newest plan of a request.

    Raises:
        PlanNotFound: not in this tenant.
    """
    plan = await PlanRepository(uow).latest(request_id)
    if plan is None:
        raise PlanNotFound("This request has no plan.")
    return plan


async def get_action(uow: UnitOfWork, request_id: UUID, action_id: UUID) -> Action:
    """One action of a request.

    Raises:
        ActionNotFound: not in this tenant, or not in this request.
    """
    action = await ActionRepository(uow).find(action_id)
    if action is None or action.request_id != request_id:
        raise ActionNotFound("This request has no such action.")
    return action


async def list_exchanges(uow: UnitOfWork, request_id: UUID, action_id: UUID) -> Sequence[ProviderCall]:
    """What was said to and by the vendor for one action, oldest first.

    Raises:
        ActionNotFound: not in this tenant, or not in this request.
    """
    await get_action(uow, request_id, action_id)
    return await ProviderCallRepository(uow).of_action(action_id)


async def count_by_state(uow: UnitOfWork, since: datetime) -> dict[str, int]:
    """How many requests made since then are in which state."""
    rows = await uow.session.execute(
        select(Request.state, func.count())
        .where(Request.tenant_id == uow.tenant_id, Request.created_at >= since)
        .group_by(Request.state)
    )
    return {str(state): count for state, count in rows}
