"""The worker's half of applying: begin, record, finish. Each call is part of one short transaction.

The caller holds the job's fence (`kit.jobs.ledger.enter_job`), so nothing here lands from a worker
that was declared dead.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update

from services.shared.domain.account import service as accounts
from services.shared.domain.account.service import known_of, note_outcome
from services.shared.domain.provisioning import statements
from services.shared.domain.provisioning.ending import end_result
from services.shared.domain.provisioning.models import Action, Result
from services.shared.domain.provisioning.planning import activate, add_actions, close_plan, fill_part
from services.shared.domain.provisioning.repository import (
    ActionRepository,
)
from services.shared.domain.provisioning.requesting import hold_request_row
from services.shared.domain.provisioning.states import (
    ACTION_OPEN,
    ACTION_WAITING,
    RESULT_ENDED,
    RESULT_WAITING,
    ActionState,
    EffectState,
    PlanState,
    RequestState,
    ResultState,
)
from services.shared.domain.provisioning.telling import tell_action, tell_plan, tell_request, tell_result
from services.shared.domain.provisioning.waiting import LOOK_IN, names_of
from services.shared.domain.provisioning.work import ActionWork, ResultWork, action_work, result_work
from services.shared.kit.direct import Direct, Transaction, run
from services.shared.kit.ids import uuid7
from services.shared.kit.jobs.ledger import Claim, LeaseLost
from services.shared.kit.prepared import Prepared
from services.shared.kit.uow import UnitOfWork
from services.shared.sdk.catalogue import Explained
from services.shared.sdk.contract import Outcome, OutcomeState
from services.shared.sdk.contract import Plan as ProviderPlan
from services.shared.sdk.errors import ErrorCode
from services.shared.sdk.registry import elder_siblings_of

_MARK_SENT = Prepared(
    text("SELECT api.mark_action_sent(:tenant_id, :job_id, :fence, :action_id, :has_password) AS marked")
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call to a vendor, already redacted. `status` is None when no answer came."""

    purpose: str
    method: str
    path: str
    status: int | None
    ms: int
    attempt: int
    request_body: dict[str, Any] | None
    response_body: dict[str, Any] | None


_SAID = tuple(one.name for one in fields(Exchange))


async def load_result(uow: UnitOfWork, result_id: UUID) -> ResultWork | None:
    """Everything about an app that is to be applied, and mark it as running. None when it has ended.

    One that waits for somebody stays as it is: looking at it is no news. `begin_action` marks it when it goes on.
    """
    found = await uow.run(statements.LOAD_RESULT, id=result_id)
    if not found or found[0].state in RESULT_ENDED:
        return None
    (row,) = found
    work = result_work(row, await accounts.find_known(uow, row.employee_id, row.app))
    if await _sibling_works(uow, work):
        work.known = work.known.model_copy(update={"sibling_at_work": True})
    if work.round:
        rows = await ActionRepository(uow).of_result(result_id, work.round)
        now = await uow.session.scalar(select(func.clock_timestamp())) if rows else None
        work.actions = [action_work(one, now) for one in rows]
    if row.request_state == RequestState.QUEUED and await uow.run(
        statements.REQUEST_RUNS, id=work.request_id
    ):
        tell_request(uow, work.request_id, RequestState.RUNNING)
    if work.state not in RESULT_WAITING:
        await _runs(uow, work)
    return work


async def _sibling_works(uow: UnitOfWork, work: ResultWork) -> bool:
    """Whether an app of the vendor that comes before this one is under way in the same request."""
    elders = elder_siblings_of(work.app)
    if not elders:
        return False
    found = await uow.session.scalar(
        select(Result.id)
        .where(
            Result.tenant_id == uow.tenant_id,
            Result.request_id == work.request_id,
            Result.app.in_(elders),
            Result.state.in_((ResultState.PENDING, ResultState.RUNNING, ResultState.WAITING_RETRY)),
        )
        .limit(1)
    )
    return found is not None


async def _runs(uow: UnitOfWork, work: ResultWork) -> None:
    await uow.run(statements.RESULT_RUNS, id=work.result_id)
    work.state = ResultState.RUNNING
    tell_result(uow, work.request_id, work.app, work.state)


async def take_plan(uow: UnitOfWork, work: ResultWork, plan: ProviderPlan) -> bool:
    """Store a plan that nobody wanted to see first, and make its actions. False when it needs a decision."""
    request = await hold_request_row(uow, work.request_id)
    held = await uow.run(statements.HOLD_RESULT, id=work.result_id)
    if not held:
        return False
    await _fill_direct_plan(uow, work, plan)
    if plan.choices:
        return False
    await activate(uow, request.employee_id, request.person)
    work.round = held[0].round + 1
    await uow.run(statements.NEW_ROUND, id=work.result_id, round=work.round)
    ids = await add_actions(uow, work.request_id, work.result_id, work.round, plan)
    work.actions = [
        ActionWork(id=id_, planned=planned, state=ActionState.PENDING, effect=None, tries=0, settles=0)
        for id_, planned in zip(ids, plan.actions, strict=True)
    ]
    return True


async def _fill_direct_plan(uow: UnitOfWork, work: ResultWork, planned: ProviderPlan | Explained) -> None:
    latest = await uow.run(statements.LATEST_PLAN, request_id=work.request_id)
    if not latest:
        return
    (plan,) = latest
    await fill_part(uow, plan.id, work.result_id, planned)
    if plan.state != PlanState.PLANNING:
        return
    if await close_plan(uow, plan.id, work.request_id) == PlanState.READY:
        await uow.run(statements.PLAN_APPLIED, id=plan.id)
        tell_plan(uow, work.request_id, plan.id, PlanState.APPLIED)


async def begin_action(uow: UnitOfWork, work: ResultWork, action: ActionWork, fence: int) -> None:
    """The action is intended under this claim. What was perhaps sent before keeps saying so."""
    if work.state in RESULT_WAITING:
        await _runs(uow, work)
    action.state = ActionState.RUNNING
    if not action.maybe_sent:
        action.effect = EffectState.INTENT
    await uow.run(statements.BEGIN_ACTION, id=action.id, effect=action.effect, fence=fence)
    tell_action(uow, work.request_id, work.app, action.id, action.state)


async def mark_sent(
    transaction: Transaction | Direct, claim: Claim, action: ActionWork, *, has_password: bool
) -> None:
    """A write is about to leave for the vendor: from here on it may have happened.

    One statement, under the claim's fence; with `Direct` it is its own transaction.

    Raises:
        LeaseLost: somebody else has the job now.
    """
    (found,) = await run(
        transaction,
        _MARK_SENT,
        tenant_id=claim.tenant_id,
        job_id=claim.id,
        fence=claim.fence,
        action_id=action.id,
        has_password=has_password,
    )
    if not found.marked:
        raise LeaseLost(f"{claim.kind} {claim.id} fence {claim.fence}")
    action.effect = EffectState.SENT


async def find_other_owner(uow: UnitOfWork, work: ResultWork, outcome: Outcome) -> str | None:
    """Whose account this is in our books, when it is somebody else's: one account has one owner."""
    if outcome.remote_id is None or outcome.remote_id == work.known.remote_id:
        return None
    return await accounts.find_other_owner(uow, work.employee_id, work.app, outcome.remote_id)


async def record_outcome(
    uow: UnitOfWork,
    work: ResultWork,
    action: ActionWork,
    outcome: Outcome,
    *,
    look_in: timedelta = LOOK_IN,
) -> None:
    """The vendor was read back: the action is done, and our books say so.

    Or its invitation waits: then it is looked at again after `look_in`.
    """
    waiting = outcome.state is OutcomeState.AWAITING_ACCEPTANCE
    action.state = ActionState.AWAITING_ACCEPTANCE if waiting else ActionState.DONE
    action.effect = EffectState.CONFIRMED
    action.look_seconds = look_in.total_seconds() if waiting else None
    await uow.run(
        statements.RECORD_OUTCOME,
        id=action.id,
        state=action.state,
        note=outcome.note,
        expires_at=outcome.expires_at,
        look_in=look_in if waiting else None,
        known_as=names_of(work, outcome) if waiting else None,
    )
    account = await note_outcome(uow, work.employee_id, work.app, action.planned.kind, outcome)
    work.known = known_of(account, siblings=work.known.siblings)
    tell_action(uow, work.request_id, work.app, action.id, action.state)


async def record_wait(
    uow: UnitOfWork,
    work: ResultWork,
    action: ActionWork | None,
    why: Explained,
    *,
    delay: timedelta,
    effect: EffectState | None,
    counted: bool = True,
    reason: str | None = None,
) -> None:
    """Not now: try again after `delay`. Without an action it is the planning that waits.

    `counted=False` where nothing was tried. `reason` is what the app says, by default the error's message.
    """
    settling = why.code is ErrorCode.SETTLING
    if action is not None:
        action.state = ActionState.SETTLING if settling else ActionState.WAITING_RETRY
        action.effect = effect
        if settling:
            action.settles += 1
        elif counted:
            action.tries += 1
        await _set(
            uow,
            action.id,
            state=action.state,
            effect=effect,
            tries=action.tries,
            settles=action.settles,
            next_try_at=func.now() + delay,
            error=why.model_dump(mode="json"),
        )
        tell_action(uow, work.request_id, work.app, action.id, action.state)
    work.state = ResultState.WAITING_RETRY
    await uow.session.execute(
        update(Result)
        .where(Result.tenant_id == uow.tenant_id, Result.id == work.result_id)
        .values(
            state=work.state,
            next_try_at=func.now() + delay,
            waiting_reason=reason or why.message,
            **({"tries": Result.tries + 1} if counted and action is None else {}),
        )
    )
    tell_result(uow, work.request_id, work.app, work.state)


async def record_failure(
    uow: UnitOfWork, work: ResultWork, action: ActionWork, why: Explained, *, effect: EffectState | None
) -> None:
    """The vendor said no: this action failed, and what depends on it is blocked. The rest goes on."""
    action.state, action.effect = ActionState.FAILED, effect
    await _set(
        uow,
        action.id,
        state=action.state,
        effect=effect,
        look_at=None,
        error=why.model_dump(mode="json"),
        tries=Action.tries + 1,
        finished_at=func.now(),
    )
    tell_action(uow, work.request_id, work.app, action.id, action.state)
    barred = {action.planned.key}
    for later in work.actions:
        if later.state is ActionState.PENDING and barred & set(later.planned.depends_on):
            barred.add(later.planned.key)
            later.state = ActionState.BLOCKED
            await _set(uow, later.id, state=ActionState.BLOCKED)
            tell_action(uow, work.request_id, work.app, later.id, later.state)


async def fail_planning(uow: UnitOfWork, work: ResultWork, why: Explained) -> None:
    """No plan could be made for this app, and trying again by itself would not help."""
    await _fill_direct_plan(uow, work, why)
    await end_result(uow, work, ResultState.ERROR, why.model_dump(mode="json"))


async def refuse_for_decision(uow: UnitOfWork, work: ResultWork, why: Explained) -> None:
    """The plan needs a person's decision; it is stored, and retrying with a decision goes on from it."""
    await end_result(uow, work, ResultState.ERROR, why.model_dump(mode="json"))


async def cancel_open(uow: UnitOfWork, work: ResultWork) -> None:
    """Nothing more is begun: what is still open is cancelled."""
    for action in work.actions:
        if action.state in (ACTION_OPEN | ACTION_WAITING) - {ActionState.RUNNING}:
            action.state = ActionState.CANCELLED
            await _set(uow, action.id, state=ActionState.CANCELLED, next_try_at=None, look_at=None)
            tell_action(uow, work.request_id, work.app, action.id, action.state)


async def cancel_requested(uow: UnitOfWork, request_id: UUID) -> bool:
    """Whether somebody asked to stop."""
    found = await uow.run(statements.CANCEL_REQUESTED, id=request_id)
    return bool(found) and bool(found[0].requested)


async def record_exchanges(
    uow: UnitOfWork, work_request_id: UUID, result_id: UUID, action_id: UUID | None, made: Sequence[Exchange]
) -> None:
    """Keep what was said to and by the vendor."""
    about = {"request_id": work_request_id, "result_id": result_id, "action_id": action_id}
    said = [{"id": uuid7(), **about, **{name: getattr(one, name) for name in _SAID}} for one in made]
    await uow.insert(statements.ADD_CALLS, said)


async def _set(uow: UnitOfWork, action_id: UUID, **values: Any) -> None:
    await ActionRepository(uow).change(action_id, **values)
