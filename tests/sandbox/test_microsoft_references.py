"""Graph's `$ref`: managers, members, and the DELETE that forgets it."""

from __future__ import annotations

from typing import Any

import httpx

from tests.fixtures.sandbox import Sandbox

LENA, TAKEN = "lena.fischer@acme.example", "taken@acme.example"


def link(key: str, kind: str = "directoryObjects") -> dict[str, str]:
    return {"@odata.id": f"https://graph.microsoft.com/v1.0/{kind}/{key}"}


def message(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["error"]["message"]


async def test_a_manager_is_set_read_and_removed(graph: httpx.AsyncClient, sandbox: Sandbox) -> None:
    admin = sandbox.user("microsoft", "admin@acme.example")["id"]
    reply = await graph.put(f"users/{LENA}/manager/$ref", json=link(admin, "users"))
    assert (reply.status_code, reply.content) == (204, b"")
    manager = (await graph.get(f"users/{LENA}/manager")).json()
    assert (manager["@odata.type"], manager["displayName"]) == ("#microsoft.graph.user", "Ada Admin")
    assert admin in (await graph.get(f"users/{LENA}/manager/$ref")).json()["@odata.id"]
    reports = (await graph.get("users/admin@acme.example/directReports?$select=mail")).json()["value"]
    assert LENA in {one["mail"] for one in reports}
    assert (await graph.delete(f"users/{LENA}/manager/$ref")).status_code == 204
    assert (await graph.get(f"users/{LENA}/manager")).status_code == 404
    assert (await graph.delete(f"users/{LENA}/manager/$ref")).status_code == 404


async def test_a_manager_link_is_checked(graph: httpx.AsyncClient, sandbox: Sandbox) -> None:
    lena = sandbox.user("microsoft", LENA)["id"]
    path = f"users/{LENA}/manager/$ref"
    assert (await graph.put(path, json=link(lena))).status_code == 400
    assert (await graph.put(path, json=link("00000000-0000-0000-0000-000000000000"))).status_code == 404
    assert (await graph.put(path, json={"@odata.id": lena})).status_code == 400
    assert (
        await graph.put(path, json={"@odata.id": f"https://example.org/v1.0/users/{lena}"})
    ).status_code == 400
    assert (await graph.put(path, json={"id": lena})).status_code == 400
    own = {"@odata.id": f"{sandbox.microsoft_url}/v1.0/users/admin@acme.example"}
    assert (await graph.put(path, json=own)).status_code == 204


async def test_a_member_is_added_once_and_removed_once(
    graph: httpx.AsyncClient, sandbox: Sandbox, tenant: dict[str, Any]
) -> None:
    group, lena = tenant["groups"]["VPN Users"], sandbox.user("microsoft", LENA)["id"]
    assert (await graph.post(f"groups/{group}/members/$ref", json=link(lena))).status_code == 204
    assert message(await graph.post(f"groups/{group}/members/$ref", json=link(lena))) == (
        400,
        "One or more added object references already exist for the following modified properties: 'members'.",
    )
    members = (await graph.get(f"groups/{group}/members")).json()["value"]
    assert [one["@odata.type"] for one in members] == ["#microsoft.graph.user"]
    mine = (await graph.get(f"users/{LENA}/memberOf?$select=id,displayName")).json()["value"]
    assert "VPN Users" in {one["displayName"] for one in mine}
    cast = (await graph.get(f"users/{LENA}/memberOf/microsoft.graph.group?$select=id")).json()["value"]
    assert group in {one["id"] for one in cast}
    checked = await graph.post(f"users/{LENA}/checkMemberGroups", json={"groupIds": [group, "x"]})
    assert checked.json()["value"] == [group]
    held = await graph.post(f"users/{LENA}/getMemberGroups", json={"securityEnabledOnly": True})
    assert group in held.json()["value"]
    assert (await graph.delete(f"groups/{group}/members/{lena}/$ref")).status_code == 204
    gone = await graph.delete(f"groups/{group}/members/{lena}/$ref")
    assert message(gone)[0] == 404
    assert [one["kind"] for one in sandbox.effects("microsoft", LENA)] == ["member.add", "member.remove"]


async def test_without_ref_the_delete_takes_the_person(
    graph: httpx.AsyncClient, sandbox: Sandbox, tenant: dict[str, Any]
) -> None:
    group, lena = tenant["groups"]["Engineering"], sandbox.user("microsoft", LENA)["id"]
    assert (await graph.delete(f"groups/{group}/members/{lena}")).status_code == 204
    assert sandbox.user("microsoft", LENA)["deleted"] is True
    assert [one["kind"] for one in sandbox.effects("microsoft", LENA)] == ["user.delete"]


async def test_a_dynamic_group_refuses_members_by_hand(
    graph: httpx.AsyncClient, sandbox: Sandbox, tenant: dict[str, Any]
) -> None:
    group, taken = tenant["groups"]["All Employees"], sandbox.user("microsoft", TAKEN)["id"]
    assert message(await graph.post(f"groups/{group}/members/$ref", json=link(taken)))[0] == 400
    assert message(await graph.delete(f"groups/{group}/members/{taken}/$ref"))[0] == 400
    found = (await graph.get(f"groups/{group}")).json()
    assert found["groupTypes"] == ["DynamicMembership"]
    assert taken in {one["id"] for one in (await graph.get(f"groups/{group}/members")).json()["value"]}


async def test_unknown_groups_and_people_are_404(
    graph: httpx.AsyncClient, sandbox: Sandbox, tenant: dict[str, Any]
) -> None:
    group, lena = tenant["groups"]["IT"], sandbox.user("microsoft", LENA)["id"]
    nobody = "00000000-0000-0000-0000-000000000000"
    assert message(await graph.post(f"groups/{nobody}/members/$ref", json=link(lena)))[0] == 404
    assert message(await graph.post(f"groups/{group}/members/$ref", json=link(nobody)))[0] == 404
    assert message(await graph.get(f"users/{nobody}/memberOf"))[0] == 404
