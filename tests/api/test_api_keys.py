"""Programs call with API keys: in either header, within their scopes and rate, and not after they were revoked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.local.redis import Redis
from services.api import streaming
from services.shared.kit.ids import uuid7
from services.shared.web.principal import KEY_SCOPES, Permission
from tests.api.test_permissions import FOR_SERVICES, FOR_VENDORS, _address
from tests.fixtures.api import Api, running_api, wish
from tests.fixtures.postgres import Database
from tests.fixtures.principals import bearer, mint
from tests.fixtures.providers import StubVendor
from tests.fixtures.routes import ROUTES

NEVER = {"passwords:reveal", "connections:write", "api_keys:write", "operators:read", "operators:write"}
OPEN_TO_EVERYBODY = {"get_me"}


@pytest.fixture
async def unkept(module_database: Database, redis_url: str, stub_providers: StubVendor) -> AsyncIterator[Api]:
    """An api that asks about a key at each call."""
    async with running_api(module_database, redis_url, stub_providers, api_key_cache_seconds=0) as api:
        yield api


async def test_a_key_opens_what_its_scopes_say_in_either_header(api: Api, tenant: UUID) -> None:
    key = api.auth.keys.add(tenant, ["requests:read", "requests:write"])
    for headers in (bearer(key), {"X-API-Key": key}, {**bearer(key), "X-API-Key": key}):
        me = await api.nobody().get("/api/me", headers=headers)
        assert me.status_code == 200, me.text
        said = me.json()
        assert (said["operator"], said["role"], said["tenant"]["id"]) == (None, None, str(tenant))
        assert said["api_key"]["name"] == "HR system"
        assert said["permissions"] == ["requests:read", "requests:write"]
        assert (await api.nobody().get("/api/requests", headers=headers)).status_code == 200
        refused = await api.nobody().get("/api/schedule", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        assert "schedule:read" in refused.json()["detail"]


async def test_two_different_credentials_are_refused(api: Api, tenant: UUID) -> None:
    one, other = (api.auth.keys.add(tenant, ["requests:read"]) for _ in range(2))
    for shown in (one, mint(tenant)):
        headers = {**bearer(shown), "X-API-Key": other}
        assert (await api.nobody().get("/api/me", headers=headers)).status_code == 401
    # An internal token is the bff's to send, and no API key.
    assert (await api.nobody().get("/api/me", headers={"X-API-Key": mint(tenant)})).status_code == 401


@pytest.mark.parametrize("scope", sorted(Permission))
async def test_a_key_may_what_its_one_scope_says(api: Api, tenant: UUID, scope: Permission) -> None:
    """Even a scope that should never have been stored opens nothing that is for people alone."""
    client = api.program(api.auth.keys.add(tenant, [scope]))
    may = {scope} if scope not in NEVER else set()
    assert set((await client.get("/api/me")).json()["permissions"]) == may
    for route in ROUTES.values():
        if route.name in FOR_SERVICES | FOR_VENDORS | OPEN_TO_EVERYBODY:
            continue
        answer = await client.request(route.method, _address(route), json={})
        assert (answer.status_code != 403) is (route.permission in may), (route.name, answer.text)
        assert answer.status_code < 500


def test_some_permissions_are_for_people_alone() -> None:
    assert set(Permission) - KEY_SCOPES == NEVER


async def test_what_a_key_does_is_written_down_in_its_name(api: Api, tenant: UUID) -> None:
    key = api.auth.keys.add(tenant, ["requests:write"], name="Workday")
    body = {**wish(), "dry_run": True}
    async with api.worker.working():
        made = await api.program(key).post("/api/requests", json=body, headers={"Idempotency-Key": "hr-1"})
    assert made.status_code == 201, made.text
    entries = (await api.client(tenant).get("/api/audit", params={"actor": "Workday"})).json()["items"]
    actor = {"kind": "api_key", "id": api.auth.keys.keys[key]["id"], "name": "Workday"}
    assert {entry["action"] for entry in entries} == {"employee.created", "request.created"}
    assert [entry["actor"] for entry in entries] == [actor, actor]


async def test_a_key_is_made_told_once_listed_and_revoked(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    body = {
        "name": "HR system",
        "scopes": ["requests:write", "schedule:read"],
        "expiresAt": "2099-01-01T00:00:00Z",
    }
    made = await client.post("/api/api-keys", json=body)
    assert made.status_code == 201, made.text
    key, read = made.json()["key"], made.json()["api_key"]
    assert (read["calls_per_minute"], read["state"], read["expires_at"]) == (
        600,
        "active",
        "2099-01-01T00:00:00Z",
    )
    assert key.startswith(read["begins_with"])
    listed = (await client.get("/api/api-keys")).json()
    assert [item["id"] for item in listed["items"]] == [read["id"]]
    assert set(listed["scopes"]) == KEY_SCOPES
    assert (await api.program(key).get("/api/schedule")).status_code == 200
    gone = await client.delete(f"/api/api-keys/{read['id']}")
    assert (gone.status_code, gone.json()["state"]) == (200, "revoked")
    # Here at once; in other replicas when what they know is a few seconds old.
    assert (await api.program(key).get("/api/schedule")).status_code == 401
    audit = (await client.get("/api/audit", params={"action": "api_key"})).json()["items"]
    assert [(entry["action"], entry["target"]["label"]) for entry in audit] == [
        ("api_key.revoked", "HR system"),
        ("api_key.created", "HR system"),
    ]
    secret = key.split("_", 2)[2]
    for text in (json.dumps(audit), json.dumps(listed), gone.text):
        assert secret not in text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("name", "a\0"),
        ("name", 7),
        ("scopes", []),
        ("scopes", ["everything"]),
        ("scopes", ["requests:write", "operators:write"]),
        ("scopes", "requests:write"),
        ("expires_at", "tomorrow"),
        ("expires_at", "9999-12-31T00:00:00Z"),
        ("calls_per_minute", 0),
        ("calls_per_minute", True),
        ("owner", "me"),
    ],
)
async def test_a_wrong_wish_is_named(api: Api, tenant: UUID, field: str, value: Any) -> None:
    client = api.client(tenant)
    body = {"name": "HR system", "scopes": ["requests:write"], field: value}
    answer = await client.post(
        "/api/api-keys", content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"].split(".")[0] == field
    assert (await client.get("/api/api-keys")).json()["total"] == 0


async def test_what_the_auth_service_refuses_is_said_in_its_words(api: Api, tenant: UUID) -> None:
    client, body = api.client(tenant), {"name": "HR system", "scopes": ["requests:write"]}
    assert (await client.post("/api/api-keys", json=body)).status_code == 201
    answer = await client.post("/api/api-keys", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "name_taken")
    answer = await client.delete(f"/api/api-keys/{uuid4()}")
    assert (answer.status_code, answer.json()["code"]) == (404, "api_key_not_found")


@pytest.mark.parametrize(
    ("state", "word"), [("revoked", "revoked"), ("expired", "expired"), ("unknown", "not valid")]
)
async def test_a_key_that_is_not_accepted_says_why(api: Api, tenant: UUID, state: str, word: str) -> None:
    key = api.auth.keys.add(tenant, ["requests:read"], state=state)
    answer = await api.program(key).get("/api/requests")
    assert (answer.status_code, answer.json()["code"]) == (401, "api_key_refused")
    assert word in answer.json()["detail"]


async def test_a_key_is_asked_about_once_for_many_calls(api: Api, tenant: UUID) -> None:
    client = api.program(api.auth.keys.add(tenant, ["requests:read"]))
    before = api.auth.keys.checks
    answers = await asyncio.gather(*(client.get("/api/me") for _ in range(30)))
    assert {answer.status_code for answer in answers} == {200}
    # Once, or once more for each few seconds that they took.
    assert api.auth.keys.checks - before < 10


async def test_while_nobody_can_be_asked_a_key_is_not_let_in(unkept: Api, tenant: UUID) -> None:
    client = unkept.program(unkept.auth.keys.add(tenant, ["requests:read"]))
    assert (await client.get("/api/me")).status_code == 200
    unkept.auth.away = True
    answer = await client.get("/api/me")
    assert (answer.status_code, answer.json()["code"]) == (503, "auth_unavailable")


@pytest.mark.parametrize("redis_is", ["there", "away"])
async def test_a_key_has_a_rate_and_says_when_to_come_again(
    unkept: Api, tenant: UUID, redis_server: Redis, redis_is: str
) -> None:
    if redis_is == "away":
        redis_server.stop()
    try:
        client = unkept.program(unkept.auth.keys.add(tenant, [], calls_per_minute=2))
        other = unkept.program(unkept.auth.keys.add(tenant, [], calls_per_minute=2))
        answers = [await client.get("/api/me") for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 200]
        refused = await client.get("/api/me")
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_calls")
        assert 1 <= int(refused.headers["Retry-After"]) <= 30
        assert (await other.get("/api/me")).status_code == 200
        assert "oneclick_api_calls_refused_total" in (await unkept.nobody().get("/metrics")).text
    finally:
        if redis_is == "away":
            redis_server.start()


async def test_no_key_is_ever_logged(api: Api, tenant: UUID, capfd: pytest.CaptureFixture[str]) -> None:
    made = (
        await api.client(tenant).post("/api/api-keys", json={"name": "HR", "scopes": ["requests:read"]})
    ).json()
    key = made["key"]
    for path in ("/api/me", "/api/schedule", "/api/nothing"):
        await api.program(key).get(path)
    await api.client(tenant).delete(f"/api/api-keys/{made['api_key']['id']}")
    await api.program(key).get("/api/me")
    await api.nobody().get("/api/me", headers={"X-API-Key": key[:-1]})
    said = "".join(capfd.readouterr())
    assert made["api_key"]["id"] in said, "the calls were logged, and whose they were"
    assert key.split("_", 2)[2][:20] not in said


async def test_a_revoked_key_loses_its_open_stream(
    unkept: Api, tenant: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "KEY_LOOK_SECONDS", 0.3)
    key = unkept.auth.keys.add(tenant, ["requests:read", "requests:write"])
    client = unkept.program(key)
    made = (await client.post("/api/requests", json=wish())).json()
    # The whole answer comes when the stream has ended: the ASGI transport gathers it.
    reading = asyncio.create_task(client.get(f"/api/requests/{made['id']}/events"))
    await asyncio.sleep(0.5)
    assert not reading.done()
    unkept.auth.keys.keys[key]["state"] = "revoked"
    answer = await asyncio.wait_for(reading, 60)
    assert answer.status_code == 200
    assert "event: sync" in answer.text
    assert (await client.get("/api/me")).status_code == 401


KEYS = (
    st.binary(min_size=1, max_size=80)
    | st.from_regex(rb"oc_[0-9a-f]{31,33}_[A-Za-z0-9_-]{42,44}", fullmatch=True)
    | st.from_regex(rb"oc_[\x20-\xff]{0,90}", fullmatch=True)
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(shown=KEYS, header=st.sampled_from([b"x-api-key", b"authorization"]))
async def test_no_header_at_all_makes_a_fault_of_ours(api: Api, shown: bytes, header: bytes) -> None:
    value = shown if header == b"x-api-key" else b"Bearer " + shown
    client = api.nobody()
    answer = await client.get("/api/me", headers=[(header, value)])
    assert answer.status_code == 401, answer.text
    assert uuid7().hex not in answer.text
    await client.aclose()
