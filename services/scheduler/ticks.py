"""The ticks, as data. Each is one call that may be repeated at any time, by any number of schedulers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from services.scheduler.settings import SchedulerSettings

FIRE = "schedules.fire"


class Service(StrEnum):
    API = "api"
    AUTH = "auth"


@dataclass(frozen=True, slots=True)
class Tick:
    """Call `path` of `service` every `interval` seconds, or when the cron expression says."""

    name: str
    interval: float
    method: str
    service: Service
    path: str
    body: Mapping[str, Any] | None = None
    cron: str | None = None
    may_lack: bool = field(default=False)
    """A service that does not know the call yet is no failure."""


def ticks(settings: SchedulerSettings) -> tuple[Tick, ...]:
    """Everything that happens by the clock."""
    every = settings.scheduler_interval
    order = {
        "misfire_grace": settings.misfire_grace,
        "catch_up": settings.catch_up,
        "retries": settings.schedule_retries,
        "retry_delay": settings.schedule_retry_delay,
    }
    fire = "/api/internal/fire-schedules"
    return (
        Tick(FIRE, settings.fire_interval, "POST", Service.API, fire, order),
        Tick(
            "schedules.sweep",
            60.0,
            "POST",
            Service.API,
            fire,
            {**order, "sweep": True},
            cron=settings.check_interval,
        ),
        Tick(
            "subscriptions.renew",
            settings.renew_interval,
            "POST",
            Service.API,
            "/api/internal/renew-subscription",
        ),
        Tick("api.sweep", every, "POST", Service.API, "/api/internal/sweep"),
        Tick("auth.sweep", every, "POST", Service.AUTH, "/auth/internal/maintenance/sweep"),
        Tick(
            "auth.refresh",
            settings.refresh_interval,
            "POST",
            Service.AUTH,
            "/auth/internal/refresh-expiring",
            may_lack=True,
        ),
        Tick(
            "auth.rewrap",
            settings.rewrap_interval,
            "POST",
            Service.AUTH,
            "/auth/internal/maintenance/rewrap",
        ),
        Tick(
            "connections.follow",
            settings.follow_interval,
            "POST",
            Service.API,
            "/api/internal/follow-connections",
        ),
        Tick(
            "connections.test", settings.test_interval, "POST", Service.API, "/api/internal/test-connections"
        ),
    )
