"""Reading a request back, after the worker had its chance."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from services.api.dependencies import Caller
from services.api.requests.mapping import app_key, has_readable_password, plan_read, request_read
from services.api.requests.schemas import RequestCreate, RequestRead
from services.api.waiting import wait_for
from services.api.wire import named_as_sent
from services.shared.domain.provisioning import reading, steering
from services.shared.domain.provisioning.errors import PlanStaleNow
from services.shared.domain.provisioning.seats import Promised, promised_to_others
from services.shared.domain.provisioning.states import PlanState, RequestState
from services.shared.domain.role_template.service import TemplateView, find_version
from services.shared.kit.errors import FieldError, InvalidInput
from services.shared.kit.uow import UnitOfWork
from services.shared.sdk.errors import ErrorCode


async def read_request(caller: Caller, request_id: UUID) -> RequestRead:
    """A request as it is now.

    Raises:
        RequestNotFound: not in this tenant.
    """
    async with caller.unit() as uow:
        seen = await _look(uow, request_id)
    return await _complete(caller, seen)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A request as one transaction saw it."""

    view: reading.RequestView
    promised: Promised
    template: TemplateView | None


async def _look(uow: UnitOfWork, request_id: UUID) -> _Seen:
    view = await reading.get_request_view(uow, request_id)
    request, plan = view.request, view.plan
    promised = await promised_to_others(uow, request, plan, view.plan_parts) if plan else {}
    template = None
    if request.role_template_id is not None and request.role_template_version is not None:
        template = await find_version(uow, request.role_template_id, request.role_template_version)
    return _Seen(view, promised, template)


async def _complete(caller: Caller, seen: _Seen) -> RequestRead:
    actions = [action for result in seen.view.results for action in result.actions]
    waiting = [action.id for action in actions if has_readable_password(action)]
    sealed = await caller.backends.auth.sealed(caller.principal.tenant_id, waiting) if waiting else {}
    return request_read(seen.view, sealed, seen.promised, seen.template)


async def read_planned(caller: Caller, request_id: UUID) -> RequestRead:
    """A request once its newest plan is made; after the waiting time, as it is."""

    async def look() -> bool | None:
        async with caller.unit() as uow:
            plan = await reading.get_latest_plan(uow, request_id)
        return None if plan.state in {PlanState.PLANNING, PlanState.APPLYING} else True

    await wait_for(caller.backends.news, request_id, look, seconds=caller.backends.wait_seconds, what="plan")
    return await read_request(caller, request_id)


async def read_dry_run(caller: Caller, body: RequestCreate, request_id: UUID) -> RequestRead:
    """A dry run's request once its plan is made.

    Raises:
        InvalidInput: a vendor does not know a value (a licence, a group, an org unit); the field is named
            and the request is cancelled, so that nothing is left to apply.
    """
    made = await read_planned(caller, request_id)
    errors = [
        FieldError(
            _path(spelling_of(part.app, body.apps), part.error.field), part.error.message, part.error.code
        )
        for part in (made.plan.apps if made.plan else [])
        if part.error is not None and part.error.field and part.error.code == ErrorCode.INVALID_FIELD
    ]
    if not errors:
        return made
    if made.state == RequestState.PLANNED:
        async with caller.unit() as uow:
            await steering.cancel_request(uow, request_id)
    with named_as_sent(body):
        raise InvalidInput(errors)


def _path(app: str, field: str) -> str:
    return field if field.startswith("employee.") else f"apps.{app}.{field}"


async def read_applied(caller: Caller, request_id: UUID, plan_id: UUID) -> RequestRead:
    """A request once this plan was started; after the waiting time, as it is.

    Raises:
        PlanStaleNow: the vendors' state had changed; the new plan is attached.
    """

    async def look() -> bool | None:
        async with caller.unit() as uow:
            plan = await reading.get_plan(uow, plan_id)
        return None if plan.state == PlanState.APPLYING else True

    await wait_for(caller.backends.news, request_id, look, seconds=caller.backends.wait_seconds, what="apply")
    async with caller.unit() as uow:
        plan = await reading.get_plan(uow, plan_id)
        seen = await _look(uow, request_id)
    view = seen.view
    replaced = plan.state == PlanState.SUPERSEDED and view.plan is not None and view.plan.id != plan.id
    if replaced and view.plan is not None:
        raise PlanStaleNow(
            "The vendors' state has changed since this plan was made. Look at the new plan and apply that.",
            extra={"plan": plan_read(view.plan, view.plan_parts, seen.promised).model_dump(mode="json")},
        )
    return await _complete(caller, seen)


def by_key(decisions: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Decisions by app key; short names and keys of one app are one."""
    merged: dict[str, dict[str, str]] = {}
    for name, taken in decisions.items():
        merged.setdefault(app_key(name), {}).update(taken)
    return merged


def spelling_of(app: str, names: Collection[str]) -> str:
    """How the client wrote this app."""
    return next((name for name in names if app_key(name) == app), app)
