"""GitHub's doors: the app's JWT, installation tokens, headers, and what is refused before any operation."""

from __future__ import annotations

import time

import httpx
import pytest
from joserfc.jwk import RSAKey

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.github_client import app_jwt, ask_token, github_client, tenant


async def test_an_installation_token_is_made_with_the_permissions_and_its_end(sandbox: Sandbox) -> None:
    reply = await ask_token(sandbox)
    assert reply.status_code == 201
    body = reply.json()
    assert body["token"].startswith("ghs_")
    assert body["expires_at"].endswith("Z")
    assert body["permissions"]["members"] == "write"


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"iss": "1"}, "'Issuer' claim"),
        ({"exp": 1}, "'Expiration time' claim"),
        ({"exp": int(time.time()) + 40_000}, "too far in the future"),
        ({"iat": int(time.time()) + 40_000}, "'Issued at' claim"),
    ],
)
async def test_a_wrong_jwt_is_refused(sandbox: Sandbox, claims: dict[str, object], words: str) -> None:
    reply = await ask_token(sandbox, signed=app_jwt(sandbox, **claims))
    assert reply.status_code == 401
    assert words in reply.json()["message"]


async def test_a_foreign_key_and_no_jwt_at_all_cannot_be_decoded(sandbox: Sandbox) -> None:
    foreign = app_jwt(sandbox, key=RSAKey.generate_key(2048, private=True))
    for signed in (foreign, "nonsense"):
        reply = await ask_token(sandbox, signed=signed)
        assert (reply.status_code, reply.json()["message"]) == (
            401,
            "A JSON web token could not be decoded",
        )


async def test_an_unknown_installation_and_permissions_that_nobody_granted(sandbox: Sandbox) -> None:
    reply = await ask_token(sandbox, permissions={"contents": "write"})
    assert reply.status_code == 422
    async with httpx.AsyncClient(trust_env=False) as client:
        url = f"{sandbox.url}/github/app/installations/1/access_tokens"
        unknown = await client.post(url, headers={"authorization": f"Bearer {app_jwt(sandbox)}"})
    assert unknown.status_code == 404


async def test_a_narrowed_token_lacks_what_was_left_out(sandbox: Sandbox) -> None:
    async with github_client(sandbox, permissions={"members": "read"}) as client:
        assert (await client.get("orgs/acme-example/members")).status_code == 200
        refused = await client.post("orgs/acme-example/invitations", json={"email": "x@acme.example"})
        assert refused.status_code == 403
        assert refused.json()["message"] == "Resource not accessible by integration"
        assert "plan" not in (await client.get("orgs/acme-example")).json()


async def test_the_app_looks_at_its_installation(sandbox: Sandbox) -> None:
    async with github_client(sandbox, token=app_jwt(sandbox)) as client:
        found = await client.get("orgs/acme-example/installation")
    assert found.json()["id"] == tenant(sandbox)["installation_id"]


async def test_tokens_end(sandbox: Sandbox) -> None:
    sandbox.configure("github", token_lifetime_seconds=0.01)
    token = (await ask_token(sandbox)).json()["token"]
    async with github_client(sandbox, token=token) as client:
        reply = await client.get("orgs/acme-example/members")
        while reply.status_code == 200:
            reply = await client.get("orgs/acme-example/members")
    assert (reply.status_code, reply.json()["message"]) == (401, "Bad credentials")


async def test_the_scheme_may_be_token_and_the_accept_header_odd(sandbox: Sandbox) -> None:
    async with github_client(sandbox) as client:
        value = client.headers["authorization"].removeprefix("Bearer ")
        for accept in ("*/*", "application/vnd.github.v3+json", "text/html"):
            headers = {"authorization": f"token {value}", "accept": accept}
            assert (await client.get("orgs/acme-example", headers=headers)).status_code == 200


async def test_headers_that_github_insists_on(sandbox: Sandbox) -> None:
    async with github_client(sandbox) as client:
        wrong = await client.get("orgs/acme-example", headers={"x-github-api-version": "2020-01-01"})
        assert wrong.status_code == 400
        del client.headers["x-github-api-version"]
        assert (await client.get("orgs/acme-example")).status_code == 200
    async with httpx.AsyncClient(trust_env=False) as bare:
        request = bare.build_request("GET", f"{sandbox.url}/github/orgs/acme-example")
        del request.headers["user-agent"]
        nameless = await bare.send(request)
    assert nameless.status_code == 403
    assert "User-Agent" in nameless.text


async def test_unknown_paths_verbs_parameters_and_bodies(sandbox: Sandbox) -> None:
    async with github_client(sandbox) as client:
        unknown = await client.get("orgs/acme-example/nonsense")
        assert (unknown.status_code, unknown.json()["message"]) == (404, "Not Found")
        assert unknown.json()["status"] == "404"
        assert (await client.put("orgs/acme-example/members")).status_code == 404
        assert (await client.get("orgs/acme-example/members?since=1")).status_code == 422
        path = "orgs/acme-example/invitations"
        client.event_hooks = {"request": [], "response": []}  # the judge reads JSON only
        assert (await client.post(path, content=b"{")).json()["message"] == "Problems parsing JSON"
        assert (await client.post(path, content=b"[]")).json()["message"] == "Body should be a JSON object"
        for body in (
            {"email": "a@b.example", "nonsense": 1},
            {"email": 7},
            {"email": "a@b.example", "role": "owner"},
            {"email": "a@b.example", "team_ids": ["x"]},
            {"email": "a@b.example", "invitee_id": 1},
            {},
        ):
            assert (await client.post(path, json=body)).status_code == 422
    assert sandbox.effects("github") == []


async def test_missing_wrong_and_foreign_credentials(sandbox: Sandbox) -> None:
    async with github_client(sandbox, "globex.example") as globex:
        assert (await globex.get("orgs/acme-example/invitations")).status_code == 404
        assert (await globex.put("orgs/acme-example/memberships/lena-fischer")).status_code == 404
        assert (await globex.get("orgs/acme-example/members")).json() == []
        assert "plan" not in (await globex.get("orgs/acme-example")).json()
        outside = await globex.get("orgs/acme-example/members/lena-fischer")
        assert outside.status_code == 302
        assert outside.headers["location"].endswith("/public_members/lena-fischer")
        globex.headers["authorization"] = "Bearer ghs_nonsense"
        assert (await globex.get("rate_limit")).json()["message"] == "Bad credentials"
        del globex.headers["authorization"]
        assert (await globex.get("rate_limit")).json()["message"] == "Requires authentication"


async def test_every_answer_tells_the_budget(sandbox: Sandbox) -> None:
    async with github_client(sandbox) as client:
        first, second = await client.get("users/lena-fischer"), await client.get("users/nobody-at-all")
        used = [int(reply.headers["x-ratelimit-used"]) for reply in (first, second)]
        assert used[1] == used[0] + 1
        assert int(second.headers["x-ratelimit-remaining"]) == 15_000 - used[1]
        assert int(second.headers["x-ratelimit-reset"]) > time.time()
        assert second.headers["x-ratelimit-resource"] == "core"
        assert (await client.get("rate_limit")).json()["rate"]["limit"] == 15_000


@pytest.mark.parametrize(("form", "status"), [("primary_403", 403), ("primary_429", 429)])
async def test_the_hours_budget_is_gone(sandbox: Sandbox, form: str, status: int) -> None:
    sandbox.arm("github", "rate_limit", vendor_form=form, retry_after=30)
    async with github_client(sandbox) as client:
        reply = await client.get("orgs/acme-example/members")
    assert reply.status_code == status
    assert reply.headers["x-ratelimit-remaining"] == "0"
    assert -60 <= int(reply.headers["x-ratelimit-reset"]) - time.time() <= 32
    assert "retry-after" not in reply.headers


@pytest.mark.parametrize(("form", "status"), [("secondary_403", 403), ("secondary_429", 429)])
async def test_secondary_limits_may_name_a_time(sandbox: Sandbox, form: str, status: int) -> None:
    async with github_client(sandbox) as client:
        for value, header in ((None, None), (7, "7"), (2.5, "2.5")):
            sandbox.arm("github", "rate_limit", vendor_form=form, retry_after=value)
            reply = await client.get("orgs/acme-example/members")
            assert reply.status_code == status
            assert "secondary rate limit" in reply.json()["message"]
            assert reply.headers.get("retry-after") == header
            assert reply.headers["x-ratelimit-remaining"] != "0"
        sandbox.arm("github", "rate_limit", vendor_form=form, retry_after="http-date:+5")
        assert (await client.get("rate_limit")).headers["retry-after"].endswith("GMT")


async def test_faults_are_said_in_githubs_words(sandbox: Sandbox) -> None:
    async with github_client(sandbox) as client:
        for kind, status, word in (
            ("expired_token", 401, "Bad credentials"),
            ("forbidden", 403, "Resource not accessible"),
            ("server_error", 500, "Server Error"),
        ):
            sandbox.arm("github", kind)
            reply = await client.get("orgs/acme-example/members")
            assert reply.status_code == status
            assert word in reply.json()["message"]
        sandbox.arm("github", "no_seats")
        assert (await client.get("orgs/acme-example/members")).status_code == 200
        full = await client.post("orgs/acme-example/invitations", json={"email": "n@acme.example"})
        assert (full.status_code, full.json()["errors"][0]["code"]) == (422, "no_seat")
    sandbox.disarm("github")
    sandbox.arm("github", "forbidden", match={"path_regex": "access_tokens"})
    suspended = await ask_token(sandbox)
    assert (suspended.status_code, suspended.json()["message"]) == (
        403,
        "This installation has been suspended",
    )
