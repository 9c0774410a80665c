"""`/api/requests`."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.api.connecting import connected_apps
from services.api.dependencies import CurrentCaller, IdempotencyKey, Paging, Unit, allowed
from services.api.metrics import REQUESTS_CREATED
from services.api.once import answer_once
from services.api.requests import revealing
from services.api.requests.answering import (
    by_key,
    read_applied,
    read_dry_run,
    read_planned,
    read_request,
    spelling_of,
)
from services.api.requests.mapping import app_key, call_read, summary_read, wish_of
from services.api.requests.schemas import (
    CallPage,
    FirstPassword,
    PlanApply,
    RequestCreate,
    RequestPage,
    RequestRead,
    ResultRetry,
)
from services.api.wire import Moment, Search, named_as_sent
from services.shared.domain.provisioning import planning, reading, requesting, steering
from services.shared.domain.provisioning.states import RequestState
from services.shared.domain.provisioning.waiting_for import WaitingFor
from services.shared.kit.errors import FieldError, InvalidInput
from services.shared.kit.uow import UnitOfWork
from services.shared.web.principal import Permission

router = APIRouter(prefix="/api/requests", tags=["requests"])
READ = [allowed(Permission.REQUESTS_READ)]
WRITE = [allowed(Permission.REQUESTS_WRITE)]


@router.post("", status_code=201, dependencies=WRITE, response_model=RequestRead)
async def create_request(
    body: RequestCreate, caller: CurrentCaller, http: Request, idempotency_key: IdempotencyKey = None
) -> Any:
    """Make a request. With `dry_run` it is only planned, and the answer holds the plan."""
    connected = await connected_apps(caller) if body.role_template else None

    async def act(uow: UnitOfWork) -> UUID:
        with named_as_sent(body):
            made = await requesting.create_request(uow, wish_of(body, connected))
        return made.id

    async def answer(request_id: UUID) -> RequestRead:
        if body.dry_run:
            return await read_dry_run(caller, body, request_id)
        return await read_request(caller, request_id)

    made = await answer_once(
        caller,
        idempotency_key,
        route=f"{http.method} {http.url.path}",
        body=body.model_dump(mode="json"),
        status=201,
        act=act,
        answer=answer,
    )
    REQUESTS_CREATED.labels(body.kind, str(body.dry_run).lower()).inc()
    return made


@router.get("", dependencies=READ)
async def list_requests(
    uow: Unit,
    page: Paging,
    state: RequestState | None = None,
    app: Search | None = None,
    q: Search | None = None,
    tag: Search | None = None,
    since: Annotated[Moment | None, Query(alias="from")] = None,
    until: Annotated[Moment | None, Query(alias="to")] = None,
    waiting_for: WaitingFor | None = None,
) -> RequestPage:
    """Requests, newest first. `waiting_for` finds those with a task or an invitation that waits so."""
    found = await reading.list_requests(
        uow,
        page,
        state=state,
        app=app_key(app) if app else None,
        text=q or None,
        tag=tag or None,
        since=since,
        until=until,
        waiting_for=waiting_for,
    )
    return RequestPage(
        items=[summary_read(item) for item in found.items],
        total=found.total,
        limit=found.limit,
        offset=found.offset,
    )


@router.get("/{request_id}", dependencies=READ)
async def get_request(request_id: UUID, caller: CurrentCaller) -> RequestRead:
    """One request with its results and its newest plan."""
    return await read_request(caller, request_id)


@router.post("/{request_id}/plan", dependencies=WRITE, response_model=RequestRead)
async def plan_request(
    request_id: UUID, caller: CurrentCaller, http: Request, idempotency_key: IdempotencyKey = None
) -> Any:
    """Plan again, against the vendors' present state."""

    async def act(uow: UnitOfWork) -> UUID:
        await requesting.plan_again(uow, request_id)
        return request_id

    return await answer_once(
        caller,
        idempotency_key,
        route=f"{http.method} {http.url.path}",
        body=None,
        status=200,
        act=act,
        answer=lambda planned_id: read_planned(caller, planned_id),
    )


@router.post("/{request_id}/apply", status_code=202, dependencies=WRITE, response_model=RequestRead)
async def apply_request(
    request_id: UUID,
    body: PlanApply,
    caller: CurrentCaller,
    http: Request,
    idempotency_key: IdempotencyKey = None,
) -> Any:
    """Apply a plan. 409 `plan_stale` carries the new plan when the vendors' state has changed."""

    async def act(uow: UnitOfWork) -> UUID:
        try:
            plan = await planning.apply_plan(uow, request_id, body.plan_id, by_key(body.decisions))
        except InvalidInput as error:
            raise InvalidInput([_decision_as_sent(item, body) for item in error.errors]) from error
        return plan.id

    return await answer_once(
        caller,
        idempotency_key,
        route=f"{http.method} {http.url.path}",
        body=body.model_dump(mode="json"),
        status=202,
        act=act,
        answer=lambda plan_id: read_applied(caller, request_id, plan_id),
    )


def _decision_as_sent(error: FieldError, body: PlanApply) -> FieldError:
    parts = error.field.split(".")
    if len(parts) > 1:
        parts[1] = spelling_of(parts[1], body.decisions)
    return FieldError(".".join(parts), error.message, error.code)


@router.post("/{request_id}/cancel", dependencies=WRITE)
async def cancel_request(request_id: UUID, caller: CurrentCaller) -> RequestRead:
    """Begin nothing more. What was done stays done."""
    async with caller.unit() as uow:
        await steering.cancel_request(uow, request_id)
    return await read_request(caller, request_id)


@router.post("/{request_id}/retry", status_code=202, dependencies=WRITE)
async def retry_request(request_id: UUID, caller: CurrentCaller) -> RequestRead:
    """Try everything again that has failed or waits."""
    async with caller.unit() as uow:
        await steering.retry_request(uow, request_id)
    return await read_request(caller, request_id)


@router.post("/{request_id}/results/{app}/retry", status_code=202, dependencies=WRITE)
async def retry_result(
    request_id: UUID, app: str, caller: CurrentCaller, body: ResultRetry | None = None
) -> RequestRead:
    """Try one app again, with its fields as they were or with new ones."""
    wanted = body or ResultRetry()
    async with caller.unit() as uow:
        await steering.retry_result(
            uow, request_id, app_key(app), fields=wanted.fields, decisions=wanted.decisions
        )
    return await read_request(caller, request_id)


@router.post("/{request_id}/actions/{action_id}/retry", status_code=202, dependencies=WRITE)
async def retry_action(request_id: UUID, action_id: UUID, caller: CurrentCaller) -> RequestRead:
    """Try one failed action again, and what was blocked by it."""
    async with caller.unit() as uow:
        await steering.retry_action(uow, request_id, action_id)
    return await read_request(caller, request_id)


@router.get("/{request_id}/actions/{action_id}/calls", dependencies=READ)
async def list_calls(request_id: UUID, action_id: UUID, uow: Unit) -> CallPage:
    """What was said to and by the vendor for one action, with secrets taken out."""
    calls = await reading.list_exchanges(uow, request_id, action_id)
    return CallPage(items=[call_read(call) for call in calls])


@router.post(
    "/{request_id}/actions/{action_id}/first-password", dependencies=[allowed(Permission.PASSWORDS_REVEAL)]
)
async def reveal_first_password(
    request_id: UUID, action_id: UUID, caller: CurrentCaller, response: Response
) -> FirstPassword:
    """The first password of the account that this action made. It is shown once."""
    response.headers["Cache-Control"] = "no-store"
    return FirstPassword(password=await revealing.reveal(caller, request_id, action_id))
