"""Zoom's token endpoint, scopes, strictness, rate limits and faults in its own words."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.zoom_client import account, create, fetch_token, zoom_client

TAKEN = "taken@acme.example"


@pytest.fixture
async def zoom(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with zoom_client(sandbox) as client:
        yield client


async def test_the_grant_gives_a_token_and_says_where_the_api_is(sandbox: Sandbox) -> None:
    body = (await fetch_token(sandbox)).json()
    assert body["token_type"] == "bearer"
    assert body["expires_in"] == 3599
    assert body["api_url"] == f"{sandbox.url}/zoom"
    assert "user:write:admin" in body["scope"].split()
    assert "refresh_token" not in body


async def test_several_tokens_live_at_once(sandbox: Sandbox) -> None:
    tokens = [(await fetch_token(sandbox)).json()["access_token"] for _ in range(2)]
    async with httpx.AsyncClient(trust_env=False) as client:
        for token in tokens:
            reply = await client.get(
                f"{sandbox.url}/zoom/v2/users/{TAKEN}", headers={"authorization": f"Bearer {token}"}
            )
            assert reply.status_code == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"account_id": "somebody-else"}, "invalid_request"),
        ({"scope": "everything"}, "invalid_request"),
    ],
)
async def test_wrong_token_requests_say_a_reason(sandbox: Sandbox, form: dict[str, str], error: str) -> None:
    reply = await fetch_token(sandbox, **form)
    assert reply.status_code == 400
    assert reply.json()["error"] == error
    assert reply.json()["reason"]


@pytest.mark.parametrize("status", [400, 401])
async def test_a_wrong_secret_is_an_invalid_client(sandbox: Sandbox, status: int) -> None:
    sandbox.configure("zoom", modes={"client_error_status": str(status)})
    async with httpx.AsyncClient(trust_env=False) as client:
        for headers in ({}, {"authorization": "Basic c2FuZGJveDp3cm9uZw=="}, {"authorization": "Basic %%"}):
            reply = await client.post(f"{sandbox.url}/zoom/oauth/token", headers=headers)
            assert (reply.status_code, reply.json()["error"]) == (status, "invalid_client")


async def test_the_parameters_may_stand_in_the_query_as_zooms_page_prints_them(sandbox: Sandbox) -> None:
    mine = account(sandbox)
    async with httpx.AsyncClient(trust_env=False) as client:
        reply = await client.post(
            f"{sandbox.url}/zoom/oauth/token",
            params={"grant_type": "account_credentials", "account_id": mine["account_id"]},
            auth=(mine["client_id"], mine["client_secret"]),
        )
    assert reply.status_code == 200


async def test_a_missing_scope_is_a_400_that_names_it(sandbox: Sandbox) -> None:
    sandbox.configure("zoom", modes={"scopes": "user:read:admin"})
    async with zoom_client(sandbox) as client:
        reply = await create(client, "grace.hopper@acme.example")
    assert (reply.status_code, reply.json()["code"]) == (400, 4711)
    assert "user:write:admin" in reply.json()["message"]


async def test_granular_scopes_work_as_well(sandbox: Sandbox) -> None:
    sandbox.configure("zoom", modes={"scopes": "user:read:user:admin"})
    async with zoom_client(sandbox) as client:
        assert (await client.get(f"users/{TAKEN}")).status_code == 200
        assert (await client.get("groups")).json()["code"] == 4711


async def test_expired_and_unknown_tokens_are_code_124(sandbox: Sandbox) -> None:
    sandbox.configure("zoom", token_lifetime_seconds=0.001)
    async with zoom_client(sandbox) as client:
        expired = await client.get(f"users/{TAKEN}")
        unknown = await client.get(f"users/{TAKEN}", headers={"authorization": "Bearer nobody"})
    assert expired.json() == {"code": 124, "message": "Access token is expired."}
    assert unknown.json() == {"code": 124, "message": "Invalid access token."}
    assert {expired.status_code, unknown.status_code} == {401}


async def test_two_accounts_see_nothing_of_each_other(zoom: httpx.AsyncClient, sandbox: Sandbox) -> None:
    assert (await zoom.get("users/admin@globex.example")).status_code == 404
    async with zoom_client(sandbox, "globex.example") as other:
        assert (await other.get(f"users/{TAKEN}")).status_code == 404
        assert (await other.get("users")).json()["total_records"] == 3


async def test_what_zoom_does_not_know_is_refused(zoom: httpx.AsyncClient) -> None:
    assert (await zoom.get("people")).json()["code"] == 2300
    assert (await zoom.put("users/me", json={})).json()["code"] == 2300
    assert (await zoom.get("users", params={"email": TAKEN})).json()["code"] == 300
    member = await zoom.post("users", json={"action": "create", "user": {}})
    assert member.json()["errors"][0]["field"] == "user"
    kind = await zoom.patch(f"users/{TAKEN}", json={"type": "2"})
    assert kind.json()["errors"][0]["field"] == "type"
    form = await zoom.post("users", data={"action": "create"})
    assert form.json()["errors"][0]["field"] == "Content-Type"


async def test_each_label_has_its_own_budget(zoom: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.configure("zoom", modes={"light": "1"})
    assert (await zoom.get(f"users/{TAKEN}")).status_code == 200
    limited = await zoom.get(f"users/{TAKEN}")
    assert limited.status_code == 429
    assert limited.json()["code"] == 429
    assert "retry-after" not in limited.headers
    assert (await zoom.get("users")).status_code == 200


@pytest.mark.parametrize(
    ("retry_after", "header"), [(None, None), (3, "3"), (2.128, "2.128"), ("http-date:+5", "GMT")]
)
@pytest.mark.parametrize("form", ["per_second", "daily"])
async def test_throttling_in_its_forms(
    zoom: httpx.AsyncClient, sandbox: Sandbox, form: str, retry_after: float | str | None, header: str | None
) -> None:
    sandbox.arm("zoom", "rate_limit", vendor_form=form, retry_after=retry_after)
    reply = await zoom.get(f"users/{TAKEN}")
    assert reply.status_code == 429
    found = reply.headers.get("retry-after")
    assert found == header if header is None else header in str(found)


async def test_faults_speak_as_zoom_does(zoom: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.arm("zoom", "expired_token")
    assert (await zoom.get(f"users/{TAKEN}")).json()["code"] == 124
    sandbox.arm("zoom", "forbidden")
    assert (await zoom.get(f"users/{TAKEN}")).json()["code"] == 4711
    sandbox.arm("zoom", "no_seats")
    assert (await create(zoom, "basic@acme.example", type=1)).status_code == 201
    assert (await create(zoom, "paid@acme.example", type=2)).json()["code"] == 2034
    sandbox.arm("zoom", "expired_token", match={"path_regex": "/oauth/token$"})
    assert (await fetch_token(sandbox)).json()["error"] == "invalid_client"


async def test_a_lost_reply_leaves_one_account_that_the_duplicate_answer_shows(
    zoom: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    sandbox.arm("zoom", "commit_then_drop", match={"method": "POST", "path_regex": "/users$"})
    with pytest.raises(httpx.TransportError):
        await create(zoom, "grace.hopper@acme.example")
    assert (await create(zoom, "grace.hopper@acme.example")).json()["code"] == 1005
    assert len(sandbox.effects("zoom", "grace.hopper@acme.example")) == 1


async def test_info_is_what_clients_need(sandbox: Sandbox) -> None:
    info = sandbox.info()["zoom"]
    assert info["environment"]["auth"]["ZOOM_TOKEN_URL"] == f"{sandbox.url}/zoom/oauth/token"
    assert info["environment"]["worker"]["ZOOM_API_URL"] == f"{sandbox.url}/zoom/v2"
    assert info["environment"]["auth"]["ZOOM_CLIENT_SECRET"] == "sandbox-zoom-secret"


async def test_the_control_surface_ends_access_tokens(zoom: httpx.AsyncClient, sandbox: Sandbox) -> None:
    assert (await zoom.get(f"users/{TAKEN}")).status_code == 200
    sandbox.act("zoom", "expire_access_tokens", tenant="globex.example")
    assert (await zoom.get(f"users/{TAKEN}")).status_code == 200
    sandbox.act("zoom", "expire_access_tokens")
    assert (await zoom.get(f"users/{TAKEN}")).json()["code"] == 124
