"""What people do about actions that wait: send an invitation again, say that a task is done, take or hand over a task.

A worker may be looking at the action meanwhile. Whoever tells it something takes the job's row, as a worker does when
it records, so that no word is lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from services.shared.domain.audit import service as audit
from services.shared.domain.provisioning.errors import (
    ActionNotFound,
    NotAwaitingAcceptance,
    NotAwaitingPerson,
)
from services.shared.domain.provisioning.holding import hold_request
from services.shared.domain.provisioning.models import Action, Result
from services.shared.domain.provisioning.repository import ActionRepository
from services.shared.domain.provisioning.requesting import RESULT_APPLY, lock_request
from services.shared.domain.provisioning.states import ActionState
from services.shared.domain.provisioning.telling import tell_action
from services.shared.kit.uow import UnitOfWork
from services.shared.sdk.manifest import ActionKind


@dataclass(frozen=True, slots=True)
class Assignee:
    """An operator of this tenant."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an action belongs."""

    result_id: UUID
    app: str
    vendor: str
    state: ActionState


async def resend_invitation(uow: UnitOfWork, request_id: UUID, action_id: UUID) -> None:
    """Withdraw the invitation that is out, and send it anew.

    Raises:
        RequestNotFound, ActionNotFound: not in this tenant, or not in this request.
        NotAwaitingAcceptance: no invitation of this action is out.
    """
    place, action = await _take(uow, request_id, action_id)
    if action.state != ActionState.AWAITING_ACCEPTANCE:
        raise NotAwaitingAcceptance("This action does not wait for an invitation to be accepted.")
    now: datetime | None = await uow.session.scalar(select(func.clock_timestamp()))
    before = {"expires_at": action.expires_at and action.expires_at.isoformat()}
    action.params = {**action.params, "resend_at": now and now.isoformat()}
    action.state = ActionState.PENDING
    action.tries = action.settles = action.looks = 0
    action.look_at = action.error = action.note = None
    _written(uow, "invitation.resent", action, before=before, after={"app": place.app})
    tell_action(uow, request_id, place.app, action.id, action.state)


async def look_now(uow: UnitOfWork, request_id: UUID, action_id: UUID) -> None:
    """Ask the vendor at once what became of an invitation.

    Raises:
        RequestNotFound, ActionNotFound: not in this tenant, or not in this request.
        NotAwaitingAcceptance: no invitation of this action is out.
    """
    _, action = await _take(uow, request_id, action_id)
    if action.state != ActionState.AWAITING_ACCEPTANCE:
        raise NotAwaitingAcceptance("This action does not wait for an invitation to be accepted.")
    action.look_at = func.clock_timestamp()
    await uow.session.flush()


async def say_done(uow: UnitOfWork, request_id: UUID, action_id: UUID, note: str | None) -> None:
    """A person has done the task: the worker looks at once whether the vendor shows it.

    Saying it again while that is being looked at, or when it has been confirmed, changes nothing.

    Raises:
        RequestNotFound, ActionNotFound: not in this tenant, or not in this request.
        NotAwaitingPerson: it is no task, or it is not its turn, or it was given up.
    """
    if (await _place(uow, request_id, action_id)).state is ActionState.DONE:
        action = await ActionRepository(uow).find(action_id)
        if action is not None and action.kind == ActionKind.MANUAL_TASK:
            return
    place, action = await _take(uow, request_id, action_id)
    if action.state != ActionState.AWAITING_PERSON:
        raise NotAwaitingPerson(_why_not(action))
    if action.look_at is not None:
        return
    now: datetime | None = await uow.session.scalar(select(func.now()))
    by = {"id": uow.actor.id, "name": uow.actor.name}
    action.said_done = {"at": now and now.isoformat(), "by": by, "note": note}
    action.look_at = func.now()
    action.looks = 0
    action.note = action.error = None
    _written(uow, "task.said_done", action, after={"app": place.app, "note": note})
    await uow.session.flush()
    tell_action(uow, request_id, place.app, action.id, ActionState.AWAITING_PERSON)


async def assign_task(uow: UnitOfWork, request_id: UUID, action_id: UUID, assignee: Assignee | None) -> None:
    """Whose task it is from now on; None: nobody's in particular.

    Raises:
        ActionNotFound: not in this tenant, or not in this request.
        NotAwaitingPerson: it is no task, or it has ended.
    """
    place = await _place(uow, request_id, action_id)
    action = await ActionRepository(uow).find(action_id, lock=True)
    if action is None:
        raise ActionNotFound("This request has no such action.")
    open_ = action.state in {ActionState.PENDING, ActionState.AWAITING_PERSON}
    if action.kind != ActionKind.MANUAL_TASK or not open_:
        raise NotAwaitingPerson(_why_not(action))
    before = {"assignee": action.assignee_name}
    wanted = (assignee.id, assignee.name) if assignee else (None, None)
    if wanted == (action.assignee_id, action.assignee_name):
        return
    action.assignee_id, action.assignee_name = wanted
    _written(uow, "task.assigned", action, before=before, after={"assignee": wanted[1], "app": place.app})
    tell_action(uow, request_id, place.app, action.id, action.state)


def _why_not(action: Action) -> str:
    if action.kind != ActionKind.MANUAL_TASK:
        return "This action is no task for a person."
    if action.state == ActionState.PENDING:
        return "It is not this task's turn yet: something before it is not done."
    return f"This task has ended: it is {action.state}."


async def _place(uow: UnitOfWork, request_id: UUID, action_id: UUID) -> _Place:
    """Read without a lock: the job's row comes first."""
    rows = await uow.session.execute(
        select(Action.result_id, Result.app, Result.vendor, Action.state)
        .join(Result, (Result.tenant_id == Action.tenant_id) & (Result.id == Action.result_id))
        .where(
            Action.tenant_id == uow.tenant_id,
            Action.request_id == request_id,
            Action.id == action_id,
        )
    )
    for row in rows:
        return _Place(row.result_id, row.app, row.vendor, ActionState(row.state))
    raise ActionNotFound("This request has no such action.")


async def _take(uow: UnitOfWork, request_id: UUID, action_id: UUID) -> tuple[_Place, Action]:
    """An action with its app's job promised for now, both locked, so that a worker hears of it."""
    place = await _place(uow, request_id, action_id)
    await hold_request(uow, request_id)
    await uow.ensure_job(RESULT_APPLY, place.result_id, lane=place.vendor)
    await lock_request(uow, request_id)
    action = await ActionRepository(uow).find(action_id, lock=True)
    if action is None:
        raise ActionNotFound("This request has no such action.")
    return place, action


def _written(uow: UnitOfWork, what: str, action: Action, **parts: Mapping[str, Any]) -> None:
    audit.write_down(
        uow,
        what,
        target_kind="action",
        target_id=action.id,
        target_label=action.title,
        before=parts.get("before"),
        after={"request_id": str(action.request_id), **parts.get("after", {})},
    )
