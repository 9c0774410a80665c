"""`result.apply`: one app of one request, action by action. Claim, (act, record)*, finish."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.shared.domain.provisioning import ending, executing, waiting
from services.shared.domain.provisioning.states import ACTION_OPEN, ActionState, EffectState
from services.shared.domain.provisioning.work import ActionWork, ResultWork
from services.shared.kit.db import DatabaseFailure
from services.shared.kit.faults import faultpoint
from services.shared.kit.jobs.ledger import Claim, LeaseLost, finish, later
from services.shared.kit.logging import get_logger
from services.shared.kit.uow import UnitOfWork
from services.shared.sdk.catalogue import explain
from services.shared.sdk.contract import Outcome, OutcomeState, Plan, Provider
from services.shared.sdk.errors import ErrorCode, ProviderError, Transient
from services.shared.sdk.registry import get_provider
from services.worker.explaining import (
    as_provider_error,
    decision_needed,
    settled,
    somebody_elses,
    worker_lost,
)
from services.worker.runner import Transactions
from services.worker.tasks.first_password import FirstPassword
from services.worker.tasks.looking import Lookout
from services.worker.tasks.throttling import tell_others
from services.worker.tasks.trouble import Patience, Trouble
from services.worker.vendor import Ledger, VendorDesk, VendorSession, vendor_time

log = get_logger(__name__)
ACTION_SECONDS = 120.0
"""One try of one action may take this long in all."""
RESEND_AT = "resend_at"


@dataclass(frozen=True, slots=True)
class ResultTasks:
    """Tasks about results."""

    transactions: Transactions
    desk: VendorDesk
    patience: Patience

    async def apply(self, claim: Claim) -> None:
        """Bring one app as far as it goes now, then finish the job or put it back for later."""
        async with self.transactions.under(claim) as uow:
            work = await executing.load_result(uow, claim.subject_id)
            if work is None:
                await finish(uow.transaction, claim)
                return
        await faultpoint("job.after_claim")
        await Application(self, claim, work, get_provider(work.app)).run()

    async def lost(self, uow: UnitOfWork, claim: Claim, why: str) -> None:
        """The app says that it was given up."""
        await ending.lose_result(uow, claim.subject_id, worker_lost(why))


@dataclass(frozen=True, slots=True)
class _Begun:
    """An action that is intended under our claim, and what was known of its effect before."""

    action: ActionWork
    before: EffectState | None


class Application:
    """One claim's work on one app."""

    def __init__(self, tasks: ResultTasks, claim: Claim, work: ResultWork, provider: Provider[Any]) -> None:
        self._transactions = tasks.transactions
        self._desk = tasks.desk
        self._patience = tasks.patience
        self._claim = claim
        self._work = work
        self._provider = provider
        self._lookout = Lookout(
            work, provider, max_tries=tasks.patience.max_tries, backoff=tasks.patience.backoff
        )
        self._trouble = Trouble(claim, work, provider, tasks.patience)
        self._moved = False
        """Somebody changed this app while we looked: it must be read again."""

    async def run(self) -> None:
        """Everything that can be done now."""
        if self._work.cancelled:
            await self._finish(cancel=True)
            return
        if self._work.actions and not await self._has_calls_to_make():
            await self._end()
            return
        try:
            async with self._desk.open(self._provider, self._claim.tenant_id, "apply") as session:
                if self._work.actions:
                    await self._act(session, await self._begin_first())
                else:
                    await self._plan(session)
        except ProviderError as error:
            await self._cannot_begin(error)

    async def _has_calls_to_make(self) -> bool:
        """Whether the vendor is needed. Tasks whose turn has come are handed to people without it."""
        if (action := self._next()) is not None and action.is_task and not action.waits:
            async with self._transactions.under(self._claim) as uow:
                await self._hand_over(uow)
        return self._next() is not None

    async def _cannot_begin(self, error: ProviderError) -> None:
        """No session with the vendor: nothing was tried."""
        if not self._work.actions:
            await self._after_plan_error(error, Ledger("plan"))
            return
        async with self._transactions.under(self._claim) as uow:
            while (action := await self._hand_over(uow)) is not None and action.waits:
                self._moved = not await self._lookout.record(uow, action, error)
            if action is not None:
                await self._trouble.note(uow, action, error, effect=action.effect)
                await self._hand_over(uow)
        await self._end()

    # Planning: for requests that nobody wanted to see the plan of first.

    async def _plan(self, session: VendorSession) -> None:
        """Plan, make the actions and go on with them, unless the job has ended here."""
        ledger = Ledger("plan")
        try:
            async with vendor_time(ledger, ACTION_SECONDS):
                plan: Plan = await self._provider.plan(
                    session.read_context(self._work.person, self._work.known, ledger), self._work.desired
                )
        except Exception as caught:  # noqa: BLE001  # told to people, never to the other apps
            error = as_provider_error(caught, self._provider.manifest.title)
            await tell_others(session, error, backoff=self._patience.backoff)
            await self._after_plan_error(error, ledger)
            return
        await faultpoint("plan.before_store")
        async with self._transactions.under(self._claim) as uow:
            await self._record(uow, None, ledger)
            taken = await executing.take_plan(uow, self._work, plan)
            if taken:
                begun = await self._begin(uow)
            else:
                why = decision_needed(plan.choices[0].message if plan.choices else "", self._provider)
                await executing.refuse_for_decision(uow, self._work, why)
                await finish(uow.transaction, self._claim)
        if taken:
            await self._act(session, begun)

    async def _after_plan_error(self, error: ProviderError, ledger: Ledger) -> None:
        async with self._transactions.under(self._claim) as uow:
            await self._record(uow, None, ledger)
            await self._trouble.end_planning(uow, error)

    # Acting

    async def _begin_first(self) -> _Begun | None:
        async with self._transactions.under(self._claim) as uow:
            return await self._begin(uow)

    async def _act(self, session: VendorSession, begun: _Begun | None) -> None:
        """One action after the other, as far as each other's ends allow.

        An action is begun in the transaction that records the plan, or the action before it.
        """
        while begun is not None:
            begun = await self._try(session, begun)
        await self._end(cancel=self._work.cancelled)

    async def _begin(self, uow: UnitOfWork) -> _Begun | None:
        """Begin the next action, if there is one and nobody asked to stop. One that waits is only looked at."""
        if self._trouble.stopped or self._next() is None:
            return None
        if await executing.cancel_requested(uow, self._work.request_id):
            self._work.cancelled = True
            return None
        action = await self._hand_over(uow)
        if action is None:
            return None
        before = action.effect
        if not action.waits:
            await executing.begin_action(uow, self._work, action, self._claim.fence)
        return _Begun(action, before)

    async def _hand_over(self, uow: UnitOfWork) -> ActionWork | None:
        """Give people the tasks whose turn has come; the next action that is no such task."""
        while (action := self._next()) is not None and action.is_task and not action.waits:
            await waiting.hand_over(uow, self._work, action)
        return action

    def _next(self) -> ActionWork | None:
        """What can be begun, or looked at, now."""
        if self._moved:
            return None
        done = self._done()
        for item in self._work.actions:
            if item.waits:
                if item.look_seconds is not None and item.look_seconds <= 0:
                    return item
            elif (
                item.state in ACTION_OPEN
                and item.wait_seconds <= 0
                and done.issuperset(item.planned.depends_on)
            ):
                return item
        return None

    def _done(self) -> set[str]:
        return {item.planned.key for item in self._work.actions if item.state is ActionState.DONE}

    async def _try(self, session: VendorSession, begun: _Begun) -> _Begun | None:
        """One try of one action, recorded; the next action, begun."""
        action = begun.action
        if action.waits:
            return await self._look(session, action)
        password = FirstPassword(self._desk.broker, self._claim, self._work, action)

        async def note_sent() -> None:
            direct = self._transactions.direct
            await executing.mark_sent(direct, self._claim, action, has_password=password.given)

        ledger = Ledger("apply", attempt=action.tries + 1, before_write=note_sent)
        await faultpoint("effect.before_sent")
        try:
            async with vendor_time(ledger, ACTION_SECONDS):
                outcome = settled(await self._outcome(session, action, ledger, password), self._provider)
        except (LeaseLost, DatabaseFailure):
            raise
        except Exception as caught:  # noqa: BLE001  # every failure is recorded, none is raised
            error = as_provider_error(caught, self._provider.manifest.title)
            await tell_others(session, error, backoff=self._patience.backoff)
            effect = ledger.effect_after_error(begun.before or EffectState.INTENT)
            async with self._transactions.under(self._claim) as uow:
                await self._record(uow, action, ledger)
                await self._trouble.note(uow, action, error, effect=effect)
                return await self._begin(uow)
        await faultpoint("effect.before_record")
        async with self._transactions.under(self._claim) as uow:
            await self._record(uow, action, ledger)
            if (owner := await executing.find_other_owner(uow, self._work, outcome)) is not None:
                error = somebody_elses(owner, self._provider)
                await self._trouble.note(uow, action, error, effect=EffectState.CONFIRMED)
            else:
                look_in = self._lookout.next_look(action)
                await executing.record_outcome(uow, self._work, action, outcome, look_in=look_in)
            following = await self._begin(uow)
        await faultpoint("effect.after_record")
        return following

    async def _outcome(
        self, session: VendorSession, action: ActionWork, ledger: Ledger, password: FirstPassword
    ) -> Outcome:
        """Read back first what may have happened; act only where nothing is there."""
        person, known = self._work.person, self._work.known
        if action.maybe_sent:
            ledger.purpose = "confirm"
            found = await self._provider.confirm(session.read_context(person, known, ledger), action.planned)
            again = found is not None and found.state is OutcomeState.AWAITING_ACCEPTANCE
            if found is not None and not (again and RESEND_AT in action.planned.params):
                return found
            ledger.purpose = "apply"
        context = session.write_context(person, known, ledger, password)
        outcome: Outcome = await self._provider.apply(context, action.planned)
        return outcome

    async def _look(self, session: VendorSession, action: ActionWork) -> _Begun | None:
        """Look at an action that waits, and record what was seen; the next action, begun."""
        ledger = Ledger("confirm", attempt=action.looks + 1)
        seen = await self._lookout.ask(session, action, ledger)
        if isinstance(seen, ProviderError):
            await tell_others(session, seen, backoff=self._patience.backoff)
        await faultpoint("look.before_record")
        async with self._transactions.under(self._claim) as uow:
            await self._record(uow, action, ledger)
            held_off = None
            if isinstance(seen, Transient) and (seen.retry_after or seen.code is ErrorCode.RATE_LIMITED):
                why = explain(seen, self._provider.manifest)
                held_off = await self._trouble.delay(uow, seen, why, action.looks + 1)
            self._moved = not await self._lookout.record(uow, action, seen, held_off=held_off)
            return await self._begin(uow)

    async def _record(self, uow: UnitOfWork, action: ActionWork | None, ledger: Ledger) -> None:
        await executing.record_exchanges(
            uow,
            self._work.request_id,
            self._work.result_id,
            action.id if action else None,
            ledger.exchanges,
        )

    # Ending

    async def _end(self, *, cancel: bool = False) -> None:
        await faultpoint("job.before_finish")
        going, watched = self._going(), [item for item in self._work.actions if item.waits]
        if cancel or not (going or watched or self._moved):
            await self._finish(cancel=cancel)
            return
        async with self._transactions.under(self._claim) as uow:
            if self._moved or (watched and await waiting.told_meanwhile(uow, self._work)):
                await later(uow.session, self._claim, timedelta(0), counted=False)
                uow.rings.append((self._claim.kind, self._claim.id))
                return
            looks = [max(item.look_seconds, 1.0) for item in watched if item.look_seconds is not None]
            waits = [item.wait_seconds for item in going if item.wait_seconds > 0]
            if going:
                await ending.wait_result(uow, self._work)
            else:
                await ending.rest_result(uow, self._work)
            if going or looks:
                delay = timedelta(seconds=min([*waits, *looks], default=1.0))
                await later(uow.session, self._claim, delay, counted=bool(going) and self._trouble.tried)
            else:
                # Whoever says that a task is done promises a new job.
                await finish(uow.transaction, self._claim)

    def _going(self) -> list[ActionWork]:
        """What goes on by itself, now or after a wait."""
        done = self._done()
        return [
            item
            for item in self._work.actions
            if item.state in ACTION_OPEN
            and (item.wait_seconds > 0 or done.issuperset(item.planned.depends_on))
        ]

    async def _finish(self, *, cancel: bool) -> None:
        async with self._transactions.under(self._claim) as uow:
            if cancel:
                await executing.cancel_open(uow, self._work)
            await ending.finish_result(uow, self._work)
            await finish(uow.transaction, self._claim)
