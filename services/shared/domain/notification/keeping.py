"""Bringing a subscription to what is wanted, step by step: the worker asks what is next, does it, and says how it went.

A renewal is due at half of a subscription's life, with jitter, so that a vendor that refuses one leaves as much time
again to mend it. Nothing lapses without a `problem` that says what to do.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.shared.domain.notification.gaps import now_of, open_gap
from services.shared.domain.notification.models import WebhookSubscription
from services.shared.domain.notification.repository import SubscriptionRepository
from services.shared.domain.notification.resources import SHORTEST_MINUTES
from services.shared.domain.notification.states import (
    LANE,
    SUBSCRIPTION_KEEP,
    Asked,
    GapReason,
    SubscriptionState,
)
from services.shared.domain.notification.telling import tell, write_down
from services.shared.kit.uow import UnitOfWork

HALF = 0.5
JITTER = 0.1
SETTLE = timedelta(minutes=10)
"""Microsoft wants a renewal or a reauthorisation, not both within ten minutes."""
AGAIN = timedelta(hours=1)
"""After a refusal that a person must mend; the hourly sweep would come as well."""
_random = random.SystemRandom()


class Step(StrEnum):
    CREATE = "create"
    RENEW = "renew"
    REAUTHORIZE = "reauthorize"
    DELETE = "delete"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Keep:
    """What is next for one subscription, with all that the vendor must be told. Times in seconds or UTC."""

    id: UUID
    step: Step
    resource: str
    kind: str
    change_types: str
    rich: bool
    remote_id: str | None
    expires_at: datetime
    """What to ask for."""
    in_doubt: bool
    """A creation left us and nobody knows whether it arrived: read back first."""
    wait: timedelta
    lapsed: bool = False
    """It ended before it was renewed, and that was noticed just now."""


async def next_step(uow: UnitOfWork, id_: UUID) -> Keep | None:
    """What is next; None when nothing ever will be."""
    found = await SubscriptionRepository(uow).find(id_, lock=True)
    if found is None or found.state == SubscriptionState.DELETED:
        return None
    now = await now_of(uow)
    lapsed = (
        found.wanted
        and found.remote_id is not None
        and found.expires_at is not None
        and found.expires_at <= now
    )
    if lapsed:
        await _lapse(uow, found, now)
    step, wait = _decide(found, now)
    return Keep(
        id=found.id,
        step=step,
        resource=found.resource,
        kind=found.resource_kind,
        change_types=found.change_types,
        rich=found.rich,
        remote_id=found.remote_id,
        expires_at=now + timedelta(minutes=found.life_minutes),
        in_doubt=found.sent_at is not None,
        wait=wait,
        lapsed=lapsed,
    )


def _decide(found: WebhookSubscription, now: datetime) -> tuple[Step, timedelta]:
    none = timedelta(0)
    if not found.wanted:
        return Step.DELETE, none
    if found.remote_id is None:
        return Step.CREATE, none
    if found.asked == Asked.REAUTHORIZE:
        fresh = found.granted_at is not None and now - found.granted_at < SETTLE
        if not fresh:
            return Step.REAUTHORIZE, none
        found.asked = None
    if found.asked == Asked.RENEW or found.renew_at is None or found.renew_at <= now:
        return Step.RENEW, none
    return Step.WAIT, found.renew_at - now


async def _lapse(uow: UnitOfWork, found: WebhookSubscription, now: datetime) -> None:
    """Its end passed without a renewal. Nobody may have been there to say why, so this says it."""
    await forget_remote(uow, found, GapReason.LAPSED, since=found.expires_at)
    if found.problem is None:
        found.problem = {
            "code": "lapsed",
            "message": "The subscription ended before it was renewed. It is being made anew, and what was missed is read.",
            "remedy": "Look whether the worker and the scheduler run all the time: a renewal is due at half of the life.",
            "since": now.isoformat(),
        }
        tell(uow, found, "problem")
        write_down(uow, "lapsed", found)


async def forget_remote(
    uow: UnitOfWork, found: WebhookSubscription, reason: GapReason, *, since: datetime | None = None
) -> None:
    """It is gone at the vendor: until it is made anew nothing arrives, and what happens meanwhile is a gap."""
    await open_gap(uow, found, reason, since=since)
    found.remote_id = found.client_state_hash = found.expires_at = found.renew_at = found.sent_at = None
    found.state = SubscriptionState.LAPSED
    tell(uow, found)


async def note_sent(uow: UnitOfWork, id_: UUID, client_state_hash: bytes) -> None:
    """A creation is about to leave, with this client state: what it makes may be heard from before it is answered."""
    found = await _get(uow, id_)
    found.client_state_hash = client_state_hash
    found.sent_at = await now_of(uow)


async def forget_sent(uow: UnitOfWork, id_: UUID) -> None:
    """That creation surely made nothing."""
    found = await _get(uow, id_)
    found.sent_at = None


async def granted(
    uow: UnitOfWork, id_: UUID, *, remote_id: str, expires_at: datetime, asked: datetime
) -> timedelta:
    """It is at the vendor until then; how long until it is renewed. `asked` is what we had asked for."""
    found = await _get(uow, id_)
    now = await now_of(uow)
    is_new = found.remote_id != remote_id
    life = max(expires_at - now, timedelta(0))
    if expires_at < asked - timedelta(minutes=1):
        found.life_minutes = max(int(life.total_seconds() // 60), SHORTEST_MINUTES)
    found.remote_id, found.sent_at = remote_id, None
    found.granted_at, found.expires_at = now, expires_at
    wait = life * (HALF + _random.uniform(-JITTER, JITTER) * HALF)
    found.renew_at = now + wait
    found.asked = None
    _recover(uow, found)
    if is_new:
        write_down(uow, "granted", found, expires_at=expires_at.isoformat())
        await _cover(uow, found)
    tell(uow, found)
    return wait


async def _cover(uow: UnitOfWork, found: WebhookSubscription) -> None:
    """A new one at the vendor: read where things stand, and close what was missed until now."""
    reason = GapReason.BASELINE if found.last_resync_at is None else GapReason.REMOVED
    await open_gap(uow, found, reason)


def _recover(uow: UnitOfWork, found: WebhookSubscription) -> None:
    had = found.problem
    found.state, found.failures, found.problem = SubscriptionState.ACTIVE, 0, None
    if had is not None:
        tell(uow, found, "recovered")


async def reauthorized(uow: UnitOfWork, id_: UUID) -> None:
    """The vendor lets us watch on."""
    found = await _get(uow, id_)
    found.asked = None
    _recover(uow, found)
    tell(uow, found)


async def gone(uow: UnitOfWork, id_: UUID) -> None:
    """The vendor does not know it any more: it is made anew, and what was missed is read."""
    found = await _get(uow, id_)
    await forget_remote(uow, found, GapReason.REMOVED)


async def deleted(uow: UnitOfWork, id_: UUID) -> None:
    """It is ended at the vendor."""
    found = await _get(uow, id_)
    found.state, found.deleted_at = SubscriptionState.DELETED, await now_of(uow)
    found.remote_id = found.client_state_hash = found.problem = found.sent_at = None
    tell(uow, found)


async def shorten(uow: UnitOfWork, id_: UUID, minutes: int | None) -> bool:
    """The vendor grants no such life: ask for what it says, else for half. False when it cannot be shorter."""
    found = await _get(uow, id_)
    shorter = max(min(minutes or found.life_minutes // 2, found.life_minutes - 1), SHORTEST_MINUTES)
    if shorter >= found.life_minutes:
        return False
    found.life_minutes = shorter
    return True


async def refused(uow: UnitOfWork, id_: UUID, problem: Mapping[str, Any]) -> int:
    """A step failed: the subscription says why and what to do. How often in a row it has."""
    found = await _get(uow, id_)
    found.failures += 1
    is_news = found.problem is None or found.problem.get("code") != problem.get("code")
    since = None if is_news or found.problem is None else found.problem.get("since")
    found.problem = {**problem, "since": since or (await now_of(uow)).isoformat()}
    if found.wanted:
        found.state = SubscriptionState.FAILING if found.remote_id else SubscriptionState.LAPSED
    tell(uow, found, "problem" if is_news else "changed")
    if is_news:
        write_down(uow, "refused", found, code=str(problem.get("code")))
    return found.failures


async def moment(uow: UnitOfWork) -> datetime:
    """The time before the vendor is asked."""
    return await now_of(uow)


@dataclass(frozen=True, slots=True)
class Compared:
    """What the watchdog found: how many are missing at the vendor, and ids there that nobody here wants."""

    missing: int
    unwanted: tuple[str, ...]


async def compare(uow: UnitOfWork, there: Mapping[str, UUID | None], listed_at: datetime) -> Compared:
    """Wanted and actual. `there` are the vendor's subscriptions to our address, with the id of ours that each names.

    They were asked for at `listed_at`: what was granted since cannot be among them.

    One that is missing is made anew and what it missed is read. One that nobody here wants, or that an older
    creation left behind, is to be ended.
    """
    rows = {row.id: row for row in (await uow.session.scalars(SubscriptionRepository(uow).select())).all()}
    missing = 0
    for row in rows.values():
        known = row.wanted and row.granted_at is not None and row.granted_at < listed_at
        if known and row.remote_id is not None and row.remote_id not in there:
            missing += 1
            await forget_remote(uow, row, GapReason.REMOVED)
            await uow.ensure_job(SUBSCRIPTION_KEEP, row.id, lane=LANE)
    held = {row.remote_id for row in rows.values() if row.remote_id}
    in_doubt = {row.id for row in rows.values() if row.sent_at is not None}
    unwanted = [
        remote_id
        for remote_id, ours in there.items()
        if ours in rows and remote_id not in held and ours not in in_doubt
    ]
    return Compared(missing, tuple(unwanted))


async def _get(uow: UnitOfWork, id_: UUID) -> WebhookSubscription:
    found = await SubscriptionRepository(uow).find(id_, lock=True)
    if found is None:
        raise LookupError(f"subscription {id_} is gone")
    return found


def sort_ours(found: Sequence[tuple[str, str]], url: str) -> dict[str, UUID | None]:
    """The vendor's subscriptions (id and address) that post to our receiver, with the id of ours that each names."""
    ours: dict[str, UUID | None] = {}
    for remote_id, address in found:
        base, _, query = address.partition("?")
        if base != url:
            continue
        named = query.removeprefix("subscription=")
        try:
            ours[remote_id] = UUID(named)
        except ValueError:
            ours[remote_id] = None
    return ours
