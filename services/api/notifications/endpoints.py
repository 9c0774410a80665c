"""`/api/ms365`: subscriptions, what arrived, the messages that came of it, and gaps."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request

from services.api.dependencies import Caller, CurrentCaller, IdempotencyKey, Paging, Unit, allowed
from services.api.notifications.mapping import (
    gap_read,
    health_read,
    message_read,
    notification_read,
    subscription_read,
    wish_of,
)
from services.api.notifications.schemas import (
    GapPage,
    HealthRead,
    MessagePage,
    MessageRead,
    NotificationPage,
    NotificationRead,
    ReplayedRead,
    ReplayOrder,
    SubscriptionCreate,
    SubscriptionList,
    SubscriptionPage,
    SubscriptionRead,
    SubscriptionsCreate,
    SubscriptionsRenew,
)
from services.api.once import answer_once
from services.api.wire import Moment, Search, named_as_sent
from services.shared.domain.notification import service as notifications
from services.shared.domain.notification.health import read_health
from services.shared.domain.notification.resources import Watched
from services.shared.domain.notification.service import EventFilter
from services.shared.domain.notification.states import Asked, EventState
from services.shared.kit.errors import FieldError, InvalidInput
from services.shared.kit.uow import UnitOfWork
from services.shared.web.principal import Permission

router = APIRouter(prefix="/api/ms365", tags=["ms365"])
READ = [allowed(Permission.NOTIFICATIONS_READ)]
WRITE = [allowed(Permission.NOTIFICATIONS_WRITE)]
MESSAGES = [allowed(Permission.MESSAGES_READ)]


@router.post("/subscriptions", status_code=202, dependencies=WRITE, response_model=SubscriptionRead)
async def create_subscription(
    body: SubscriptionCreate, caller: CurrentCaller, http: Request, idempotency_key: IdempotencyKey = None
) -> Any:
    """Ask to be told of changes. The worker subscribes at Microsoft; `state` says how far that is."""

    async def act(uow: UnitOfWork) -> UUID:
        with named_as_sent(body):
            wish = wish_of(body)
        return (await notifications.create_subscription(uow, wish)).id

    return await answer_once(
        caller,
        idempotency_key,
        route=f"{http.method} {http.url.path}",
        body=body.model_dump(mode="json"),
        status=202,
        act=act,
        answer=lambda made_id: _read(caller, made_id),
    )


@router.post("/subscriptions/bulk", status_code=202, dependencies=WRITE)
async def create_subscriptions(body: SubscriptionsCreate, uow: Unit) -> SubscriptionList:
    """Several at once, at most a hundred; all are made or none."""
    wishes: list[Watched] = []
    errors: list[FieldError] = []
    for index, item in enumerate(body.items):
        try:
            wishes.append(wish_of(item))
        except InvalidInput as error:
            errors += [
                FieldError(f"items.{index}.{item.as_sent(e.field)}", e.message, e.code) for e in error.errors
            ]
    if errors:
        raise InvalidInput(errors)
    made = [await notifications.create_subscription(uow, wish) for wish in wishes]
    for row in made:
        await uow.session.refresh(row)
    return SubscriptionList(items=[subscription_read(row) for row in made])


@router.get("/subscriptions", dependencies=READ)
async def list_subscriptions(
    uow: Unit, page: Paging, *, deleted: Annotated[bool, Query()] = False
) -> SubscriptionPage:
    """Newest first; with `deleted=true` those that were ended too."""
    found = await notifications.list_subscriptions(uow, page, deleted=deleted)
    return SubscriptionPage(
        items=[subscription_read(row) for row in found.items],
        total=found.total,
        limit=found.limit,
        offset=found.offset,
    )


@router.post("/subscriptions/renew", status_code=202, dependencies=WRITE)
async def renew_subscriptions(uow: Unit, body: SubscriptionsRenew | None = None) -> SubscriptionList:
    """Renew these now, or all."""
    found = await notifications.renew_many(uow, body.ids if body else None)
    return SubscriptionList(items=[subscription_read(row) for row in found])


@router.get("/subscriptions/{subscription_id}", dependencies=READ)
async def get_subscription(subscription_id: UUID, caller: CurrentCaller) -> SubscriptionRead:
    """One subscription."""
    return await _read(caller, subscription_id)


@router.delete("/subscriptions/{subscription_id}", status_code=202, dependencies=WRITE)
async def delete_subscription(subscription_id: UUID, caller: CurrentCaller) -> SubscriptionRead:
    """Be told no more. What comes from now on is dropped; the worker ends it at Microsoft."""
    async with caller.unit() as uow:
        await notifications.delete_subscription(uow, subscription_id)
    return await _read(caller, subscription_id)


@router.post("/subscriptions/{subscription_id}/renew", status_code=202, dependencies=WRITE)
async def renew_subscription(subscription_id: UUID, caller: CurrentCaller) -> SubscriptionRead:
    """Renew it now."""
    async with caller.unit() as uow:
        await notifications.ask_for(uow, subscription_id, Asked.RENEW)
    return await _read(caller, subscription_id)


@router.post("/subscriptions/{subscription_id}/reauthorize", status_code=202, dependencies=WRITE)
async def reauthorize_subscription(subscription_id: UUID, caller: CurrentCaller) -> SubscriptionRead:
    """Tell Microsoft now that OneClick may still watch."""
    async with caller.unit() as uow:
        await notifications.ask_for(uow, subscription_id, Asked.REAUTHORIZE)
    return await _read(caller, subscription_id)


@router.post("/subscriptions/{subscription_id}/resync", status_code=202, dependencies=WRITE)
async def resync_subscription(subscription_id: UUID, caller: CurrentCaller) -> SubscriptionRead:
    """Read what changed since the last sure moment, now. The gap it closes is in the list of gaps."""
    async with caller.unit() as uow:
        await notifications.ask_resync(uow, subscription_id)
    return await _read(caller, subscription_id)


@router.get("/notifications", dependencies=READ)
async def list_notifications(
    uow: Unit,
    page: Paging,
    state: Annotated[EventState | None, Query()] = None,
    subscription_id: Annotated[UUID | None, Query()] = None,
    change_type: Annotated[str | None, Query(max_length=40)] = None,
    since: Annotated[Moment | None, Query()] = None,
    until: Annotated[Moment | None, Query()] = None,
) -> NotificationPage:
    """What arrived, newest first. `state=dead` are those that were given up."""
    wanted = EventFilter(state, subscription_id, change_type, since, until)
    found = await notifications.list_events(uow, wanted, page)
    return NotificationPage(
        items=[notification_read(row) for row in found.items],
        total=found.total,
        limit=found.limit,
        offset=found.offset,
    )


@router.post("/notifications/replay", status_code=202, dependencies=WRITE)
async def replay_notifications(uow: Unit, body: ReplayOrder | None = None) -> ReplayedRead:
    """Work on all dead ones again, or on the dead ones of these; at most 500 at once."""
    order = body or ReplayOrder()
    return ReplayedRead(replayed=await notifications.replay_dead(uow, order.subscription_id, order.ids))


@router.get("/notifications/{notification_id}", dependencies=READ)
async def get_notification(notification_id: UUID, uow: Unit) -> NotificationRead:
    """One notification."""
    return notification_read(await notifications.get_event(uow, notification_id))


@router.post("/notifications/{notification_id}/replay", status_code=202, dependencies=WRITE)
async def replay_notification(notification_id: UUID, uow: Unit) -> NotificationRead:
    """Work on it again. It is looked at anew, so it has no second effect."""
    return notification_read(await notifications.replay_event(uow, notification_id))


@router.get("/messages", dependencies=MESSAGES)
async def list_messages(
    uow: Unit,
    page: Paging,
    q: Annotated[Search | None, Query()] = None,
    subscription_id: Annotated[UUID | None, Query()] = None,
) -> MessagePage:
    """Mails, newest first. `q` is looked for in subject and sender."""
    found = await notifications.list_messages(uow, q, subscription_id, page)
    return MessagePage(
        items=[message_read(row) for row in found.items],
        total=found.total,
        limit=found.limit,
        offset=found.offset,
    )


@router.get("/messages/{message_id}", dependencies=MESSAGES)
async def get_message(message_id: UUID, uow: Unit) -> MessageRead:
    """One mail."""
    return message_read(await notifications.get_message(uow, message_id))


@router.get("/gaps", dependencies=READ)
async def list_gaps(
    uow: Unit,
    page: Paging,
    subscription_id: Annotated[UUID | None, Query()] = None,
    *,
    open: Annotated[bool, Query()] = False,
) -> GapPage:
    """Times in which notifications may have been lost, the open ones first, and what closed each."""
    found = await notifications.list_gaps(uow, subscription_id, page, open_only=open)
    return GapPage(
        items=[gap_read(row) for row in found.items],
        total=found.total,
        limit=found.limit,
        offset=found.offset,
    )


@router.get("/health", dependencies=READ)
async def get_notification_health(uow: Unit) -> HealthRead:
    """How notifications are in this tenant."""
    return health_read(await read_health(uow))


async def _read(caller: Caller, subscription_id: UUID) -> SubscriptionRead:
    async with caller.unit() as uow:
        return subscription_read(await notifications.get_subscription(uow, subscription_id))
