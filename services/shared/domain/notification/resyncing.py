"""Reading what changed since, page by page, so that a gap closes and says by what it was closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from services.shared.domain.notification.gaps import close_gaps, now_of
from services.shared.domain.notification.models import Message, WebhookSubscription
from services.shared.domain.notification.processing import keep_seen
from services.shared.domain.notification.repository import GapRepository, SubscriptionRepository
from services.shared.domain.notification.resources import ResourceKind
from services.shared.domain.notification.states import ClosedBy, SubscriptionState
from services.shared.domain.notification.telling import tell, write_down
from services.shared.kit.uow import UnitOfWork
from services.shared.sdk.notifying import Changes, Seen

MARGIN = timedelta(minutes=10)
"""A full resync begins so long before the gap: clocks differ, and mail takes its time."""
FURTHEST = timedelta(days=45)
"""No round goes back further for the sake of messages that we have: older ones are looked at one by one."""


@dataclass(frozen=True, slots=True)
class Resync:
    """Where to go on. `cursors` maps each root to its link; `since` bounds a round that begins anew."""

    id: UUID
    resource: str
    kind: str
    cursors: Mapping[str, Mapping[str, Any]]
    since: datetime
    began_at: datetime


async def begin_resync(uow: UnitOfWork, id_: UUID) -> Resync | None:
    """What to read; None when it is not wanted any more."""
    found = await SubscriptionRepository(uow).find(id_, lock=True)
    if found is None or not found.wanted:
        return None
    gaps = await GapRepository(uow).still_open(id_)
    now = await now_of(uow)
    since = min((gap.from_at for gap in gaps), default=found.last_resync_at or found.created_at)
    return Resync(
        id=found.id,
        resource=found.resource,
        kind=found.resource_kind,
        cursors=dict(found.cursors),
        since=since - MARGIN,
        began_at=now,
    )


async def held_live(uow: UnitOfWork, remote_ids: Sequence[str]) -> set[str]:
    """Those of these messages that we have and take to be there."""
    found = await uow.session.scalars(
        select(Message.remote_id).where(
            Message.tenant_id == uow.tenant_id,
            Message.remote_id.in_(remote_ids),
            Message.deleted_at.is_(None),
        )
    )
    return set(found)


async def not_seen(
    uow: UnitOfWork, work: Resync, most: int, before: UUID | None = None
) -> Sequence[tuple[UUID, str]]:
    """Messages that a round which began anew has not shown, while we take them to be there: ours and the vendor's ids.

    At most so many, the newest first; `before` goes on behind one of them.

    A round that goes on says what was removed. One that begins anew shows what is there and is silent of the rest.
    """
    found = await _get(uow, work.id)
    if work.kind != ResourceKind.MESSAGE or not any(one.get("full") for one in found.cursors.values()):
        return ()
    statement = (
        select(Message.id, Message.remote_id)
        .where(
            Message.tenant_id == uow.tenant_id,
            Message.subscription_id == work.id,
            Message.deleted_at.is_(None),
            Message.seen_at < work.began_at,
        )
        .order_by(Message.id.desc())
        .limit(most)
    )
    if before is not None:
        statement = statement.where(Message.id < before)
    return [(row.id, row.remote_id) for row in await uow.session.execute(statement)]


def path_of(work: Resync, remote_id: str) -> str:
    """Where the vendor has a message of the mailbox that is watched, in whichever folder it is now."""
    owner = "/".join(work.resource.split("/")[:2])
    return f"{owner}/messages/{remote_id}"


async def keep_looked(uow: UnitOfWork, work: Resync, seen: Seen, seen_at: datetime) -> None:
    """Keep one message that was looked at by itself."""
    await keep_seen(uow, work.id, seen, seen_at)


async def since_of_all(uow: UnitOfWork, work: Resync) -> datetime:
    """Where a round begins that is to show every message that we have, within bounds: a little before the oldest."""
    now = await now_of(uow)
    oldest = await uow.session.scalar(
        select(func.min(Message.received_at)).where(
            Message.tenant_id == uow.tenant_id,
            Message.subscription_id == work.id,
            Message.deleted_at.is_(None),
            Message.received_at > now - FURTHEST,
        )
    )
    return min(work.since, oldest - MARGIN) if oldest is not None else work.since


async def time_of(uow: UnitOfWork) -> datetime:
    """When a look begins."""
    return await now_of(uow)


async def keep_page(uow: UnitOfWork, work: Resync, root: str, page: Changes, seen_at: datetime) -> int:
    """Keep a page's objects and where to go on, in one transaction; how many there were."""
    found = await _get(uow, work.id)
    for seen in page.items:
        await keep_seen(uow, work.id, seen, seen_at)
    count = len(page.items)
    held = found.cursors.get(root) or {}
    total = count + (int(held.get("found") or 0) if held.get("open") else 0)
    found.cursors = {
        **found.cursors,
        root: {**held, "link": page.link, "open": not page.ended, "found": total},
    }
    return count


async def lose_cursor(uow: UnitOfWork, work: Resync, root: str) -> None:
    """The vendor forgot where we were: the round of this root begins anew. The subscription says so."""
    found = await _get(uow, work.id)
    found.cursors = {**found.cursors, root: {"full": True, "found": 0, "open": True}}
    write_down(uow, "cursor_lost", found, root=root)


async def end_resync(uow: UnitOfWork, work: Resync, roots: Sequence[str]) -> int:
    """Everything was read: the gaps that were open when it began are closed. How many changes came in."""
    found = await _get(uow, work.id)
    held = [found.cursors.get(root) or {} for root in roots]
    count = sum(int(one.get("found") or 0) for one in held)
    full = any(one.get("full") for one in held) or not work.cursors
    by = ClosedBy.NOT_POSSIBLE if not roots else ClosedBy.FULL_RESYNC if full else ClosedBy.DELTA
    await close_gaps(uow, found, by, began_at=work.began_at, found=count)
    found.cursors = {
        root: {"link": one["link"]} for root, one in zip(roots, held, strict=True) if one.get("link")
    }
    found.last_resync_at = work.began_at
    if found.state == SubscriptionState.ACTIVE and found.problem is not None:
        found.problem = None
        tell(uow, found, "recovered")
    tell(uow, found)
    return count


async def fail_resync(uow: UnitOfWork, id_: UUID, error: Mapping[str, Any]) -> None:
    """It could not be read: the gaps stay open, and the subscription says why and what to do."""
    found = await SubscriptionRepository(uow).find(id_, lock=True)
    if found is None:
        return
    is_news = found.problem is None
    now = await now_of(uow)
    found.problem = {**error, "since": (found.problem or {}).get("since") or now.isoformat()}
    tell(uow, found, "problem" if is_news else "changed")


async def gaps_are_left(uow: UnitOfWork, id_: UUID) -> bool:
    """Whether a gap opened while this resync ran: it needs another."""
    return bool(await GapRepository(uow).still_open(id_))


async def _get(uow: UnitOfWork, id_: UUID) -> WebhookSubscription:
    found = await SubscriptionRepository(uow).find(id_, lock=True)
    if found is None:
        raise LookupError(f"subscription {id_} is gone")
    return found
