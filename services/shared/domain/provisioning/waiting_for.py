"""What waits for whom."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, func, select

from services.shared.domain.provisioning.models import Action, Request
from services.shared.domain.provisioning.states import ActionState
from services.shared.kit.actors import ActorKind
from services.shared.kit.uow import UnitOfWork


class WaitingFor(StrEnum):
    ME = "me"
    """A task of the caller's."""
    PERSON = "person"
    """A task of one of us, whoever that is."""
    NOBODY = "nobody"
    """A task that nobody in particular has."""
    INVITED = "invited"
    """An invitation that the invited person has not accepted."""


@dataclass(frozen=True, slots=True)
class Tasks:
    """How many tasks wait for one of us. `id` is None for those that nobody in particular has."""

    id: str | None
    name: str | None
    tasks: int


@dataclass(frozen=True, slots=True)
class Waits:
    """Everything that waits for a person."""

    mine: int
    tasks: tuple[Tasks, ...]
    """The most first."""
    invitations: int


def has_waiting(uow: UnitOfWork, whom: WaitingFor) -> ColumnElement[bool]:
    """Whether a request has an action that waits so."""
    statement = select(Action.id).where(
        Action.tenant_id == Request.tenant_id, Action.request_id == Request.id, _waits(whom)
    )
    if whom is WaitingFor.ME:
        statement = statement.where(Action.assignee_id == _me(uow))
    elif whom is WaitingFor.NOBODY:
        statement = statement.where(Action.assignee_id.is_(None))
    return statement.exists()


def _waits(whom: WaitingFor) -> ColumnElement[bool]:
    invited = whom is WaitingFor.INVITED
    return Action.state == (ActionState.AWAITING_ACCEPTANCE if invited else ActionState.AWAITING_PERSON)


def _me(uow: UnitOfWork) -> str:
    return uow.actor.id if uow.actor.kind is ActorKind.OPERATOR else ""


async def count_waits(uow: UnitOfWork) -> Waits:
    """How much waits for whom, now."""
    rows = await uow.session.execute(
        select(Action.state, Action.assignee_id, func.max(Action.assignee_name).label("name"), func.count())
        .where(
            Action.tenant_id == uow.tenant_id,
            Action.state.in_([ActionState.AWAITING_ACCEPTANCE, ActionState.AWAITING_PERSON]),
        )
        .group_by(Action.state, Action.assignee_id)
        .order_by(func.count().desc(), Action.assignee_id)
    )
    invitations, tasks = 0, []
    for state, assignee_id, name, count in rows:
        if state == ActionState.AWAITING_ACCEPTANCE:
            invitations += count
        else:
            tasks.append(Tasks(assignee_id, name, count))
    mine = sum(item.tasks for item in tasks if item.id is not None and item.id == _me(uow))
    return Waits(mine, tuple(tasks), invitations)
