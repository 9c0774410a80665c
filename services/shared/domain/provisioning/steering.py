"""What people do to a request that exists: cancel it, or try parts of it again."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update

from services.shared.domain.audit import service as audit
from services.shared.domain.provisioning.ending import settle_request
from services.shared.domain.provisioning.errors import (
    ActionNotFound,
    NothingToRetry,
    RequestEnded,
    ResultNotFound,
)
from services.shared.domain.provisioning.holding import hold_apps
from services.shared.domain.provisioning.models import Action, Plan, Request, Result
from services.shared.domain.provisioning.planning import restart
from services.shared.domain.provisioning.repository import (
    ActionRepository,
    ResultRepository,
)
from services.shared.domain.provisioning.requesting import RESULT_APPLY, lock_request
from services.shared.domain.provisioning.states import (
    ACTION_OPEN,
    ACTION_RETRIABLE,
    ACTION_WAITING,
    REQUEST_ENDED,
    RESULT_ENDED,
    RESULT_WAITING,
    ActionState,
    PlanState,
    RequestState,
    ResultState,
)
from services.shared.domain.provisioning.telling import tell_action, tell_request, tell_result
from services.shared.domain.provisioning.wishes import check_apps
from services.shared.kit.errors import FieldError, InvalidInput
from services.shared.kit.jobs.model import Job, JobState
from services.shared.kit.uow import UnitOfWork

DECISIONS = {"existing_account": {"adopt", "fail", "skip"}}


async def cancel_request(uow: UnitOfWork, request_id: UUID) -> Request:
    """Begin nothing more. What is running ends its present action; what was done stays done.

    Raises:
        RequestNotFound: not in this tenant.
        RequestEnded: there is nothing left to cancel.
    """
    await hold_apps(uow, request_id)
    request = await lock_request(uow, request_id)
    if request.state in REQUEST_ENDED:
        raise RequestEnded(f"This request has ended: it is {request.state}.")
    request.cancel_requested_at = func.now()
    await uow.session.execute(
        update(Plan)
        .where(
            Plan.tenant_id == uow.tenant_id,
            Plan.request_id == request.id,
            Plan.state.in_(
                [PlanState.PLANNING, PlanState.READY, PlanState.NEEDS_DECISION, PlanState.APPLYING]
            ),
        )
        .values(state=PlanState.SUPERSEDED)
    )
    for result in await ResultRepository(uow).of_requests([request.id]):
        if result.state in {ResultState.PENDING, ResultState.WAITING_RETRY} | RESULT_WAITING:
            await _cancel_result(uow, result)
    await uow.session.flush()
    await settle_request(uow, request.id)
    await uow.session.refresh(request)
    audit.write_down(
        uow, "request.cancelled", target_kind="request", target_id=request.id, target_label=str(request.id)
    )
    return request


async def _cancel_result(uow: UnitOfWork, result: Result) -> None:
    done = False
    for action in await ActionRepository(uow).of_result(result.id, result.round):
        if action.state == ActionState.DONE:
            done = True
        elif action.state in (ACTION_OPEN | ACTION_WAITING) - {ActionState.RUNNING}:
            action.state = ActionState.CANCELLED
            action.next_try_at = action.look_at = None
            tell_action(uow, result.request_id, result.app, action.id, action.state)
    result.state = ResultState.PARTIAL if done else ResultState.CANCELLED
    result.next_try_at = None
    result.waiting_reason = None
    result.finished_at = func.now()
    tell_result(uow, result.request_id, result.app, result.state)


async def retry_result(
    uow: UnitOfWork,
    request_id: UUID,
    app: str,
    *,
    fields: Mapping[str, Any] | None = None,
    decisions: Mapping[str, str] | None = None,
) -> Request:
    """Try one app again: its failed actions as they were, or a new plan where fields or decisions changed.

    An app that waits for its next try is tried at once. What waits for somebody waits on.

    Raises:
        RequestNotFound, ResultNotFound: not in this tenant, or not in this request.
        NothingToRetry: it is running, or it is done.
        InvalidInput: a field or decision is wrong.
    """
    await hold_apps(uow, request_id, Result.app == app)
    request = await lock_request(uow, request_id)
    result = await ResultRepository(uow).find_of(request.id, app)
    if result is None:
        raise ResultNotFound("This request has no such app.")
    if result.state == ResultState.WAITING_RETRY and fields is None and not decisions:
        await _hurry(uow, result)
    else:
        if result.state not in RESULT_ENDED | RESULT_WAITING:
            raise NothingToRetry("This app is still being worked on.")
        await _retry_one(uow, request, result, fields, decisions)
        _reopen(uow, request)
    _write_retry(uow, request, {"app": app, "fields": fields, "decisions": decisions})
    return request


async def _retry_one(
    uow: UnitOfWork,
    request: Request,
    result: Result,
    fields: Mapping[str, Any] | None,
    decisions: Mapping[str, str] | None,
) -> None:
    for code, value in (decisions or {}).items():
        if value not in DECISIONS.get(code, set()):
            raise InvalidInput([FieldError(f"decisions.{code}", "There is no such choice.")])
    if fields is not None:
        try:
            (wanted,) = check_apps({result.app: fields})
        except InvalidInput as error:
            prefix = f"apps.{result.app}."
            raise InvalidInput(
                [
                    FieldError("fields." + e.field.removeprefix(prefix), e.message, e.code)
                    for e in error.errors
                ]
            ) from error
        result.fields = wanted.fields
    if decisions:
        result.decisions = {**result.decisions, **decisions}
    rows = await ActionRepository(uow).of_result(result.id, result.round) if result.round else []
    again = [row for row in rows if row.state in ACTION_RETRIABLE]
    if fields is not None or decisions or not rows:
        _plan_anew(result, rows)
    elif again:
        _reset(uow, result, again)
    else:
        raise NothingToRetry("Nothing of this app has failed.")
    restart(result)
    await uow.session.flush()
    await uow.ensure_job(RESULT_APPLY, result.id, lane=result.vendor)
    tell_result(uow, request.id, result.app, result.state)


def _plan_anew(result: Result, rows: Sequence[Action]) -> None:
    """Leave the old round as history: an empty new one makes the worker plan again."""
    for row in rows:
        if row.state in {ActionState.BLOCKED, ActionState.PENDING} | ACTION_WAITING:
            row.state = ActionState.CANCELLED
            row.look_at = None
    result.round += 1 if rows else 0


def _reset(uow: UnitOfWork, result: Result, actions: Sequence[Action]) -> None:
    for row in actions:
        row.state = ActionState.PENDING
        row.tries = row.settles = row.looks = 0
        row.error = row.note = row.said_done = None
        row.next_try_at = row.look_at = row.finished_at = None
        tell_action(uow, result.request_id, result.app, row.id, row.state)


def _reopen(uow: UnitOfWork, request: Request) -> None:
    request.cancel_requested_at = None
    if request.state not in REQUEST_ENDED:
        return
    request.state = RequestState.QUEUED
    request.finished_at = None
    tell_request(uow, request.id, request.state)


async def _hurry(uow: UnitOfWork, result: Result) -> None:
    """Make the waiting job due now."""
    ids = await uow.session.scalars(
        update(Job)
        .where(
            Job.tenant_id == uow.tenant_id,
            Job.subject_id == result.id,
            Job.kind == RESULT_APPLY,
            Job.state == JobState.QUEUED,
        )
        .values(run_at=func.now())
        .returning(Job.id)
    )
    uow.rings.extend((RESULT_APPLY, job_id) for job_id in ids)
    result.next_try_at = func.now()
    tell_result(uow, result.request_id, result.app, result.state)


async def retry_action(uow: UnitOfWork, request_id: UUID, action_id: UUID) -> Request:
    """Try one failed action again, and what was blocked by it.

    Raises:
        RequestNotFound, ActionNotFound: not in this tenant, or not in this request.
        NothingToRetry: it has not failed, or its app is being worked on.
    """
    await hold_apps(uow, request_id, _of_action(uow, action_id))
    request = await lock_request(uow, request_id)
    action = await ActionRepository(uow).find(action_id, lock=True)
    if action is None or action.request_id != request.id:
        raise ActionNotFound("This request has no such action.")
    result = await ResultRepository(uow).find(action.result_id, lock=True)
    if result is None or result.state not in RESULT_ENDED | RESULT_WAITING:
        raise NothingToRetry("This app is still being worked on.")
    if action.state not in ACTION_RETRIABLE or action.round != result.round:
        raise NothingToRetry("This action has not failed.")
    rows = await ActionRepository(uow).of_result(result.id, result.round)
    again, keys = [action], {action.key}
    for row in rows:
        if row.state == ActionState.BLOCKED and keys & set(row.depends_on):
            again.append(row)
            keys.add(row.key)
    _reset(uow, result, again)
    restart(result)
    await uow.session.flush()
    await uow.ensure_job(RESULT_APPLY, result.id, lane=result.vendor)
    tell_result(uow, request.id, result.app, result.state)
    _reopen(uow, request)
    _write_retry(uow, request, {"action": action.key, "app": result.app})
    return request


def _of_action(uow: UnitOfWork, action_id: UUID) -> ColumnElement[bool]:
    found = select(Action.result_id).where(Action.tenant_id == uow.tenant_id, Action.id == action_id)
    return Result.id.in_(found)


async def retry_request(uow: UnitOfWork, request_id: UUID) -> Request:
    """Try everything again that has failed or waits.

    Raises:
        RequestNotFound: not in this tenant.
        NothingToRetry: nothing has failed.
    """
    await hold_apps(uow, request_id)
    request = await lock_request(uow, request_id)
    tried = 0
    for result in await ResultRepository(uow).of_requests([request.id]):
        if result.state == ResultState.WAITING_RETRY:
            await _hurry(uow, result)
            tried += 1
        elif await _may_retry(uow, result):
            await _retry_one(uow, request, result, None, None)
            tried += 1
    if not tried:
        raise NothingToRetry("Nothing of this request has failed.")
    _reopen(uow, request)
    _write_retry(uow, request, {})
    return request


async def _may_retry(uow: UnitOfWork, result: Result) -> bool:
    if result.state in RESULT_WAITING:
        rows = await ActionRepository(uow).of_result(result.id, result.round)
        return any(row.state in ACTION_RETRIABLE for row in rows)
    return result.state in RESULT_ENDED - {ResultState.SUCCESS}


def _write_retry(uow: UnitOfWork, request: Request, what: Mapping[str, Any]) -> None:
    audit.write_down(
        uow,
        "request.retried",
        target_kind="request",
        target_id=request.id,
        target_label=str(request.id),
        after={key: value for key, value in what.items() if value is not None},
    )
