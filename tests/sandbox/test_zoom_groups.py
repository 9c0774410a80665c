"""Zoom's groups and roles."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.zoom_client import account, create, zoom_client

GRACE = "grace.hopper@acme.example"
TAKEN = "taken@acme.example"


@pytest.fixture
async def zoom(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with zoom_client(sandbox) as client:
        yield client


@pytest.fixture
def group(sandbox: Sandbox) -> str:
    found: str = account(sandbox)["groups"]["Engineering"]
    return found


async def test_members_come_by_id_or_address_and_strangers_are_left_out_silently(
    zoom: httpx.AsyncClient, sandbox: Sandbox, group: str
) -> None:
    body = {"members": [{"email": TAKEN}, {"email": "nobody@acme.example"}]}
    reply = await zoom.post(f"groups/{group}/members", json=body)
    assert reply.status_code == 201
    assert reply.json()["ids"] == sandbox.user("zoom", TAKEN)["id"]
    await zoom.post(f"groups/{group}/members", json=body)
    assert [one["kind"] for one in sandbox.effects("zoom", TAKEN)] == ["member.add"]
    listed = (await zoom.get(f"groups/{group}/members", params={"page_size": 300})).json()
    assert TAKEN in {one["email"] for one in listed["members"]}


async def test_pending_people_join_by_patch_alone(
    zoom: httpx.AsyncClient, sandbox: Sandbox, group: str
) -> None:
    await create(zoom, GRACE)
    reply = await zoom.post(f"groups/{group}/members", json={"members": [{"email": GRACE}]})
    assert (reply.status_code, reply.json()["ids"]) == (201, "")
    assert (await zoom.patch(f"users/{GRACE}", json={"group_id": group})).status_code == 204
    assert sandbox.user("zoom", GRACE)["groups"] == [group]
    unknown = await zoom.patch(f"users/{GRACE}", json={"group_id": "nowhere"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, 4130)


async def test_removing_a_member(zoom: httpx.AsyncClient, sandbox: Sandbox, group: str) -> None:
    await zoom.post(f"groups/{group}/members", json={"members": [{"email": TAKEN}]})
    member = sandbox.user("zoom", TAKEN)["id"]
    assert (await zoom.delete(f"groups/{group}/members/{member}")).status_code == 204
    assert (await zoom.delete(f"groups/{group}/members/{member}")).json()["code"] == 300
    assert (await zoom.delete(f"groups/nowhere/members/{member}")).json()["code"] == 4130


async def test_groups_are_made_renamed_and_removed(zoom: httpx.AsyncClient) -> None:
    made = await zoom.post("groups", json={"name": "Newcomers"})
    assert made.status_code == 201
    assert (await zoom.post("groups", json={"name": "Newcomers"})).json()["code"] == 4132
    assert (await zoom.post("groups", json={})).json()["message"] == "Missing field: name."
    path = f"groups/{made.json()['id']}"
    assert (await zoom.patch(path, json={"name": "Beginners"})).status_code == 204
    assert (await zoom.get(path)).json()["name"] == "Beginners"
    assert (await zoom.delete(path)).status_code == 204
    assert (await zoom.get(path)).status_code == 404


async def test_moving_between_groups(zoom: httpx.AsyncClient, sandbox: Sandbox, group: str) -> None:
    sales = account(sandbox)["groups"]["Sales"]
    member = sandbox.user("zoom", TAKEN)["id"]
    assert sandbox.user("zoom", TAKEN)["groups"] == [sales]
    body = {"action": "move", "target_group_id": group}
    assert (await zoom.patch(f"groups/{sales}/members/{member}", json=body)).status_code == 204
    assert sandbox.user("zoom", TAKEN)["groups"] == [group]


async def test_a_role_replaces_the_one_before(zoom: httpx.AsyncClient, sandbox: Sandbox) -> None:
    roles = account(sandbox)["roles"]
    body = {"members": [{"email": TAKEN}]}
    assert (await zoom.post(f"roles/{roles['Member']}/members", json=body)).json()["code"] == 300
    reply = await zoom.post(f"roles/{roles['Admin']}/members", json=body)
    assert reply.status_code == 201
    assert (await zoom.get(f"users/{TAKEN}")).json()["role_name"] == "Admin"
    listed = (await zoom.get(f"roles/{roles['Admin']}/members")).json()
    assert [one["email"] for one in listed["members"]] == [TAKEN]
    member = sandbox.user("zoom", TAKEN)["id"]
    assert (await zoom.delete(f"users/{TAKEN}")).json()["code"] == 1117
    assert (await zoom.delete(f"roles/{roles['Admin']}/members/{member}")).status_code == 204
    assert (await zoom.get(f"users/{TAKEN}")).json()["role_name"] == "Member"
    assert (await zoom.delete(f"roles/{roles['Admin']}/members/{member}")).status_code == 404
