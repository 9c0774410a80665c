"""HubSpot's user provisioning: its path families and its oddities."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.hubspot_client import create, hubspot_client, portal

GRACE = "grace.hopper@acme.example"
TAKEN = "taken@acme.example"
BY_EMAIL = {"idProperty": "EMAIL"}
CLASSIC, SPLIT = "settings/v3/users", "settings/users/v3"
DATED, BETA = "settings/users/2026-03", "settings/users/2026-09-beta"


@pytest.fixture
async def hubspot(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with hubspot_client(sandbox) as client:
        yield client


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize(
    ("collection", "member"), [(CLASSIC, CLASSIC), (SPLIT, CLASSIC), (DATED, DATED), (BETA, BETA)]
)
async def test_each_family_does_the_same(
    hubspot: httpx.AsyncClient, sandbox: Sandbox, collection: str, member: str, slash: str
) -> None:
    made = await create(hubspot, GRACE, collection + slash)
    assert made.status_code == 201
    user = made.json()
    assert made.headers["location"].endswith(f"{member}/{user['id']}")
    listed = (await hubspot.get(collection + slash, params={"limit": "100"})).json()
    assert GRACE in {one["email"] for one in listed["results"]}
    found = await hubspot.get(f"{member}/{GRACE}{slash}", params=BY_EMAIL)
    assert found.json()["id"] == user["id"]
    changed = await hubspot.put(f"{member}/{user['id']}{slash}", json={"firstName": "Amazing"})
    assert changed.json()["firstName"] == "Amazing"
    assert changed.json()["lastName"] == "Hopper"
    assert (await hubspot.delete(f"{member}/{user['id']}{slash}")).status_code == 204
    assert (await hubspot.get(f"{member}/{user['id']}{slash}")).status_code == 404
    kinds = [one["kind"] for one in sandbox.effects("hubspot", GRACE)]
    assert kinds == ["user.create", "user.update", "user.delete"]


async def test_the_split_family_has_no_path_for_one_person(hubspot: httpx.AsyncClient) -> None:
    assert (await hubspot.get(f"{SPLIT}/1")).status_code == 404


async def test_a_portal_may_serve_some_families_only(hubspot: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.configure("hubspot", modes={"families": "dated"})
    assert (await hubspot.get(CLASSIC)).status_code == 404
    assert (await hubspot.get(DATED)).status_code == 200


async def test_a_person_is_found_by_address_only_when_asked_so(hubspot: httpx.AsyncClient) -> None:
    assert (await hubspot.get(f"{CLASSIC}/{TAKEN}")).status_code == 404
    found = await hubspot.get(f"{CLASSIC}/{TAKEN.upper()}", params=BY_EMAIL)
    assert found.json()["email"] == TAKEN
    assert (await hubspot.get(f"{CLASSIC}/{TAKEN}", params={"idProperty": "email"})).status_code == 400
    absent = await hubspot.get(f"{CLASSIC}/nobody@acme.example", params=BY_EMAIL)
    assert (absent.status_code, absent.json()["category"]) == (404, "OBJECT_NOT_FOUND")


async def test_an_address_never_changes(hubspot: httpx.AsyncClient, sandbox: Sandbox) -> None:
    body = {"email": "other@acme.example"}
    refused = await hubspot.put(f"{CLASSIC}/{TAKEN}", params=BY_EMAIL, json=body)
    assert refused.status_code == 400
    sandbox.configure("hubspot", modes={"email_in_put": "ignored"})
    ignored = await hubspot.put(f"{CLASSIC}/{TAKEN}", params=BY_EMAIL, json=body)
    assert ignored.json()["email"] == TAKEN
    assert not sandbox.effects("hubspot", TAKEN)


async def test_whether_to_welcome_must_be_said(hubspot: httpx.AsyncClient, sandbox: Sandbox) -> None:
    reply = await hubspot.post(CLASSIC, json={"email": GRACE})
    assert reply.status_code == 400
    assert "Some required fields were not set: [sendWelcomeEmail]" in reply.json()["message"]
    welcomed = await create(hubspot, GRACE, sendWelcomeEmail=True)
    assert welcomed.json()["sendWelcomeEmail"] is True
    assert sandbox.user("hubspot", GRACE)["welcomed"] is True
    later = await hubspot.get(f"{CLASSIC}/{GRACE}", params=BY_EMAIL)
    assert later.json()["sendWelcomeEmail"] is False


@pytest.mark.parametrize(
    ("mode", "status", "category"), [("409", 409, "CONFLICT"), ("400", 400, "VALIDATION_ERROR")]
)
async def test_a_duplicate_has_two_forms(
    hubspot: httpx.AsyncClient, sandbox: Sandbox, mode: str, status: int, category: str
) -> None:
    sandbox.configure("hubspot", modes={"duplicate": mode})
    reply = await create(hubspot, TAKEN.upper())
    assert (reply.status_code, reply.json()["category"]) == (status, category)
    assert not sandbox.effects("hubspot", TAKEN)


async def test_unknown_roles_teams_and_seats_are_refused(
    hubspot: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    team = portal(sandbox)["teams"]["Sales"]
    for body in ({"roleId": "1"}, {"primaryTeamId": "1"}, {"secondaryTeamIds": [team, "1"]}):
        reply = await create(hubspot, GRACE, **body)
        assert (reply.status_code, reply.json()["category"]) == (400, "VALIDATION_ERROR")
    assert (await create(hubspot, GRACE, BETA, seatNames=["Throne"])).status_code == 400
    assert not sandbox.effects("hubspot", GRACE)


async def test_roles_and_teams_are_listed_and_given(hubspot: httpx.AsyncClient, sandbox: Sandbox) -> None:
    mine = portal(sandbox)
    roles = (await hubspot.get(f"{CLASSIC}/roles")).json()["results"]
    assert {"id": "100190", "name": "Sales Professional", "requiresBillingWrite": True} in roles
    sales, engineering = mine["teams"]["Sales"], mine["teams"]["Engineering"]
    body = {"roleId": "100101", "primaryTeamId": sales, "secondaryTeamIds": [engineering]}
    made = (await create(hubspot, GRACE, **body)).json()
    assert (made["roleId"], made["roleIds"]) == ("100101", ["100101"])
    teams = {one["name"]: one for one in (await hubspot.get(f"{CLASSIC}/teams")).json()["results"]}
    assert made["id"] in teams["Sales"]["userIds"]
    assert made["id"] in teams["Engineering"]["secondaryUserIds"]
    cleared = await hubspot.put(f"{CLASSIC}/{made['id']}", json={"roleId": None, "secondaryTeamIds": []})
    assert cleared.json()["roleIds"] == []
    assert sandbox.user("hubspot", GRACE)["groups"] == [sales]


async def test_seats_are_limited_and_only_some_requests_have_them(
    hubspot: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    sandbox.set_seats("hubspot", "Core Seat", 3)
    seats = {one["name"]: one for one in (await hubspot.get(f"{BETA}/seats")).json()["results"]}
    assert seats["Core Seat"]["remainingSeats"] == 1
    assert "remainingSeats" not in seats["View-Only Seat"]
    for path in (CLASSIC, DATED):
        assert "seatNames" in (await create(hubspot, GRACE, path, seatNames=["Core Seat"])).json()["message"]
    made = (await create(hubspot, GRACE)).json()
    given = await hubspot.put(f"{CLASSIC}/{made['id']}", json={"seatNames": ["Core Seat"]})
    assert given.json()["seatNames"] == ["Core Seat"]
    assert (await hubspot.get(f"{DATED}/{made['id']}")).json().get("seatNames") is None
    full = await create(hubspot, "next@acme.example", BETA, seatNames=["Core Seat"])
    assert (full.status_code, full.json()["subCategory"]) == (400, "UserProvisioningError.NO_SEATS_REMAINING")


async def test_a_permission_set_with_a_paid_seat_takes_one_and_needs_the_billing_scope(
    hubspot: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    sandbox.configure("hubspot", modes={"scopes": "settings.users.write settings.users.read"})
    refused = await create(hubspot, GRACE, roleId="100190")
    assert (refused.status_code, refused.json()["category"]) == (403, "MISSING_SCOPES")
    assert refused.json()["errors"][0]["context"]["requiredScopes"] == ["settings.billing.write"]
    sandbox.configure("hubspot", modes={})
    assert (await create(hubspot, GRACE, roleId="100190")).status_code == 201
    assert sandbox.user("hubspot", GRACE)["licenses"] == ["Sales Seat"]
    assert (await create(hubspot, "b@acme.example", roleId="100190")).status_code == 201
    assert (await create(hubspot, "c@acme.example", roleId="100190")).status_code == 400


async def test_super_admins_stay(hubspot: httpx.AsyncClient) -> None:
    reply = await hubspot.delete(f"{CLASSIC}/admin@acme.example", params=BY_EMAIL)
    assert reply.status_code == 400


async def test_owners_are_found_by_address_and_archived_with_the_person(hubspot: httpx.AsyncClient) -> None:
    active = (await hubspot.get("crm/v3/owners", params={"email": TAKEN})).json()["results"]
    assert [one["email"] for one in active] == [TAKEN]
    one = await hubspot.get(f"crm/v3/owners/{active[0]['userId']}", params={"idProperty": "userId"})
    assert one.json()["id"] == active[0]["id"]
    await hubspot.delete(f"{CLASSIC}/{TAKEN}", params=BY_EMAIL)
    assert not (await hubspot.get("crm/v3/owners", params={"email": TAKEN})).json()["results"]
    archived = await hubspot.get("crm/v3/owners", params={"email": TAKEN, "archived": "true"})
    assert archived.json()["results"][0]["archived"] is True


async def test_lists_are_paged(hubspot: httpx.AsyncClient) -> None:
    seen, after = [], None
    while True:
        query = {"limit": "3", **({"after": after} if after else {})}
        body = (await hubspot.get(CLASSIC, params=query)).json()
        seen += [one["id"] for one in body["results"]]
        if "paging" not in body:
            break
        after = body["paging"]["next"]["after"]
    assert len(seen) == len(set(seen)) == 8


async def test_a_new_person_settles(hubspot: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.configure("hubspot", settle_seconds=60, settle_reads=True, settle_lists=True)
    user = (await create(hubspot, GRACE)).json()
    assert (await hubspot.get(f"{CLASSIC}/{user['id']}")).status_code == 404
    assert (await hubspot.put(f"{CLASSIC}/{user['id']}", json={"firstName": "A"})).status_code == 404
    assert len((await hubspot.get(CLASSIC)).json()["results"]) == 8
