"""Ciphertexts in the database: bound to their place, rotated under load, and never seen anywhere else."""

import asyncio
import io
import json
import logging
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest
import structlog
from prometheus_client import REGISTRY
from pydantic import SecretStr

from services.auth.maintenance.rotation import EVERYTHING_SEALED, rewrap_all
from services.auth.vault.ring import LocalKeyRing
from services.auth.vault.vault import Vault
from services.shared.kit.db import Base, create_engine, create_sessions
from services.shared.kit.logging import configure_logging
from tests.auth.conftest import KEY, Auth, Running
from tests.auth.test_first_password import PASSWORD, Passwords
from tests.auth.test_sign_in import approve, begin, exchange, finish
from tests.auth.vendors import Vendor, column, warm
from tests.fixtures.postgres import Database

pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")
TenantId = Callable[..., UUID]
OLD, NEW = b"k" * 32, b"n" * 32


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    """Everything that is logged, as in production."""
    root = logging.getLogger()
    before, level, configured = root.handlers[:], root.level, structlog.get_config()
    said = io.StringIO()
    configure_logging("auth", level="DEBUG", fmt="json")
    # Loggers must find their way back to the other tests' configuration.
    structlog.configure(cache_logger_on_first_use=False)
    assert isinstance(root.handlers[0], logging.StreamHandler)
    root.handlers[0].setStream(said)
    # The sandbox runs in this process too, and its own library says what it does.
    for noisy in ("asyncio", "aiohttp", "sqlalchemy", "authlib", "services.sandbox"):
        logging.getLogger(noisy).setLevel(logging.INFO)
    yield said
    root.handlers, root.level = before, level
    structlog.configure(**configured)


def failures() -> float:
    return REGISTRY.get_sample_value("oneclick_vault_decrypt_failures_total", {"reason": "tampered"}) or 0.0


async def ask(auth: Auth, tenant_id: UUID, provider: str) -> httpx.Response:
    return await auth.call(
        "worker", "POST", "tenant-token", {"tenant_id": str(tenant_id), "provider": provider}
    )


async def test_two_swapped_credentials_are_refused_with_an_alert_and_never_sent(
    running: Running, database: Database, tenant_id: TenantId, logs: io.StringIO
) -> None:
    vendor = Vendor()
    async with running(transport=vendor.transport) as auth:
        database.psql(
            "UPDATE auth.connection_secrets one SET envelope = two.envelope FROM auth.connection_secrets two "
            "WHERE one.connection_id <> two.connection_id"
        )
        before = failures()
        for provider in ("google", "microsoft"):
            answer = await ask(auth, tenant_id(), provider)
            assert (answer.status_code, answer.json()["code"]) == (409, "connection_error")
            assert answer.json()["reason_code"] == "secret_unreadable"
            assert column(database, "status", provider) == "error"
        assert failures() == before + 2
        assert vendor.calls == []
        alerts = [
            json.loads(line) for line in logs.getvalue().splitlines() if "vault_decrypt_refused" in line
        ]
        assert len(alerts) == 2
        assert all(alert["alert"] is True and alert["tenant_id"] == str(tenant_id()) for alert in alerts)
    async with running(transport=vendor.transport) as auth:
        assert (await ask(auth, tenant_id(), "google")).status_code == 200, "seeding again is the cure"


async def test_a_swapped_or_older_access_token_is_refused_and_a_new_one_is_minted(
    running: Running, database: Database, tenant_id: TenantId
) -> None:
    vendor = Vendor()
    async with running(transport=vendor.transport, token_cache_seconds=0) as auth:
        await ask(auth, tenant_id(), "google")
        await ask(auth, tenant_id(), "microsoft")
        database.psql(
            "UPDATE auth.connection_tokens one SET envelope = two.envelope FROM auth.connection_tokens two "
            "WHERE one.connection_id <> two.connection_id"
        )
        before = failures()
        assert (await ask(auth, tenant_id(), "google")).status_code == 200
        assert failures() > before
        assert len(vendor.calls) == 3
        database.psql("UPDATE auth.connection_tokens SET version = version + 1")
        assert (await ask(auth, tenant_id(), "google")).status_code == 200
        assert len(vendor.calls) == 4


async def test_rotation_under_load_fails_no_read_and_leaves_nothing_behind(
    running: Running, database: Database, tenant_id: TenantId
) -> None:
    def ring(primary: str, *names: str) -> SecretStr:
        keys = {"k1": KEY, "k2": b64encode(NEW).decode()}
        return SecretStr(json.dumps({"primary": primary, "keys": {name: keys[name] for name in names}}))

    vendor = Vendor()
    vendor.answers = [(200, {"access_token": "short", "expires_in": 2})]
    async with running(transport=vendor.transport) as before:
        for provider in ("google", "microsoft"):
            await ask(before, tenant_id(), provider)
        await before.call("worker", "POST", "notifications/certificate", {"tenant_id": str(tenant_id())})
        passwords = Passwords(before, tenant_id())
        await passwords.store()
    engine = create_engine(database.url("oneclick_auth"), name="test")
    sessions = create_sessions(engine)
    vault = Vault(LocalKeyRing("k2", {"k1": OLD, "k2": NEW}))
    async with (
        running(transport=vendor.transport, token_cache_seconds=0, vault_keys=ring("k2", "k1", "k2")) as one,
        running(transport=vendor.transport, token_cache_seconds=0, vault_keys=ring("k1", "k1", "k2")) as two,
    ):
        over = asyncio.Event()
        statuses: list[int] = []

        async def load(auth: Auth, provider: str) -> None:
            while not over.is_set():
                statuses.append((await ask(auth, tenant_id(), provider)).status_code)
                statuses.append((await auth.client.get("/auth/jwks.json")).status_code)

        readers = [asyncio.create_task(load(auth, p)) for auth in (one, two) for p in ("google", "microsoft")]
        for _ in range(5):
            await rewrap_all(sessions, vault)
            await asyncio.sleep(0.1)
        over.set()
        await asyncio.gather(*readers)
    assert len(statuses) > 20
    assert set(statuses) == {200}
    done = await rewrap_all(sessions, vault)
    assert done.left == 0
    await engine.dispose()
    for sealed in EVERYTHING_SEALED:
        table = sealed.model.__table__.fullname
        assert database.psql(f"SELECT DISTINCT kek_id FROM {table} WHERE kek_id IS NOT NULL") == "k2"
    async with running(transport=vendor.transport, vault_keys=ring("k2", "k2")) as after:
        assert (await ask(after, tenant_id(), "google")).status_code == 200
        passwords.auth = after
        assert (await passwords.reveal()).json() == {"password": PASSWORD}


def test_rotation_knows_every_sealed_column() -> None:
    sealed = {
        (table.name, name)
        for table in Base.metadata.tables.values()
        for name in table.columns.keys()  # noqa: SIM118  # the collection iterates over columns
        if table.schema == "auth" and "envelope" in name
    }
    assert sealed == {(one.model.__table__.name, one.column) for one in EVERYTHING_SEALED}


async def test_a_ring_that_lacks_a_key_is_unavailable_and_changes_nothing(
    running: Running, database: Database, tenant_id: TenantId
) -> None:
    vendor = Vendor()
    async with running(transport=vendor.transport) as auth:
        await ask(auth, tenant_id(), "google")
        database.psql(
            "UPDATE auth.connection_secrets SET envelope = overlay(envelope placing '\\x6b39' from 3 for 2);"
            "DELETE FROM auth.connection_tokens"
        )
        warm(database)
    async with running(transport=vendor.transport, seed=False) as auth:
        answer = await ask(auth, tenant_id(), "google")
        assert (answer.status_code, answer.json()["code"]) == (503, "vault_unavailable")
        assert column(database, "status", "google") == "active"


async def test_no_secret_is_in_a_log_a_response_or_the_database(
    running: Running,
    database: Database,
    tenant_id: TenantId,
    logs: io.StringIO,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The canaries: every secret that goes through the service, looked for wherever it has no business."""
    canaries = {"canary-client-secret", "canary-access-1", PASSWORD, KEY}
    seen: list[str] = []

    async def remember(response: httpx.Response) -> None:
        await response.aread()
        seen.append(f"{response.request.url} {response.headers} {response.text}")

    vendor = Vendor()

    async def out(request: httpx.Request) -> httpx.Response:
        if "oidc" in request.url.path:
            async with httpx.AsyncClient() as client:
                forwarded = await client.request(
                    request.method,
                    request.url,
                    content=request.content,
                    headers={
                        k: v for k, v in request.headers.items() if k in {"authorization", "content-type"}
                    },
                )
            if request.url.path.endswith("/token"):
                canaries.update(str(forwarded.json()[name]) for name in ("id_token", "access_token"))
            return httpx.Response(forwarded.status_code, content=forwarded.content)
        return await vendor(request)

    secret = SecretStr("canary-client-secret")
    async with running(transport=httpx.MockTransport(out), ms_graph_client_secret=secret) as auth:
        await ask(auth, tenant_id(), "microsoft")
        vendor.answers = [
            (400, {"error": "invalid_client", "error_description": "canary-client-secret is wrong"})
        ]
        warm(database)
        body = {"tenant_id": str(tenant_id()), "provider": "microsoft", "force_refresh": True}
        database.psql("UPDATE auth.connection_tokens SET minted_at = now() - interval '1h'")
        auth.client.event_hooks["response"] = [remember]
        assert (await auth.call("worker", "POST", "tenant-token", body)).status_code == 409
        vendor.answers = [ValueError("something that nobody thought of")]
        warm(database)
        assert (await auth.call("worker", "POST", "tenant-token", body)).status_code == 500
        passwords = Passwords(auth, tenant_id())
        auth.client.event_hooks["response"] = []
        await passwords.store()
        came_back = await asyncio.to_thread(approve, await begin(auth), "admin@acme.example")
        canaries.add(came_back["code"])
        session_token = (await finish(auth, came_back)).json()["session_token"]
        issued = (await exchange(auth, session_token)).json()["access_token"]
        canaries |= {session_token, issued, issued.split(".")[2], KEY}
        auth.client.event_hooks["response"] = [remember]
        await passwords.state()
        await auth.call("api", "GET", f"tenants/{tenant_id()}/connections")
        await auth.call("bff", "POST", "session/token", {"session_token": f"{session_token}x"})
        await auth.call("bff", "POST", "session/token", {"session_token": [session_token]})
        await auth.call("worker", "PUT", f"first-passwords/{passwords.action_id}", {"password": PASSWORD})
        await auth.client.get("/metrics")
        await auth.client.get("/auth/jwks.json")
    stored = "".join(
        database.psql(f"SELECT t::text FROM {table.fullname} t")
        for table in Base.metadata.tables.values()
        if table.schema == "auth"
    )
    canaries |= {"canary-client-secret", "PRIVATE KEY", "0123456789abcdefghij"}
    places: dict[str, Any] = {
        "logs": logs.getvalue(),
        "output": "".join(capfd.readouterr()),
        "responses": "\n".join(seen),
        "database": stored,
    }
    assert len(logs.getvalue().splitlines()) > 10
    for place, content in places.items():
        found = {canary for canary in canaries if canary in content}
        assert not found, f"{found} in {place}"
        hexed = {canary for canary in canaries if canary.encode().hex() in content}
        assert not hexed, f"{hexed} in {place}, as hex"
