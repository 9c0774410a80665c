"""`options.refresh`: live choices of a form field."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.shared.domain.option.service import OptionWork, load_options, store_options
from services.shared.kit.jobs.ledger import Claim, finish, later
from services.shared.kit.uow import UnitOfWork
from services.shared.sdk.catalogue import Explained
from services.shared.sdk.contract import Known, Option, Person
from services.shared.sdk.optional import OffersOptions
from services.shared.sdk.registry import get_provider
from services.worker.explaining import explained, worker_lost
from services.worker.limits.throttled import Throttled
from services.worker.runner import Transactions
from services.worker.vendor import Ledger, VendorDesk, vendor_time

OPTIONS_SECONDS = 20.0
WAIT_SECONDS = 5.0
"""Choices wait this long for their turn under a vendor's limits; somebody has the field open."""
NOBODY = Person(employee_id=UUID(int=0), full_name="Nobody", work_email="nobody@invalid")
"""Choices are nobody's in particular."""


@dataclass(frozen=True, slots=True)
class OptionTasks:
    """Tasks about choices."""

    transactions: Transactions
    desk: VendorDesk

    async def refresh(self, claim: Claim) -> None:
        """Ask the vendor and keep what it told."""
        async with self.transactions.under(claim) as uow:
            work = await load_options(uow, claim.subject_id)
            if work is None:
                await finish(uow.transaction, claim)
                return
        found = await self._ask(work, claim.tenant_id)
        async with self.transactions.under(claim) as uow:
            if isinstance(found, Throttled):
                await later(uow.session, claim, timedelta(seconds=found.delay), counted=False)
                return
            await store_options(uow, work.id, found)
            await finish(uow.transaction, claim)

    async def lost(self, uow: UnitOfWork, claim: Claim, why: str) -> None:
        """Nobody could ask."""
        await store_options(uow, claim.subject_id, worker_lost(why))

    async def _ask(self, work: OptionWork, tenant_id: UUID) -> Sequence[Option] | Explained | Throttled:
        provider = get_provider(work.app)
        if not isinstance(provider, OffersOptions):
            return worker_lost(f"{provider.manifest.title} offers no choices.")
        ledger = Ledger("options")
        try:
            async with (
                vendor_time(ledger, OPTIONS_SECONDS),
                self.desk.open(provider, tenant_id, "options") as session,
            ):
                context = session.read_context(NOBODY, Known(), ledger)
                return await provider.options(context, work.name, work.query)
        except Throttled as throttled:
            return throttled if throttled.delay <= WAIT_SECONDS else explained(throttled, provider)
        except Exception as error:  # noqa: BLE001  # whatever the vendor does is told, not raised
            return explained(error, provider)
