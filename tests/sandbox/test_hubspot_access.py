"""HubSpot's tokens, scopes, strictness, rate limits and faults in its own words."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.hubspot_client import create, hubspot_client, portal

USERS = "settings/v3/users"
TAKEN = "taken@acme.example"
BY_EMAIL = {"idProperty": "EMAIL"}


@pytest.fixture
async def hubspot(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with hubspot_client(sandbox) as client:
        yield client


async def refresh(sandbox: Sandbox, **form: str) -> httpx.Response:
    info = sandbox.info()["hubspot"]
    fields = {
        "grant_type": "refresh_token",
        "client_id": info["client_id"],
        "client_secret": info["client_secret"],
        "refresh_token": portal(sandbox)["refresh_token"],
        **form,
    }
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.post(info["token_url"], data=fields)


async def test_the_portal_says_who_it_is(hubspot: httpx.AsyncClient, sandbox: Sandbox) -> None:
    details = (await hubspot.get("account-info/v3/details")).json()
    assert details["portalId"] == portal(sandbox)["portal_id"]


async def test_a_refresh_token_gives_access_tokens_again_and_again(sandbox: Sandbox) -> None:
    first, second = (await refresh(sandbox)).json(), (await refresh(sandbox)).json()
    assert first["expires_in"] == 1800
    assert first["access_token"] != second["access_token"]
    assert first["refresh_token"] == second["refresh_token"]
    async with httpx.AsyncClient(trust_env=False, base_url=f"{sandbox.url}/hubspot/") as client:
        for body in (first, second):
            headers = {"authorization": f"Bearer {body['access_token']}"}
            assert (await client.get(USERS, headers=headers)).status_code == 200
        about = (await client.get(f"oauth/v1/access-tokens/{first['access_token']}")).json()
        assert about["hub_id"] == portal(sandbox)["portal_id"]
        revoked = await client.delete(f"oauth/v1/refresh-tokens/{first['refresh_token']}")
        assert revoked.status_code == 204
    assert (await refresh(sandbox)).json()["status"] == "BAD_REFRESH_TOKEN"


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ({"grant_type": "password"}, "BAD_GRANT_TYPE"),
        ({"client_id": "x"}, "BAD_CLIENT_ID"),
        ({"client_secret": "x"}, "BAD_CLIENT_SECRET"),
        ({"refresh_token": "x"}, "BAD_REFRESH_TOKEN"),
    ],
)
async def test_wrong_token_requests_are_named(sandbox: Sandbox, form: dict[str, str], word: str) -> None:
    reply = await refresh(sandbox, **form)
    assert (reply.status_code, reply.json()["status"]) == (400, word)


async def test_unknown_and_expired_tokens_are_told_apart(sandbox: Sandbox) -> None:
    sandbox.configure("hubspot", token_lifetime_seconds=0.001)
    token = (await refresh(sandbox)).json()["access_token"]
    async with httpx.AsyncClient(trust_env=False, base_url=f"{sandbox.url}/hubspot/") as client:
        expired = await client.get(USERS, headers={"authorization": f"Bearer {token}"})
        unknown = await client.get(USERS)
    assert (expired.status_code, expired.json()["category"]) == (401, "EXPIRED_AUTHENTICATION")
    assert (unknown.status_code, unknown.json()["category"]) == (401, "INVALID_AUTHENTICATION")


async def test_either_scope_of_an_operation_suffices(hubspot: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.configure("hubspot", modes={"scopes": "crm.objects.users.read"})
    assert (await hubspot.get(USERS)).status_code == 200
    refused = await create(hubspot, "grace.hopper@acme.example")
    assert (refused.status_code, refused.json()["category"]) == (403, "MISSING_SCOPES")
    assert (await hubspot.get(f"{USERS}/teams")).status_code == 403


async def test_two_portals_see_nothing_of_each_other(hubspot: httpx.AsyncClient, sandbox: Sandbox) -> None:
    assert (await hubspot.get(f"{USERS}/admin@globex.example", params=BY_EMAIL)).status_code == 404
    assert (await create(hubspot, "grace.hopper@globex.example")).status_code == 201
    async with hubspot_client(sandbox, "globex.example") as other:
        assert (await create(other, "grace.hopper@globex.example")).status_code == 201
        assert len((await other.get(USERS)).json()["results"]) == 4


async def test_what_hubspot_does_not_know_is_refused(hubspot: httpx.AsyncClient) -> None:
    assert (await hubspot.get("settings/v4/users")).status_code == 404
    assert (await hubspot.patch(f"{USERS}/1", json={})).status_code == 405
    assert (await hubspot.get(USERS, params={"email": TAKEN})).status_code == 400
    member = await create(hubspot, "grace.hopper@acme.example", superAdmin=True)
    assert "Unrecognized field 'superAdmin'" in member.json()["message"]
    kind = await create(hubspot, "grace.hopper@acme.example", roleId=100101)
    assert "Cannot deserialize field 'roleId'" in kind.json()["message"]
    assert (await hubspot.post(USERS, data={"email": TAKEN})).status_code == 400
    assert (await hubspot.get(f"{USERS}/1", params={"after": "x"})).status_code == 400


async def test_calls_say_what_is_left_of_the_limits(hubspot: httpx.AsyncClient, sandbox: Sandbox) -> None:
    first, second = await hubspot.get(USERS), await hubspot.get(USERS)
    left = [int(one.headers["x-hubspot-ratelimit-daily-remaining"]) for one in (first, second)]
    assert left[0] - left[1] == 1
    assert first.headers["x-hubspot-ratelimit-interval-milliseconds"] == "10000"
    assert "x-hubspot-ratelimit-daily" not in (await refresh(sandbox)).headers


@pytest.mark.parametrize(
    ("retry_after", "header"), [(None, None), (3, "3"), (2.128, "2.128"), ("http-date:+5", "GMT")]
)
@pytest.mark.parametrize("policy", ["TEN_SECONDLY_ROLLING", "SECONDLY", "DAILY"])
async def test_throttling_in_its_forms(
    hubspot: httpx.AsyncClient,
    sandbox: Sandbox,
    policy: str,
    retry_after: float | str | None,
    header: str | None,
) -> None:
    sandbox.arm("hubspot", "rate_limit", vendor_form=policy, retry_after=retry_after)
    reply = await hubspot.get(USERS)
    assert reply.status_code == 429
    assert (reply.json()["errorType"], reply.json()["policyName"]) == ("RATE_LIMIT", policy)
    found = reply.headers.get("retry-after")
    assert found == header if header is None else header in str(found)


async def test_faults_speak_as_hubspot_does(hubspot: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.arm("hubspot", "expired_token")
    assert (await hubspot.get(USERS)).json()["category"] == "EXPIRED_AUTHENTICATION"
    sandbox.arm("hubspot", "forbidden")
    assert (await hubspot.get(USERS)).json()["category"] == "MISSING_SCOPES"
    sandbox.arm("hubspot", "no_seats")
    made = await create(hubspot, "grace.hopper@acme.example")
    assert made.status_code == 201
    path = f"{USERS}/{made.json()['id']}"
    assert (await hubspot.put(path, json={"seatNames": ["Core Seat"]})).status_code == 400
    sandbox.arm("hubspot", "expired_token", match={"path_regex": "/oauth/v1/token$"})
    assert (await refresh(sandbox)).json()["status"] == "BAD_REFRESH_TOKEN"


async def test_a_lost_reply_leaves_one_person_that_the_duplicate_answer_shows(
    hubspot: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    sandbox.arm("hubspot", "commit_then_status", match={"method": "POST"}, body="html")
    async with httpx.AsyncClient(
        base_url=hubspot.base_url, headers=hubspot.headers, trust_env=False
    ) as unjudged:
        assert (await create(unjudged, "grace.hopper@acme.example")).status_code == 502
    assert (await create(hubspot, "grace.hopper@acme.example")).status_code == 409
    assert len(sandbox.effects("hubspot", "grace.hopper@acme.example")) == 1


async def test_info_is_what_clients_need(sandbox: Sandbox) -> None:
    environment = sandbox.info()["hubspot"]["environment"]
    assert environment["worker"] == {"HUBSPOT_API_URL": f"{sandbox.url}/hubspot"}
    assert environment["auth"]["HUBSPOT_ACCESS_TOKEN"] == "pat-eu1-sandbox-hubspot-acme"
    assert environment["auth"]["HUBSPOT_PORTAL_ID"] == "24001001"
