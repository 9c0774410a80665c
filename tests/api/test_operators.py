"""Operators over the public interface: what is asked for reaches the auth service, and what it says comes back."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.fixtures.api import Api

HAL = "hal@acme.example"
SOMEBODY = UUID(int=7)


async def test_an_operator_is_added_changed_and_removed_and_each_act_is_written_down(
    api: Api, tenant: UUID
) -> None:
    client = api.client(tenant)
    made = await client.post("/api/operators", json={"email": "Hal@ACME.example", "role": "helpdesk"})
    assert made.status_code == 201, made.text
    hal = made.json()
    assert (hal["role"], hal["state"], hal["is_me"]) == ("helpdesk", "invited", False)
    assert hal["grants"] == [{"source": "operator", "role": "helpdesk"}]
    path = f"/api/operators/{hal['id']}"
    assert (await client.patch(path, json={"role": "auditor"})).json()["role"] == "auditor"
    assert (await client.patch(path, json={"disabled": True})).json()["state"] == "disabled"
    listed = (await client.get("/api/operators", params={"q": "acme"})).json()
    assert [one["state"] for one in listed["items"]] == ["disabled"]
    assert (await client.delete(path)).status_code == 204
    assert (await client.get("/api/operators")).json()["total"] == 0
    entries = (await client.get("/api/audit", params={"action": "operator"})).json()["items"]
    assert [(entry["action"], entry["before"], entry["after"]) for entry in reversed(entries)] == [
        ("operator.added", None, _facts(hal, "helpdesk", "invited")),
        ("operator.changed", _facts(hal, "helpdesk", "invited"), _facts(hal, "auditor", "invited")),
        ("operator.changed", _facts(hal, "auditor", "invited"), _facts(hal, "auditor", "disabled")),
        ("operator.removed", _facts(hal, "auditor", "disabled"), None),
    ]
    assert {entry["actor"]["name"] for entry in entries} == {"Ada Admin"}


def _facts(operator: dict[str, Any], role: str, state: str) -> dict[str, str]:
    return {"email": operator["email"], "role": role, "state": state}


async def test_groups_are_set_as_a_whole_and_written_down(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    assert (await client.get("/api/operators/group-roles")).json() == {"items": [], "set_here": False}
    wanted = {"items": [{"group": "OneClick Admins", "role": "admin"}, {"group": "desk", "role": "helpdesk"}]}
    answer = await client.put("/api/operators/group-roles", json=wanted)
    assert answer.json() == {**wanted, "set_here": True}
    entries = (await client.get("/api/audit", params={"action": "group_roles"})).json()["items"]
    assert [entry["after"] for entry in entries] == [{"OneClick Admins": "admin", "desk": "helpdesk"}]


async def test_refusals_of_the_auth_service_keep_their_code_and_write_nothing(api: Api, tenant: UUID) -> None:
    ada = uuid4()
    client = api.client(tenant, operator_id=ada)
    await client.post("/api/operators", json={"email": HAL, "role": "helpdesk"})
    before = (await client.get("/api/audit")).json()["total"]
    again = await client.post("/api/operators", json={"email": HAL, "role": "admin"})
    assert (again.status_code, again.json()["errors"][0]["field"]) == (422, "email")
    api.auth.staff.members[str(tenant)].append(
        {**api.auth.staff.members[str(tenant)][0], "id": str(ada), "email": "ada@acme.example"}
    )
    refused = await client.patch(f"/api/operators/{ada}", json={"role": "auditor"})
    assert (refused.status_code, refused.json()["code"]) == (409, "yourself")
    gone = await client.delete(f"/api/operators/{uuid4()}")
    assert (gone.status_code, gone.json()["code"]) == (404, "operator_not_found")
    assert (await client.get("/api/audit")).json()["total"] == before
    mine = (await client.get("/api/operators")).json()["items"]
    assert [one["is_me"] for one in mine] == [False, True]


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "", {"role": "admin"}, "email"),
        ("POST", "", {"email": "nobody", "role": "admin"}, "email"),
        ("POST", "", {"email": HAL}, "role"),
        ("POST", "", {"email": HAL, "role": "platform_admin"}, "role"),
        ("POST", "", {"email": HAL, "role": "admin", "tenant": "globex"}, "tenant"),
        ("POST", "", {"email": HAL, "role": "admin", "name": "a\0b"}, "name"),
        ("PATCH", f"/{SOMEBODY}", {"role": "owner"}, "role"),
        ("PATCH", f"/{SOMEBODY}", {"disabled": "yes"}, "disabled"),
        ("PATCH", "/me", {"role": "admin"}, "operator_id"),
        ("PUT", "/group-roles", {"items": [{"group": "", "role": "admin"}]}, "items.0.group"),
        ("PUT", "/group-roles", {"items": [{"group": "a", "role": "x"}]}, "items.0.role"),
        ("PUT", "/group-roles", {"items": [{"group": "a", "role": "admin"}] * 2}, ""),
        ("PUT", "/group-roles", {}, "items"),
    ],
)
async def test_wrong_fields_are_named(
    api: Api, tenant: UUID, method: str, path: str, body: dict[str, Any], field: str
) -> None:
    answer = await api.client(tenant).request(method, f"/api/operators{path}", json=body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == field


async def test_helpdesk_sees_whom_to_hand_a_task_to_and_changes_nobody(api: Api, tenant: UUID) -> None:
    desk = api.client(tenant, role="helpdesk")
    assert (await desk.get("/api/operators")).status_code == 200
    refused = await desk.post("/api/operators", json={"email": HAL, "role": "admin"})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert (await api.client(tenant, role="auditor").get("/api/operators")).status_code == 403


async def test_while_the_auth_service_is_away_nothing_is_promised(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    await client.get("/api/me")
    api.auth.away = True
    for method, path in (("GET", ""), ("POST", ""), ("GET", "/group-roles"), ("DELETE", f"/{uuid4()}")):
        body = {"email": HAL, "role": "admin"} if method == "POST" else None
        answer = await client.request(method, f"/api/operators{path}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (503, "auth_unavailable")
