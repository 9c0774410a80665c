"""`subscription.keep` and `subscription.watch`: what is wanted at the vendor, kept so."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from pydantic import SecretStr

from services.shared.domain.notification import keeping
from services.shared.domain.notification.keeping import Keep, Step
from services.shared.domain.notification.taking import hash_client_state
from services.shared.kit.db import DatabaseFailure
from services.shared.kit.faults import faultpoint
from services.shared.kit.jobs.ledger import Claim, LeaseLost, finish, later
from services.shared.kit.logging import get_logger
from services.shared.kit.uow import UnitOfWork
from services.shared.sdk.errors import Transient
from services.shared.sdk.notifying import (
    Certificate,
    LifeTooLong,
    RemoteSubscription,
    SubscriptionGone,
    SubscriptionOrder,
)
from services.worker import metrics
from services.worker.backoff import retry_delay
from services.worker.explaining import worker_lost
from services.worker.limits.throttled import Throttled
from services.worker.notifier import Talk, talk
from services.worker.runner import Transactions
from services.worker.vendor import Ledger, VendorDesk
from services.worker.watching import NotConfigured, passes_by_itself, problem_of

log = get_logger(__name__)
MOST_STEPS = 6
"""In one go; a vendor that undoes everything must not keep a worker."""
AGAIN_SECONDS = 3600.0
SOON = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class SubscriptionTasks:
    """Tasks about subscriptions. `url` is where the vendor posts to: our receiver's public address."""

    transactions: Transactions
    desk: VendorDesk
    url: str | None
    backoff: float

    async def keep(self, claim: Claim) -> None:
        """Take one step after another until nothing is to do before the renewal, and come again then."""
        await faultpoint("job.after_claim")
        for _ in range(MOST_STEPS):
            async with self.transactions.under(claim) as uow:
                work = await keeping.next_step(uow, claim.subject_id)
                await uow.session.flush()
                if work is None:
                    await finish(uow.transaction, claim)
                    return
                if work.step is Step.WAIT:
                    await later(uow.session, claim, work.wait, counted=False)
                    return
            if work.lapsed:
                metrics.SUBSCRIPTIONS_LAPSED.inc()
                log.error("subscription_lapsed", alert=True, subscription_id=str(work.id))
            try:
                await self._take(claim, work)
            except (LeaseLost, DatabaseFailure):
                raise
            except Exception as error:  # noqa: BLE001  # whatever the vendor does is told, not raised
                await self._refused(claim, work, error)
                return
        async with self.transactions.under(claim) as uow:
            await later(uow.session, claim, timedelta(seconds=self.backoff * 10))

    async def _take(self, claim: Claim, work: Keep) -> None:
        match work.step:
            case Step.CREATE:
                await self._create(claim, work)
            case Step.RENEW:
                await self._renew(claim, work)
            case Step.REAUTHORIZE:
                await self._reauthorize(claim, work)
            case _:
                await self._delete(claim, work)
        metrics.SUBSCRIPTION_STEPS.labels(work.step, "done").inc()

    async def _create(self, claim: Claim, work: Keep) -> None:
        url = self._address(work.id)
        client_state = secrets.token_urlsafe(32)

        async def note() -> None:
            async with self.transactions.under(claim) as uow:
                await keeping.note_sent(uow, work.id, hash_client_state(client_state))

        if work.in_doubt and await self._adopt(claim, work, url):
            return
        certificate = await self._certificate(claim, work)
        order = SubscriptionOrder(
            resource=work.resource,
            kind=work.kind,
            change_types=work.change_types,
            url=url,
            client_state=SecretStr(client_state),
            expires_at=work.expires_at,
            certificate=certificate,
        )
        ledger = Ledger("none")
        try:
            async with talk(self.desk, claim.tenant_id, "subscribe", before_write=note) as (vendor, ledger):
                made = await vendor.notifier.create_subscription(vendor.writing, order)
        except LifeTooLong as error:
            await self._shorten(claim, work, error)
            return
        except Exception:
            if ledger.writes and ledger.refused == ledger.writes:
                async with self.transactions.under(claim) as uow:
                    await keeping.forget_sent(uow, work.id)
            raise
        await faultpoint("effect.before_record")
        await self._granted(claim, work, made)

    async def _adopt(self, claim: Claim, work: Keep, url: str) -> bool:
        """Whether a creation that nobody heard the end of had arrived: then it is ours, with the state it was sent."""
        async with talk(self.desk, claim.tenant_id, "read") as (vendor, _):
            there = await vendor.notifier.list_subscriptions(vendor.reading)
        mine = [one for one in there if one.url == url]
        if not mine:
            async with self.transactions.under(claim) as uow:
                await keeping.forget_sent(uow, work.id)
            return False
        await self._granted(claim, work, max(mine, key=lambda one: one.expires_at))
        return True

    async def _certificate(self, claim: Claim, work: Keep) -> Certificate | None:
        """What a rich one is sealed for. It is replaced by the year: every renewal brings the present one."""
        return await self.desk.broker.notification_certificate(claim.tenant_id) if work.rich else None

    async def _renew(self, claim: Claim, work: Keep) -> None:
        certificate = await self._certificate(claim, work)
        try:
            async with talk(self.desk, claim.tenant_id, "renew") as (vendor, _):
                made = await vendor.notifier.renew_subscription(
                    vendor.writing, work.remote_id or "", work.expires_at, certificate
                )
        except SubscriptionGone:
            await self._gone(claim, work)
        except LifeTooLong as error:
            await self._shorten(claim, work, error)
        else:
            await self._granted(claim, work, made)

    async def _reauthorize(self, claim: Claim, work: Keep) -> None:
        try:
            async with talk(self.desk, claim.tenant_id, "reauthorize") as (vendor, _):
                await vendor.notifier.reauthorize_subscription(vendor.writing, work.remote_id or "")
        except SubscriptionGone:
            await self._gone(claim, work)
        else:
            async with self.transactions.under(claim) as uow:
                await keeping.reauthorized(uow, work.id)

    async def _delete(self, claim: Claim, work: Keep) -> None:
        async with talk(self.desk, claim.tenant_id, "unsubscribe") as (vendor, _):
            for remote_id in await self._to_delete(vendor, work):
                await vendor.notifier.delete_subscription(vendor.writing, remote_id)
        async with self.transactions.under(claim) as uow:
            await keeping.deleted(uow, work.id)

    async def _to_delete(self, vendor: Talk, work: Keep) -> list[str]:
        if work.remote_id is not None:
            return [work.remote_id]
        if not work.in_doubt or self.url is None:
            return []
        url = self._address(work.id)
        return [one.id for one in await vendor.notifier.list_subscriptions(vendor.reading) if one.url == url]

    async def _granted(self, claim: Claim, work: Keep, made: RemoteSubscription) -> None:
        async with self.transactions.under(claim) as uow:
            await keeping.granted(
                uow, work.id, remote_id=made.id, expires_at=made.expires_at, asked=work.expires_at
            )

    async def _gone(self, claim: Claim, work: Keep) -> None:
        async with self.transactions.under(claim) as uow:
            await keeping.gone(uow, work.id)

    async def _shorten(self, claim: Claim, work: Keep, error: LifeTooLong) -> None:
        async with self.transactions.under(claim) as uow:
            await keeping.forget_sent(uow, work.id)
            if await keeping.shorten(uow, work.id, error.minutes):
                return
        raise error

    async def _refused(self, claim: Claim, work: Keep, error: Exception) -> None:
        """Told to people, and tried again: soon while it may pass by itself, else by the hour."""
        if isinstance(error, Throttled):
            async with self.transactions.under(claim) as uow:
                await later(uow.session, claim, timedelta(seconds=error.delay), counted=False)
            return
        problem = problem_of(error, work.kind)
        passes = passes_by_itself(error, problem)
        metrics.SUBSCRIPTION_STEPS.labels(work.step, "retrying" if passes else "refused").inc()
        async with self.transactions.under(claim) as uow:
            failures = await keeping.refused(uow, work.id, problem)
            delay = timedelta(seconds=AGAIN_SECONDS)
            if passes:
                after = error.retry_after if isinstance(error, Transient) else None
                delay = retry_delay(failures, base=self.backoff, retry_after=after)
            await later(uow.session, claim, delay, {"error": problem["message"]})
        log.error(
            "subscription_step_refused",
            alert=True,
            step=work.step,
            subscription_id=str(work.id),
            code=problem["code"],
            failures=failures,
        )

    async def lost(self, uow: UnitOfWork, claim: Claim, why: str) -> None:
        """The hourly sweep promises it again."""
        told = worker_lost(why)
        await keeping.refused(uow, claim.subject_id, told.model_dump(include={"code", "message", "remedy"}))

    async def watch(self, claim: Claim) -> None:
        """Compare what is wanted with what is at the vendor: the subject is the tenant."""
        if self.url is None:
            await self._end(claim)
            return
        try:
            async with self.transactions.under(claim) as uow:
                listed_at = await keeping.moment(uow)
            async with talk(self.desk, claim.tenant_id, "read") as (vendor, _):
                there = await vendor.notifier.list_subscriptions(vendor.reading)
            ours = keeping.sort_ours([(one.id, one.url) for one in there], self.url)
            async with self.transactions.under(claim) as uow:
                compared = await keeping.compare(uow, ours, listed_at)
            metrics.SUBSCRIPTIONS_MISSING.inc(compared.missing)
            for remote_id in compared.unwanted:
                async with talk(self.desk, claim.tenant_id, "unsubscribe") as (vendor, _):
                    await vendor.notifier.delete_subscription(vendor.writing, remote_id)
        except Throttled as throttled:
            async with self.transactions.under(claim) as uow:
                await later(uow.session, claim, timedelta(seconds=throttled.delay), counted=False)
            return
        except (LeaseLost, DatabaseFailure):
            raise
        except Exception as error:  # noqa: BLE001  # the next hour compares again; each subscription tells its own troubles
            log.warning("watch_failed", error=type(error).__name__)
        await self._end(claim)

    async def watch_lost(self, uow: UnitOfWork, claim: Claim, why: str) -> None:
        """The next hour compares again."""
        log.warning("watch_lost", tenant_id=str(claim.tenant_id), subject=uow.correlation_id, why=why)

    async def _end(self, claim: Claim) -> None:
        async with self.transactions.under(claim) as uow:
            await finish(uow.transaction, claim)

    def _address(self, id_: UUID) -> str:
        if self.url is None:
            raise NotConfigured
        return f"{self.url}?subscription={id_}"
