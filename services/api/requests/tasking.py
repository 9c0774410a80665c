"""What people do about actions that wait: send an invitation again, say that a task is done, take it or hand it over."""

from uuid import UUID

from fastapi import APIRouter

from services.api.dependencies import Caller, CurrentCaller, allowed
from services.api.requests.answering import read_request
from services.api.requests.schemas import ME, RequestRead, TaskAssign, TaskDone
from services.shared.domain.provisioning import tasking
from services.shared.domain.provisioning.tasking import Assignee
from services.shared.kit.actors import ActorKind
from services.shared.kit.errors import FieldError, InvalidInput
from services.shared.web.principal import GRANTED, Permission

router = APIRouter(prefix="/api/requests", tags=["requests"])
WRITE = [allowed(Permission.REQUESTS_WRITE)]


@router.post("/{request_id}/actions/{action_id}/resend", status_code=202, dependencies=WRITE)
async def resend_invitation(request_id: UUID, action_id: UUID, caller: CurrentCaller) -> RequestRead:
    """Withdraw the invitation that is out, and send it anew."""
    async with caller.unit() as uow:
        await tasking.resend_invitation(uow, request_id, action_id)
    return await read_request(caller, request_id)


@router.post("/{request_id}/actions/{action_id}/look", status_code=202, dependencies=WRITE)
async def look_now(request_id: UUID, action_id: UUID, caller: CurrentCaller) -> RequestRead:
    """Ask the vendor at once what became of an invitation, instead of waiting for the next look."""
    async with caller.unit() as uow:
        await tasking.look_now(uow, request_id, action_id)
    return await read_request(caller, request_id)


@router.post("/{request_id}/actions/{action_id}/done", status_code=202, dependencies=WRITE)
async def say_task_done(
    request_id: UUID, action_id: UUID, caller: CurrentCaller, body: TaskDone | None = None
) -> RequestRead:
    """Say that a task is done. The vendor is asked at once; what it does not show comes back with a note."""
    async with caller.unit() as uow:
        await tasking.say_done(uow, request_id, action_id, body.note if body else None)
    return await read_request(caller, request_id)


@router.post("/{request_id}/actions/{action_id}/assign", dependencies=WRITE)
async def assign_task(
    request_id: UUID, action_id: UUID, body: TaskAssign, caller: CurrentCaller
) -> RequestRead:
    """Take a task over (`me`), hand it over (an operator's address), or let it go (null)."""
    assignee = await _assignee(caller, body.assignee)
    async with caller.unit() as uow:
        await tasking.assign_task(uow, request_id, action_id, assignee)
    return await read_request(caller, request_id)


async def _assignee(caller: Caller, said: str | None) -> Assignee | None:
    """Who is meant.

    Raises:
        InvalidInput: nobody of this tenant who could do it.
        AuthAway: it cannot be found out now.
    """
    if said is None:
        return None
    principal = caller.principal
    if said == ME:
        if principal.actor.kind is not ActorKind.OPERATOR:
            raise _wrong("Only a person can take a task.", "not_a_person")
        return Assignee(principal.actor.id, principal.actor.name)
    found = await caller.backends.auth.find_operator(principal.tenant_id, said)
    if found is None:
        raise _wrong("Nobody of this tenant signs in with this address.", "unknown_operator")
    if Permission.REQUESTS_WRITE not in GRANTED[found.role]:
        raise _wrong(f"{found.name} may only read.", "may_only_read")
    return Assignee(found.operator_id, found.name)


def _wrong(message: str, code: str) -> InvalidInput:
    return InvalidInput([FieldError("assignee", message, code)])
