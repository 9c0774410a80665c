"""Google's token endpoint checks the assertion as Google does."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.fixtures.sandbox import Sandbox

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPE = "https://www.googleapis.com/auth/admin.directory.user"


async def ask(raw: httpx.AsyncClient, assertion: str, grant: str = GRANT) -> httpx.Response:
    return await raw.post("/google/token", data={"grant_type": grant, "assertion": assertion})


async def test_a_good_assertion_gives_a_bearer_token(sandbox: Sandbox, raw: httpx.AsyncClient) -> None:
    reply = await ask(raw, sandbox.google_assertion("admin@acme.example"))
    assert reply.status_code == 200
    body = reply.json()
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 3599
    assert body["access_token"].startswith("ya29.")
    assert set(body) == {"access_token", "expires_in", "token_type"}


async def test_the_vendors_own_audience_is_right_too(sandbox: Sandbox, raw: httpx.AsyncClient) -> None:
    assertion = sandbox.google_assertion("admin@acme.example", aud="https://oauth2.googleapis.com/token")
    assert (await ask(raw, assertion)).status_code == 200


@pytest.mark.parametrize(
    ("claims", "status", "error", "words"),
    [
        ({"iss": "somebody@else.iam.gserviceaccount.com"}, 400, "invalid_grant", "account not found"),
        ({"aud": "https://example.org/token"}, 400, "invalid_grant", "audience"),
        ({"exp": 10, "iat": 0}, 400, "invalid_grant", "short-lived"),
        ({"exp": time.time() + 80_000}, 400, "invalid_grant", "short-lived"),
        ({"scope": ""}, 400, "invalid_scope", "scope"),
        ({"scope": "https://www.googleapis.com/auth/drive"}, 401, "unauthorized_client", "not authorized"),
        ({"sub": "nobody@acme.example"}, 400, "invalid_grant", "Invalid email or User ID"),
        ({"sub": "admin@elsewhere.example"}, 400, "invalid_grant", "Invalid email or User ID"),
    ],
)
async def test_a_wrong_claim_is_refused_in_googles_words(
    sandbox: Sandbox, raw: httpx.AsyncClient, claims: dict[str, Any], status: int, error: str, words: str
) -> None:
    reply = await ask(raw, sandbox.google_assertion("admin@acme.example", **claims))
    assert (reply.status_code, reply.json()["error"]) == (status, error)
    assert words in reply.json()["error_description"]


async def test_a_foreign_key_is_no_signature(sandbox: Sandbox, raw: httpx.AsyncClient) -> None:
    account, now = sandbox.info()["google"]["service_account"], int(time.time())
    claims = {
        "iss": account["client_email"],
        "sub": "admin@acme.example",
        "aud": "https://oauth2.googleapis.com/token",
        "scope": SCOPE,
        "iat": now,
        "exp": now + 60,
    }
    foreign = jwt.encode({"alg": "RS256"}, claims, RSAKey.generate_key(2048))
    reply = await ask(raw, foreign)
    assert reply.json() == {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
    assert (await ask(raw, "not.a.jwt")).json()["error"] == "invalid_grant"


async def test_grant_type_and_form_encoding_are_needed(sandbox: Sandbox, raw: httpx.AsyncClient) -> None:
    assertion = sandbox.google_assertion("admin@acme.example")
    assert (await ask(raw, assertion, "password")).json()["error"] == "unsupported_grant_type"
    as_json = await raw.post("/google/token", json={"grant_type": GRANT, "assertion": assertion})
    assert (as_json.status_code, as_json.json()["error"]) == (400, "invalid_request")


async def test_a_token_ends_when_its_lifetime_is_over(sandbox: Sandbox, raw: httpx.AsyncClient) -> None:
    headers = {"authorization": f"Bearer {sandbox.google_token()}"}
    url = "/google/admin/directory/v1/users/admin@acme.example"
    assert (await raw.get(url, headers=headers)).status_code == 200
    sandbox.configure("google", token_lifetime_seconds=0.05)
    headers = {"authorization": f"Bearer {sandbox.google_token()}"}
    await asyncio.sleep(0.06)
    reply = await raw.get(url, headers=headers)
    assert (reply.status_code, reply.json()["error"]["errors"][0]["reason"]) == (401, "authError")
    assert "invalid_token" in reply.headers["www-authenticate"]


async def test_each_operation_wants_one_of_its_scopes(sandbox: Sandbox, raw: httpx.AsyncClient) -> None:
    headers = {"authorization": f"Bearer {sandbox.google_token(scopes=[SCOPE + '.readonly'])}"}
    url = "/google/admin/directory/v1/users/"
    assert (await raw.get(url + "admin@acme.example", headers=headers)).status_code == 200
    reply = await raw.delete(url + "taken@acme.example", headers=headers)
    assert reply.status_code == 403
    assert reply.json()["error"]["errors"][0]["reason"] == "insufficientPermissions"
    assert sandbox.user("google", "taken@acme.example")["deleted"] is False


async def test_somebody_who_is_no_administrator_gets_a_token_that_opens_nothing(
    sandbox: Sandbox, raw: httpx.AsyncClient
) -> None:
    headers = {"authorization": f"Bearer {sandbox.google_token('lena.fischer@acme.example')}"}
    reply = await raw.get("/google/admin/directory/v1/users/admin@acme.example", headers=headers)
    assert (reply.status_code, reply.json()["error"]["errors"][0]["reason"]) == (403, "forbidden")
