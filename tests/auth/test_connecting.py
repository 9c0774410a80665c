"""Each vendor connected through its own pages at the sandbox, and the token that comes of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from uuid import UUID

import httpx
import pytest

from tests.auth.clicking import Person
from tests.auth.conftest import Auth, Running
from tests.auth.connects import ADMIN, Operator, operator, registered
from tests.fixtures.postgres import Database
from tests.fixtures.sandbox import Sandbox

pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")
TenantId = Callable[..., UUID]


@pytest.fixture
async def replica(running: Running, sandbox: Sandbox) -> AsyncIterator[Auth]:
    sandbox.reset(tokens=True)
    sandbox.act("github", "register_redirect", uri="http://localhost:8100/auth/oauth/github/callback")
    async with running(**registered(sandbox)) as auth:
        yield auth


@pytest.fixture
async def acme(replica: Auth, tenant_id: TenantId) -> Operator:
    return await operator(replica, tenant_id)


READS = {
    "microsoft": ("microsoft-365", "default", "/microsoft/v1.0/users"),
    "google": ("google-workspace", "default", "/google/admin/directory/v1/users?customer=my_customer"),
    "slack": ("slack", "default", "/slack/scim/v2/Users"),
    "github": ("github", "default", "/github/orgs/acme-example/members"),
    "hubspot": ("hubspot", "default", "/hubspot/settings/v3/users"),
    "clickup": ("clickup", "default", "/clickup/api/v2/team"),
}


@pytest.mark.parametrize("vendor", sorted(READS))
async def test_a_person_connects_a_vendor_and_the_worker_gets_a_token_that_works(
    acme: Operator, sandbox: Sandbox, vendor: str
) -> None:
    made = await acme.connect(vendor)
    assert (made["state"], made["vendor"], made["source"]) == ("active", vendor, "operator")
    assert made["connected_by"]["address"] == ADMIN
    assert made["scopes_missing"] == []
    provider, credential, path = READS[vendor]
    answer = await acme.token(provider, credential=credential)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    async with httpx.AsyncClient() as client:
        listed = await client.get(
            f"{sandbox.url}{path}",
            headers={"authorization": f"{body['token_type']} {body['access_token']}", "user-agent": "t"},
        )
    assert listed.status_code == 200, listed.text


async def test_atlassians_consent_opens_the_site(acme: Operator, sandbox: Sandbox) -> None:
    made = await acme.connect("atlassian")
    assert made["settings"]["credentials"] == ["site"]
    body = (await acme.token("jira", credential="site")).json()
    assert body["token_type"] == "Bearer"
    async with httpx.AsyncClient() as client:
        me = await client.get(
            f"{made['settings']['site_url']}/rest/api/3/myself",
            headers={"authorization": f"Bearer {body['access_token']}"},
        )
        pages = await client.get(
            f"{made['settings']['confluence_url']}/wiki/rest/api/group?limit=1",
            headers={"authorization": f"Bearer {body['access_token']}"},
        )
    assert me.status_code == 200, me.text
    assert pages.status_code == 200, pages.text


async def test_microsofts_admin_consent_needs_an_administrators_sign_in(acme: Operator) -> None:
    made = await acme.connect("microsoft", method="admin_consent")
    assert made["method"] == "admin_consent"
    assert (await acme.token("microsoft-365", force_refresh=True)).status_code == 200


async def test_who_says_no_connects_nothing(acme: Operator, database: Database) -> None:
    outcome = await acme.go("google", Person(ADMIN, says="cancel"))
    assert outcome["failed"] == "access_denied"
    assert await acme.list() == []
    assert database.psql("SELECT outcome FROM auth.audit_entries WHERE action = 'connection.refused'") == (
        "access_denied"
    )


async def test_what_was_not_ticked_is_named_with_what_it_is_for(acme: Operator) -> None:
    left_out = "https://www.googleapis.com/auth/apps.licensing"
    made = await acme.connect("google", Person(ADMIN, unticks=frozenset({left_out})))
    assert made["state"] == "active"
    assert made["scopes_missing"] == [{"name": left_out, "why": "assign, switch and remove licences"}]


async def test_without_the_permission_for_accounts_nothing_is_connected(acme: Operator) -> None:
    left_out = "https://www.googleapis.com/auth/admin.directory.user"
    outcome = await acme.go("google", Person(ADMIN, unticks=frozenset({left_out})))
    assert outcome["failed"] == "scopes_missing"
    assert await acme.list() == []


async def test_reconnecting_keeps_the_id_and_refuses_another_company(acme: Operator) -> None:
    made = await acme.connect("google")
    again = await acme.connect("google", connection_id=made["id"])
    assert again["id"] == made["id"]
    assert again["generation"] > made["generation"]
    outcome = await acme.go("google", Person("admin@globex.example"), connection_id=made["id"])
    assert outcome["failed"] == "other_account"
    outcome = await acme.go("google", Person("admin@globex.example"))
    assert outcome["failed"] == "other_account"
    assert (await acme.read(made["id"]))["account"] == ADMIN
    assert (await acme.token("google")).status_code == 200


async def test_two_tenants_cannot_connect_the_same_installation(
    acme: Operator, replica: Auth, tenant_id: TenantId
) -> None:
    await acme.connect("github")
    globex = await operator(replica, tenant_id, "globex")
    outcome = await globex.go("github", Person(ADMIN))
    assert outcome["failed"] == "other_account"
    assert await globex.list() == []


async def test_disconnecting_revokes_and_destroys_and_the_same_one_can_come_back(
    acme: Operator, database: Database, sandbox: Sandbox
) -> None:
    made = await acme.connect("google")
    token = (await acme.token("google")).json()["access_token"]
    for _ in range(2):
        gone = await acme.disconnect(made["id"])
        assert (gone.status_code, gone.json()["state"]) == (200, "disconnected")
    for table in ("connection_secrets", "connection_tokens"):
        assert database.psql(f"SELECT count(*) FROM auth.{table}") == "0"
    details = database.psql("SELECT details FROM auth.audit_entries WHERE action = 'connection.disconnected'")
    assert '"revoked": "revoked"' in details
    async with httpx.AsyncClient() as client:
        refused = await client.get(
            f"{sandbox.url}/google/admin/directory/v1/users?customer=my_customer",
            headers={"authorization": f"Bearer {token}"},
        )
    assert refused.status_code == 401
    assert await acme.list() == []
    assert [one["state"] for one in await acme.list(disconnected=True)] == ["disconnected"]
    back = await acme.connect("google", connection_id=made["id"])
    assert (back["id"], back["state"]) == (made["id"], "active")


async def test_a_tenant_sees_and_ends_its_own_connections_alone(
    acme: Operator, replica: Auth, tenant_id: TenantId
) -> None:
    made = await acme.connect("google")
    globex = await operator(replica, tenant_id, "globex")
    assert await globex.list() == []
    assert (await globex.disconnect(made["id"])).status_code == 404
    begun = await replica.call(
        "bff",
        "POST",
        "oauth/google/start",
        {"session_token": globex.session_token, "connection_id": made["id"]},
    )
    assert begun.status_code == 404
    renamed = await replica.call(
        "api",
        "POST",
        f"connections/{made['id']}/rename",
        {"tenant_id": str(globex.tenant_id), "actor": {"id": made["id"], "address": "x"}, "title": "Mine"},
    )
    assert renamed.status_code == 404
    assert (await acme.read(made["id"]))["title"] == made["title"]


async def test_the_environments_connection_is_taken_over_and_a_restart_undoes_neither_that_nor_a_disconnect(
    running: Running, sandbox: Sandbox, tenant_id: TenantId
) -> None:
    settings = {**registered(sandbox), "seed": True}
    async with running(**settings) as auth:
        acme = await operator(auth, tenant_id)
        before = {one["vendor"]: one for one in await acme.list()}
        assert before["google"]["source"] == "environment"
        taken = await acme.connect("google")
        assert (taken["id"], taken["source"]) == (before["google"]["id"], "operator")
        assert (await acme.disconnect(before["microsoft"]["id"])).status_code == 200
    async with running(**settings) as again:
        acme = Operator(again, "", tenant_id())
        after = {one["vendor"]: one for one in await acme.list()}
    assert set(after) == {"google"}
    assert (after["google"]["id"], after["google"]["method"]) == (taken["id"], "authorization_code")


async def test_connecting_twice_at_the_same_moment_makes_one_connection(acme: Operator) -> None:
    ways = [await acme.start("google") for _ in range(2)]
    queries = [Person(ADMIN).visit(way["authorize_url"]) for way in ways]
    outcomes = await asyncio.gather(*(acme.finish("google", query) for query in queries))
    assert [outcome["failed"] for outcome in outcomes] == [None, None]
    assert len({outcome["connection_id"] for outcome in outcomes}) == 1
    assert len(await acme.list()) == 1
    assert (await acme.token("google")).status_code == 200
