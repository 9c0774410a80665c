"""First passwords: shown once, to those who may, and never without a trace."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.fixtures.api import Api, wish
from tests.fixtures.postgres import Database

PASSWORD = "canary-Q7#first-password"


@pytest.fixture
async def path(api: Api, tenant: UUID) -> str:
    """Where the first password of a finished request is."""
    api.worker.passwords = True
    client = api.client(tenant)
    made = (await client.post("/api/requests", json=wish(apps={"desk": {}}))).json()
    await api.worker.work()
    action = (await _action(client, made["id"]))["id"]
    api.auth.passwords[action] = PASSWORD
    return f"/api/requests/{made['id']}/actions/{action}/first-password"


async def _action(client: httpx.AsyncClient, request_id: str) -> dict[str, Any]:
    read = (await client.get(f"/api/requests/{request_id}")).json()
    action: dict[str, Any] = read["results"][0]["actions"][0]
    return action


async def test_it_is_shown_once_and_the_page_says_so(api: Api, tenant: UUID, path: str) -> None:
    client = api.client(tenant, role="helpdesk", name="Hal Helpdesk")
    request_id = path.split("/")[3]
    sealed = (await _action(client, request_id))["first_password"]
    assert sealed == {"state": "sealed", "expires_at": "2030-01-01T00:00:00Z"}
    answer = await client.post(path)
    assert (answer.status_code, answer.json()) == (200, {"password": PASSWORD})
    assert answer.headers["cache-control"] == "no-store"
    again = await client.post(path)
    assert (again.status_code, again.json()["code"]) == (410, "already_revealed")
    assert (await _action(client, request_id))["first_password"]["state"] == "revealed"


async def test_who_saw_it_is_written_down_and_what_they_saw_is_not(
    api: Api, tenant: UUID, path: str, module_database: Database
) -> None:
    client = api.client(tenant, role="helpdesk", name="Hal Helpdesk")
    await client.post(path)
    await client.post(path)
    log = await api.client(tenant).get("/api/audit", params={"action": "first_password"})
    entries = [(e["action"], e["outcome"], e["actor"]["name"]) for e in reversed(log.json()["items"])]
    assert entries == [
        ("first_password.asked", "ok", "Hal Helpdesk"),
        ("first_password.revealed", "ok", "Hal Helpdesk"),
        ("first_password.asked", "ok", "Hal Helpdesk"),
        ("first_password.refused", "already_revealed", "Hal Helpdesk"),
    ]
    assert PASSWORD not in log.text
    assert (
        module_database.psql(f"SELECT count(*) FROM api.audit_entries a WHERE a::text LIKE '%{PASSWORD}%'")
        == "0"
    )


async def test_an_expired_one_says_so(api: Api, tenant: UUID, path: str) -> None:
    api.auth.states[path.split("/")[5]] = "expired"
    answer = await api.client(tenant).post(path)
    assert (answer.status_code, answer.json()["code"]) == (410, "expired")


async def test_while_the_auth_service_is_away_nothing_is_lost(api: Api, tenant: UUID, path: str) -> None:
    client = api.client(tenant)
    await client.get("/api/me")
    api.auth.away = True
    answer = await client.post(path)
    assert (answer.status_code, answer.json()["code"]) == (503, "auth_unavailable")
    assert (await client.get(f"/api/requests/{path.split('/')[3]}")).status_code == 200
    api.auth.away = False
    assert (await client.post(path)).status_code == 200


async def test_an_action_without_one_has_none(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    made = (await client.post("/api/requests", json=wish(apps={"desk": {}}))).json()
    await api.worker.work()
    action = await _action(client, made["id"])
    assert action["first_password"] is None
    answer = await client.post(f"/api/requests/{made['id']}/actions/{action['id']}/first-password")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_first_password")
