"""Requests as people see them: read in a few statements however many there are."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from services.shared.domain.account.models import Account
from services.shared.domain.employee.models import Employee
from services.shared.domain.employee.service import get_employee
from services.shared.domain.provisioning.errors import ActionNotFound, RequestNotFound
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
from services.shared.domain.provisioning.states import RequestState
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


@dataclass(slots=True)
class RequestSummary:
    """A line in the list of requests."""

    request: Request
    employee: Employee
    results: list[Result]


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
    actions = await ActionRepository(uow).of_requests([request.id])
    calls = await uow.session.execute(
        select(ProviderCall.action_id, func.count())
        .where(
            ProviderCall.tenant_id == uow.tenant_id,
            ProviderCall.action_id.in_([action.id for action in actions]),
        )
        .group_by(ProviderCall.action_id)
    )
    counted = {action_id: count for action_id, count in calls if action_id is not None}
    accounts = {
        account.app: account
        for account in await uow.session.scalars(
            select(Account).where(Account.tenant_id == uow.tenant_id, Account.employee_id == employee.id)
        )
    }
    views = {
        result.id: ResultView(result, account=accounts.get(result.app), calls=counted) for result in results
    }
    for action in actions:
        views[action.result_id].actions.append(action)
    plans = PlanRepository(uow)
    plan = await plans.latest(request.id)
    parts = await plans.parts(plan.id) if plan else ()
    return RequestView(request, employee, list(views.values()), plan, parts)


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
    employee_id: UUID | None = None,
) -> Page[RequestSummary]:
    """Requests, newest first."""
    requests = RequestRepository(uow)
    if employee_id is not None:
        page = await requests.of_employee(employee_id, query)
    else:
        page = await requests.page(
            requests.search(state=state, app=app, text=text, tag=tag, since=since, until=until), query
        )
    ids = [request.id for request in page.items]
    results: dict[UUID, list[Result]] = defaultdict(list)
    for result in await ResultRepository(uow).of_requests(ids):
        results[result.request_id].append(result)
    people = {
        employee.id: employee
        for employee in await uow.session.scalars(
            select(Employee).where(
                Employee.tenant_id == uow.tenant_id,
                Employee.id.in_({request.employee_id for request in page.items}),
            )
        )
    }
    items = [
        RequestSummary(request, people[request.employee_id], results[request.id]) for request in page.items
    ]
    return Page(items, page.total, page.limit, page.offset)


async def list_exchanges(uow: UnitOfWork, request_id: UUID, action_id: UUID) -> Sequence[ProviderCall]:
    """What was said to and by the vendor for one action, oldest first.

    Raises:
        ActionNotFound: not in this tenant, or not in this request.
    """
    action = await ActionRepository(uow).find(action_id)
    if action is None or action.request_id != request_id:
        raise ActionNotFound("This request has no such action.")
    return await ProviderCallRepository(uow).of_action(action_id)


async def count_by_state(uow: UnitOfWork, since: datetime) -> dict[str, int]:
    """How many requests made since then are in which state."""
    rows = await uow.session.execute(
        select(Request.state, func.count())
        .where(Request.tenant_id == uow.tenant_id, Request.created_at >= since)
        .group_by(Request.state)
    )
    return {str(state): count for state, count in rows}
