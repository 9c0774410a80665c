"""Each caller reaches its own routes and no other; strangers reach none; bad input is 4xx."""

import re
from uuid import UUID

import pytest

from tests.auth.conftest import CALLERS, TOKENS, Auth

ZERO = UUID(int=0)
PASSWORD = f"/auth/internal/first-passwords/{ZERO}"
ROUTES = {
    ("POST", "/auth/internal/sign-in/start"): "bff",
    ("POST", "/auth/internal/sign-in/finish"): "bff",
    ("POST", "/auth/internal/session/token"): "bff",
    ("POST", "/auth/internal/session/tenant"): "bff",
    ("POST", "/auth/internal/session/end"): "bff",
    ("POST", "/auth/internal/tenant-token"): "worker",
    ("POST", "/auth/internal/refresh-expiring"): "scheduler",
    ("GET", f"/auth/internal/tenants/{ZERO}/connections"): "api",
    ("GET", "/auth/internal/connections/methods"): "api",
    ("POST", "/auth/internal/connections"): "api",
    ("POST", "/auth/internal/connections/list"): "api",
    ("POST", "/auth/internal/connections/changes"): "api",
    ("POST", f"/auth/internal/connections/{ZERO}/rename"): "api",
    ("POST", f"/auth/internal/connections/{ZERO}/disconnect"): "api",
    ("POST", f"/auth/internal/oauth/{ZERO}/start"): "bff",
    ("POST", f"/auth/internal/oauth/{ZERO}/finish"): "bff",
    ("GET", f"/auth/internal/tenants/{ZERO}/operator?email=a@b.example"): "api",
    ("POST", "/auth/internal/webhook-check"): "api",
    ("GET", f"/auth/internal/tenants/{ZERO}/operators"): "api",
    ("POST", f"/auth/internal/tenants/{ZERO}/operators"): "api",
    ("POST", f"/auth/internal/tenants/{ZERO}/operators/{ZERO}/change"): "api",
    ("POST", f"/auth/internal/tenants/{ZERO}/operators/{ZERO}/remove"): "api",
    ("GET", f"/auth/internal/tenants/{ZERO}/group-roles"): "api",
    ("PUT", f"/auth/internal/tenants/{ZERO}/group-roles"): "api",
    ("POST", "/auth/internal/api-keys/check"): "api",
    ("GET", f"/auth/internal/tenants/{ZERO}/api-keys"): "api",
    ("POST", f"/auth/internal/tenants/{ZERO}/api-keys"): "api",
    ("POST", f"/auth/internal/tenants/{ZERO}/api-keys/{ZERO}/revoke"): "api",
    ("PUT", PASSWORD): "worker",
    ("DELETE", f"{PASSWORD}?tenant_id={ZERO}"): "worker",
    ("GET", f"{PASSWORD}?tenant_id={ZERO}"): "api",
    ("POST", f"{PASSWORD}/reveal"): "api",
    ("POST", "/auth/internal/notifications/certificate"): "worker",
    ("POST", "/auth/internal/notifications/open"): "worker",
    ("POST", "/auth/internal/maintenance/sweep"): "scheduler",
    ("POST", "/auth/internal/maintenance/rewrap"): "scheduler",
    ("GET", "/auth/internal/maintenance/keys"): "scheduler",
}


def test_the_list_is_whole(auth: Auth) -> None:
    app = auth.client._transport.app  # type: ignore[attr-defined]  # an ASGI transport
    described = app.openapi()["paths"]
    known = {
        (method.upper(), re.sub(r"{\w+}", "{}", path))
        for path, methods in described.items()
        for method in methods
        if path not in {"/health", "/ready", "/metrics", "/auth/jwks.json"}
    }
    ours = {(method, path.split("?")[0].replace(str(ZERO), "{}")) for method, path in ROUTES}
    assert known == ours


async def test_every_route_admits_its_caller_alone(auth: Auth) -> None:
    for (method, path), owner in ROUTES.items():
        for caller in CALLERS:
            answer = await auth.client.request(
                method, path, json={}, headers={"x-service-token": TOKENS[caller]}
            )
            if caller == owner:
                assert answer.status_code in {200, 204, 404, 422}, (method, path, answer.text)
            else:
                assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), (
                    method,
                    path,
                    caller,
                )


@pytest.mark.parametrize(
    "token",
    [b"", b"wrong", b"\xff\xfe\xfd", "tökén".encode(), b"k1.", TOKENS["worker"].encode()[:-1], b"a" * 9000],
)
async def test_strangers_are_401_whatever_bytes_they_send(auth: Auth, token: bytes) -> None:
    for method, path in ROUTES:
        answer = await auth.client.request(method, path, json={}, headers={b"x-service-token": token})
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), (method, path)
        assert answer.headers["content-type"] == "application/problem+json"
    assert (await auth.client.post("/auth/internal/tenant-token", json={})).status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"", 422),
        (b"[]", 422),
        (b"null", 422),
        (b'{"session_token": 5}', 422),
        (b'{"session_token": "\\ud800"}', 422),
        (b'{"session_token": "' + b"a" * 500 + b'"}', 422),
        (b"\xff\xfe", 400),
    ],
)
async def test_bad_bodies_are_4xx_problems(auth: Auth, body: bytes, status: int) -> None:
    answer = await auth.client.post(
        "/auth/internal/session/token",
        content=body,
        headers={"x-service-token": TOKENS["bff"], "content-type": "application/json"},
    )
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["correlation_id"] == answer.headers["x-correlation-id"]


async def test_unknown_paths_and_methods_are_problems(auth: Auth) -> None:
    for method, path, status in (
        ("GET", "/auth/nothing", 404),
        ("DELETE", "/auth/jwks.json", 405),
        ("GET", "/docs", 404),
        ("GET", "/auth/internal/tenants/no-uuid/connections", 422),
    ):
        answer = await auth.client.request(method, path, headers={"x-service-token": TOKENS["api"]})
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"


async def test_health_ready_and_metrics(auth: Auth) -> None:
    assert (await auth.client.get("/health")).json() == {"service": "auth", "status": "alive"}
    ready = await auth.client.get("/ready")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    assert set(ready.json()["checks"]) == {"database", "migrations", "key_ring"}
    figures = (await auth.client.get("/metrics")).text
    for name in (
        "oneclick_token_releases_total",
        "oneclick_token_mints_total",
        "oneclick_vault_decrypt_failures_total",
        "oneclick_sign_ins_total",
    ):
        assert name in figures
