"""Working on one notification: what it is about is looked at, and kept as it was seen."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.shared.domain.notification.gaps import now_of, open_gap
from services.shared.domain.notification.keeping import forget_remote
from services.shared.domain.notification.models import Message, WebhookEvent, WebhookSubscription
from services.shared.domain.notification.repository import EventRepository, SubscriptionRepository
from services.shared.domain.notification.states import (
    LANE,
    SUBSCRIPTION_KEEP,
    Asked,
    EventKind,
    EventState,
    GapReason,
    Lifecycle,
)
from services.shared.domain.notification.telling import tell_event
from services.shared.kit.ids import uuid7
from services.shared.kit.uow import UnitOfWork
from services.shared.sdk.notifying import Mail, Seen

MOST_TRIES = 3
LATE = timedelta(days=1)
"""Nothing is heard of later than this after what came before it: Microsoft delivers again for four hours."""


@dataclass(frozen=True, slots=True)
class EventWork:
    """A change to look at. `seen_at` is the database's time before the look."""

    id: UUID
    subscription_id: UUID
    kind: str
    resource: str
    encrypted: Mapping[str, Any] | None
    received_at: datetime
    seen_at: datetime
    tries: int


async def begin_event(uow: UnitOfWork, id_: UUID) -> EventWork | None:
    """Begin a try. None when there is nothing to look at: it was a lifecycle event, and has been reacted to."""
    event = await EventRepository(uow).find(id_, lock=True)
    if event is None or event.state not in {EventState.QUEUED, EventState.RETRYING}:
        return None
    found = await SubscriptionRepository(uow).find(
        event.subscription_id, lock=event.kind == EventKind.LIFECYCLE
    )
    now = await now_of(uow)
    if event.coalesces:
        # From here on what comes is news: it may be about what this look no longer sees.
        event.dedupe = hashlib.sha256(event.id.bytes).digest()
    if found is None or not found.wanted:
        _end(uow, event, now, {"seen": "ignored"})
        return None
    if event.kind == EventKind.LIFECYCLE:
        await _react(uow, found, event.change_type)
        _end(uow, event, now, {"seen": "reacted"})
        return None
    event.tries += 1
    return EventWork(
        id=event.id,
        subscription_id=found.id,
        kind=found.resource_kind,
        resource=event.resource,
        encrypted=event.encrypted,
        received_at=event.received_at,
        seen_at=now,
        tries=event.tries,
    )


async def _react(uow: UnitOfWork, found: WebhookSubscription, what: str) -> None:
    """learn.microsoft.com/graph/change-notifications-lifecycle-events."""
    if what == Lifecycle.REAUTHORIZATION_REQUIRED:
        found.asked = Asked.REAUTHORIZE
    elif what == Lifecycle.SUBSCRIPTION_REMOVED:
        if found.remote_id is not None:
            await forget_remote(uow, found, GapReason.REMOVED)
    else:
        await open_gap(uow, found, GapReason.MISSED)
        return
    await uow.ensure_job(SUBSCRIPTION_KEEP, found.id, lane=LANE)


async def keep_sealed(uow: UnitOfWork, work: EventWork, seen: Seen) -> bool:
    """Keep what a notification brought along, if that is all that is known of the object; False: look at the vendor.

    It says how the object was then, and the vendor promises no order: after anything else that was heard or seen of a
    mail, it may be older than that.
    """
    if seen.mail is not None:
        held = select(Message.id).where(
            Message.tenant_id == uow.tenant_id, Message.remote_id == seen.remote_id
        )
        heard = select(WebhookEvent.id).where(
            WebhookEvent.tenant_id == uow.tenant_id,
            WebhookEvent.received_at > work.received_at - LATE,
            WebhookEvent.resource == work.resource,
            WebhookEvent.id != work.id,
        )
        if await uow.session.scalar(held.union_all(heard).limit(1)) is not None:
            return False
    await finish_event(uow, replace(work, seen_at=work.received_at), seen)
    return True


async def finish_event(uow: UnitOfWork, work: EventWork, seen: Seen) -> None:
    """It was looked at."""
    event = await EventRepository(uow).find(work.id, lock=True)
    if event is None:
        return
    outcome, message_id = await keep_seen(uow, work.subscription_id, seen, work.seen_at)
    event.message_id = message_id
    event.encrypted = None
    _end(uow, event, await now_of(uow), outcome)
    await uow.session.execute(
        update(WebhookSubscription)
        .where(WebhookSubscription.tenant_id == uow.tenant_id, WebhookSubscription.id == work.subscription_id)
        .values(last_event_at=func.greatest(WebhookSubscription.last_event_at, event.received_at))
        .execution_options(synchronize_session=False)
    )


def _end(uow: UnitOfWork, event: WebhookEvent, now: datetime, outcome: dict[str, Any]) -> None:
    event.state, event.error, event.outcome, event.processed_at = EventState.DONE, None, outcome, now
    tell_event(uow, event)


async def untry_event(uow: UnitOfWork, id_: UUID) -> None:
    """Nothing was tried: our turn under the vendor's limits had not come."""
    event = await EventRepository(uow).find(id_, lock=True)
    if event is not None:
        event.tries -= 1


async def fail_event(uow: UnitOfWork, id_: UUID, error: Mapping[str, Any], *, is_final: bool) -> None:
    """The look failed: it is tried again, or it is a dead letter that can be replayed."""
    event = await EventRepository(uow).find(id_, lock=True)
    if event is None:
        return
    event.state = EventState.DEAD if is_final else EventState.RETRYING
    event.error = dict(error)
    event.processed_at = await now_of(uow) if is_final else None
    tell_event(uow, event)


async def keep_seen(
    uow: UnitOfWork, subscription_id: UUID, seen: Seen, seen_at: datetime
) -> tuple[dict[str, Any], UUID | None]:
    """Keep an object as it was seen by a look that began then; what came of it, and the message's id.

    A look that began earlier never replaces what a later one saw, in whatever order they end.
    """
    if seen.mail is not None:
        message_id = await _store(uow, subscription_id, seen.mail, seen_at)
        return {"seen": "stored" if message_id else "unchanged"}, message_id
    if seen.gone:
        message_id = await _mark_gone(uow, seen.remote_id, seen_at)
        return {"seen": "gone"}, message_id
    return {"seen": "looked", "remote_id": seen.remote_id, "facts": seen.facts or {}}, None


async def _store(uow: UnitOfWork, subscription_id: UUID, mail: Mail, seen_at: datetime) -> UUID | None:
    values: dict[str, Any] = {
        **mail.model_dump(exclude={"sender", "recipients", "remote_id"}),
        "sender": mail.sender.model_dump() if mail.sender else None,
        "recipients": [one.model_dump() for one in mail.recipients],
        "seen_at": seen_at,
        "deleted_at": None,
    }
    found: UUID | None = await uow.session.scalar(
        insert(Message)
        .values(
            id=uuid7(),
            tenant_id=uow.tenant_id,
            subscription_id=subscription_id,
            remote_id=mail.remote_id,
            **values,
        )
        .on_conflict_do_update(
            index_elements=[Message.tenant_id, Message.remote_id],
            set_=values,
            where=Message.seen_at <= seen_at,
        )
        .returning(Message.id)
    )
    return found


async def _mark_gone(uow: UnitOfWork, remote_id: str, seen_at: datetime) -> UUID | None:
    found: UUID | None = await uow.session.scalar(
        update(Message)
        .where(
            Message.tenant_id == uow.tenant_id,
            Message.remote_id == remote_id,
            Message.seen_at <= seen_at,
            or_(Message.deleted_at.is_(None), Message.deleted_at <= seen_at),
        )
        .values(deleted_at=seen_at, seen_at=seen_at)
        .returning(Message.id)
    )
    return found
