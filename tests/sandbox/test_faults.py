"""Faults on order, on a real socket."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.test_google_users import NEW as GOOGLE_NEW
from tests.sandbox.test_microsoft_users import NEW as GRAPH_NEW

USERS = {"google": "/google/admin/directory/v1/users", "microsoft": "/microsoft/v1.0/users"}
BODIES = {"google": GOOGLE_NEW, "microsoft": GRAPH_NEW}
ADDRESS = "new.hire@acme.example"
VENDORS = pytest.mark.parametrize("vendor", ["google", "microsoft"])


def headers(sandbox: Sandbox, vendor: str) -> dict[str, str]:
    token = sandbox.google_token() if vendor == "google" else sandbox.microsoft_token()
    return {"authorization": f"Bearer {token}"}


async def create(raw: httpx.AsyncClient, sandbox: Sandbox, vendor: str) -> httpx.Response:
    return await raw.post(USERS[vendor], json=BODIES[vendor], headers=headers(sandbox, vendor))


def talk(sandbox: Sandbox, vendor: str) -> bytes:
    """Send a create over a bare socket; return what came back before the connection ended."""
    address = urlsplit(sandbox.url)
    body = json.dumps(BODIES[vendor]).encode()
    lines = [
        f"POST {USERS[vendor]} HTTP/1.1",
        f"Host: {address.netloc}",
        f"Authorization: {headers(sandbox, vendor)['authorization']}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        return connection.recv(4096)


@VENDORS
@pytest.mark.parametrize(("kind", "effects"), [("commit_then_drop", 1), ("drop", 0)])
def test_a_dropped_connection_is_reset_without_a_byte(
    sandbox: Sandbox, vendor: str, kind: str, effects: int
) -> None:
    sandbox.arm(vendor, kind, match={"method": "POST"})
    with pytest.raises(ConnectionResetError):
        talk(sandbox, vendor)
    assert len(sandbox.effects(vendor, ADDRESS)) == effects
    assert (sandbox.find_user(vendor, ADDRESS) is not None) == bool(effects)
    logged = sandbox.requests(vendor, path=USERS[vendor])[-1]
    assert (logged["status"], logged["fault"]) == (None, kind)
    again = talk(sandbox, vendor)
    status = int(again.split(b" ")[1])
    assert status == (
        {"google": 409, "microsoft": 400}[vendor] if effects else {"google": 200, "microsoft": 201}[vendor]
    )
    assert len(sandbox.effects(vendor, ADDRESS)) == 1


@VENDORS
async def test_a_client_with_kept_connections_sees_the_reset_and_can_go_on(
    raw: httpx.AsyncClient, sandbox: Sandbox, vendor: str
) -> None:
    auth = headers(sandbox, vendor)
    probe = {"google": "?customer=my_customer", "microsoft": ""}[vendor]
    assert (await raw.get(USERS[vendor] + probe, headers=auth)).status_code == 200
    sandbox.arm(vendor, "commit_then_drop")
    with pytest.raises(httpx.TransportError):
        await raw.post(USERS[vendor], json=BODIES[vendor], headers=auth)
    assert (await raw.get(USERS[vendor] + probe, headers=auth)).status_code == 200


@VENDORS
async def test_a_proxy_can_lose_the_reply_of_a_write_that_took_effect(
    raw: httpx.AsyncClient, sandbox: Sandbox, vendor: str
) -> None:
    sandbox.arm(vendor, "commit_then_status", times=1)
    lost = await create(raw, sandbox, vendor)
    assert lost.status_code == 502
    assert lost.headers["content-type"].startswith("text/html")
    assert sandbox.find_user(vendor, ADDRESS) is not None
    assert (await create(raw, sandbox, vendor)).status_code in {400, 409}
    sandbox.reset(tokens=True)
    sandbox.arm(vendor, "commit_then_status", status=504, body="empty")
    lost = await create(raw, sandbox, vendor)
    assert (lost.status_code, lost.content) == (504, b"")


@VENDORS
async def test_a_write_that_was_refused_has_no_reply_to_lose(
    raw: httpx.AsyncClient, sandbox: Sandbox, vendor: str
) -> None:
    sandbox.arm(vendor, "commit_then_drop")
    wrong = await raw.post(USERS[vendor], json={}, headers=headers(sandbox, vendor))
    assert wrong.status_code == 400
    with pytest.raises(httpx.TransportError):
        await create(raw, sandbox, vendor)


@VENDORS
@pytest.mark.parametrize("value", [3, 2.128, "http-date:+5", None])
async def test_retry_after_comes_in_every_form(
    raw: httpx.AsyncClient, sandbox: Sandbox, vendor: str, value: Any
) -> None:
    sandbox.arm(vendor, "rate_limit", retry_after=value)
    reply = await create(raw, sandbox, vendor)
    assert reply.status_code == 429
    header = reply.headers.get("retry-after")
    if isinstance(value, str):
        wait = (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds()
        assert -60 < wait <= 5, "five seconds from when it was said"
    else:
        assert header == (None if value is None else str(value))
    assert sandbox.effects(vendor) == []
    assert (await create(raw, sandbox, vendor)).is_success


@pytest.mark.parametrize(
    ("vendor", "form", "status", "word"),
    [
        ("google", "rateLimitExceeded", 429, "rateLimitExceeded"),
        ("google", "userRateLimitExceeded", 403, "userRateLimitExceeded"),
        ("google", "quotaExceeded", 403, "quotaExceeded"),
        ("google", "backendError", 503, "backendError"),
        ("microsoft", "429", 429, "TooManyRequests"),
        ("microsoft", "503", 503, "ServiceUnavailable"),
        ("microsoft", "509", 509, "BandwidthLimitExceeded"),
    ],
)
async def test_quotas_have_the_vendors_forms(
    raw: httpx.AsyncClient, sandbox: Sandbox, vendor: str, form: str, status: int, word: str
) -> None:
    sandbox.arm(vendor, "rate_limit", vendor_form=form)
    reply = await create(raw, sandbox, vendor)
    error = reply.json()["error"]
    assert (reply.status_code, error["errors"][0]["reason"] if vendor == "google" else error["code"]) == (
        status,
        word,
    )


@VENDORS
async def test_the_other_kinds_in_the_vendors_words(
    raw: httpx.AsyncClient, sandbox: Sandbox, vendor: str
) -> None:
    sandbox.arm(vendor, "server_error", status=503, retry_after=1)
    broken = await create(raw, sandbox, vendor)
    assert (broken.status_code, broken.headers["retry-after"]) == (503, "1")
    assert "error" in broken.json()
    sandbox.arm(vendor, "expired_token")
    expired = await create(raw, sandbox, vendor)
    assert expired.status_code == 401
    sandbox.arm(vendor, "forbidden")
    forbidden = await create(raw, sandbox, vendor)
    word = {"google": "insufficientPermissions", "microsoft": "Authorization_RequestDenied"}[vendor]
    assert forbidden.status_code == 403
    assert word in forbidden.text
    sandbox.arm(vendor, "garbage")
    garbage = await create(raw, sandbox, vendor)
    assert (garbage.status_code, garbage.text[:15]) == (200, "<!DOCTYPE html>")
    sandbox.arm(vendor, "garbage", body="json")
    with pytest.raises(ValueError):
        (await create(raw, sandbox, vendor)).json()
    assert sandbox.effects(vendor) == []
    sandbox.arm(vendor, "garbage", body="truncated", commit=True)
    assert (await create(raw, sandbox, vendor)).status_code == 200
    assert len(sandbox.effects(vendor, ADDRESS)) == 1


@VENDORS
async def test_a_delay_is_a_delay_and_the_effect_comes_after_it(
    raw: httpx.AsyncClient, sandbox: Sandbox, vendor: str
) -> None:
    sandbox.arm(vendor, "delay", seconds=0.2)
    started = time.monotonic()
    assert (await create(raw, sandbox, vendor)).is_success
    assert time.monotonic() - started >= 0.2


async def test_no_seats_waits_for_a_call_that_needs_one(
    google: httpx.AsyncClient,
    licensing: httpx.AsyncClient,
    graph: httpx.AsyncClient,
    sandbox: Sandbox,
    tenant: dict[str, Any],
) -> None:
    sandbox.arm("google", "no_seats")
    sandbox.arm("microsoft", "no_seats")
    assert (await google.get("users/taken@acme.example")).status_code == 200
    refused = await licensing.post(
        "product/Google-Apps/sku/1010020028/user", json={"userId": "taken@acme.example"}
    )
    assert (refused.status_code, "enough available licenses" in refused.text) == (412, True)
    assert (await graph.get("users/taken@acme.example")).status_code == 200
    sku = tenant["skus"]["SPE_E3"]
    body = {"addLicenses": [{"skuId": sku, "disabledPlans": []}], "removeLicenses": []}
    full = await graph.post("users/taken@acme.example/assignLicense", json=body)
    assert (
        full.json()["error"]["message"]
        == f"Subscription with SKU {sku} does not have any available licenses."
    )
    assert (await graph.post("users/taken@acme.example/assignLicense", json=body)).status_code == 200


async def test_a_fault_hits_what_it_matches_as_often_as_it_says(
    google: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    sandbox.arm("google", "server_error", match={"path_regex": "/groups", "method": "get"}, times=2, skip=1)
    statuses = [(await google.get("groups?customer=my_customer")).status_code for _ in range(4)]
    assert statuses == [200, 500, 500, 200]
    assert (await google.get("users/admin@acme.example")).status_code == 200
    sandbox.arm("google", "server_error", times=None)
    assert [(await google.get("users/admin@acme.example")).status_code for _ in range(3)] == [500] * 3
    sandbox.disarm("google")
    assert (await google.get("users/admin@acme.example")).status_code == 200


async def test_sign_in_is_only_hit_when_its_path_is_named(raw: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.arm("google", "server_error", times=None)
    sandbox.arm("microsoft", "server_error", times=None)
    assert sandbox.google_token()
    assert sandbox.microsoft_token()
    sandbox.arm("google", "server_error", match={"path_regex": "/token$"}, status=503)
    reply = await raw.post("/google/token")
    assert reply.status_code == 503


@pytest.mark.parametrize(
    ("kind", "google", "microsoft"),
    [
        ("expired_token", (400, "invalid_grant"), (401, "invalid_client")),
        ("forbidden", (401, "unauthorized_client"), (400, "unauthorized_client")),
        ("rate_limit", (429, "rate_limit_exceeded"), (429, "temporarily_unavailable")),
        ("server_error", (500, "internal_failure"), (500, "temporarily_unavailable")),
    ],
)
async def test_a_fault_of_sign_in_speaks_as_sign_in_does(
    raw: httpx.AsyncClient, sandbox: Sandbox, kind: str, google: tuple[int, str], microsoft: tuple[int, str]
) -> None:
    urls = {"google": "/google/token", "microsoft": "/microsoft/acme.example/oauth2/v2.0/token"}
    for vendor, expected in (("google", google), ("microsoft", microsoft)):
        sandbox.arm(vendor, kind, match={"path_regex": "/token$"}, retry_after=7)
        reply = await raw.post(urls[vendor])
        assert (reply.status_code, reply.json()["error"]) == expected
        if kind == "rate_limit":
            assert reply.headers["retry-after"] == "7"


async def test_a_fault_can_be_one_tenants_trouble(raw: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.arm("microsoft", "rate_limit", match={"tenant": "acme.example"}, retry_after=600, times=None)
    statuses = {}
    for domain in ("acme.example", "globex.example"):
        auth = {"authorization": f"Bearer {sandbox.microsoft_token(domain)}"}
        statuses[domain] = (await raw.get(USERS["microsoft"], headers=auth)).status_code
    assert statuses == {"acme.example": 429, "globex.example": 200}


async def test_a_steady_quota_refills(graph: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.configure("microsoft", rate_limit_per_second=0.01, rate_limit_burst=2, rate_limit_retry_after=1)
    statuses = [(await graph.get("domains")).status_code for _ in range(4)]
    assert statuses == [200, 200, 429, 429]
    sandbox.configure("microsoft", rate_limit_per_second=20)
    while (await graph.get("domains")).status_code == 429:
        await asyncio.sleep(0.02)


async def test_latency_is_added_to_every_answer(google: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.configure("google", latency_ms=80)
    started = time.monotonic()
    await google.get("users/admin@acme.example")
    assert time.monotonic() - started >= 0.08


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "explosion"},
        {"kind": "rate_limit", "retry_after": "soon"},
        {"kind": "rate_limit", "vendor_form": "tooFast"},
        {"kind": "drop", "match": {"path_regex": "("}},
        {"kind": "drop", "match": {"header": "x"}},
        {"kind": "server_error", "status": 404},
    ],
)
async def test_a_fault_that_makes_no_sense_is_not_armed(
    raw: httpx.AsyncClient, sandbox: Sandbox, body: Any
) -> None:
    assert (await raw.post("/control/google/faults", json=body)).status_code == 422
    assert (await raw.get("/control/google/faults")).json() == {"items": []}
