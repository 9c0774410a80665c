"""Whose tokens the broker gives out, what it writes down, and what the environment seeds."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr

from tests.auth.conftest import Running
from tests.auth.vendors import Vendor, column
from tests.fixtures.postgres import Database
from tests.fixtures.sandbox import Sandbox

TenantId = Callable[..., UUID]


# -- whose connection ----------------------------------------------------------------------------------------


async def test_a_connection_is_found_by_its_id_and_only_in_its_tenant(
    running: Running, vendor: Vendor, ask: Callable[..., Any], database: Database, tenant_id: TenantId
) -> None:
    async with running(transport=vendor.transport) as auth:
        connection = column(database, "id")
        by_id = await ask(auth, tenant_id=None, provider=None, connection_id=connection)
        assert by_id.json()["connection_id"] == connection
        assert (await ask(auth, connection_id=connection, provider=None)).status_code == 200
        other = str(tenant_id("globex"))
        unknown: tuple[dict[str, Any], ...] = (
            {"tenant_id": other, "connection_id": connection, "provider": None},
            {"tenant_id": other},
            {"tenant_id": str(uuid4())},
            {"tenant_id": None, "provider": None, "connection_id": str(uuid4())},
            {"provider": "unknown"},
            {"provider": ""},
            {"provider": "a\x00b"},
        )
        for body in unknown:
            answer = await ask(auth, **body)
            assert (answer.status_code, answer.json()["code"]) == (404, "connection_not_found"), body
        bad: tuple[dict[str, Any], ...] = (
            {"tenant_id": None},
            {"provider": None},
            {"tenant_id": "x"},
            {"purpose": 5},
            {"purpose": "a\x00"},
            {"purpose": "\ud800"},
        )
        for body in bad:
            assert (await ask(auth, **body)).status_code == 422, body
        listed = await auth.call("api", "GET", f"tenants/{other}/connections")
        assert listed.json() == []
        database.psql("UPDATE auth.connections SET status = 'disconnected'")
    async with running(transport=vendor.transport, seed=False) as auth:
        assert (await ask(auth)).status_code == 404


async def test_every_release_is_in_the_audit_log_with_caller_and_purpose(
    running: Running, vendor: Vendor, ask: Callable[..., Any], database: Database
) -> None:
    async with running(transport=vendor.transport) as auth:
        await ask(auth, purpose="action 42")
        await ask(auth, purpose="action 43")
    rows = database.psql(
        "SELECT actor_kind, actor_id, target_kind, details ->> 'purpose', outcome FROM auth.audit_entries "
        "WHERE action = 'token.released' ORDER BY id"
    )
    assert rows.splitlines() == [
        "service|worker|connection|action 42|success",
        "service|worker|connection|action 43|success",
    ]


async def test_nothing_is_released_that_cannot_be_audited(
    running: Running, vendor: Vendor, ask: Callable[..., Any], database: Database
) -> None:
    async with running(transport=vendor.transport) as auth:
        await ask(auth)
        database.psql("REVOKE INSERT ON auth.audit_entries FROM oneclick_auth")
        try:
            answer = await ask(auth)
        finally:
            database.psql("GRANT INSERT ON auth.audit_entries TO oneclick_auth")
    assert answer.status_code >= 500
    assert "canary" not in answer.text


# -- seeding -------------------------------------------------------------------------------------------------


async def test_a_new_secret_in_the_environment_replaces_the_old_and_nothing_else_is_written(
    running: Running, vendor: Vendor, ask: Callable[..., Any], database: Database
) -> None:
    def stored() -> list[str]:
        rows = database.psql(
            "SELECT c.vendor, c.id, s.version, md5(s.envelope), c.status FROM auth.connections c "
            "JOIN auth.connection_secrets s ON s.connection_id = c.id ORDER BY c.vendor"
        )
        return rows.splitlines()

    vendor.answers = [(401, {"error": "invalid_client"})]
    async with running(transport=vendor.transport) as auth:
        assert (await ask(auth)).status_code == 409
        before = stored()
    async with running(transport=vendor.transport):
        assert stored() == before
    vendor.answers = [(200, {"access_token": "with-new-secret", "expires_in": 3600})]
    async with running(
        transport=vendor.transport, ms_graph_client_secret=SecretStr("canary-new-secret")
    ) as auth:
        after = stored()
        assert (await ask(auth)).json()["access_token"] == "with-new-secret"
    assert after[0] == before[0]
    assert after[1].split("|")[:3] == [*before[1].split("|")[:2], "2"]
    assert after[1].endswith("|active")
    assert b"canary-new-secret" in vendor.calls[-1].content


async def test_a_google_assertion_names_the_administrator_and_the_least_scopes(
    running: Running, vendor: Vendor, ask: Callable[..., Any], sandbox: Sandbox
) -> None:
    from urllib.parse import parse_qs

    from joserfc import jwt
    from joserfc.jwk import RSAKey

    from services.auth.connection.vendors import GOOGLE_SCOPES

    async with running(transport=vendor.transport) as auth:
        await ask(auth, provider="google-workspace")
    account = sandbox.info()["google"]["service_account"]
    form = parse_qs(vendor.calls[0].content.decode())
    token = jwt.decode(form["assertion"][0], RSAKey.import_key(account["private_key"]), algorithms=["RS256"])
    assert token.header["kid"] == account["private_key_id"]
    assert token.claims["iss"] == account["client_email"]
    assert token.claims["sub"] == "admin@acme.example"
    assert token.claims["aud"] == sandbox.google_token_url
    assert token.claims["scope"].split() == list(GOOGLE_SCOPES)
    assert token.claims["exp"] - token.claims["iat"] == 3600


@pytest.fixture(autouse=True)
def fresh_statuses(database: Database) -> Iterator[None]:
    """Rights that a test took away are back."""
    yield
    database.psql("GRANT INSERT ON auth.audit_entries TO oneclick_auth")
