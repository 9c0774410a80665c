"""Connected accounts: what people see and do, and how a change of one is noticed once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
import pytest

from services.shared.kit.ids import uuid7
from tests.fixtures.accounts import WRONG
from tests.fixtures.api import Api, wish
from tests.fixtures.postgres import Database
from tests.fixtures.principals import SCHEDULER_TOKEN
from tests.fixtures.providers import DESK

CANARY = "canary-0f3c-of-a-typed-in-credential"


async def _follow(api: Api) -> None:
    answer = await api.nobody().post(
        "/api/internal/follow-connections", headers={"X-Service-Token": SCHEDULER_TOKEN}
    )
    assert answer.status_code == 200, answer.text


async def _audited(client: httpx.AsyncClient) -> list[str]:
    found = (await client.get("/api/audit?limit=100")).json()["items"]
    return [item["action"] for item in found if item["target"]["kind"] == "connection"]


async def test_accounts_are_listed_with_their_health(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    gone = api.auth.accounts.add(tenant, "asana", state="disconnected")
    held = api.auth.accounts.add(
        tenant, "slack", scopes_missing=[{"name": "admin", "why": "To make accounts."}]
    )
    found = (await client.get("/api/connections")).json()["items"]
    assert [item["id"] for item in found] == [held["id"], gone["id"]]
    assert found[0]["scopes_missing"] == held["scopes_missing"]
    assert (found[0]["last_test"], found[0]["testing"]) == (None, False)
    one = (await client.get(f"/api/connections/{held['id']}")).json()
    assert one == found[0]


async def test_the_ways_to_connect_are_told(api: Api, tenant: UUID) -> None:
    found = (await api.client(tenant).get("/api/connection-methods")).json()["items"]
    assert found[0]["methods"][0]["fields"][0]["name"] == "scim_token"


async def test_typed_in_credentials_pass_through_and_stay_nowhere(
    api: Api, tenant: UUID, module_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    client = api.client(tenant)
    body = {"method": "token", "title": "Acme's Slack", "fields": {"scim_token": CANARY}}
    made = await client.post("/api/connections/slack", json=body)
    refused = await client.post("/api/connections/zoom", json=body)
    wrong = await client.post("/api/connections/slack", json={**body, "fields": {"Bad Name": CANARY}})
    long = await client.post("/api/connections/slack", json={**body, "fields": {"a": CANARY * 2000}})
    assert (made.status_code, refused.status_code, wrong.status_code, long.status_code) == (
        201,
        409,
        422,
        422,
    )
    assert refused.json()["code"] == "other_account"
    given = api.auth.accounts.given[-2]
    assert given["fields"] == {"scim_token": CANARY}
    assert given["actor"]["address"] == "ada@acme.example"
    for answer in (made, refused, wrong, long):
        assert CANARY not in answer.text
    said = capsys.readouterr()
    assert "request" in said.out
    assert CANARY not in said.out + said.err
    tables = module_database.psql(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'api'"
    )
    for table in tables.splitlines():
        assert CANARY not in module_database.psql(f"SELECT t::text FROM api.{table} t"), table
    assert await _audited(client) == ["connection.connected", "connection.entered"]


async def test_a_wrong_credential_names_its_field(api: Api, tenant: UUID) -> None:
    body = {"method": "token", "fields": {"scim_token": WRONG}}
    answer = await api.client(tenant).post("/api/connections/slack", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "fields.scim_token"
    assert (await api.client(tenant).get("/api/connections")).json()["items"] == []


async def test_nothing_is_promised_while_the_auth_service_is_away(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    assert (await client.get("/api/me")).status_code == 200
    api.auth.away = True
    for method, path in (("GET", ""), ("POST", "/slack"), ("POST", f"/{uuid7()}/test")):
        body = {"method": "token", "fields": {}} if path == "/slack" else {}
        answer = await client.request(method, f"/api/connections{path}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (503, "auth_unavailable")


async def test_a_title_is_changed_and_written_down(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    held = api.auth.accounts.add(tenant)
    path = f"/api/connections/{held['id']}"
    assert (await client.patch(path, json={"title": "Our Slack"})).json()["title"] == "Our Slack"
    assert (await client.patch(path, json={"title": "  "})).status_code == 422
    assert "connection.renamed" in await _audited(client)


async def test_a_test_is_asked_for_and_its_outcome_shown(
    api: Api, tenant: UUID, module_database: Database
) -> None:
    client = api.client(tenant)
    held = api.auth.accounts.add(tenant, "stub")
    path = f"/api/connections/{held['id']}"
    for _ in range(2):
        asked = await client.post(f"{path}/test")
        assert (asked.status_code, asked.json()["testing"]) == (202, True)
    jobs = module_database.psql(f"SELECT kind FROM api.jobs WHERE subject_id = '{held['id']}'").splitlines()
    assert jobs == ["connection.test"]
    module_database.psql(
        "UPDATE api.connection_tests SET finished_at = clock_timestamp(), ok = false, message = 'No.'"
        f" WHERE connection_id = '{held['id']}'"
    )
    shown = (await client.get(path)).json()
    assert (shown["testing"], shown["last_test"]["ok"], shown["last_test"]["message"]) == (
        False,
        False,
        "No.",
    )
    assert (await client.post(f"/api/connections/{uuid7()}/test")).status_code == 404
    api.auth.accounts.change(held, state="disconnected")
    assert (await client.post(f"{path}/test")).json()["code"] == "not_connected"


async def test_disconnecting_asks_first_and_says_what_depends(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    held = api.auth.accounts.add(tenant, "testing", apps=[DESK])
    path = f"/api/connections/{held['id']}"
    await client.post("/api/requests", json=wish(apps={DESK: {"seats": ["gold"]}}))
    later: dict[str, Any] = {**wish(apps={DESK: True}), "schedule_time": "2031-01-10T08:00:00Z"}
    assert (await client.post("/api/schedule", json=later)).status_code == 201
    template = {"name": f"Desk {uuid7()}", "apps": {DESK: True}}
    key = (await client.post("/api/role-templates", json=template)).json()["key"]
    by_template = {**wish(apps={}), "role_template": {"key": key}, "schedule_time": "2031-01-10T08:00:00Z"}
    made = await client.post("/api/schedule", json=by_template)
    assert made.status_code == 201, made.text
    dependants = {"apps": [DESK], "waiting_requests": 1, "schedules": 2, "subscriptions": 0}
    assert (await client.get(f"{path}/dependants")).json() == dependants
    for body in (None, {}, {"confirm": False}):
        answer = await client.post(f"{path}/disconnect", json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "confirm_needed")
        assert answer.json()["dependants"] == dependants
    assert held["state"] == "active"
    done = await client.post(f"{path}/disconnect", json={"confirm": True})
    assert (done.status_code, done.json()["state"]) == (200, "disconnected")
    again = await client.post(f"{path}/disconnect", json={"confirm": True})
    assert again.status_code == 200
    assert (await _audited(client)).count("connection.removed") == 1


async def test_subscriptions_depend_on_microsofts_account_alone(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    wanted = await client.post("/api/ms365/subscriptions", json={"resource": "users/u1/messages"})
    assert wanted.status_code == 202, wanted.text
    for vendor, count in (("microsoft", 1), ("google", 0)):
        held = api.auth.accounts.add(tenant, vendor)
        found = (await client.get(f"/api/connections/{held['id']}/dependants")).json()
        assert found["subscriptions"] == count


async def test_a_change_is_noticed_once_told_and_shown_until_it_is_mended(
    api: Api, tenant: UUID, module_database: Database
) -> None:
    client = api.client(tenant)
    held = api.auth.accounts.add(tenant, "slack", title="Our Slack")
    await _follow(api)
    why = {"reason": "The consent was revoked.", "remedy": "Connect again."}
    api.auth.accounts.change(held, state="needs_reauth", **why)
    for _ in range(2):
        await _follow(api)
    (alert,) = (await client.get("/api/overview")).json()["alerts"]
    assert alert["connection_id"] == held["id"]
    assert (alert["state"], alert["reason"], alert["remedy"]) == ("needs_reauth", *why.values())
    api.auth.accounts.change(held, state="error")
    await _follow(api)
    api.auth.accounts.change(held, state="active", reason=None, remedy=None)
    await _follow(api)
    assert (await client.get("/api/overview")).json()["alerts"] == []
    told = ["connection.recovered", "connection.expired", "connection.connected"]
    assert await _audited(client) == told
    events = module_database.psql(
        f"SELECT type FROM api.events WHERE subject_id = '{held['id']}' ORDER BY id DESC"
    )
    assert events.splitlines() == told
    assert (await api.client(uuid7()).get("/api/overview")).json()["alerts"] == []


async def test_an_older_word_changes_nothing(api: Api, tenant: UUID) -> None:
    held = api.auth.accounts.add(tenant, "slack")
    api.auth.accounts.change(held, state="needs_reauth")
    await _follow(api)
    held.update(state="active", generation=1)
    await _follow(api)
    (alert,) = (await api.client(tenant).get("/api/overview")).json()["alerts"]
    assert alert["state"] == "needs_reauth"


async def test_reconnecting_in_place_is_told_at_once(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    held = api.auth.accounts.add(tenant, "slack", state="needs_reauth")
    await _follow(api)
    body = {"method": "token", "fields": {"scim_token": "better"}, "connection_id": held["id"]}
    made = await client.post("/api/connections/slack", json=body)
    assert (made.status_code, made.json()["id"], made.json()["state"]) == (201, held["id"], "active")
    assert (await client.get("/api/overview")).json()["alerts"] == []
    assert (await _audited(client))[:2] == ["connection.recovered", "connection.reconnected"]
    body["connection_id"] = str(uuid7())
    assert (await client.post("/api/connections/slack", json=body)).status_code == 404


async def test_what_works_is_tested_every_week(api: Api, tenant: UUID, module_database: Database) -> None:
    works = api.auth.accounts.add(tenant, "slack")
    broken = api.auth.accounts.add(tenant, "zoom", state="needs_reauth")
    await _follow(api)
    headers = {"X-Service-Token": SCHEDULER_TOKEN}

    async def asked() -> list[str]:
        assert (await api.nobody().post("/api/internal/test-connections", headers=headers)).status_code == 200
        ids = f"('{works['id']}', '{broken['id']}')"
        return module_database.psql(
            f"SELECT subject_id FROM api.jobs WHERE kind = 'connection.test' AND subject_id IN {ids}"
        ).splitlines()

    assert await asked() == []
    module_database.psql(
        f"UPDATE api.connection_states SET since = now() - interval '8 days' WHERE tenant_id = '{tenant}'"
    )
    assert await asked() == [works["id"]]
    assert await asked() == [works["id"]]
