"""Subscriptions, events, messages and gaps of one tenant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from services.shared.domain.notification.models import (
    Message,
    WebhookEvent,
    WebhookGap,
    WebhookSubscription,
)
from services.shared.domain.notification.states import EventState, SubscriptionState
from services.shared.kit.repository import TenantRepository


@dataclass(frozen=True, slots=True)
class EventFilter:
    state: EventState | None = None
    subscription_id: UUID | None = None
    change_type: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    """The first moment that no longer counts."""


class SubscriptionRepository(TenantRepository[WebhookSubscription]):
    model = WebhookSubscription

    def listed(self, *, deleted: bool) -> Select[WebhookSubscription]:
        """Newest first; those that were deleted only on demand."""
        statement = self.select().order_by(WebhookSubscription.id.desc())
        if deleted:
            return statement
        return statement.where(WebhookSubscription.state != SubscriptionState.DELETED)

    async def wanted(self) -> Sequence[WebhookSubscription]:
        """All that should be at the vendor."""
        return (await self.session.scalars(self.select().where(WebhookSubscription.wanted))).all()

    async def find_twin(self, resource: str, change_types: str) -> WebhookSubscription | None:
        """A wanted one to the same resource and changes."""
        statement = self.select().where(
            WebhookSubscription.wanted,
            func.lower(WebhookSubscription.resource) == resource.lower(),
            WebhookSubscription.change_types == change_types,
        )
        return (await self.session.scalars(statement)).one_or_none()


class EventRepository(TenantRepository[WebhookEvent]):
    model = WebhookEvent

    def listed(self, wanted: EventFilter) -> Select[WebhookEvent]:
        """Newest first."""
        statement = self.select().order_by(WebhookEvent.id.desc())
        if wanted.state is not None:
            statement = statement.where(WebhookEvent.state == wanted.state)
        if wanted.subscription_id is not None:
            statement = statement.where(WebhookEvent.subscription_id == wanted.subscription_id)
        if wanted.change_type is not None:
            statement = statement.where(WebhookEvent.change_type == wanted.change_type)
        if wanted.since is not None:
            statement = statement.where(WebhookEvent.received_at >= wanted.since)
        if wanted.until is not None:
            statement = statement.where(WebhookEvent.received_at < wanted.until)
        return statement

    async def known(self, ids: Sequence[UUID]) -> int:
        """How many of these there are."""
        statement = select(func.count()).where(
            WebhookEvent.tenant_id == self.uow.tenant_id, WebhookEvent.id.in_(ids)
        )
        return (await self.session.scalars(statement)).one()

    async def open_counts(self) -> dict[str, int]:
        """How many are in each state but done: those are many, and nobody waits for them."""
        rows = await self.session.execute(
            select(WebhookEvent.state, func.count())
            .where(WebhookEvent.tenant_id == self.uow.tenant_id, WebhookEvent.state != EventState.DONE)
            .group_by(WebhookEvent.state)
        )
        return {str(state): count for state, count in rows}


class MessageRepository(TenantRepository[Message]):
    model = Message

    def listed(self, search: str | None, subscription_id: UUID | None) -> Select[Message]:
        """Newest first; those gone at the vendor are among them, and say so."""
        statement = self.select().order_by(Message.received_at.desc().nulls_last(), Message.id.desc())
        if subscription_id is not None:
            statement = statement.where(Message.subscription_id == subscription_id)
        if search:
            pattern = f"%{_escaped(search)}%"
            statement = statement.where(
                or_(
                    Message.subject.ilike(pattern, escape="\\"),
                    Message.sender["address"].astext.ilike(pattern, escape="\\"),
                )
            )
        return statement


class GapRepository(TenantRepository[WebhookGap]):
    model = WebhookGap

    def listed(self, subscription_id: UUID | None, *, open_only: bool) -> Select[WebhookGap]:
        """Those that are open first; of both kinds the newest first."""
        statement = self.select().order_by(
            WebhookGap.closed_at.is_not(None), WebhookGap.from_at.desc(), WebhookGap.id.desc()
        )
        if subscription_id is not None:
            statement = statement.where(WebhookGap.subscription_id == subscription_id)
        if open_only:
            statement = statement.where(WebhookGap.closed_at.is_(None))
        return statement

    async def still_open(self, subscription_id: UUID) -> Sequence[WebhookGap]:
        """Those that nothing has closed, locked."""
        statement = self.listed(subscription_id, open_only=True).with_for_update()
        return (await self.session.scalars(statement)).all()


def _escaped(search: str) -> str:
    return search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
