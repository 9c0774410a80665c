"""`connection.test`: does a connected account let us do what its apps need? Reads alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.shared.domain.connection.testing import TestWork, load_test, store_test
from services.shared.kit.jobs.ledger import Claim, finish, later
from services.shared.kit.logging import get_logger
from services.shared.kit.uow import UnitOfWork
from services.shared.sdk.catalogue import Explained
from services.shared.sdk.contract import Known, Person, Provider
from services.shared.sdk.registry import providers
from services.worker import metrics
from services.worker.explaining import explained
from services.worker.limits.throttled import Throttled
from services.worker.runner import Transactions
from services.worker.vendor import Ledger, VendorDesk, vendor_time

log = get_logger(__name__)
TEST_SECONDS = 30.0
"""One app's reads may take this long."""
NOBODY = Person(employee_id=UUID(int=0), full_name="Nobody", work_email="nobody@invalid")
"""A test is nobody's in particular."""
WORKS = "It works: every permission that is needed is there."


@dataclass(frozen=True, slots=True)
class ConnectionTasks:
    """Tasks about connected accounts."""

    transactions: Transactions
    desk: VendorDesk

    async def test(self, claim: Claim) -> None:
        """Ask each of the vendor's apps whether the account is usable, and keep what came of it."""
        async with self.transactions.under(claim) as uow:
            work = await load_test(uow, claim.subject_id)
            if work is None:
                await finish(uow.transaction, claim)
                return
        self.desk.broker.forget(claim.tenant_id, work.vendor)
        found: list[str] = []
        held_off: Throttled | None = None
        for provider in _of_vendor(work.vendor):
            said = await self._ask(provider, work, claim.tenant_id)
            if isinstance(said, Throttled):
                held_off = said
                break
            found.extend(line for line in said if line not in found)
        async with self.transactions.under(claim) as uow:
            if held_off is not None:
                await later(uow.session, claim, timedelta(seconds=held_off.delay), counted=False)
                return
            metrics.CONNECTION_TESTS.labels(work.vendor, "failed" if found else "ok").inc()
            log.info("connection_tested", vendor=work.vendor, ok=not found)
            await store_test(uow, claim.subject_id, ok=not found, message=" ".join(found) or WORKS)
            await finish(uow.transaction, claim)

    async def lost(self, uow: UnitOfWork, claim: Claim, why: str) -> None:
        """It could not be tested."""
        await store_test(uow, claim.subject_id, ok=False, message=f"The test was given up. {why}")

    async def _ask(
        self, provider: Provider[Any], work: TestWork, tenant_id: UUID
    ) -> Sequence[str] | Throttled:
        """What is wrong with the account for this app, in sentences; empty where nothing is."""
        ledger = Ledger("test")
        try:
            async with (
                vendor_time(ledger, TEST_SECONDS),
                self.desk.open(provider, tenant_id, "test") as session,
            ):
                if session.connection_id != work.connection_id:
                    return ["This account is not connected any more."]
                issues = await provider.validate(session.read_context(NOBODY, Known(), ledger))
        except Throttled as throttled:
            return throttled
        except Exception as error:  # noqa: BLE001  # whatever the vendor does is told, not raised
            return [_sentence(explained(error, provider))]
        return [issue.message for issue in issues]


def _of_vendor(vendor: str) -> list[Provider[Any]]:
    return [one for one in providers().values() if one.manifest.vendor == vendor]


def _sentence(why: Explained) -> str:
    return f"{why.message} {why.remedy}".strip()
