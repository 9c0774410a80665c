"""Zoom's people: what creating, reading, changing and removing them answers."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.zoom_client import create, zoom_client

GRACE = "grace.hopper@acme.example"
TAKEN = "taken@acme.example"


@pytest.fixture
async def zoom(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with zoom_client(sandbox) as client:
        yield client


def modes(sandbox: Sandbox, **switches: str) -> None:
    sandbox.configure("zoom", modes=switches)


async def test_create_invites_and_leaves_the_person_pending(
    zoom: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    reply = await create(zoom, GRACE, type=2)
    assert reply.status_code == 201
    body = reply.json()
    assert body == {"id": body["id"], "email": GRACE, "first_name": "Grace", "last_name": "Hopper", "type": 2}
    found = (await zoom.get(f"users/{GRACE}")).json()
    assert found["status"] == "pending"
    assert found["id"] == body["id"]
    assert [one["kind"] for one in sandbox.effects("zoom", GRACE)] == ["user.create"]


async def test_pending_people_are_invisible_in_the_default_list(zoom: httpx.AsyncClient) -> None:
    await create(zoom, GRACE)
    everybody = (await zoom.get("users", params={"page_size": 300})).json()
    assert GRACE not in {one["email"] for one in everybody["users"]}
    pending = (await zoom.get("users", params={"status": "pending"})).json()
    assert [one["email"] for one in pending["users"]] == [GRACE]


async def test_the_list_may_leave_out_the_ids_of_pending_people(
    zoom: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    modes(sandbox, pending_ids="absent")
    await create(zoom, GRACE)
    assert "id" not in (await zoom.get("users", params={"status": "pending"})).json()["users"][0]


async def test_a_pending_person_may_be_half_a_record_with_the_time_of_the_call(
    zoom: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    modes(sandbox, pending_read="half")
    await create(zoom, GRACE)
    assert set((await zoom.get(f"users/{GRACE}")).json()) == {"id", "created_at"}


@pytest.mark.parametrize(
    ("mode", "status", "code"), [("live", 409, 1005), ("spec", 409, 1005), ("active", 400, 1009)]
)
async def test_an_address_in_use_has_two_duplicate_forms(
    zoom: httpx.AsyncClient, sandbox: Sandbox, mode: str, status: int, code: int
) -> None:
    modes(sandbox, duplicate=mode)
    reply = await create(zoom, TAKEN)
    assert (reply.status_code, reply.json()["code"]) == (status, code)
    await create(zoom, GRACE)
    again = await create(zoom, GRACE.upper())
    assert again.json()["code"] == code
    assert len(sandbox.effects("zoom", GRACE, kind="user.create")) == 1


async def test_activation_makes_the_licence_real_or_loses_it(
    zoom: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    await create(zoom, GRACE, type=2)
    sandbox.act("zoom", "activate", email=GRACE)
    assert (await zoom.get(f"users/{GRACE}")).json()["type"] == 2
    modes(sandbox, pending_type="lost")
    await create(zoom, "second@acme.example", type=2)
    sandbox.act("zoom", "activate", email="second@acme.example")
    second = (await zoom.get("users/second@acme.example")).json()
    assert (second["status"], second["type"]) == ("active", 1)


async def test_a_licence_change_does_not_stick_while_pending(
    zoom: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    await create(zoom, GRACE)
    assert (await zoom.patch(f"users/{GRACE}", json={"type": 2})).status_code == 204
    assert (await zoom.get(f"users/{GRACE}")).json()["type"] == 1
    modes(sandbox, pending_patch="sticks")
    await zoom.patch(f"users/{GRACE}", json={"type": 2})
    assert (await zoom.get(f"users/{GRACE}")).json()["type"] == 2


async def test_a_lapsed_invitation_answers_1120_until_somebody_invites_anew(
    zoom: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    first = (await create(zoom, GRACE)).json()["id"]
    sandbox.act("zoom", "expire", email=GRACE)
    for reply in (
        await zoom.get(f"users/{first}"),
        await zoom.patch(f"users/{first}", json={"type": 2}),
        await zoom.delete(f"users/{GRACE}"),
    ):
        assert (reply.status_code, reply.json()["code"]) == (400, 1120)
    assert not (await zoom.get("users", params={"status": "pending"})).json()["users"]
    second = await create(zoom, GRACE)
    assert second.status_code == 201
    assert second.json()["id"] != first
    assert (await zoom.get(f"users/{first}")).json()["code"] == 1001


async def test_the_other_actions_need_zooms_consent_and_make_people_usable_at_once(
    zoom: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    for action in ("autoCreate", "ssoCreate", "custCreate"):
        refused = await create(zoom, GRACE, action, password="Canary-12345")
        assert (refused.status_code, refused.json()["code"]) == (400, 200)
    modes(sandbox, auto_create="on", sso_create="on", cust_create="on")
    weak = await create(zoom, GRACE, "autoCreate", password="short")
    assert weak.json()["message"] == "Invalid parameter: password"
    elsewhere = await create(zoom, "x@other.example", "autoCreate", password="Canary-12345")
    assert elsewhere.json()["code"] == 200
    assert (await create(zoom, GRACE, "autoCreate", password="Canary-12345")).status_code == 201
    assert sandbox.has_password("zoom", GRACE, "Canary-12345")
    assert (await create(zoom, "sso@acme.example", "ssoCreate", type=99)).status_code == 201
    assert (await create(zoom, "isv@acme.example", "custCreate")).status_code == 201
    for email in (GRACE, "sso@acme.example", "isv@acme.example"):
        assert (await zoom.get(f"users/{email}")).json()["status"] == "active"


async def test_type_99_is_for_sso_alone(zoom: httpx.AsyncClient) -> None:
    reply = await create(zoom, GRACE, type=99)
    assert reply.json()["errors"][0]["field"] == "user_info.type"


async def test_seats_run_out_by_type(zoom: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.set_seats("zoom", "licensed", 4)
    assert (await create(zoom, GRACE, type=2)).json()["code"] == 2034
    assert (await zoom.patch(f"users/{TAKEN}", json={"type": 2})).json()["code"] == 2034
    modes(sandbox, paid_limit_code="3412")
    assert (await zoom.patch(f"users/{TAKEN}", json={"type": 2})).json()["code"] == 3412
    sandbox.set_seats("zoom", "basic", 0)
    assert (await create(zoom, GRACE)).json()["code"] == 2033
    modes(sandbox, basic_limit_code="3412")
    assert (await create(zoom, GRACE)).json()["code"] == 3412
    assert not sandbox.effects("zoom", GRACE)


async def test_pending_people_take_seats(zoom: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.set_seats("zoom", "licensed", 5)
    assert (await create(zoom, GRACE, type=2)).status_code == 201
    assert (await create(zoom, "next@acme.example", type=2)).json()["code"] == 2034
    usage = (await zoom.get("accounts/me/plans/usage")).json()
    assert usage["plan_base"] == [{"type": "business", "hosts": 5, "usage": 5}]


async def test_deactivation_takes_the_licences_and_activation_needs_a_basic_seat(
    zoom: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    who = "lena.fischer@acme.example"
    await zoom.patch(f"users/{who}/settings", json={"feature": {"webinar": True, "webinar_capacity": 500}})
    assert (await zoom.put(f"users/{who}/status", json={"action": "deactivate"})).status_code == 204
    there = (await zoom.get(f"users/{who}")).json()
    assert (there["status"], there["type"]) == ("inactive", 1)
    assert sandbox.user("zoom", who)["licenses"] == []
    assert (await zoom.patch(f"users/{who}", json={"type": 2})).json()["code"] == 1108
    sandbox.set_seats("zoom", "basic", 0)
    assert (await zoom.put(f"users/{who}/status", json={"action": "activate"})).json()["code"] == 2033
    sandbox.set_seats("zoom", "basic", 50)
    assert (await zoom.put(f"users/{who}/status", json={"action": "activate"})).status_code == 204
    kinds = [one["kind"] for one in sandbox.effects("zoom", who)]
    assert kinds == ["license.assign", "user.deactivate", "user.activate"]


async def test_status_of_administrators_cannot_change_and_the_reply_may_be_an_odd_200(
    zoom: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    refused = await zoom.put("users/admin@acme.example/status", json={"action": "deactivate"})
    assert (refused.status_code, refused.json()["code"]) == (400, 200)
    modes(sandbox, status_reply="200")
    odd = await zoom.put(f"users/{TAKEN}/status", json={"action": "deactivate"})
    assert odd.status_code == 200


async def test_delete_unlinks_unless_told_and_pending_people_can_only_be_unlinked(
    zoom: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    await create(zoom, GRACE)
    refused = await zoom.delete(f"users/{GRACE}", params={"action": "delete"})
    assert refused.json()["code"] == 300
    assert (await zoom.delete(f"users/{GRACE}")).status_code == 204
    move = {"transfer_email": "lena.fischer@acme.example", "transfer_meeting": "true"}
    gone = await zoom.delete(f"users/{TAKEN}", params={"action": "delete", **move})
    assert gone.status_code == 204
    assert (await zoom.get(f"users/{TAKEN}")).json() == {
        "code": 1001,
        "message": f"User does not exist: {TAKEN}.",
    }
    kinds = [one["kind"] for one in sandbox.effects("zoom")]
    assert kinds == ["user.create", "user.disassociate", "user.delete"]
    assert sandbox.effects("zoom")[-1]["detail"]["transfer_email"] == "lena.fischer@acme.example"


async def test_data_goes_to_somebody_else_who_is_there(zoom: httpx.AsyncClient) -> None:
    for heir in (TAKEN, "nobody@acme.example", "admin@globex.example"):
        reply = await zoom.delete(f"users/{TAKEN}", params={"transfer_email": heir})
        assert reply.json()["code"] == 300
    managed = await zoom.delete(f"users/{TAKEN}", params={"transfer_meeting": "true"})
    assert managed.json()["code"] == 300


async def test_people_of_a_managed_domain_cannot_be_unlinked(
    zoom: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    modes(sandbox, managed_domain="on")
    assert (await zoom.delete(f"users/{TAKEN}")).json()["code"] == 1107
    domains = (await zoom.get("accounts/me/managed_domains")).json()
    assert domains["total_records"] == 2


async def test_an_address_outside_the_account_does_not_exist_here(zoom: httpx.AsyncClient) -> None:
    for email, there in ((TAKEN, True), ("admin@globex.example", False), ("nobody@acme.example", False)):
        assert (await zoom.get("users/email", params={"email": email})).json() == {"existed_email": there}


async def test_sessions_end_with_the_token(zoom: httpx.AsyncClient, sandbox: Sandbox) -> None:
    assert (await zoom.delete(f"users/{TAKEN}/token")).status_code == 204
    assert sandbox.user("zoom", TAKEN)["sign_outs"] == 1
    assert (await zoom.delete("users/nobody@acme.example/token")).json()["code"] == 1001


async def test_add_ons_need_a_licence_and_a_seat(zoom: httpx.AsyncClient, sandbox: Sandbox) -> None:
    webinar = {"feature": {"webinar": True, "webinar_capacity": 1000}}
    assert (await zoom.patch(f"users/{TAKEN}/settings", json=webinar)).json()["code"] == 1122
    lena = "users/lena.fischer@acme.example/settings"
    full = await zoom.patch(lena, json=webinar)
    assert full.json() == {"code": 200, "message": "You can add max 0 Webinar 1000 users."}
    sandbox.set_seats("zoom", "webinar1000", 1)
    assert (await zoom.patch(lena, json=webinar)).status_code == 204
    assert (await zoom.get(lena)).json()["feature"]["webinar_capacity"] == 1000
    assert (await zoom.patch(lena, json={"feature": {"webinar": False}})).status_code == 204
    assert sandbox.user("zoom", "lena.fischer@acme.example")["licenses"] == ["licensed"]


async def test_bundles_are_known_by_name_and_counted(zoom: httpx.AsyncClient, sandbox: Sandbox) -> None:
    assert (await zoom.patch(f"users/{TAKEN}", json={"plan_united_type": "9"})).json()["code"] == 300
    assert (await zoom.patch(f"users/{TAKEN}", json={"plan_united_type": "1"})).status_code == 204
    assert (await zoom.get(f"users/{TAKEN}")).json()["plan_united_type"] == "1"
    sandbox.set_seats("zoom", "united1", 1)
    assert (await create(zoom, GRACE, plan_united_type="1")).json()["code"] == 2034
    licences = [{"license_type": "MEETING", "license_option": 4, "subscription_id": "sub-1"}]
    assert (await zoom.patch(f"users/{TAKEN}", json={"license_info_list": licences})).status_code == 204
    assert (await zoom.get(f"users/{TAKEN}")).json()["license_info_list"] == licences


async def test_the_daily_cap_counts_invitations_alone(zoom: httpx.AsyncClient, sandbox: Sandbox) -> None:
    modes(sandbox, create_cap="1", sso_create="on")
    assert (await create(zoom, GRACE)).status_code == 201
    capped = await create(zoom, "next@acme.example")
    assert capped.status_code == 429
    assert "retry-after" not in capped.headers
    assert (await create(zoom, "next@acme.example", "ssoCreate")).status_code == 201


async def test_a_new_account_settles(zoom: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.configure("zoom", settle_seconds=60, settle_reads=True, settle_lists=True)
    await create(zoom, GRACE)
    assert (await zoom.get(f"users/{GRACE}")).json()["code"] == 1001
    assert (await zoom.patch(f"users/{GRACE}", json={"type": 2})).json()["code"] == 1001
    assert not (await zoom.get("users", params={"status": "pending"})).json()["users"]


async def test_lists_are_paged_by_a_token_of_the_same_query(zoom: httpx.AsyncClient) -> None:
    first = (await zoom.get("users", params={"page_size": 3})).json()
    assert (first["total_records"], first["page_count"], len(first["users"])) == (8, 3, 3)
    token = first["next_page_token"]
    second = (await zoom.get("users", params={"page_size": 3, "next_page_token": token})).json()
    assert not {one["id"] for one in first["users"]} & {one["id"] for one in second["users"]}
    other = await zoom.get("users", params={"status": "inactive", "next_page_token": token})
    assert other.json()["code"] == 300
    assert (await zoom.get("users", params={"page_size": 301})).json()["code"] == 300
