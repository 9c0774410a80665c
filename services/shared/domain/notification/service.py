"""What operators do: ask to be told, renew, resync, end; look at what came; replay what failed."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from services.shared.domain.audit import service as audit
from services.shared.domain.notification.errors import (
    EventNotFound,
    MessageNotFound,
    NotYetActive,
    SubscriptionExists,
    SubscriptionNotFound,
)
from services.shared.domain.notification.gaps import open_gap
from services.shared.domain.notification.models import (
    Message,
    WebhookEvent,
    WebhookGap,
    WebhookSubscription,
)
from services.shared.domain.notification.repository import (
    EventFilter,
    EventRepository,
    GapRepository,
    MessageRepository,
    SubscriptionRepository,
)
from services.shared.domain.notification.resources import Watched
from services.shared.domain.notification.states import (
    LANE,
    NOTIFICATION_PROCESS,
    SUBSCRIPTION_KEEP,
    SUBSCRIPTION_RESYNC,
    Asked,
    EventState,
    GapReason,
    SubscriptionState,
)
from services.shared.domain.notification.telling import tell, tell_event, write_down
from services.shared.kit.ids import uuid7
from services.shared.kit.pagination import Page, PageQuery
from services.shared.kit.uow import UnitOfWork

__all__ = [
    "EventFilter",
    "ask_for",
    "ask_resync",
    "create_subscription",
    "delete_subscription",
    "get_event",
    "get_message",
    "get_subscription",
    "list_events",
    "list_gaps",
    "list_messages",
    "list_subscriptions",
    "renew_many",
    "replay_dead",
    "replay_event",
]
MOST_REPLAYED = 500


async def create_subscription(uow: UnitOfWork, wish: Watched) -> WebhookSubscription:
    """Ask to be told. The worker subscribes at the vendor.

    Raises:
        SubscriptionExists: one to the same resource and changes is there.
    """
    repository = SubscriptionRepository(uow)
    twin = await repository.find_twin(wish.resource, wish.change_types)
    if twin is not None:
        raise _exists(twin.id)
    made = repository.add(
        WebhookSubscription(
            id=uuid7(),
            tenant_id=uow.tenant_id,
            resource=wish.resource,
            resource_kind=wish.kind,
            change_types=wish.change_types,
            rich=wish.rich,
            wanted=True,
            state=SubscriptionState.CREATING,
            life_minutes=wish.life_minutes,
            failures=0,
            cursors={},
            created_by=uow.actor.name,
        )
    )
    try:
        await uow.session.flush()
    except IntegrityError as error:
        raise _exists(None) from error
    uow.enqueue(SUBSCRIPTION_KEEP, made.id, lane=LANE, priority=5)
    tell(uow, made)
    write_down(uow, "created", made, rich=made.rich)
    return made


def _exists(id_: UUID | None) -> SubscriptionExists:
    return SubscriptionExists(
        "There is a subscription to this resource and these changes already.",
        extra={"subscription_id": str(id_) if id_ else None},
    )


async def get_subscription(uow: UnitOfWork, id_: UUID, *, lock: bool = False) -> WebhookSubscription:
    """One by id.

    Raises:
        SubscriptionNotFound: the tenant has none of that id.
    """
    found = await SubscriptionRepository(uow).find(id_, lock=lock)
    if found is None:
        raise SubscriptionNotFound("There is no such subscription.")
    return found


async def list_subscriptions(
    uow: UnitOfWork, query: PageQuery, *, deleted: bool
) -> Page[WebhookSubscription]:
    """Newest first."""
    repository = SubscriptionRepository(uow)
    return await repository.page(repository.listed(deleted=deleted), query)


async def delete_subscription(uow: UnitOfWork, id_: UUID) -> WebhookSubscription:
    """Be told no more, from now on. The worker ends it at the vendor. Repeats safely."""
    await _promise(uow, SUBSCRIPTION_KEEP, id_)
    found = await get_subscription(uow, id_, lock=True)
    if found.wanted:
        found.wanted = False
        found.state = SubscriptionState.DELETING
        tell(uow, found)
        write_down(uow, "deleted", found)
    return found


async def ask_for(uow: UnitOfWork, id_: UUID, what: Asked) -> WebhookSubscription:
    """Renew or reauthorise now rather than when it is due.

    Raises:
        NotYetActive: it is being deleted.
    """
    await _promise(uow, SUBSCRIPTION_KEEP, id_)
    found = await get_subscription(uow, id_, lock=True)
    _must_be_wanted(found)
    found.asked = what
    tell(uow, found)
    write_down(uow, f"{what}_asked", found)
    return found


async def renew_many(uow: UnitOfWork, ids: Sequence[UUID] | None) -> list[WebhookSubscription]:
    """Renew these now; without ids, all that are wanted.

    Raises:
        SubscriptionNotFound, NotYetActive: of one of them; then none is renewed.
    """
    wanted = ids
    if wanted is None:
        wanted = [one.id for one in await SubscriptionRepository(uow).wanted()]
    return [await ask_for(uow, id_, Asked.RENEW) for id_ in dict.fromkeys(wanted)]


async def ask_resync(uow: UnitOfWork, id_: UUID) -> WebhookSubscription:
    """Read what changed since the last sure moment, now.

    Raises:
        NotYetActive: it is being deleted.
    """
    await _promise(uow, SUBSCRIPTION_RESYNC, id_)
    found = await get_subscription(uow, id_, lock=True)
    _must_be_wanted(found)
    await open_gap(uow, found, GapReason.ASKED)
    write_down(uow, "resync_asked", found)
    return found


async def _promise(uow: UnitOfWork, kind: str, id_: UUID) -> None:
    """Promise the work before its subject is locked: a worker holds its job first, and the subject after that."""
    await uow.ensure_job(kind, id_, lane=LANE)


def _must_be_wanted(subscription: WebhookSubscription) -> None:
    if not subscription.wanted:
        raise NotYetActive("This subscription is being deleted. Make a new one.")


async def list_events(uow: UnitOfWork, wanted: EventFilter, query: PageQuery) -> Page[WebhookEvent]:
    """Newest first."""
    repository = EventRepository(uow)
    return await repository.page(repository.listed(wanted), query)


async def get_event(uow: UnitOfWork, id_: UUID) -> WebhookEvent:
    """One by id.

    Raises:
        EventNotFound: the tenant has none of that id.
    """
    found = await EventRepository(uow).find(id_)
    if found is None:
        raise EventNotFound("There is no such notification.")
    return found


async def replay_event(uow: UnitOfWork, id_: UUID) -> WebhookEvent:
    """Work on one again, from its first try. What it is about is read anew, so it has no second effect.

    Raises:
        EventNotFound: the tenant has none of that id.
    """
    await _promise(uow, NOTIFICATION_PROCESS, id_)
    found = await EventRepository(uow).find(id_, lock=True)
    if found is None:
        raise EventNotFound("There is no such notification.")
    await _replay(uow, found)
    return found


async def replay_dead(
    uow: UnitOfWork, subscription_id: UUID | None, ids: Sequence[UUID] | None = None
) -> int:
    """Work on all dead ones again, or on those of these that are dead, the oldest first; how many. At most 500 at once.

    Raises:
        EventNotFound: the tenant has none of one of these ids; then none is replayed.
    """
    repository = EventRepository(uow)
    wanted = repository.listed(EventFilter(state=EventState.DEAD, subscription_id=subscription_id))
    if ids is not None:
        if await repository.known(ids) < len(set(ids)):
            raise EventNotFound("One of these notifications is not there any more. None was replayed.")
        wanted = wanted.where(WebhookEvent.id.in_(ids))
    statement = wanted.order_by(None).order_by(WebhookEvent.id).limit(MOST_REPLAYED).with_for_update()
    found = (await uow.session.scalars(statement)).all()
    for event in found:
        await _replay(uow, event)
    return len(found)


async def _replay(uow: UnitOfWork, event: WebhookEvent) -> None:
    event.state = EventState.QUEUED
    event.tries = 0
    event.replays += 1
    event.error = None
    event.processed_at = None
    await uow.session.flush()
    await uow.ensure_job(NOTIFICATION_PROCESS, event.id, lane=LANE)
    tell_event(uow, event)
    audit.write_down(
        uow,
        "notification.replayed",
        target_kind="notification",
        target_id=event.id,
        target_label=event.resource,
    )


async def list_messages(
    uow: UnitOfWork, search: str | None, subscription_id: UUID | None, query: PageQuery
) -> Page[Message]:
    """Newest first."""
    repository = MessageRepository(uow)
    return await repository.page(repository.listed(search, subscription_id), query)


async def get_message(uow: UnitOfWork, id_: UUID) -> Message:
    """One by id.

    Raises:
        MessageNotFound: the tenant has none of that id.
    """
    found = await MessageRepository(uow).find(id_)
    if found is None:
        raise MessageNotFound("There is no such message.")
    return found


async def list_gaps(
    uow: UnitOfWork, subscription_id: UUID | None, query: PageQuery, *, open_only: bool
) -> Page[WebhookGap]:
    """Newest first."""
    repository = GapRepository(uow)
    return await repository.page(repository.listed(subscription_id, open_only=open_only), query)
