"""The worker's half of waiting: an invitation is looked at now and then, a task when somebody says that it is done.

A look holds nothing while the vendor is asked. What people and vendors' events do meanwhile changes the action's
row, so what was seen is recorded only while the row is as it was.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from services.shared.domain.account.service import known_of, note_outcome
from services.shared.domain.provisioning.models import Action, Request, Result
from services.shared.domain.provisioning.repository import ActionRepository
from services.shared.domain.provisioning.states import ActionState
from services.shared.domain.provisioning.telling import tell_action
from services.shared.domain.provisioning.work import ActionWork, ResultWork
from services.shared.kit.actors import ActorKind
from services.shared.kit.uow import UnitOfWork
from services.shared.sdk.catalogue import Explained
from services.shared.sdk.contract import Outcome

LOOK_IN = timedelta(minutes=15)
"""Until an invitation is looked at, where its vendor says nothing else."""


def names_of(work: ResultWork, outcome: Outcome) -> list[str]:
    """What an event of the vendor may call this account, in lower case."""
    names = (
        outcome.remote_id,
        outcome.login,
        work.known.remote_id,
        work.known.login,
        work.person.work_email,
    )
    return sorted({name.lower() for name in names if name})


async def hand_over(uow: UnitOfWork, work: ResultWork, action: ActionWork) -> None:
    """The task's turn has come: it waits for a person, at first for whoever asked for all this."""
    asked = await uow.session.execute(
        select(Request.actor_id, Request.actor_name).where(
            Request.tenant_id == uow.tenant_id,
            Request.id == work.request_id,
            Request.actor_kind == ActorKind.OPERATOR,
        )
    )
    operator_id, name = next(((row.actor_id, row.actor_name) for row in asked), (None, None))
    action.state = ActionState.AWAITING_PERSON
    action.look_at, action.look_seconds = None, None
    await ActionRepository(uow).change(
        action.id,
        state=action.state,
        started_at=func.coalesce(Action.started_at, func.now()),
        # Somebody may have taken it before its turn.
        assignee_name=func.coalesce(Action.assignee_name, name),
        assignee_id=func.coalesce(Action.assignee_id, operator_id),
        next_try_at=None,
        look_at=None,
        looks=0,
        note=None,
        error=None,
        finished_at=None,
    )
    tell_action(uow, work.request_id, work.app, action.id, action.state)


async def hold_unchanged(uow: UnitOfWork, action: ActionWork, *, told: bool) -> bool:
    """Keep others from this waiting action until the transaction ends. False when it is not as we read it.

    With `told` also when somebody has asked for another look since; what is done stays done whatever they say.
    """
    look_at = (action.look_at,) if told else None
    return await ActionRepository(uow).hold_unchanged(action.id, action.state, look_at)


async def look_again(
    uow: UnitOfWork,
    work: ResultWork,
    action: ActionWork,
    delay: timedelta,
    *,
    seen: Outcome | None = None,
    error: Explained | None = None,
) -> None:
    """It still waits. `seen` is what the vendor showed, `error` why it could not be asked."""
    action.looks += 1
    if seen is not None:
        account = await note_outcome(uow, work.employee_id, work.app, action.planned.kind, seen)
        work.known = known_of(account, siblings=work.known.siblings)
    values: dict[str, object] = {} if seen is None else {"known_as": names_of(work, seen)}
    if seen is not None and seen.expires_at is not None:
        values["expires_at"] = seen.expires_at
    await _wait_on(uow, action, delay, error, **values)
    if action.troubled is not (error is not None):
        tell_action(uow, work.request_id, work.app, action.id, action.state)


async def put_back(
    uow: UnitOfWork, work: ResultWork, action: ActionWork, note: str, error: Explained | None
) -> None:
    """The vendor does not show the task as done: it waits for a person again, who is told why."""
    action.looks = 0
    await _wait_on(uow, action, None, error, note=note)
    tell_action(uow, work.request_id, work.app, action.id, action.state)


async def _wait_on(
    uow: UnitOfWork, action: ActionWork, delay: timedelta | None, error: Explained | None, **values: object
) -> None:
    action.look_seconds = None if delay is None else delay.total_seconds()
    await ActionRepository(uow).change(
        action.id,
        looks=action.looks,
        look_at=None if delay is None else func.now() + delay,
        error=None if error is None else error.model_dump(mode="json"),
        **values,
    )


async def told_meanwhile(uow: UnitOfWork, work: ResultWork) -> bool:
    """Whether somebody has changed this app since we read it: said, resent, heard, tried again.

    Asked in the transaction that ends the job. Who tells something takes the job's row first, so nobody is missed.
    """
    round_ = await uow.session.scalar(
        select(Result.round).where(Result.tenant_id == uow.tenant_id, Result.id == work.result_id)
    )
    if round_ != work.round:
        return True
    stored = await _stored(uow, work)
    return any(stored.get(item.id) != (item.state, _due(item)) for item in work.actions)


async def _stored(uow: UnitOfWork, work: ResultWork) -> dict[UUID, tuple[ActionState, bool]]:
    rows = await uow.session.execute(
        select(Action.id, Action.state, Action.look_at, func.clock_timestamp().label("now")).where(
            Action.tenant_id == uow.tenant_id, Action.result_id == work.result_id, Action.round == work.round
        )
    )
    return {row.id: (ActionState(row.state), _is_due(row.look_at, row.now)) for row in rows}


def _is_due(look_at: datetime | None, now: datetime) -> bool:
    return look_at is not None and look_at <= now


def _due(action: ActionWork) -> bool:
    return action.look_seconds is not None and action.look_seconds <= 0
