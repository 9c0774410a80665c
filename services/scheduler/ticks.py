"""The ticks, as data. Each is one call that may be repeated at any time, by any number of schedulers."""

from dataclasses import dataclass
from enum import StrEnum

from services.scheduler.settings import SchedulerSettings


class Service(StrEnum):
    API = "api"
    AUTH = "auth"


@dataclass(frozen=True, slots=True)
class Tick:
    """Call `path` of `service` every `interval` seconds."""

    name: str
    interval: float
    method: str
    service: Service
    path: str


def ticks(settings: SchedulerSettings) -> tuple[Tick, ...]:
    """Everything that happens by the clock."""
    every = settings.scheduler_interval
    return (
        Tick("api.sweep", every, "POST", Service.API, "/api/internal/sweep"),
        Tick("auth.sweep", every, "POST", Service.AUTH, "/auth/internal/maintenance/sweep"),
    )
