"""The api: the product over HTTP."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import partial

import httpx
from fastapi import FastAPI
from redis.asyncio import Redis

from services.api.api_keys.endpoints import router as api_keys
from services.api.apps.endpoints import router as apps
from services.api.audit.endpoints import router as audit
from services.api.auth_client import AuthClient
from services.api.connections.endpoints import router as connections
from services.api.dependencies import Backends
from services.api.employees.endpoints import router as employees
from services.api.internal.connections import router as following
from services.api.internal.endpoints import router as internal
from services.api.internal.notifications import router as renewing
from services.api.internal.schedules import router as firing
from services.api.key_checking import KeyChecker
from services.api.me.endpoints import router as me
from services.api.notifications.endpoints import router as notifications
from services.api.notifications.intake import Intake
from services.api.notifications.receiving import count_too_large
from services.api.notifications.receiving import router as receiving
from services.api.notifications.streaming import router as notifying
from services.api.operators.endpoints import router as operators
from services.api.overview.endpoints import router as overview
from services.api.problems import RESPONSES
from services.api.requests.endpoints import router as requests
from services.api.requests.streaming import router as streaming
from services.api.requests.tasking import router as tasking
from services.api.role_templates.endpoints import router as role_templates
from services.api.schedule.endpoints import router as schedule
from services.api.settings import ApiSettings
from services.api.strangers import Strangers
from services.api.tag_rules.endpoints import router as tag_rules
from services.api.webhooks.endpoints import router as webhooks
from services.shared.bell.arq_bell import ArqBell
from services.shared.kit.bell import News
from services.shared.kit.db import create_engine, create_sessions, create_single_sessions
from services.shared.kit.http import create_client
from services.shared.kit.schema import check_schema
from services.shared.kit.throttle import PATIENCE, Throttle
from services.shared.web.body_limit import BodyLimitMiddleware
from services.shared.web.correlation import CorrelationMiddleware
from services.shared.web.health import health_router
from services.shared.web.principal import TokenVerifier
from services.shared.web.problems import install_problems
from services.shared.web.service_tokens import Doorman

SERVICE = "api"
MAX_BODY = 1024 * 1024
ROUTERS = (
    receiving,
    me,
    apps,
    connections,
    role_templates,
    schedule,
    tag_rules,
    streaming,
    requests,
    tasking,
    employees,
    overview,
    audit,
    api_keys,
    operators,
    webhooks,
    notifying,
    notifications,
    internal,
    firing,
    following,
    renewing,
)
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(
    settings: ApiSettings | None = None, *, transport: httpx.AsyncBaseTransport | None = None
) -> FastAPI:
    """The application. Without settings it can be described but not started.

    `transport` is how the auth service is reached; by default over the network.
    """
    app = FastAPI(
        title="OneClick",
        version="1",
        summary="Accounts for people: planned, applied, watched.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        generate_unique_id_function=lambda route: route.name,
        lifespan=_lifespan(settings, transport) if settings else None,
    )
    install_problems(app)
    app.add_middleware(BodyLimitMiddleware, most=MAX_BODY, on_refusal=count_too_large)
    app.add_middleware(CorrelationMiddleware, service=SERVICE)
    for router in ROUTERS:
        app.include_router(router, responses=RESPONSES)

    async def database() -> None:
        await app.state.check_database()

    async def redis() -> None:
        await app.state.check_redis()

    app.include_router(
        health_router(SERVICE, {"database": database}, degraded={"redis": redis}), include_in_schema=False
    )
    return app


def _lifespan(settings: ApiSettings, transport: httpx.AsyncBaseTransport | None) -> Lifespan:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = create_engine(settings.database_url, name=SERVICE, pool_size=settings.database_pool_size)
        bell = ArqBell(str(settings.redis_url))
        redis = Redis.from_url(str(settings.redis_url), socket_connect_timeout=2.0, health_check_interval=15)
        news = News(redis)
        client = create_client(transport=transport)
        auth = AuthClient(client, settings.auth_url, settings.service_token)
        counting = Redis.from_url(
            str(settings.redis_url), socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE
        )
        throttle = Throttle(counting)
        app.state.backends = Backends(
            sessions=create_sessions(engine),
            bell=bell,
            news=news,
            verifier=TokenVerifier(client, settings.auth_url),
            auth=auth,
            doorman=Doorman(settings.service_tokens),
            keys=KeyChecker(auth, throttle, keep_seconds=settings.api_key_cache_seconds),
            strangers=Strangers(
                throttle,
                per_minute=settings.refused_deliveries_per_minute,
                proxies=settings.trusted_proxies,
            ),
            new_key_calls_per_minute=settings.api_key_calls_per_minute,
            wait_seconds=settings.wait_seconds,
            retention_days=settings.retention_days,
        )
        intake = Intake(create_single_sessions(engine), bell)
        app.state.intake = intake
        app.state.check_database = partial(check_schema, engine)
        app.state.check_redis = bell.check
        listening = asyncio.create_task(news.listen())
        try:
            yield
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
            await intake.close()
            await bell.close()
            await redis.aclose()
            await counting.aclose()
            await client.aclose()
            await engine.dispose()

    return lifespan
