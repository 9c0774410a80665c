"""What becomes of an app when something goes wrong: a wait, a pause until the account is reconnected, or a failure."""

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.shared.domain.connection.testing import doubt
from services.shared.domain.provisioning import executing
from services.shared.domain.provisioning.pausing import PAUSE, paused, pauses
from services.shared.domain.provisioning.states import EffectState
from services.shared.domain.provisioning.work import ActionWork, ResultWork
from services.shared.kit.jobs.ledger import Claim, finish, later
from services.shared.kit.logging import get_logger
from services.shared.kit.uow import UnitOfWork
from services.shared.sdk.catalogue import Explained, explain
from services.shared.sdk.contract import Provider
from services.shared.sdk.errors import ErrorCode, ProviderError, Transient
from services.worker import metrics
from services.worker.backoff import retry_delay, settle_delay, settled_for
from services.worker.explaining import worn_out
from services.worker.tasks.throttling import is_counted, leave_alone

log = get_logger(__name__)
MAX_RATE_LIMITS = 100


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how patiently to try."""

    max_tries: int
    backoff: float


class Trouble:
    """The troubles of one claim's work on one app."""

    def __init__(self, claim: Claim, work: ResultWork, provider: Provider[Any], patience: Patience) -> None:
        self._claim = claim
        self._work = work
        self._provider = provider
        self._patience = patience
        self.stopped = False
        """Nothing more of this app is begun now: the vendor wants to be left alone, or does not let us in."""
        self.tried = True
        """Whether what stopped it was a try."""

    async def end_planning(self, uow: UnitOfWork, error: ProviderError) -> None:
        """No plan could be made: put the job back, or end the app."""
        why = explain(error, self._provider.manifest)
        tries = self._work.tries + 1
        if pauses(error):
            await self._pause(uow, None, why, effect=None)
            await later(uow.session, self._claim, PAUSE, {"code": why.code}, counted=False)
        elif isinstance(error, Transient) and tries < self._bound(error):
            delay = await self.delay(uow, error, why, tries)
            counted = is_counted(error)
            await executing.record_wait(uow, self._work, None, why, delay=delay, effect=None, counted=counted)
            await later(uow.session, self._claim, delay, {"code": why.code}, counted=counted)
        else:
            await executing.fail_planning(uow, self._work, why)
            await finish(uow.transaction, self._claim)

    async def note(
        self, uow: UnitOfWork, action: ActionWork, error: ProviderError, *, effect: EffectState | None
    ) -> None:
        """Record what became of a try of an action."""
        why = explain(error, self._provider.manifest)
        if effect is EffectState.UNKNOWN:
            metrics.EFFECTS_UNKNOWN.labels(self._work.vendor).inc()
        if pauses(error):
            await self._pause(uow, action, why, effect=effect)
            return
        if isinstance(error, Transient) and self._patient(action, error):
            tries = action.tries + 1
            delay = await self.delay(uow, error, why, tries, settles=action.settles)
            await executing.record_wait(
                uow, self._work, action, why, delay=delay, effect=effect, counted=is_counted(error)
            )
            action.wait_seconds = delay.total_seconds()
            return
        if isinstance(error, Transient):
            why = explain(worn_out(error), self._provider.manifest)
        final = EffectState.FAILED if effect is EffectState.INTENT else effect
        log.info("action_failed", code=why.code, action=action.planned.key)
        await executing.record_failure(uow, self._work, action, why, effect=final)

    async def _pause(
        self, uow: UnitOfWork, action: ActionWork | None, why: Explained, *, effect: EffectState | None
    ) -> None:
        """Wait until the account is reconnected, which wakes this; and now and then look by ourselves."""
        metrics.PAUSED.labels(self._work.vendor).inc()
        log.info("app_paused", vendor=self._work.vendor)
        self.stopped, self.tried = True, False
        said = paused(why)
        await executing.record_wait(
            uow,
            self._work,
            action,
            said,
            delay=PAUSE,
            effect=effect,
            counted=False,
            reason=f"{said.message} {said.remedy}",
        )
        if action is not None:
            action.wait_seconds = PAUSE.total_seconds()
        await doubt(uow, self._work.vendor)

    def _patient(self, action: ActionWork, error: Transient) -> bool:
        if error.code is ErrorCode.SETTLING:
            bound = max(self._provider.manifest.limits.settle_seconds, 10)
            return settled_for(action.settles) < bound
        return action.tries + 1 < self._bound(error)

    def _bound(self, error: Transient) -> float:
        if not is_counted(error):
            return math.inf
        return MAX_RATE_LIMITS if error.code is ErrorCode.RATE_LIMITED else self._patience.max_tries

    async def delay(
        self, uow: UnitOfWork, error: Transient, why: Explained, tries: int, *, settles: int = 0
    ) -> timedelta:
        """How long to wait; a rate limit is shared with every worker of this tenant and vendor."""
        if error.code is ErrorCode.SETTLING:
            return settle_delay(settles, error.retry_after)
        delay = retry_delay(tries, base=self._patience.backoff, retry_after=error.retry_after)
        if error.code is not ErrorCode.RATE_LIMITED:
            return delay
        self.stopped, self.tried = True, is_counted(error)
        return await leave_alone(uow, self._claim, self._work.vendor, error, why, backoff=delay)
