"""The auth service in the test's process, on the embedded database and against the sandbox."""

import base64
import json
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import structlog
from pydantic import SecretStr

from services.auth.app import create_app, prepare
from services.auth.environment.vendors import VendorSettings
from services.auth.settings import (
    AuthSettings,
    BootstrapSettings,
    BrokerSettings,
    CallerSettings,
    OidcSettings,
    VaultSettings,
)
from services.shared.kit.settings import DatabaseSettings, Environment, ProcessSettings
from tests.auth.vendors import Vendor
from tests.fixtures.postgres import Database
from tests.fixtures.sandbox import Sandbox

BOOTSTRAP = """
tenants:
  - slug: acme
    name: Acme
    operators:
      - {email: admin@acme.example, name: Ada Admin, role: admin}
    groups: {oneclick-helpdesk: helpdesk, oneclick-auditors: auditor}
  - slug: globex
    name: Globex
    operators:
      - {email: admin@globex.example, name: Gil Globex, role: admin}
"""
CALLERS = ("bff", "api", "worker", "scheduler")
TOKENS = {caller: f"k1.{caller}-0123456789abcdefghij" for caller in CALLERS}
KEY = base64.b64encode(b"k" * 32).decode()


WriteBootstrap = Callable[[str], int]


def headers(caller: str) -> dict[str, str]:
    """What a caller sends."""
    return {"x-service-token": TOKENS[caller]}


class Auth:
    """One replica: a client of its own application, and the settings it was made with."""

    def __init__(self, client: httpx.AsyncClient, settings: AuthSettings) -> None:
        self.client = client
        self.settings = settings

    async def call(
        self, caller: str, method: str, path: str, body: Any = None, **more: Any
    ) -> httpx.Response:
        """Call a route as one of the other services."""
        content = None if body is None else json.dumps(body)
        sent = headers(caller) | {"content-type": "application/json"}
        return await self.client.request(
            method, f"/auth/internal/{path}", content=content, headers=sent, **more
        )


@pytest.fixture(autouse=True)
def plain_tracebacks() -> Iterator[None]:
    """Without a configuration structlog draws a traceback with every local variable, which takes seconds."""
    configured = structlog.get_config()
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()]
    )
    yield
    structlog.configure(**configured)


@pytest.fixture(scope="module")
def database(module_database: Database) -> Database:
    """These tests begin with empty tables, so they keep to a database of their own."""
    return module_database


@pytest.fixture
def bootstrap_file(tmp_path: Path) -> Path:
    path = tmp_path / "tenants.yaml"
    path.write_text(BOOTSTRAP)
    return path


@pytest.fixture
def write_bootstrap(bootstrap_file: Path) -> WriteBootstrap:
    """Replace the bootstrap file that the next replica starts with."""
    return bootstrap_file.write_text


@pytest.fixture
def make_settings(
    database: Database, sandbox: Sandbox, bootstrap_file: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., AuthSettings]:
    """Settings for the sandbox's connections; named values replace those of their group."""
    for name in list(os.environ):
        if name.startswith(("OIDC_", "MS_", "GOOGLE_", "VAULT_", "SERVICE_TOKENS", "TOKEN_", "SESSION_")):
            monkeypatch.delenv(name)

    def make(*, seed: bool = True, **changes: Any) -> AuthSettings:
        info = sandbox.info()
        vendors: dict[str, Any] = {
            "ms_login_url": sandbox.microsoft_url,
            "google_token_url": sandbox.google_token_url,
        }
        if seed:
            directory = next(t for t in info["microsoft"]["tenants"] if "acme.example" in t["domains"])
            vendors |= {
                "connections_tenant": "acme",
                "google_service_account_json": SecretStr(json.dumps(info["google"]["service_account"])),
                "google_admin_subject": "admin@acme.example",
                "google_customer_id": "C0acme01",
                "ms_graph_tenant_id": directory["directory_id"],
                "ms_graph_client_id": info["microsoft"]["client_id"],
                "ms_graph_client_secret": SecretStr(info["microsoft"]["client_secret"]),
                "ms_graph_domain": "acme.example",
            }
        oidc = {
            "oidc_issuer": sandbox.oidc_issuer,
            "oidc_client_id": "oneclick",
            "oidc_client_secret": SecretStr("sandbox-oidc-secret"),
            "oidc_redirect_uri": "https://oneclick.test/bff/callback",
        }

        def having(group: type, base: dict[str, Any]) -> Any:
            known = {name: value for name, value in changes.items() if name in group.model_fields}  # type: ignore[attr-defined]  # each is a settings group
            return group(**{**base, **known})

        return AuthSettings(
            process=ProcessSettings(environment=Environment.TEST),
            database=having(DatabaseSettings, {"database_url": SecretStr(database.url("oneclick_auth"))}),
            vault=having(
                VaultSettings, {"vault_keys": SecretStr(json.dumps({"primary": "k1", "keys": {"k1": KEY}}))}
            ),
            callers=CallerSettings(service_tokens=json.dumps({c: [t] for c, t in TOKENS.items()})),
            oidc=having(OidcSettings, oidc),
            vendors=having(VendorSettings, vendors),
            broker=having(BrokerSettings, {}),
            bootstrap=having(BootstrapSettings, {"bootstrap_file": bootstrap_file}),
        )

    return make


Running = Callable[..., AbstractAsyncContextManager[Auth]]


@pytest.fixture
def running(database: Database, make_settings: Callable[..., AuthSettings]) -> Running:
    """Start a replica: `async with running() as auth`. Settings by name; `transport` is the way out.

    The first one of a test begins with an empty database.
    """
    database.truncate()

    @asynccontextmanager
    async def run(
        *, transport: httpx.AsyncBaseTransport | None = None, **changes: Any
    ) -> AsyncIterator[Auth]:
        settings = make_settings(**changes)
        await prepare(settings, transport=transport)
        app = create_app(settings, transport=transport)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://auth.test"
            ) as client,
        ):
            yield Auth(client, settings)

    return run


@pytest.fixture
async def auth(running: Running) -> AsyncIterator[Auth]:
    """One replica with both of acme's connections."""
    async with running() as replica:
        yield replica


@pytest.fixture
def tenant_id(database: Database) -> Callable[..., UUID]:
    """The id of a tenant by its slug."""

    def find(slug: str = "acme") -> UUID:
        return UUID(database.psql(f"SELECT id FROM auth.tenants WHERE slug = '{slug}'"))

    return find


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


@pytest.fixture
def ask(tenant_id: Callable[..., UUID]) -> Callable[..., Any]:
    """Ask for acme's Microsoft token as the worker does."""

    def asking(auth: Auth, **body: Any) -> Any:
        wanted = {"tenant_id": str(tenant_id()), "provider": "microsoft-365", "purpose": "test", **body}
        return auth.call("worker", "POST", "tenant-token", {k: v for k, v in wanted.items() if v is not None})

    return asking
