"""`notification.process` and `subscription.resync`: what changed is looked at at the vendor, and kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.shared.domain.notification import processing, resyncing
from services.shared.domain.notification.processing import MOST_TRIES, EventWork
from services.shared.domain.notification.resources import ResourceKind
from services.shared.domain.notification.resyncing import Resync
from services.shared.kit.db import DatabaseFailure
from services.shared.kit.faults import faultpoint
from services.shared.kit.jobs.ledger import Claim, LeaseLost, bury, finish, later
from services.shared.kit.logging import get_logger
from services.shared.kit.uow import UnitOfWork
from services.shared.sdk.catalogue import Explained
from services.shared.sdk.notifying import Changes, CursorLost, Seen
from services.worker import metrics
from services.worker.backoff import retry_delay
from services.worker.explaining import worker_lost
from services.worker.limits.throttled import Throttled
from services.worker.notifier import Talk, find_notifier, talk
from services.worker.runner import Transactions
from services.worker.vendor import VendorDesk
from services.worker.watching import REPLAY, passes_by_itself, problem_of

log = get_logger(__name__)
MOST_PAGES = 5000
"""Of one root in one round; a vendor whose links never end must not keep a worker."""
AT_ONCE = 100

LAST_REMEDY = "Replay it when Microsoft answers again. If it lasts, look at Microsoft's status page."
"""Of one that was given up: nobody tries again by themselves."""


@dataclass(frozen=True, slots=True)
class NotificationTasks:
    """Tasks about what arrived. `backoff` is in seconds."""

    transactions: Transactions
    desk: VendorDesk
    backoff: float

    async def process(self, claim: Claim) -> None:
        """Look at what one notification is about."""
        await faultpoint("job.after_claim")
        async with self.transactions.under(claim) as uow:
            work = await processing.begin_event(uow, claim.subject_id)
            await uow.session.flush()
            if work is None:
                await finish(uow.transaction, claim)
                return
        try:
            if await self._opened(claim, work):
                return
            seen = await self._look(claim, work)
        except Throttled as throttled:
            async with self.transactions.under(claim) as uow:
                await processing.untry_event(uow, work.id)
                await later(uow.session, claim, timedelta(seconds=throttled.delay), counted=False)
            return
        except Exception as error:  # noqa: BLE001  # whatever the vendor does is told, not raised
            await self._failed(claim, work, error)
            return
        await faultpoint("look.before_record")
        async with self.transactions.under(claim) as uow:
            await processing.finish_event(uow, work, seen)
            await uow.session.flush()
            await finish(uow.transaction, claim)
        metrics.NOTIFICATIONS.labels("done").inc()

    async def _opened(self, claim: Claim, work: EventWork) -> bool:
        """Whether what came along, sealed, was all that was needed."""
        if work.encrypted is None:
            return False
        body = await self.desk.broker.open_notification(claim.tenant_id, work.encrypted, work.received_at)
        if body is None:
            return False
        seen: Seen = find_notifier().read_sealed(work.kind, body)  # type: ignore[attr-defined]  # it was found by this
        await faultpoint("look.before_record")
        async with self.transactions.under(claim) as uow:
            if not await processing.keep_sealed(uow, work, seen):
                return False
            await uow.session.flush()
            await finish(uow.session, claim)
        metrics.NOTIFICATIONS.labels("done").inc()
        return True

    async def _look(self, claim: Claim, work: EventWork) -> Seen:
        async with talk(self.desk, claim.tenant_id, "read") as (vendor, _):
            return await vendor.notifier.read_changed(vendor.reading, work.kind, work.resource)

    async def _failed(self, claim: Claim, work: EventWork, error: Exception) -> None:
        problem = problem_of(error, work.kind, REPLAY)
        is_final = work.tries >= MOST_TRIES
        if is_final and passes_by_itself(error, problem):
            problem["remedy"] = LAST_REMEDY
        metrics.NOTIFICATIONS.labels("dead" if is_final else "retrying").inc()
        async with self.transactions.under(claim) as uow:
            await processing.fail_event(uow, work.id, problem, is_final=is_final)
            await uow.session.flush()
            if is_final:
                await bury(uow.transaction, claim, {"error": problem["message"]})
            else:
                after = getattr(error, "retry_after", None)
                delay = retry_delay(work.tries, base=self.backoff, retry_after=after)
                await later(uow.session, claim, delay, {"error": problem["message"]})
        if is_final:
            log.error("notification_dead", notification_id=str(work.id), code=problem["code"])

    async def lost(self, uow: UnitOfWork, claim: Claim, why: str) -> None:
        """Its workers died over it: a dead letter."""
        await processing.fail_event(uow, claim.subject_id, _as_error(worker_lost(why)), is_final=True)

    async def resync(self, claim: Claim) -> None:
        """Read what changed since the last round, and close the gaps."""
        await faultpoint("job.after_claim")
        async with self.transactions.under(claim) as uow:
            work = await resyncing.begin_resync(uow, claim.subject_id)
            if work is None:
                await finish(uow.transaction, claim)
                return
        try:
            roots = await self._roots(claim, work)
            for root in roots:
                await self._read(claim, work, root)
            await self._find_absent(claim, work)
        except Throttled as throttled:
            async with self.transactions.under(claim) as uow:
                await later(uow.session, claim, timedelta(seconds=throttled.delay), counted=False)
            return
        except (LeaseLost, DatabaseFailure):
            raise
        except Exception as error:  # noqa: BLE001  # whatever the vendor does is told, not raised
            problem = problem_of(error, work.kind)
            metrics.RESYNCS.labels("failed").inc()
            log.error("resync_failed", alert=True, subscription_id=str(work.id), code=problem["code"])  # noqa: TRY400  # no defect: told on the subscription
            async with self.transactions.under(claim) as uow:
                await resyncing.fail_resync(uow, work.id, problem)
                delay = retry_delay(
                    claim.attempt, base=self.backoff, retry_after=getattr(error, "retry_after", None)
                )
                await later(uow.session, claim, delay, {"error": problem["message"]})
            return
        async with self.transactions.under(claim) as uow:
            await resyncing.end_resync(uow, work, roots)
            await uow.session.flush()
            if await resyncing.gaps_are_left(uow, work.id):
                await later(uow.session, claim, timedelta(0), counted=False)
            else:
                await finish(uow.transaction, claim)
        metrics.RESYNCS.labels("done").inc()

    async def _roots(self, claim: Claim, work: Resync) -> list[str]:
        async with talk(self.desk, claim.tenant_id, "read") as (vendor, _):
            found = await vendor.notifier.list_roots(vendor.reading, work.kind, work.resource)
        # A window of time in a calendar's address is frozen in its link: the round goes on with the old one.
        kept = {root.partition("?")[0]: root for root in work.cursors}
        return [kept.get(root.partition("?")[0], root) for root in found]

    async def _read(self, claim: Claim, work: Resync, root: str) -> None:
        held = work.cursors.get(root) or {}
        at: str | None = held.get("link")
        lost, since = False, work.since
        for _ in range(MOST_PAGES):
            async with self.transactions.under(claim) as uow:
                seen_at = await resyncing.time_of(uow)
            try:
                page = await self._page(claim, work, at or root, since)
            except CursorLost:
                if at is None or lost:
                    raise  # a vendor that forgets within one round is not asked for ever
                at, lost = None, True
                metrics.RESYNCS.labels("cursor_lost").inc()
                async with self.transactions.under(claim) as uow:
                    await resyncing.lose_cursor(uow, work, root)
                    since = await resyncing.since_of_all(uow, work)
                continue
            page = await self._settled(claim, work, page)
            async with self.transactions.under(claim) as uow:
                await resyncing.keep_page(uow, work, root, page, seen_at)
            if page.ended:
                return
            at = page.link
        raise RuntimeError("the vendor's pages never end")

    async def _page(self, claim: Claim, work: Resync, at: str, since: datetime) -> Changes:
        vendor: Talk
        async with talk(self.desk, claim.tenant_id, "read") as (vendor, _):
            return await vendor.notifier.read_changes(vendor.reading, work.kind, at, since)

    async def _settled(self, claim: Claim, work: Resync, page: Changes) -> Changes:
        """The page with a look at each message that it calls removed: it may have moved to another folder."""
        gone = [one.remote_id for one in page.items if one.gone]
        if work.kind != ResourceKind.MESSAGE or not gone:
            return page
        async with self.transactions.under(claim) as uow:
            held = await resyncing.held_live(uow, gone)
        looked = {id_: await self._look_at(claim, work, id_) for id_ in sorted(held)}
        items = tuple(looked.get(one.remote_id, one) if one.gone else one for one in page.items)
        return page.model_copy(update={"items": items})

    async def _find_absent(self, claim: Claim, work: Resync) -> None:
        """Look at what a round that began anew has not shown, until nothing is left of it."""
        before: UUID | None = None
        while True:
            async with self.transactions.under(claim) as uow:
                absent = await resyncing.not_seen(uow, work, AT_ONCE, before)
            if not absent:
                return
            before = absent[-1][0]
            for _, id_ in absent:
                async with self.transactions.under(claim) as uow:
                    seen_at = await resyncing.time_of(uow)
                seen = await self._look_at(claim, work, id_)
                async with self.transactions.under(claim) as uow:
                    await resyncing.keep_looked(uow, work, seen, seen_at)

    async def _look_at(self, claim: Claim, work: Resync, remote_id: str) -> Seen:
        path = resyncing.path_of(work, remote_id)
        async with talk(self.desk, claim.tenant_id, "read") as (vendor, _):
            return await vendor.notifier.read_changed(vendor.reading, work.kind, path)

    async def resync_lost(self, uow: UnitOfWork, claim: Claim, why: str) -> None:
        """The gap stays open and says so; the next reconcile or lifecycle event tries again."""
        await resyncing.fail_resync(uow, claim.subject_id, _as_error(worker_lost(why)))


def _as_error(told: Explained) -> dict[str, str | UUID | None]:
    return {
        "code": told.code,
        "message": told.message,
        "remedy": told.remedy,
        "vendor_message": told.vendor_message,
    }
