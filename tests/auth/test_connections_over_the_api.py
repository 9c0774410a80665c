"""`/api/connections` with the real auth service behind it: what one side says is what the other understands."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from uuid import UUID

import httpx
import pytest

from services.api.app import create_app
from services.shared.kit.ids import uuid7
from tests.auth.conftest import TOKENS, Auth, Running
from tests.fixtures.api import settings_for
from tests.fixtures.postgres import Database
from tests.fixtures.principals import KEY, SCHEDULER_TOKEN, bearer, mint
from tests.fixtures.sandbox import Sandbox


class WithOurKey(httpx.AsyncBaseTransport):
    """The way to the auth service; the key that internal tokens are signed with is the tests'."""

    def __init__(self, auth: Auth) -> None:
        self._auth = auth.client._transport  # the same application, without its client

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/auth/jwks.json":
            return httpx.Response(200, json={"keys": [KEY.as_dict(private=False)]})
        return await self._auth.handle_async_request(request)


@pytest.fixture
async def client(
    running: Running, database: Database, sandbox: Sandbox, redis_url: str
) -> AsyncIterator[httpx.AsyncClient]:
    """Callers of the api; who they are is for the tests to say."""
    async with running(seed=False, google_api_url=sandbox.google_url) as auth:
        settings = settings_for(database, redis_url, service_token=TOKENS["api"])
        app = create_app(settings, transport=WithOurKey(auth))
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app), base_url="http://api.test", timeout=60
            ) as made,
        ):
            yield made


async def test_an_account_is_connected_renamed_tested_and_disconnected(
    client: httpx.AsyncClient, tenant_id: Callable[..., UUID], database: Database, sandbox: Sandbox
) -> None:
    client.headers.update(bearer(mint(tenant_id())))
    methods = (await client.get("/api/connection-methods")).json()["items"]
    google = next(one for one in methods if one["vendor"] == "google")
    way = next(one for one in google["methods"] if one["kind"] == "typed_in")
    assert {"service_account_json", "admin_subject"} <= {field["name"] for field in way["fields"]}
    key_file = json.dumps(sandbox.info()["google"]["service_account"])
    fields = {"service_account_json": key_file, "admin_subject": "admin@acme.example"}

    broken = {**fields, "service_account_json": key_file[:-40]}
    answer = await client.post("/api/connections/google", json={"method": way["key"], "fields": broken})
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == ["fields.service_account_json"]
    answer = await client.post("/api/connections/nobody", json={"method": way["key"], "fields": fields})
    assert answer.status_code == 422

    made = await client.post("/api/connections/google", json={"method": way["key"], "fields": fields})
    assert made.status_code == 201, made.text
    held = made.json()
    assert (held["vendor"], held["state"], held["apps"]) == ("google", "active", ["google-workspace"])
    assert held["connected_by"]["address"] == "ada@acme.example"
    private = json.loads(key_file)["private_key"]
    assert private.splitlines()[1] not in made.text
    path = f"/api/connections/{held['id']}"
    assert (await client.patch(path, json={"title": "Our Google"})).json()["title"] == "Our Google"
    assert (await client.post(f"{path}/test")).json()["testing"] is True
    again = {"method": way["key"], "fields": fields, "connection_id": held["id"]}
    assert (await client.post("/api/connections/google", json=again)).json()["id"] == held["id"]

    stranger = bearer(mint(tenant_id("globex")))
    assert (await client.get("/api/connections", headers=stranger)).json() == {"items": []}
    for method, tail, body in (
        ("GET", "", None),
        ("PATCH", "", {"title": "Mine"}),
        ("POST", "/disconnect", {"confirm": True}),
    ):
        answer = await client.request(method, path + tail, json=body, headers=stranger)
        assert (answer.status_code, answer.json()["code"]) == (404, "connection_not_found")

    assert (await client.post(f"{path}/disconnect")).json()["code"] == "confirm_needed"
    gone = await client.post(f"{path}/disconnect", json={"confirm": True})
    assert gone.json()["state"] == "disconnected"
    assert database.psql("SELECT count(*) FROM auth.connection_secrets") == "0"
    assert [one["state"] for one in (await client.get("/api/connections")).json()["items"]] == [
        "disconnected"
    ]


async def test_what_the_broker_finds_out_is_followed(
    client: httpx.AsyncClient, tenant_id: Callable[..., UUID], database: Database
) -> None:
    headers = {"X-Service-Token": SCHEDULER_TOKEN}
    connection = uuid7()
    database.psql(
        "INSERT INTO auth.connections (id, tenant_id, vendor, method, source, display_name, settings)"
        f" VALUES ('{connection}', '{tenant_id()}', 'slack', 'token', 'operator', 'Our Slack', '{{}}')"
    )

    async def follow() -> int:
        answer = await client.post("/api/internal/follow-connections", headers=headers)
        assert answer.status_code == 200, answer.text
        changes: int = answer.json()["changes"]
        return changes

    assert (await follow(), await follow()) == (1, 0)
    database.psql(
        "UPDATE auth.connections SET status = 'needs_reauth', reason = 'Slack does not know us any more.'"
        f" WHERE id = '{connection}'"
    )
    assert (await follow(), await follow()) == (1, 0)
    client.headers.update(bearer(mint(tenant_id())))
    (alert,) = (await client.get("/api/overview")).json()["alerts"]
    assert (alert["title"], alert["state"]) == ("Our Slack", "needs_reauth")
    assert alert["reason"] == "Slack does not know us any more."
    database.psql(f"UPDATE auth.connections SET status = 'active', reason = NULL WHERE id = '{connection}'")
    assert (await follow(), await follow()) == (1, 0)
    assert (await client.get("/api/overview")).json()["alerts"] == []
