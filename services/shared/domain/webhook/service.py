"""Vendors' deliveries: each is heard once, and only makes us look."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from services.shared.domain.provisioning.hearing import hasten_heard
from services.shared.domain.webhook.models import IncomingDelivery
from services.shared.kit.uow import UnitOfWork
from services.shared.sdk.optional import Heard


async def hear_delivery(
    uow: UnitOfWork, *, vendor: str, connection_id: UUID, delivery_id: str, heard: Sequence[Heard]
) -> int | None:
    """Hear an authentic delivery: how many waiting apps are looked at because of it.

    None when one of this id was heard before: it does nothing. A second one at the same time waits for the first.
    """
    row = {"tenant_id": uow.tenant_id, "connection_id": connection_id, "delivery_id": delivery_id}
    stored = await uow.session.scalar(
        insert(IncomingDelivery)
        .values(**row, vendor=vendor, heard=len(heard), hastened=0, correlation_id=uow.correlation_id)
        .on_conflict_do_nothing()
        .returning(IncomingDelivery.delivery_id)
    )
    if stored is None:
        return None
    hastened = await hasten_heard(uow, vendor, heard)
    if hastened:
        await uow.session.execute(update(IncomingDelivery).filter_by(**row).values(hastened=hastened))
    return hastened
