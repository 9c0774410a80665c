"""Whatever is not the vendor's API is refused in the vendor's own envelope, never in FastAPI's."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.fixtures.sandbox import Sandbox

DIRECTORY, GRAPH = "/google/admin/directory/v1/", "/microsoft/v1.0/"


def google_auth(sandbox: Sandbox) -> dict[str, str]:
    return {"authorization": f"Bearer {sandbox.google_token()}"}


def graph_auth(sandbox: Sandbox) -> dict[str, str]:
    return {"authorization": f"Bearer {sandbox.microsoft_token()}"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/google", 404),
        ("GET", "/google/nothing", 404),
        ("GET", DIRECTORY + "people", 404),
        ("PATCH", DIRECTORY + "users", 404),
        ("PUT", "/google/apps/licensing/v1/product/Google-Apps/users", 404),
        ("GET", "/google/token", 405),
    ],
)
async def test_unknown_google_paths_and_verbs(
    raw: httpx.AsyncClient, sandbox: Sandbox, method: str, path: str, status: int
) -> None:
    reply = await raw.request(method, path, headers=google_auth(sandbox))
    assert reply.status_code == status
    assert "detail" not in reply.json()
    assert "error" in reply.json()
    if status == 404:
        assert reply.headers["x-sandbox-note"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/microsoft", 400),
        ("GET", "/microsoft/beta/users", 400),
        ("GET", GRAPH + "people", 400),
        ("PUT", GRAPH + "users", 405),
        ("POST", GRAPH + "subscribedSkus", 405),
        ("POST", GRAPH + "$batch", 400),
        ("GET", "/microsoft/acme.example/oauth2/v2.0/token", 405),
        ("POST", "/microsoft/acme.example/oauth2/v1.0/token", 400),
    ],
)
async def test_unknown_graph_paths_and_verbs(
    raw: httpx.AsyncClient, sandbox: Sandbox, method: str, path: str, status: int
) -> None:
    reply = await raw.request(method, path, headers=graph_auth(sandbox))
    assert reply.status_code == status
    assert "detail" not in reply.json()
    assert "error" in reply.json()


@pytest.mark.parametrize(
    ("kwargs", "word"),
    [
        ({"content": b"{}"}, "badContent"),
        ({"data": {"primaryEmail": "x"}}, "badContent"),
        ({"content": b"{", "headers": {"content-type": "application/json"}}, "parseError"),
        ({"json": ["primaryEmail"]}, "parseError"),
    ],
)
async def test_google_wants_a_json_object(
    raw: httpx.AsyncClient, sandbox: Sandbox, kwargs: dict[str, Any], word: str
) -> None:
    extra = kwargs.pop("headers", {})
    reply = await raw.post(DIRECTORY + "users", headers=google_auth(sandbox) | extra, **kwargs)
    assert reply.status_code == 400
    assert reply.json()["error"]["errors"][0]["reason"] == word


@pytest.mark.parametrize(
    ("kwargs", "status", "text"),
    [
        ({"content": b"{}"}, 400, "Content-Type header declaration"),
        ({"data": {"displayName": "x"}}, 415, "application/x-www-form-urlencoded"),
        ({"content": b"{", "headers": {"content-type": "application/json"}}, 400, "Unable to read JSON"),
        ({"json": "text"}, 400, "Unable to read JSON"),
    ],
)
async def test_graph_wants_a_json_object(
    raw: httpx.AsyncClient, sandbox: Sandbox, kwargs: dict[str, Any], status: int, text: str
) -> None:
    extra = kwargs.pop("headers", {})
    reply = await raw.post(GRAPH + "users", headers=graph_auth(sandbox) | extra, **kwargs)
    assert reply.status_code == status
    assert text in reply.json()["error"]["message"]


async def test_a_body_where_none_belongs(raw: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sign_out = DIRECTORY + "users/taken@acme.example/signOut"
    assert (await raw.post(sign_out, json={"all": True}, headers=google_auth(sandbox))).status_code == 400
    revoke = GRAPH + "users/taken@acme.example/revokeSignInSessions"
    assert (await raw.post(revoke, json={"all": True}, headers=graph_auth(sandbox))).status_code == 400


async def test_missing_and_foreign_credentials(raw: httpx.AsyncClient, sandbox: Sandbox) -> None:
    missing = await raw.get(DIRECTORY + "users/admin@acme.example")
    assert (missing.status_code, missing.json()["error"]["errors"][0]["reason"]) == (401, "required")
    for scheme in ("Basic dXNlcjpwYXNz", "Bearer nonsense", f"Bearer {sandbox.microsoft_token()}"):
        reply = await raw.get(DIRECTORY + "users/admin@acme.example", headers={"authorization": scheme})
        assert (reply.status_code, reply.json()["error"]["errors"][0]["reason"]) == (401, "authError")
    crossed = await raw.get(GRAPH + "users", headers=google_auth(sandbox))
    assert (crossed.status_code, crossed.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")


async def test_unknown_query_parameters(raw: httpx.AsyncClient, sandbox: Sandbox) -> None:
    reply = await raw.get(DIRECTORY + "users/admin@acme.example?expand=1", headers=google_auth(sandbox))
    assert reply.status_code == 400
    assert 'Unknown name "expand"' in reply.json()["error"]["message"]
    in_query = await raw.get(
        DIRECTORY + "users?customer=my_customer&access_token=x", headers=google_auth(sandbox)
    )
    assert in_query.status_code == 400
    assert (await raw.get(GRAPH + "users?expand_all=1", headers=graph_auth(sandbox))).status_code == 400
    standard = DIRECTORY + "users/admin@acme.example?alt=json&prettyPrint=false&quotaUser=x&key=y"
    assert (await raw.get(standard, headers=google_auth(sandbox))).status_code == 200
