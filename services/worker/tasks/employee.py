"""`employee.tags`: what tags queue follows the tags that somebody has."""

from dataclasses import dataclass

from services.shared.domain.tag_rule.following import follow_tags
from services.shared.kit.jobs.ledger import Claim, finish
from services.shared.kit.logging import get_logger
from services.shared.kit.uow import UnitOfWork
from services.worker.runner import Transactions

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TagTasks:
    """Tasks about people's tags."""

    transactions: Transactions

    async def follow(self, claim: Claim) -> None:
        """Queue whoever got a tag, withdraw whoever lost it."""
        async with self.transactions.under(claim) as uow:
            await follow_tags(uow, claim.subject_id)
            await finish(uow.transaction, claim)

    async def lost(self, _uow: UnitOfWork, _claim: Claim, why: str) -> None:
        """The dead letter is all there is: the next change of the person's tags looks again."""
        log.error("tags_not_followed", why=why)
