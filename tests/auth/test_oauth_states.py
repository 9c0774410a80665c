"""A state is one person's, for one vendor, once, for ten minutes. Everything else is refused and told."""

from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.auth.clicking import Person
from tests.auth.conftest import Auth, Running
from tests.auth.connects import ADMIN, Operator, operator, query_of, registered
from tests.auth.test_sign_in import sign_in
from tests.fixtures.postgres import Database
from tests.fixtures.sandbox import Sandbox

pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")
TenantId = Callable[..., UUID]


@pytest.fixture
async def replica(running: Running, sandbox: Sandbox) -> AsyncIterator[Auth]:
    sandbox.reset(tokens=True)
    async with running(**registered(sandbox)) as auth:
        yield auth


@pytest.fixture
async def acme(replica: Auth, tenant_id: TenantId) -> Operator:
    return await operator(replica, tenant_id)


def told(database: Database) -> list[str]:
    rows = database.psql("SELECT outcome FROM auth.security_events WHERE action = 'oauth_state' ORDER BY id")
    return rows.split()


async def came_back(acme: Operator, vendor: str = "google") -> dict[str, str]:
    return Person(ADMIN).visit((await acme.start(vendor))["authorize_url"])


async def test_a_replayed_answer_is_refused_and_told(acme: Operator, database: Database) -> None:
    query = await came_back(acme)
    assert (await acme.finish("google", query))["failed"] is None
    assert (await acme.finish("google", query))["failed"] == "state_invalid"
    assert told(database) == ["replayed"]
    assert len(await acme.list()) == 1


async def test_an_answer_that_comes_after_ten_minutes_is_refused_and_told(
    acme: Operator, database: Database
) -> None:
    query = await came_back(acme)
    database.psql("UPDATE auth.oauth_states SET expires_at = now() - interval '1s'")
    assert (await acme.finish("google", query))["failed"] == "state_expired"
    assert told(database) == ["expired"]
    assert await acme.list() == []


async def test_another_session_of_the_same_person_is_refused_and_told(
    acme: Operator, replica: Auth, database: Database
) -> None:
    query = await came_back(acme)
    other = Operator(replica, await sign_in(replica), acme.tenant_id)
    assert (await other.finish("google", query))["failed"] == "state_invalid"
    assert told(database) == ["foreign_session"]
    assert (await acme.finish("google", query))["failed"] == "state_invalid", "a leaked state is used up"
    assert await acme.list() == []


async def test_another_tenants_operator_is_refused_and_told(
    acme: Operator, replica: Auth, tenant_id: TenantId, database: Database
) -> None:
    query = await came_back(acme)
    globex = await operator(replica, tenant_id, "globex")
    assert (await globex.finish("google", query))["failed"] == "state_invalid"
    assert told(database) == ["foreign_tenant"]
    assert await globex.list() == []


async def test_another_vendors_callback_is_refused_and_told(acme: Operator, database: Database) -> None:
    query = await came_back(acme)
    assert (await acme.finish("microsoft", query))["failed"] == "state_invalid"
    assert told(database) == ["foreign_provider"]


async def test_a_state_that_nobody_began_is_refused(acme: Operator) -> None:
    for state in (None, "", "x" * 201, "never-begun"):
        query = {"code": "c"} | ({"state": state} if state is not None else {})
        assert (await acme.finish("google", query))["failed"] == "state_invalid"


async def test_another_issuers_answer_is_refused(acme: Operator) -> None:
    query = await came_back(acme)
    assert (await acme.finish("google", {**query, "iss": "https://evil.example"}))[
        "failed"
    ] == "state_invalid"
    assert await acme.list() == []


async def test_a_code_from_another_way_is_refused_by_pkce(acme: Operator) -> None:
    first, second = await came_back(acme), await came_back(acme)
    outcome = await acme.finish("google", {**second, "code": first["code"]})
    assert outcome["failed"] == "vendor_refused"
    assert await acme.list() == []


async def test_the_redirect_uri_is_the_configured_one_and_the_challenge_is_s256(acme: Operator) -> None:
    for vendor in ("google", "microsoft"):
        query = query_of((await acme.start(vendor, return_to="/x"))["authorize_url"])
        assert query["redirect_uri"] == f"http://localhost:8100/auth/oauth/{vendor}/callback"
        assert query["code_challenge_method"] == "S256"
        assert len(query["code_challenge"]) == 43
        assert query["nonce"]
    alias = query_of((await acme.start("ms365"))["authorize_url"])
    assert alias["redirect_uri"].endswith("/auth/oauth/microsoft/callback")


async def test_neither_state_nor_verifier_is_stored(acme: Operator, database: Database) -> None:
    query = query_of((await acme.start("google"))["authorize_url"])
    row = database.psql("SELECT row_to_json(s)::text FROM auth.oauth_states s")
    for secret in (query["state"], query["nonce"], query["state"].encode().hex()):
        assert secret not in row


async def test_who_may_not_connect_does_not_even_begin(
    running: Running, sandbox: Sandbox, write_bootstrap: Callable[[str], int]
) -> None:
    write_bootstrap(
        "tenants:\n  - slug: acme\n    name: Acme\n    operators:\n"
        "      - {email: admin@acme.example, name: Ada, role: auditor}\n"
    )
    async with running(**registered(sandbox)) as auth:
        body: dict[str, Any] = {"session_token": await sign_in(auth)}
        for path, more in (("start", {}), ("finish", {"query": {"state": "x"}})):
            answer = await auth.call("bff", "POST", f"oauth/google/{path}", {**body, **more})
            assert (answer.status_code, answer.json()["code"]) == (403, "may_not_connect")
        gone = await auth.call("bff", "POST", "oauth/google/start", {"session_token": "x" * 43})
        assert (gone.status_code, gone.json()["code"]) == (401, "session_ended")


async def test_a_vendor_that_this_installation_is_not_registered_with_says_so(
    running: Running, tenant_id: TenantId
) -> None:
    async with running(seed=False) as auth:
        acme = await operator(auth, tenant_id)
        for vendor in ("google", "zoom"):
            assert (await acme.start(vendor))["failed"] == "not_configured"
        methods = (await auth.call("api", "GET", "connections/methods")).json()["items"]
    offered = {one["vendor"]: {way["key"]: way["available"] for way in one["methods"]} for one in methods}
    assert offered["google"] == {"authorization_code": False, "service_account": True}
    assert offered["zoom"] == {"account_credentials": True}
    assert len(offered) == 9
    reasons = [way["unavailable_reason"] for one in methods for way in one["methods"] if not way["available"]]
    assert all("OAUTH" in reason for reason in reasons)


async def test_old_states_are_swept(acme: Operator, replica: Auth, database: Database) -> None:
    await acme.start("google")
    database.psql("UPDATE auth.oauth_states SET expires_at = now() - interval '2 hours'")
    await acme.start("google")
    swept: httpx.Response = await replica.call("scheduler", "POST", "maintenance/sweep")
    assert swept.json()["sign_in_states"] == 1
    assert database.psql("SELECT count(*) FROM auth.oauth_states") == "1"
