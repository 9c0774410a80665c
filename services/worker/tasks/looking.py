"""Looks at what waits for somebody: has the invitation been accepted, is the task done? Nothing is ever applied here."""

from datetime import timedelta
from typing import Any

from services.shared.domain.provisioning import executing, waiting
from services.shared.domain.provisioning.states import ActionState, EffectState
from services.shared.domain.provisioning.work import ActionWork, ResultWork
from services.shared.kit.db import DatabaseFailure
from services.shared.kit.jobs.ledger import LeaseLost
from services.shared.kit.logging import get_logger
from services.shared.kit.uow import UnitOfWork
from services.shared.sdk.catalogue import explain
from services.shared.sdk.contract import Outcome, OutcomeState, Provider
from services.shared.sdk.errors import ActionRequired, ProviderError, Transient
from services.worker import metrics
from services.worker.backoff import look_delay, retry_delay, settle_delay
from services.worker.explaining import as_provider_error, invitation_gone, somebody_elses
from services.worker.limits.throttled import Throttled
from services.worker.vendor import Ledger, VendorSession, vendor_time

log = get_logger(__name__)
LOOK_SECONDS = 30.0
YOUNG_SECONDS = 30.0
"""A vendor may not show at once what it has just been told to send."""
Seen = Outcome | ProviderError | None


class Lookout:
    """The looks of one claim's work on one app."""

    def __init__(self, work: ResultWork, provider: Provider[Any], *, max_tries: int, backoff: float) -> None:
        self._work = work
        self._provider = provider
        self._max_tries = max_tries
        self._backoff = backoff

    async def ask(self, session: VendorSession, action: ActionWork, ledger: Ledger) -> Seen:
        """What the vendor shows. Every failure is an answer, none is raised, but our own database's."""
        context = session.read_context(self._work.person, self._work.known, ledger)
        try:
            async with vendor_time(ledger, LOOK_SECONDS):
                return await self._provider.confirm(context, action.planned)
        except (LeaseLost, DatabaseFailure):
            raise
        except Exception as error:  # noqa: BLE001  # whatever the vendor does is told, not raised
            return as_provider_error(error, self._provider.manifest.title)

    def next_look(self, action: ActionWork) -> timedelta:
        """When an invitation is looked at again."""
        every = self._provider.manifest.limits.acceptance_poll_seconds
        return look_delay(action.looks, every=every, expires_in=action.expires_seconds)

    async def record(
        self, uow: UnitOfWork, action: ActionWork, seen: Seen, *, held_off: timedelta | None = None
    ) -> bool:
        """Record what was seen. False when somebody changed the action meanwhile: then it must be read again.

        `held_off` is how long the vendor must be left alone after an error.
        """
        done = isinstance(seen, Outcome) and seen.state is OutcomeState.DONE
        if not await waiting.hold_unchanged(uow, action, told=not done):
            return False
        metrics.LOOKS.labels(self._work.vendor, _said(seen)).inc()
        owner = await executing.find_other_owner(uow, self._work, seen) if isinstance(seen, Outcome) else None
        if owner is not None:
            seen = somebody_elses(owner, self._provider)
        if isinstance(seen, ProviderError):
            await self._could_not_ask(uow, action, seen, held_off)
        elif seen is not None:
            await self._shown(uow, action, seen)
        elif action.state is ActionState.AWAITING_PERSON:
            note = f"{self._provider.manifest.title} does not show it yet."
            await waiting.put_back(uow, self._work, action, note, None)
        elif self._is_young(action):
            await waiting.look_again(uow, self._work, action, settle_delay(action.looks))
        else:
            log.info("invitation_gone", action=action.planned.key)
            await executing.record_failure(
                uow, self._work, action, invitation_gone(), effect=EffectState.FAILED
            )
        return True

    async def _shown(self, uow: UnitOfWork, action: ActionWork, seen: Outcome) -> None:
        invited = action.state is ActionState.AWAITING_ACCEPTANCE
        if seen.state is OutcomeState.SETTLING:
            delay = settle_delay(action.looks, seen.retry_after)
            await waiting.look_again(uow, self._work, action, delay)
        elif seen.state is OutcomeState.AWAITING_ACCEPTANCE and invited:
            await waiting.look_again(uow, self._work, action, self.next_look(action), seen=seen)
        else:
            log.info("wait_ended", action=action.planned.key, invited=invited)
            await executing.record_outcome(uow, self._work, action, seen, look_in=self.next_look(action))

    async def _could_not_ask(
        self, uow: UnitOfWork, action: ActionWork, error: ProviderError, held_off: timedelta | None
    ) -> None:
        if isinstance(error, Throttled):
            action.looks -= 1  # a look that was not made
            await waiting.look_again(uow, self._work, action, held_off or timedelta(seconds=error.delay))
            return
        why = explain(error, self._provider.manifest)
        log.warning("look_failed", code=why.code, action=action.planned.key)
        tries = action.looks + 1
        passes = isinstance(error, Transient)
        soon = held_off or retry_delay(tries, base=self._backoff)
        if action.state is ActionState.AWAITING_PERSON:
            if passes and tries < self._max_tries:
                await waiting.look_again(uow, self._work, action, soon, error=why)
            else:
                note = f"OneClick could not see whether it is done. {why.message}"
                await waiting.put_back(uow, self._work, action, note, why)
            return
        if isinstance(error, ActionRequired) and not self._is_young(action):
            await executing.record_failure(uow, self._work, action, why, effect=EffectState.FAILED)
            return
        # An invitation is not lost because it cannot be seen now.
        delay = held_off or (min(soon, self.next_look(action)) if passes else self.next_look(action))
        await waiting.look_again(uow, self._work, action, delay, error=why)

    def _is_young(self, action: ActionWork) -> bool:
        bound = max(self._provider.manifest.limits.settle_seconds, YOUNG_SECONDS)
        return action.sent_seconds is not None and action.sent_seconds < bound


def _said(seen: Seen) -> str:
    if isinstance(seen, Outcome):
        return seen.state.value
    return "failed" if isinstance(seen, ProviderError) else "gone"
