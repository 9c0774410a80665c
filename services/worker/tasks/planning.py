"""`plan.make` and `plan.apply`: what would be done, and whether that still holds."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.shared.domain.provisioning.executing import Exchange, record_exchanges
from services.shared.domain.provisioning.planning import (
    Planned,
    PlanWork,
    load_plan,
    start_plan,
    store_plan,
)
from services.shared.domain.provisioning.states import PlanState
from services.shared.domain.provisioning.work import AppWork
from services.shared.kit.faults import faultpoint
from services.shared.kit.jobs.ledger import Claim, finish, later
from services.shared.kit.uow import UnitOfWork
from services.shared.sdk.contract import Plan
from services.shared.sdk.registry import get_provider
from services.worker.explaining import explained, worker_lost
from services.worker.limits.throttled import Throttled
from services.worker.runner import Transactions
from services.worker.vendor import Ledger, VendorDesk, vendor_time

PLAN_SECONDS = 25.0
"""One app may take this long to read; somebody is waiting."""
WAIT_SECONDS = 30.0
"""A plan waits this long for its turn under a vendor's limits; for longer ones, people are told."""


@dataclass(frozen=True, slots=True)
class PlanTasks:
    """Tasks about plans."""

    transactions: Transactions
    desk: VendorDesk

    async def make(self, claim: Claim) -> None:
        """Read every vendor and store what would be done."""
        async with self.transactions.under(claim) as uow:
            work = await load_plan(uow, claim.subject_id, PlanState.PLANNING)
            if work is None:
                await finish(uow.transaction, claim)
                return
        await faultpoint("job.after_claim")
        made, exchanges = await self._plan(work, claim.tenant_id, "plan")
        told = {id_: plan for id_, plan in made.items() if not isinstance(plan, Throttled)}
        delays = [plan.delay for plan in made.values() if isinstance(plan, Throttled)]
        await faultpoint("plan.before_store")
        async with self.transactions.under(claim) as uow:
            await store_plan(uow, work.plan_id, told)
            await self._record(uow, work, exchanges)
            if delays:
                await later(uow.session, claim, timedelta(seconds=min(delays)), counted=False)
            else:
                await finish(uow.transaction, claim)

    async def apply(self, claim: Claim) -> None:
        """Make sure that the plan still holds, then start it."""
        async with self.transactions.under(claim) as uow:
            work = await load_plan(uow, claim.subject_id, PlanState.APPLYING)
            if work is None:
                await finish(uow.transaction, claim)
                return
        await faultpoint("job.after_claim")
        made, exchanges = await self._plan(work, claim.tenant_id, "verify")
        # What could not be read now plans by itself once it is applied.
        told = {
            app.result_id: explained(plan, get_provider(app.app)) if isinstance(plan, Throttled) else plan
            for app in work.apps
            for plan in (made[app.result_id],)
        }
        await faultpoint("plan.before_store")
        async with self.transactions.under(claim) as uow:
            await start_plan(uow, work.plan_id, told)
            await self._record(uow, work, exchanges)
            await finish(uow.transaction, claim)

    async def lost(self, uow: UnitOfWork, claim: Claim, why: str) -> None:
        """Nobody could plan this: every app says so."""
        for state, end in ((PlanState.PLANNING, store_plan), (PlanState.APPLYING, start_plan)):
            work = await load_plan(uow, claim.subject_id, state)
            if work is not None:
                await end(uow, work.plan_id, {app.result_id: worker_lost(why) for app in work.apps})

    async def _plan(
        self, work: PlanWork, tenant_id: UUID, purpose: str
    ) -> tuple[dict[UUID, Planned | Throttled], dict[UUID, list[Exchange]]]:
        ledgers = {app.result_id: Ledger(purpose) for app in work.apps}
        planned = await asyncio.gather(
            *(plan_app(self.desk, app, tenant_id, ledgers[app.result_id]) for app in work.apps)
        )
        made = {app.result_id: plan for app, plan in zip(work.apps, planned, strict=True)}
        return made, {result_id: ledger.exchanges for result_id, ledger in ledgers.items()}

    @staticmethod
    async def _record(uow: UnitOfWork, work: PlanWork, exchanges: dict[UUID, list[Exchange]]) -> None:
        for result_id, made in exchanges.items():
            await record_exchanges(uow, work.request_id, result_id, None, made)


async def plan_app(desk: VendorDesk, work: AppWork, tenant_id: UUID, ledger: Ledger) -> Planned | Throttled:
    """One app's plan, or why there is none. Never raises for what a vendor does.

    Throttled where its turn under the vendor's limits comes later, but soon enough to wait for it.
    """
    provider = get_provider(work.app)
    try:
        async with (
            vendor_time(ledger, PLAN_SECONDS),
            desk.open(provider, tenant_id, ledger.purpose) as session,
        ):
            plan: Plan = await provider.plan(
                session.read_context(work.person, work.known, ledger), work.desired
            )
            return plan
    except Throttled as throttled:
        return throttled if throttled.delay <= WAIT_SECONDS else explained(throttled, provider)
    except Exception as error:  # noqa: BLE001  # one app's failure, whatever it is, never stops another
        return explained(error, provider)
