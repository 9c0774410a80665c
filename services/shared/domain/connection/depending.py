"""What stops when an account is disconnected."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.shared.domain.provisioning.pausing import count_open
from services.shared.domain.schedule.reading import count_coming
from services.shared.kit.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Dependants:
    """Open requests with an app of the vendor, and schedules that will run and name one."""

    waiting_requests: int
    schedules: int


async def count_dependants(uow: UnitOfWork, vendor: str, apps: Sequence[str]) -> Dependants:
    """What depends on the tenant's account of this vendor."""
    return Dependants(await count_open(uow, vendor), await count_coming(uow, apps))
