"""Only a current token that the auth service signed for this service opens anything."""

from __future__ import annotations

import base64
import json
import time
from uuid import UUID, uuid4

import pytest
from joserfc.jwk import ECKey

from tests.fixtures.api import Api
from tests.fixtures.principals import bearer, mint

NOW = int(time.time())


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": NOW - 1},
        {"exp": None},
        {"iss": "somebody"},
        {"iss": None},
        {"aud": "oneclick-worker"},
        {"aud": None},
        {"sub": None},
        {"sub": "nonsense"},
        {"sub": ""},
        {"tid": None},
        {"tid": "not-a-uuid"},
        {"tid": 7},
        {"role": "owner"},
        {"role": None},
        {"sid": None},
        {"email": None},
    ],
)
async def test_a_token_with_wrong_claims_is_refused(
    api: Api, tenant: UUID, claims: dict[str, object]
) -> None:
    assert (await api.client(tenant, **claims).get("/api/me")).status_code == 401  # type: ignore[arg-type]  # wrong on purpose


async def test_a_token_of_another_key_is_refused(api: Api, tenant: UUID) -> None:
    forged = ECKey.generate_key("P-256", {"kid": "test-key", "alg": "ES256"})
    unknown = ECKey.generate_key("P-256", {"kid": "unknown", "alg": "ES256"})
    for key in (forged, unknown):
        answer = await api.nobody().get("/api/me", headers=bearer(mint(tenant, key=key)))
        assert answer.status_code == 401


def _unsigned(tenant: UUID) -> str:
    _, claims, _ = mint(tenant).split(".")
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=").decode()
    return f"{header}.{claims}."


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Basic YWRtaW46YWRtaW4=",
        "Bearer a.b.c",
        "Bearer a.b",
        "Bearer \x80\x81",
        "bearer",
        "x",
    ],
)
async def test_a_malformed_header_is_refused(api: Api, header: str) -> None:
    answer = await api.nobody().get("/api/me", headers={b"Authorization": header.encode("latin-1")})
    assert answer.status_code == 401


async def test_an_unsigned_or_altered_token_is_refused(api: Api, tenant: UUID) -> None:
    head, claims, signature = mint(tenant, role="auditor").split(".")
    body = json.loads(base64.urlsafe_b64decode(claims + "=="))
    better = base64.urlsafe_b64encode(json.dumps({**body, "role": "admin"}).encode()).rstrip(b"=").decode()
    for token in (_unsigned(tenant), f"{head}.{better}.{signature}", f"{head}.{claims}."):
        assert (await api.nobody().get("/api/me", headers=bearer(token))).status_code == 401


async def test_a_good_token_says_who_is_calling(api: Api, tenant: UUID) -> None:
    operator = uuid4()
    me = (await api.client(tenant, role="helpdesk", operator_id=operator).get("/api/me")).json()
    assert me["operator"] == {"id": str(operator), "name": "Ada Admin", "email": "ada@acme.example"}
    assert me["tenant"]["id"] == str(tenant)
    assert me["role"] == "helpdesk"


async def test_while_the_auth_service_is_away_known_keys_go_on_working(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    await client.get("/api/me")
    api.auth.away = True
    assert (await client.get("/api/me")).status_code == 200
