"""The scheduler as an application: a clock that runs, and the routes that say so."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.scheduler.caller import Caller
from services.scheduler.clock import Clock
from services.scheduler.settings import SchedulerSettings
from services.scheduler.ticks import Service, ticks
from services.shared.kit.http import create_client
from services.shared.web.correlation import CorrelationMiddleware
from services.shared.web.health import health_router
from services.shared.web.problems import install_problems

NAME = "scheduler"


def create_app(settings: SchedulerSettings) -> FastAPI:
    """The clock ticks from the application's start to its end."""
    client = create_client(timeout=settings.scheduler_timeout)
    addresses = {Service.API: settings.api_url, Service.AUTH: settings.auth_url}
    caller = Caller(client, addresses, settings.service_token, timeout=settings.scheduler_timeout)
    clock = Clock(caller, ticks(settings), settings.time_zone)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        clock.start()
        yield
        await clock.stop()
        await client.aclose()

    app = FastAPI(
        title="OneClick scheduler", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan
    )
    install_problems(app)
    app.add_middleware(CorrelationMiddleware, service=NAME)
    # That others are away is no reason to be taken for unready: the clock ticks on, and counts it.
    app.include_router(health_router(NAME, {"clock": clock.check}))
    return app
