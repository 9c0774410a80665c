"""API keys: told once, stored as a hash, found in their tenant alone, and refused when they should be."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.auth.api_key.service import MOST_LIVE_KEYS
from tests.auth.conftest import Auth
from tests.fixtures.postgres import Database

TenantId = Callable[..., UUID]
ADA = {"id": str(uuid4()), "name": "Ada Admin"}


async def make_key(auth: Auth, tenant: UUID, **more: Any) -> dict[str, Any]:
    """A new key, with its text."""
    body = {"actor": ADA, "name": "HR system", "scopes": ["requests:write"], "calls_per_minute": 600, **more}
    made = await auth.call("api", "POST", f"tenants/{tenant}/api-keys", body)
    assert made.status_code == 201, made.text
    created: dict[str, Any] = made.json()
    return created


async def check(auth: Auth, key: str) -> dict[str, Any]:
    answer = await auth.call("api", "POST", "api-keys/check", {"key": key})
    assert answer.status_code == 200, answer.text
    verdict: dict[str, Any] = answer.json()
    return verdict


async def test_a_key_says_who_it_is_and_is_stored_nowhere(
    auth: Auth, database: Database, tenant_id: TenantId
) -> None:
    made = await make_key(auth, tenant_id(), scopes=["requests:write", "schedule:read"])
    key, read = made["key"], made["api_key"]
    assert key.startswith(f"oc_{UUID(read['id']).hex}_")
    assert len(key.split("_", 2)[2]) == 43
    verdict = await check(auth, key)
    assert verdict["accepted"]
    assert (verdict["tenant_id"], verdict["tenant_slug"]) == (str(tenant_id()), "acme")
    assert verdict["scopes"] == ["requests:write", "schedule:read"]
    assert (verdict["name"], verdict["calls_per_minute"]) == ("HR system", 600)
    secret = key.split("_", 2)[2]
    stored = database.psql(
        "SELECT k::text FROM auth.api_keys k UNION ALL SELECT a::text FROM auth.audit_entries a"
    )
    assert secret not in stored
    entries = database.psql(
        "SELECT actor_id, action, target_id FROM auth.audit_entries WHERE target_kind = 'api_key'"
    )
    assert entries == f"{ADA['id']}|api_key.created|{read['id']}"


async def test_use_is_noted_to_the_minute(auth: Auth, database: Database, tenant_id: TenantId) -> None:
    key = (await make_key(auth, tenant_id()))["key"]
    listed = (await auth.call("api", "GET", f"tenants/{tenant_id()}/api-keys")).json()
    assert listed["items"][0]["last_used_at"] is None
    await check(auth, key)
    first = database.psql("SELECT last_used_at FROM auth.api_keys")
    assert first
    await check(auth, key)
    assert database.psql("SELECT last_used_at FROM auth.api_keys") == first
    database.psql("UPDATE auth.api_keys SET last_used_at = now() - interval '2 min'")
    await check(auth, key)
    assert database.psql("SELECT last_used_at > now() - interval '1 min' FROM auth.api_keys") == "t"


async def test_a_revoked_or_expired_key_is_refused_and_says_why(
    auth: Auth, database: Database, tenant_id: TenantId
) -> None:
    made = await make_key(auth, tenant_id(), expires_at="2099-01-01T00:00:00Z")
    database.psql("UPDATE auth.api_keys SET expires_at = now()")
    assert (await check(auth, made["key"]))["reason"] == "expired"
    listed = (await auth.call("api", "GET", f"tenants/{tenant_id()}/api-keys")).json()
    assert listed["items"][0]["state"] == "expired"
    path = f"tenants/{tenant_id()}/api-keys/{made['api_key']['id']}/revoke"
    for _ in range(2):
        revoked = await auth.call("api", "POST", path, {"actor": ADA})
        assert (revoked.status_code, revoked.json()["state"]) == (200, "revoked")
    assert await check(auth, made["key"]) == {
        **dict.fromkeys(("key_id", "name", "tenant_id", "tenant_slug", "tenant_name")),
        "accepted": False,
        "reason": "revoked",
        "scopes": [],
        "calls_per_minute": None,
        "expires_at": None,
    }
    # Whoever has not the right secret does not learn that there was such a key.
    other = "B" if made["key"][-43] == "A" else "A"
    wrong = f"{made['key'][:-43]}{other}{made['key'][-42:]}"
    assert (await check(auth, wrong))["reason"] == "unknown"
    entries = database.psql("SELECT action FROM auth.audit_entries WHERE target_kind = 'api_key' ORDER BY id")
    assert entries.split() == ["api_key.created", "api_key.revoked"]


async def test_another_tenant_neither_sees_nor_revokes_it(auth: Auth, tenant_id: TenantId) -> None:
    made = await make_key(auth, tenant_id())
    globex = tenant_id("globex")
    assert (await auth.call("api", "GET", f"tenants/{globex}/api-keys")).json() == {"items": [], "total": 0}
    path = f"tenants/{globex}/api-keys/{made['api_key']['id']}/revoke"
    refused = await auth.call("api", "POST", path, {"actor": ADA})
    assert (refused.status_code, refused.json()["code"]) == (404, "api_key_not_found")
    assert (await check(auth, made["key"]))["accepted"]
    # The same name is free there.
    assert (await make_key(auth, globex))["api_key"]["name"] == "HR system"


async def test_bad_wishes_name_their_field_and_make_nothing(auth: Auth, tenant_id: TenantId) -> None:
    await make_key(auth, tenant_id())
    path = f"tenants/{tenant_id()}/api-keys"
    good = {"actor": ADA, "name": "Other", "scopes": ["requests:read"], "calls_per_minute": 1}
    for field, value in (
        ("name", "hr SYSTEM"),
        ("name", ""),
        ("name", "a\0b"),
        ("expires_at", "2001-01-01T00:00:00Z"),
        ("expires_at", "2031-01-01T00:00:00"),
        ("scopes", []),
        ("scopes", ["*"]),
        ("calls_per_minute", 0),
    ):
        answer = await auth.call("api", "POST", path, {**good, field: value})
        assert answer.status_code == 422, (field, value)
        assert answer.json()["errors"][0]["field"].startswith(field), (field, value)
    assert (await auth.call("api", "GET", path)).json()["total"] == 1


async def test_a_tenant_has_only_so_many_living_keys(
    auth: Auth, database: Database, tenant_id: TenantId
) -> None:
    database.psql(
        "INSERT INTO auth.api_keys (id, tenant_id, name, secret_hash, scopes, calls_per_minute, created_by,"
        f" created_by_name) SELECT gen_random_uuid(), '{tenant_id()}', n::text, '', '[]', 1, gen_random_uuid(), 'x'"
        f" FROM generate_series(1, {MOST_LIVE_KEYS}) n"
    )
    body = {"actor": ADA, "name": "One more", "scopes": ["requests:write"], "calls_per_minute": 1}
    refused = await auth.call("api", "POST", f"tenants/{tenant_id()}/api-keys", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_api_keys")
    database.psql("UPDATE auth.api_keys SET revoked_at = now() WHERE name = '1'")
    await make_key(auth, tenant_id(), name="One more")


async def test_the_hash_is_compared_in_constant_time_also_when_there_is_no_such_key(
    auth: Auth, tenant_id: TenantId, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = (await make_key(auth, tenant_id()))["key"]
    compared: list[bool] = []
    really = hmac.compare_digest

    def compare(one: bytes, other: bytes) -> bool:
        same = really(one, other)
        if len(one) == len(other) == 32:  # not the service tokens, which are compared in the same way
            compared.append(same)
        return same

    monkeypatch.setattr(hmac, "compare_digest", compare)
    await check(auth, key)
    await check(auth, f"oc_{uuid4().hex}_{key[-43:]}")
    await check(auth, f"{key[:36]}{'A' * 43}")
    assert compared == [True, False, False]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    key=st.text(max_size=500) | st.from_regex(r"oc_[0-9a-f]{30,34}_[A-Za-z0-9_-]{40,46}\n?", fullmatch=True)
)
async def test_whatever_is_sent_is_no_key(auth: Auth, key: str) -> None:
    answer = await auth.call("api", "POST", "api-keys/check", {"key": key})
    assert answer.status_code in {200, 422}
    assert answer.status_code == 422 or answer.json()["reason"] == "unknown"
