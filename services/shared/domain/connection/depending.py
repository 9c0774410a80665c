"""What stops when an account is disconnected."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.shared.domain.notification.repository import SubscriptionRepository
from services.shared.domain.provisioning.pausing import count_open
from services.shared.domain.schedule.reading import count_coming
from services.shared.kit.uow import UnitOfWork

SUBSCRIBES = "microsoft"
"""The one vendor at which we subscribe to notifications."""


@dataclass(frozen=True, slots=True)
class Dependants:
    """Open requests with an app of the vendor, schedules that will run and name one, and wanted subscriptions."""

    waiting_requests: int
    schedules: int
    subscriptions: int


async def count_dependants(uow: UnitOfWork, vendor: str, apps: Sequence[str]) -> Dependants:
    """What depends on the tenant's account of this vendor."""
    wanted = await SubscriptionRepository(uow).wanted() if vendor == SUBSCRIBES else ()
    return Dependants(await count_open(uow, vendor), await count_coming(uow, apps), len(wanted))
