"""The bff as an application: what serves browsers, and what surrounds it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute

from bff.auth_client import AuthClient
from bff.browser.csrf import CsrfGuard
from bff.browser.edge import BodyLimit, InnerOnly, OwnCorrelation, StrictHeaders
from bff.oauth import endpoints as oauth
from bff.proxy import endpoints as proxy
from bff.session import endpoints as session
from bff.session.keeper import SessionKeeper
from bff.settings import BffSettings
from bff.sign_in import endpoints as sign_in
from bff.webui import files
from services.shared.kit.http import create_client, create_transport
from services.shared.web.correlation import Application, CorrelationMiddleware
from services.shared.web.health import Check, health_router
from services.shared.web.problems import install_problems

NAME = "bff"
_AUTH_TIMEOUT = 10.0
_API_TIMEOUT = 60.0
_STREAM_TIMEOUT = 40.0
"""Without a byte; the api says something at least every 15 s."""
_CALLS, _STREAMS = 200, 5000


def create_app(settings: BffSettings, stopping: asyncio.Event) -> FastAPI:
    """The routes. Streams end when `stopping` is set."""
    auth_http = create_client(base_url=settings.auth_url, timeout=_AUTH_TIMEOUT)
    calls = create_client(
        base_url=settings.api_url, transport=create_transport(connections=_CALLS), timeout=_API_TIMEOUT
    )
    streams = create_client(
        base_url=settings.api_url, transport=create_transport(connections=_STREAMS), timeout=_STREAM_TIMEOUT
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        for client in (auth_http, calls, streams):
            await client.aclose()

    app = FastAPI(
        title="OneClick BFF",
        version=_version(),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
    )
    install_problems(app)
    auth = AuthClient(auth_http, settings.service_token)
    keeper = SessionKeeper(auth, keep_seconds=settings.session_cache_seconds)
    # Without these two the page still stands and says so; taking it away as well would help nobody.
    wanted = {"auth": _answers(auth_http), "api": _answers(calls)}
    app.include_router(health_router(NAME, {}, degraded=wanted), include_in_schema=False)
    app.include_router(sign_in.router(auth, keeper))
    app.include_router(oauth.router(auth))
    app.include_router(session.router(keeper))
    app.include_router(proxy.router(keeper, settings, calls=calls, streams=streams, stopping=stopping))
    app.include_router(files.router(files.WebApp(settings.webui_dir)))
    return app


def surround(app: Application, settings: BffSettings) -> Application:
    """What applies to every answer, also to those that the framework makes when all else fails."""
    guarded = InnerOnly(BodyLimit(CsrfGuard(app, settings.public_url)))
    return OwnCorrelation(CorrelationMiddleware(StrictHeaders(guarded), NAME))


def _answers(client: httpx.AsyncClient) -> Check:
    async def check() -> None:
        (await client.get("/health")).raise_for_status()

    return check


def _operation_id(route: APIRoute) -> str:
    return route.name


def _version() -> str:
    try:
        return version("oneclick")
    except PackageNotFoundError:
        return "0"
