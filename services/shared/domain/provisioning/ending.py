"""How apps and requests end: their states follow from what became of their actions."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from services.shared.domain.provisioning import statements
from services.shared.domain.provisioning.models import Action, Result
from services.shared.domain.provisioning.repository import ActionRepository, ResultRepository
from services.shared.domain.provisioning.requesting import hold_request_row
from services.shared.domain.provisioning.states import (
    ACTION_OPEN,
    ACTION_WAITING,
    REQUEST_ENDED,
    RESULT_ENDED,
    ActionState,
    EffectState,
    ResultState,
    derive_request,
    derive_result,
)
from services.shared.domain.provisioning.telling import tell_request, tell_result
from services.shared.domain.provisioning.waking import wake_run
from services.shared.domain.provisioning.work import ResultWork
from services.shared.kit.uow import UnitOfWork
from services.shared.sdk.catalogue import Explained


async def finish_result(uow: UnitOfWork, work: ResultWork) -> ResultState:
    """Every action has ended: so has the app, and perhaps the request."""
    state = (
        derive_result([action.state for action in work.actions]) if work.actions else ResultState.CANCELLED
    )
    await end_result(uow, work, state, await _first_error(uow, work))
    return state


async def _first_error(uow: UnitOfWork, work: ResultWork) -> dict[str, Any] | None:
    if not any(action.state is ActionState.FAILED for action in work.actions):
        return None
    found: dict[str, Any] | None = await uow.session.scalar(
        select(Action.error)
        .where(
            Action.tenant_id == uow.tenant_id,
            Action.result_id == work.result_id,
            Action.round == work.round,
            Action.state == ActionState.FAILED,
        )
        .order_by(Action.ordinal)
        .limit(1)
    )
    return found


async def wait_result(uow: UnitOfWork, work: ResultWork) -> None:
    """Actions wait for their next try and nothing else goes on: the app says when and why, if it does not yet."""
    if work.state is ResultState.WAITING_RETRY:
        return
    found = await uow.session.execute(
        select(Action.next_try_at, Action.error)
        .where(
            Action.tenant_id == uow.tenant_id,
            Action.result_id == work.result_id,
            Action.round == work.round,
            Action.state.in_([ActionState.WAITING_RETRY, ActionState.SETTLING]),
        )
        .order_by(Action.next_try_at)
        .limit(1)
    )
    for row in found:
        work.state = ResultState.WAITING_RETRY
        reason = (row.error or {}).get("message")
        await _store(uow, work, next_try_at=row.next_try_at, waiting_reason=reason)


async def rest_result(uow: UnitOfWork, work: ResultWork) -> None:
    """Nothing goes on by itself: the app waits for somebody, and its request runs on."""
    state = derive_result([action.state for action in work.actions])
    if state != work.state:
        await end_result(uow, work, state, await _first_error(uow, work))


async def lose_result(uow: UnitOfWork, result_id: UUID, why: Explained) -> None:
    """The workers of this app died again and again: say so, and stop."""
    result = await ResultRepository(uow).find(result_id, lock=True)
    if result is None or result.state in RESULT_ENDED:
        return
    for row in await ActionRepository(uow).of_result(result.id, result.round):
        if row.state in ACTION_OPEN | ACTION_WAITING:
            begun = row.state in ACTION_WAITING | {ActionState.RUNNING}
            row.state = ActionState.FAILED if begun else ActionState.BLOCKED
            row.look_at = None
            if begun:
                row.error = why.model_dump(mode="json")
                row.effect = EffectState.UNKNOWN if row.effect == EffectState.SENT else row.effect
    result.state = ResultState.ERROR
    result.error = why.model_dump(mode="json")
    result.finished_at = func.now()
    await uow.session.flush()
    tell_result(uow, result.request_id, result.app, result.state)
    await settle_request(uow, result.request_id)


async def end_result(
    uow: UnitOfWork, work: ResultWork, state: ResultState, error: dict[str, Any] | None
) -> None:
    """An app has ended (or waits for somebody); derive its request's state."""
    work.state = state
    await uow.run(
        statements.END_RESULT, id=work.result_id, state=state, error=error, ended=state in RESULT_ENDED
    )
    tell_result(uow, work.request_id, work.app, work.state)
    await settle_request(uow, work.request_id)


async def _store(uow: UnitOfWork, work: ResultWork, **values: Any) -> None:
    await uow.session.execute(
        update(Result)
        .where(Result.tenant_id == uow.tenant_id, Result.id == work.result_id)
        .values(state=work.state, **values)
    )
    tell_result(uow, work.request_id, work.app, work.state)


async def settle_request(uow: UnitOfWork, request_id: UUID) -> None:
    """Derive a request's state from its apps. The row lock keeps two apps that end at once apart."""
    request = await hold_request_row(uow, request_id)
    rows = await uow.run(statements.RESULT_STATES, request_id=request_id)
    state = derive_request(ResultState(row.state) for row in rows)
    if state != request.state:
        await uow.run(statements.SETTLE_REQUEST, id=request_id, state=state, ended=state in REQUEST_ENDED)
        tell_request(uow, request_id, state)
        await wake_run(uow, request.schedule_run_id)
