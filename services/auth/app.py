"""The auth service, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from services.auth.api_key import endpoints as api_keys
from services.auth.audit.recorder import Recorder
from services.auth.bootstrap.apply import apply_bootstrap
from services.auth.bootstrap.file import read_bootstrap
from services.auth.connect import endpoints as connects
from services.auth.connection import endpoints as connections
from services.auth.environment.seeding import seed_connections
from services.auth.first_password import endpoints as first_passwords
from services.auth.identity_provider.provider import IdentityProvider
from services.auth.maintenance import endpoints as maintenance
from services.auth.method.desk import Desk
from services.auth.method.http import VendorHttp
from services.auth.no_store import NoStoreMiddleware
from services.auth.notification import endpoints as notifications
from services.auth.notification.opening import Opener
from services.auth.oauth import endpoints as oauth
from services.auth.oauth.service import OAuth
from services.auth.operator import endpoints as operators
from services.auth.readiness import Readiness, read_revisions
from services.auth.service_caller.allowed import allowed_callers
from services.auth.session import endpoints as session
from services.auth.session.service import Lifetimes
from services.auth.settings import AuthSettings
from services.auth.sign_in import endpoints as sign_in
from services.auth.signing_key import endpoints as keys
from services.auth.signing_key.service import SigningKeys
from services.auth.token import endpoints as tokens
from services.auth.token.broker import Broker, Limits
from services.auth.token.mint import Minter
from services.auth.vault.errors import RingAway
from services.auth.vault.vault import Vault
from services.auth.webhook import endpoints as webhooks
from services.shared.kit.db import create_engine, create_sessions
from services.shared.kit.direct import Direct
from services.shared.kit.http import create_client
from services.shared.web.correlation import CorrelationMiddleware
from services.shared.web.health import health_router
from services.shared.web.problems import install_problems, problem
from services.shared.web.service_tokens import Doorman

SERVICE = "auth"


def create_app(settings: AuthSettings, *, transport: httpx.AsyncBaseTransport | None = None) -> FastAPI:
    """The ASGI application. `transport` replaces the way out to vendors and the identity provider.

    It expects a prepared database: see `prepare`.
    """
    pool = settings.database.database_pool_size
    engine = create_engine(settings.database.database_url, name=f"oneclick-{SERVICE}", pool_size=pool)
    sessions = create_sessions(engine)
    client = create_client(transport=transport, timeout=10.0)
    vault = Vault(settings.vault.ring(client))
    signing_keys = SigningKeys(sessions, vault)
    provider = IdentityProvider(client, settings.oidc)
    lifetimes = Lifetimes(
        idle=timedelta(minutes=settings.broker.session_idle_minutes),
        absolute=timedelta(hours=settings.broker.session_absolute_hours),
    )
    minter = Minter(client, settings.vendors, timeout=settings.broker.token_vendor_timeout)
    desk = Desk(
        VendorHttp(client, timeout=settings.broker.token_vendor_timeout),
        minter,
        settings.vendors,
        private_addresses=settings.vendors.connect_private_addresses,
    )
    broker = Broker(
        sessions,
        vault,
        minter,
        Recorder(Direct(engine)),
        Limits(
            vendor_timeout=settings.broker.token_vendor_timeout,
            cache_seconds=settings.broker.token_cache_seconds,
            cool_down=settings.broker.token_cool_down,
            # Each holds a database connection: half of them stay free for everybody else.
            mints_at_once=pool,
        ),
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await client.aclose()
            await engine.dispose()

    opener = Opener(
        sessions,
        vault,
        client,
        login_url=settings.vendors.ms_login_url,
        own_client_id=settings.vendors.ms_oauth_client_id,
    )
    app = FastAPI(title="OneClick auth", version="1", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.add_middleware(NoStoreMiddleware)
    app.add_middleware(CorrelationMiddleware, service=SERVICE)
    install_problems(app)
    app.add_exception_handler(RingAway, _keys_away)
    allowed = allowed_callers(Doorman(settings.callers.service_tokens))
    ready = Readiness(engine, vault, read_revisions())
    checks = {"database": ready.database, "migrations": ready.migrations, "key_ring": ready.key_ring}
    hours = timedelta(hours=settings.broker.first_password_hours)
    # Routes are tried in order: the busiest come first.
    for router in (
        tokens.router(allowed, broker, sessions),
        health_router(SERVICE, checks),
        keys.router(signing_keys),
        sign_in.router(allowed, sessions, provider, lifetimes),
        session.router(allowed, sessions, signing_keys, provider, lifetimes),
        connections.router(allowed, sessions),
        connects.router(allowed, sessions, vault, desk),
        oauth.router(allowed, OAuth(sessions, vault, desk, lifetimes)),
        operators.router(allowed, sessions),
        api_keys.router(allowed, sessions),
        webhooks.router(allowed, sessions, vault),
        notifications.router(allowed, sessions, vault, opener),
        first_passwords.router(allowed, sessions, vault, hours),
        maintenance.router(allowed, sessions, signing_keys, vault),
    ):
        app.include_router(router)
    return app


async def _keys_away(_request: Request, _error: Exception) -> JSONResponse:
    return problem(
        503, "vault_unavailable", "The keys of the vault cannot be reached now.", headers={"Retry-After": "5"}
    )


async def prepare(settings: AuthSettings, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
    """Apply the bootstrap file, seed the connections and make sure of a signing key. Repeats safely.

    Raises:
        BadBootstrapFile, UnknownTenant: the file or CONNECTIONS_TENANT is wrong.
        VaultError: the key ring cannot read the signing key, or whoever holds the keys does not answer.
        SQLAlchemyError, OSError: the database does not answer, or the migrations have not run.
    """
    engine = create_engine(settings.database.database_url, name=f"oneclick-{SERVICE}-start", pool_size=1)
    client = create_client(transport=transport, timeout=10.0)
    try:
        sessions = create_sessions(engine)
        vault = Vault(settings.vault.ring(client))
        await vault.refresh()
        if settings.bootstrap.bootstrap_file is not None:
            await apply_bootstrap(sessions, read_bootstrap(settings.bootstrap.bootstrap_file))
        await seed_connections(sessions, vault, settings.vendors)
        keys_of_ours = SigningKeys(sessions, vault)
        await keys_of_ours.ensure()
        await keys_of_ours.published()
    finally:
        await client.aclose()
        await engine.dispose()
