"""ClickUp's guests, what is shared with them, and user groups."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.clickup_client import clickup_client, workspace

GUEST, LENA = "guest@partner.example", "lena.fischer@acme.example"


@pytest.fixture
async def clickup(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with clickup_client(sandbox) as client:
        yield client


def team(sandbox: Sandbox) -> str:
    return f"team/{workspace(sandbox)['team_id']}"


async def invite(clickup: httpx.AsyncClient, sandbox: Sandbox, **more: Any) -> int:
    reply = await clickup.post(f"{team(sandbox)}/guest", json={"email": GUEST, **more})
    assert reply.status_code == 200, reply.text
    members = reply.json()["team"]["members"]
    return int(next(one["user"]["id"] for one in members if one["user"]["email"] == GUEST))


def change(add: list[int] | None = None, rem: list[int] | None = None) -> dict[str, Any]:
    return {"members": {"add": add or [], "rem": rem or []}}


async def test_a_guest_is_invited_changed_and_removed(clickup: httpx.AsyncClient, sandbox: Sandbox) -> None:
    key = await invite(clickup, sandbox, can_edit_tags=True)
    path = f"{team(sandbox)}/guest/{key}"
    guest = (await clickup.get(path)).json()["guest"]
    assert (guest["user"]["role"], guest["can_edit_tags"], guest["can_create_views"]) == (4, True, False)
    changed = await clickup.put(path, json={"can_create_views": True})
    assert changed.json()["guest"]["can_create_views"] is True
    assert (await clickup.delete(path)).json()["team"]["members"] == []
    assert (await clickup.get(path)).status_code == 404
    kinds = [one["kind"] for one in sandbox.effects("clickup", GUEST)]
    assert kinds == ["guest.invite", "guest.update", "guest.remove"]


async def test_guests_and_sharing_are_for_enterprise_alone(
    clickup: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    key = await invite(clickup, sandbox)
    sandbox.configure("clickup", modes={"plan": "business_plus"})
    place = workspace(sandbox)["places"]["Tasks"]
    assert (await clickup.get(f"{team(sandbox)}/guest/{key}")).status_code == 403
    reply = await clickup.post(f"{place}/guest/{key}", json={"permission_level": "read"})
    assert reply.status_code == 403
    reply = await clickup.post(f"{team(sandbox)}/guest", json={"email": "b@partner.example"})
    assert reply.status_code == 403


async def test_lists_and_folders_are_found_and_shared(clickup: httpx.AsyncClient, sandbox: Sandbox) -> None:
    spaces = (await clickup.get(f"{team(sandbox)}/space")).json()["spaces"]
    space = next(one for one in spaces if one["name"] == "Delivery")["id"]
    folder = (await clickup.get(f"space/{space}/folder")).json()["folders"][0]
    tasks = (await clickup.get(f"folder/{folder['id']}/list")).json()["lists"][0]
    inbox = (await clickup.get(f"space/{space}/list")).json()["lists"][0]
    assert (folder["name"], tasks["name"], inbox["name"]) == ("Launch", "Tasks", "Inbox")
    key = await invite(clickup, sandbox)
    for path, kind, name in (
        (f"list/{tasks['id']}", "lists", "Tasks"),
        (f"folder/{folder['id']}", "folders", "Launch"),
    ):
        for _ in range(2):
            reply = await clickup.post(f"{path}/guest/{key}", json={"permission_level": "read"})
        shared = reply.json()["guest"]["shared"][kind]
        assert [(one["name"], one["permission_level"]) for one in shared] == [(name, "read")]
        assert (await clickup.delete(f"{path}/guest/{key}")).json()["guest"]["shared"][kind] == []
    kinds = [one["kind"] for one in sandbox.effects("clickup", GUEST)]
    assert kinds == ["guest.invite", *["share.add", "share.remove"] * 2]
    wrong = await clickup.post(f"list/{tasks['id']}/guest/{key}", json={"permission_level": "own"})
    assert wrong.status_code == 400
    assert (await clickup.post(f"list/1/guest/{key}", json={"permission_level": "read"})).status_code == 404


async def test_a_guest_who_may_change_things_takes_a_seat(
    clickup: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    key, place = await invite(clickup, sandbox), workspace(sandbox)["places"]["Tasks"]
    await clickup.post(f"{place}/guest/{key}", json={"permission_level": "read"})
    assert sandbox.user("clickup", GUEST)["paid"] is False
    sandbox.set_seats("clickup", "guests", 0, tenant="acme.example")
    refused = await clickup.post(f"{place}/guest/{key}", json={"permission_level": "edit"})
    assert refused.status_code == 403
    sandbox.set_seats("clickup", "guests", 1, tenant="acme.example")
    await clickup.post(f"{place}/guest/{key}", json={"permission_level": "edit"})
    seats = (await clickup.get(f"{team(sandbox)}/seats")).json()["guests"]
    assert seats == {"filled_guest_seats": 1, "total_guest_seats": 1, "empty_guest_seats": 0}


async def test_joining_a_group_makes_a_viewing_guest_a_paid_one_and_may_buy_a_seat(
    clickup: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    key, group = await invite(clickup, sandbox), workspace(sandbox)["groups"]["Sales"]
    sandbox.set_seats("clickup", "guests", 0, tenant="acme.example")
    before = (await clickup.get(f"{team(sandbox)}/seats")).json()["members"]["total_member_seats"]
    assert (await clickup.put(f"group/{group}", json=change([key]))).status_code == 200
    after = (await clickup.get(f"{team(sandbox)}/seats")).json()
    assert after["members"]["total_member_seats"] == before + 1
    assert after["guests"]["filled_guest_seats"] == 1
    assert sandbox.user("clickup", GUEST)["paid"] is True


async def test_members_join_and_leave_groups_by_id(clickup: httpx.AsyncClient, sandbox: Sandbox) -> None:
    key, group = int(sandbox.user("clickup", LENA)["id"]), workspace(sandbox)["groups"]["Sales"]
    for body, count in (
        (change([key]), 1),
        (change([key]), 1),
        (change(rem=[key]), 0),
        (change(rem=[key]), 0),
    ):
        found = (await clickup.put(f"group/{group}", json=body)).json()
        assert [one["email"] for one in found["members"]].count(LENA) == count
    kinds = [one["kind"] for one in sandbox.effects("clickup", LENA)]
    assert kinds == ["member.add", "member.remove"]
    assert (await clickup.put(f"group/{group}", json={"members": {"add": [key]}})).status_code == 400
    assert (await clickup.put(f"group/{group}", json=change([1]))).status_code == 404
    assert (await clickup.put("group/none", json=change([key]))).status_code == 404


async def test_groups_are_listed_made_and_removed(clickup: httpx.AsyncClient, sandbox: Sandbox) -> None:
    body = {"name": "Research", "members": []}
    made = (await clickup.post(f"{team(sandbox)}/group", json=body)).json()
    assert (await clickup.post(f"{team(sandbox)}/group", json=body)).status_code == 400
    params = {"team_id": workspace(sandbox)["team_id"]}
    names = [one["name"] for one in (await clickup.get("group", params=params)).json()["groups"]]
    assert names == ["Engineering", "Sales", "IT", "Research"]
    one = await clickup.get("group", params=params | {"group_ids": made["id"]})
    assert [group["id"] for group in one.json()["groups"]] == [made["id"]]
    assert (await clickup.delete(f"group/{made['id']}")).json() == {}
    assert (await clickup.get("group")).status_code == 400
