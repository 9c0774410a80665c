"""`schedule.fire`: one run of a schedule, from due to its request's end. Between two looks no worker is held."""

from dataclasses import dataclass
from datetime import timedelta

from services.shared.domain.schedule.running import advance_run, lose_run
from services.shared.kit.faults import faultpoint
from services.shared.kit.jobs.ledger import Claim, finish, later
from services.shared.kit.uow import UnitOfWork
from services.worker.runner import Transactions


@dataclass(frozen=True, slots=True)
class ScheduleTasks:
    """Tasks about runs."""

    transactions: Transactions

    async def fire(self, claim: Claim) -> None:
        """Bring one run as far as it goes now."""
        await faultpoint("job.after_claim")
        async with self.transactions.under(claim) as uow:
            delay = await advance_run(uow, claim.subject_id)
            await uow.session.flush()
            if delay is None:
                await finish(uow.transaction, claim)
            else:
                await later(uow.session, claim, max(delay, timedelta(0)), counted=False)
            await faultpoint("run.before_commit")
        await faultpoint("run.after_commit")

    async def lost(self, uow: UnitOfWork, claim: Claim, why: str) -> None:
        """The run says that it was given up."""
        await lose_run(uow, claim.subject_id, why)
