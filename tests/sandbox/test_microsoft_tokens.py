"""The Microsoft token endpoint and what Graph says of tokens."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from services.sandbox.microsoft.seed import READER_ID
from tests.fixtures.sandbox import Sandbox

SCOPE = "https://graph.microsoft.com/.default"


def form(sandbox: Sandbox, **changes: Any) -> dict[str, str]:
    info = sandbox.info()["microsoft"]
    body = {
        "grant_type": "client_credentials",
        "client_id": info["client_id"],
        "client_secret": info["client_secret"],
        "scope": SCOPE,
        **changes,
    }
    return {name: value for name, value in body.items() if value is not None}


async def test_a_tenant_is_named_by_id_or_domain(
    sandbox: Sandbox, raw: httpx.AsyncClient, tenant: dict[str, Any]
) -> None:
    for name in (tenant["directory_id"], "acme.example"):
        reply = await raw.post(f"/microsoft/{name}/oauth2/v2.0/token", data=form(sandbox))
        assert reply.status_code == 200
        assert set(reply.json()) == {"token_type", "expires_in", "ext_expires_in", "access_token"}


@pytest.mark.parametrize(
    ("changes", "status", "error", "code"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client", 7000215),
        ({"client_secret": None}, 401, "invalid_client", 7000218),
        ({"client_id": "00000000-0000-0000-0000-000000000000"}, 400, "unauthorized_client", 700016),
        ({"client_id": None}, 400, "invalid_request", 900144),
        ({"scope": "User.Read"}, 400, "invalid_scope", 70011),
        ({"scope": None}, 400, "invalid_request", 900144),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
    ],
)
async def test_a_refusal_names_its_aadsts_code(
    sandbox: Sandbox, raw: httpx.AsyncClient, changes: dict[str, Any], status: int, error: str, code: Any
) -> None:
    reply = await raw.post("/microsoft/acme.example/oauth2/v2.0/token", data=form(sandbox, **changes))
    body = reply.json()
    assert (reply.status_code, body["error"], body["error_codes"]) == (status, error, [code])
    assert body["error_description"].startswith(f"AADSTS{code}: ")
    assert {"timestamp", "trace_id", "correlation_id", "error_uri"} <= set(body)


async def test_json_and_unknown_tenants_are_refused(sandbox: Sandbox, raw: httpx.AsyncClient) -> None:
    as_json = await raw.post("/microsoft/acme.example/oauth2/v2.0/token", json=form(sandbox))
    assert as_json.json()["error_codes"] == [900144]
    unknown = await raw.post("/microsoft/elsewhere.example/oauth2/v2.0/token", data=form(sandbox))
    assert (unknown.status_code, unknown.json()["error_codes"]) == (400, [90002])


async def test_http_basic_carries_the_client_too(sandbox: Sandbox, raw: httpx.AsyncClient) -> None:
    info = sandbox.info()["microsoft"]
    reply = await raw.post(
        "/microsoft/acme.example/oauth2/v2.0/token",
        data={"grant_type": "client_credentials", "scope": SCOPE},
        auth=(info["client_id"], info["client_secret"]),
    )
    assert reply.status_code == 200


async def test_graph_tells_missing_wrong_and_expired_tokens_apart(
    sandbox: Sandbox, raw: httpx.AsyncClient
) -> None:
    url = "/microsoft/v1.0/users"
    missing = (await raw.get(url)).json()["error"]
    assert (missing["code"], missing["message"]) == ("InvalidAuthenticationToken", "Access token is empty.")
    wrong = await raw.get(url, headers={"authorization": "Bearer nonsense"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")
    sandbox.configure("microsoft", token_lifetime_seconds=0.01)
    headers = {"authorization": f"Bearer {sandbox.microsoft_token()}"}
    await asyncio.sleep(0.02)
    expired = await raw.get(url, headers=headers)
    assert "expired" in expired.json()["error"]["message"]


async def test_a_permission_that_was_not_granted_is_a_403(sandbox: Sandbox, raw: httpx.AsyncClient) -> None:
    headers = {"authorization": f"Bearer {sandbox.microsoft_token(client_id=READER_ID)}"}
    assert (await raw.get("/microsoft/v1.0/users", headers=headers)).status_code == 200
    refused = await raw.get("/microsoft/v1.0/groups", headers=headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "Authorization_RequestDenied")
