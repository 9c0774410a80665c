"""Role templates over HTTP: read by everybody, changed by administrators, used by requests."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.shared.kit.ids import uuid7
from tests.fixtures.api import Api, wish
from tests.fixtures.providers import CHAT, DESK

PATH = "/api/role-templates"


def body(**more: Any) -> dict[str, Any]:
    """A body that is right."""
    return {"name": "Pilot", "apps": {DESK: {"seats": ["gold"]}}, **more}


async def made(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await client.post(PATH, json=body(**more))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def fields(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(error["field"], error["code"]) for error in answer.json()["errors"]]


def connect(api: Api, tenant: UUID, *apps: str, status: str = "active") -> None:
    api.auth.connections[str(tenant)] = [
        {
            "vendor": "elsewhere",
            "providers": list(apps),
            "display_name": None,
            "status": status,
            "reason": None,
        }
    ]


async def test_a_template_is_made_read_changed_and_deleted(api: Api, tenant: UUID) -> None:
    client = api.client(tenant, name="Ada Admin")
    more = {
        "description": " Flies. ",
        "tags": ["crew"],
        "conditions": {"jobTitle": ["*pilot*"], "location": []},
    }
    first = await made(client, **more)
    assert first["changed_by"] == {"kind": "operator", "name": "Ada Admin"}
    assert {
        key: first[key] for key in ("key", "version", "shipped", "description", "tags", "apps", "conditions")
    } == {
        "key": "pilot",
        "version": 1,
        "shipped": False,
        "description": "Flies.",
        "tags": ["crew"],
        "apps": {DESK: {"seats": ["gold"]}},
        "conditions": {"department": [], "location": [], "job_title": ["*pilot*"]},
    }
    path = f"{PATH}/{first['id']}"
    assert (await client.get(path)).json() == first
    changed = await client.put(path, json=body(name="Captain", version=1))
    assert changed.status_code == 200, changed.text
    assert (changed.json()["name"], changed.json()["key"], changed.json()["version"]) == (
        "Captain",
        "pilot",
        2,
    )
    again = await client.put(path, json=body(name="Captain", version=2))
    assert again.json()["version"] == 2, "nothing changed"
    versions = (await client.get(f"{path}/versions")).json()
    assert [(item["version"], item["name"]) for item in versions["items"]] == [(2, "Captain"), (1, "Pilot")]
    assert (await client.delete(path, params={"version": 2})).status_code == 204
    assert (await client.get(path)).status_code == 404
    assert (await client.delete(path)).json()["code"] == "role_template_not_found"
    assert (await client.get(f"{path}/versions")).json()["total"] == 2
    entries = (await client.get("/api/audit", params={"action": "role_template"})).json()["items"]
    assert [entry["action"].partition(".")[2] for entry in entries] == ["deleted", "updated", "created"]
    assert entries[1]["before"]["name"] == "Pilot"


async def test_those_that_came_with_oneclick_are_listed_and_changed_like_others(
    api: Api, tenant: UUID
) -> None:
    client = api.client(tenant)
    await made(client)
    page = (await client.get(PATH)).json()
    assert [item["name"] for item in page["items"]] == ["Contractor", "Engineer", "Pilot", "Sales"]
    engineer = page["items"][1]
    assert (engineer["shipped"], engineer["changed_at"], engineer["changed_by"]) == (True, None, None)
    second = (await client.get(PATH, params={"limit": 1, "offset": 1})).json()
    assert (second["total"], second["items"]) == (4, [engineer])
    answer = await client.put(f"{PATH}/{engineer['id']}", json=body(name="Engineer", version=1))
    assert (answer.json()["version"], answer.json()["shipped"]) == (2, True)
    assert answer.json()["changed_at"]
    versions = (await client.get(f"{PATH}/{engineer['id']}/versions")).json()["items"]
    assert [item["changed_by"] and item["changed_by"]["kind"] for item in versions] == ["operator", None]


async def test_a_change_of_what_somebody_else_has_changed_is_refused(api: Api, tenant: UUID) -> None:
    client = api.client(tenant, name="Ada Admin")
    path = f"{PATH}/{(await made(client))['id']}"
    words = [body(description=word, version=1) for word in "abcdef"]
    answers = await asyncio.gather(*(client.put(path, json=one) for one in words))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 5
    late = next(answer for answer in answers if answer.status_code == 409).json()
    assert (late["code"], late["version"]) == ("role_template_changed", 2)
    assert "Ada Admin" in late["detail"]
    assert (await client.delete(path, params={"version": 1})).status_code == 409


async def test_every_fault_is_named_at_once(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    wrong = body(name="Sales", apps={"slak": True, "desk": {"roomNumber": 0, "colour": 1}}, key="sales")
    assert fields(await client.post(PATH, json=wrong)) == [
        ("name", "taken"),
        ("key", "taken"),
        ("apps.slak", "unknown_app"),
        ("apps.desk.roomNumber", "greater_than_equal"),
        ("apps.desk.colour", "extra_forbidden"),
    ]
    for one, field in [
        (body(name=" "), "name"),
        (body(name="x" * 101), "name"),
        (body(key="Not A Key"), "key"),
        (body(apps={}), "apps"),
        (body(conditions={"jobTitle": ["x"] * 51}), "conditions.jobTitle"),
        (body(conditions={"shoe_size": ["44"]}), "conditions.shoe_size"),
        (body(tags=["x" * 51]), "tags.0"),
        (body(extra=1), "extra"),
    ]:
        answer = await client.post(PATH, json=one)
        assert [name for name, _ in fields(answer)] == [field], one
    path = f"{PATH}/{(await made(client))['id']}"
    assert fields(await client.put(path, json=body())) == [("version", "missing")]


async def test_a_needed_field_may_be_left_to_the_request(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    connect(api, tenant, CHAT)
    template = await made(client, apps={"chat": {"roomNumber": 3}})
    assert template["apps"] == {CHAT: {"room_number": 3}}
    ref = {"role_template": {"id": template["id"]}}
    missing = await client.post("/api/requests", json=wish(apps={}, **ref))
    assert fields(missing) == [("apps.chat-room.nickname", "missing")]
    whole = await client.post("/api/requests", json=wish(apps={"chat": {"nickname": "abc"}}, **ref))
    assert whole.status_code == 201, whole.text


@pytest.mark.parametrize("role", ["helpdesk", "auditor"])
async def test_others_read_and_do_not_change(api: Api, tenant: UUID, role: str) -> None:
    template = await made(api.client(tenant))
    client, path = api.client(tenant, role=role), f"{PATH}/{template['id']}"
    for address in (PATH, path, f"{path}/versions"):
        assert (await client.get(address)).status_code == 200
    assert (await client.post(f"{PATH}/suggest", json={"department": "Sales"})).status_code == 200
    for answer in (
        await client.post(PATH, json=body(name="Other")),
        await client.put(path, json=body(version=1)),
        await client.delete(path),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_the_same_key_makes_one_template(api: Api, tenant: UUID) -> None:
    operator, key = uuid4(), {"Idempotency-Key": f"key {uuid7()}"}
    clients = [api.client(tenant, operator_id=operator) for _ in range(6)]
    answers = await asyncio.gather(*(client.post(PATH, json=body(), headers=key) for client in clients))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    other = await clients[0].post(PATH, json=body(name="Other"), headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_suggestions_say_why(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    await made(client, conditions={"department": ["flight*"], "location": ["*berlin*"]})
    person = {"department": "Flight Deck", "location": "Berlin (BER)", "jobTitle": "Sales Engineer"}
    answer = await client.post(f"{PATH}/suggest", json=person)
    assert [(item["template"]["name"], item["met"]) for item in answer.json()["items"]] == [
        ("Pilot", ["department", "location"]),
        ("Engineer", ["job_title"]),
    ]
    assert (await client.post(f"{PATH}/suggest", json={})).json() == {"items": []}
    assert (await client.post(f"{PATH}/suggest", json={"jobTitle": " "})).json() == {"items": []}


async def test_a_request_shows_the_version_that_it_used(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    connect(api, tenant, DESK, CHAT)
    template = await made(
        client, apps={DESK: {"seats": ["gold"]}, CHAT: {"nickname": "amazing"}}, tags=["crew"]
    )
    asked = wish(
        apps={"desk": {"roomNumber": 9}, "chat": False}, role_template={"key": "pilot"}, tags=["new"]
    )
    first = (await client.post("/api/requests", json=asked)).json()
    assert first["role_template"] == {
        "id": template["id"],
        "key": "pilot",
        "name": "Pilot",
        "version": 1,
        "left_out": [{"app": CHAT, "title": "Chat Room"}],
    }
    assert (first["tags"], [item["app"] for item in first["apps"]]) == (["new", "crew"], [DESK])
    await client.put(f"{PATH}/{template['id']}", json=body(name="Captain", version=1))
    await client.delete(f"{PATH}/{template['id']}")
    await api.worker.work()
    later = (await client.get(f"/api/requests/{first['id']}")).json()
    assert later["state"] == "completed"
    assert later["role_template"] == first["role_template"], "whatever became of the template since"
    created = (await client.get("/api/audit", params={"action": "request.created"})).json()["items"][0]
    assert created["after"]["role_template"] == "Pilot, version 1"


async def test_apps_that_are_off_or_not_connected_are_left_out_and_said(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    await made(client, apps={DESK: True, CHAT: {"nickname": "amazing"}})
    ref = {"role_template": {"key": "pilot"}}
    nothing = await client.post("/api/requests", json=wish(apps={}, **ref))
    assert fields(nothing) == [("apps", "required")]
    assert "No app of the role template Pilot is both connected and switched on" in nothing.json()["detail"]
    named = await client.post("/api/requests", json=wish(apps={"desk": True}, **ref))
    assert named.status_code == 201
    assert [app["app"] for app in named.json()["role_template"]["left_out"]] == [CHAT]
    fresh = api.client(tenant_id := uuid7())
    connect(api, tenant_id, DESK, CHAT, status="needs_reauth")
    await made(fresh, apps={DESK: True, CHAT: {"nickname": "amazing"}})
    await fresh.put("/api/apps/chat", json={"offered": False})
    answer = (await fresh.post("/api/requests", json=wish(apps={}, **ref))).json()
    assert [app["app"] for app in answer["apps"]] == [DESK], "a connection that fails is told by the request"
    assert answer["role_template"]["left_out"] == [{"app": CHAT, "title": "Chat Room"}]


@pytest.mark.parametrize(
    ("ref", "field"),
    [
        ({"id": str(uuid4())}, "role_template.id"),
        ({"key": "nobody"}, "role_template.key"),
        ({"key": "sales", "version": 9}, "role_template.version"),
        ({}, "role_template"),
        ({"id": str(uuid4()), "key": "sales"}, "role_template"),
        ({"key": "sales", "version": 0}, "role_template.version"),
        ("sales", "role_template"),
    ],
)
async def test_a_template_that_is_not_there_is_named(api: Api, tenant: UUID, ref: Any, field: str) -> None:
    answer = await api.client(tenant).post("/api/requests", json=wish(role_template=ref))
    assert [name for name, _ in fields(answer)] == [field]


async def test_camel_case_is_named_as_it_was_sent(api: Api, tenant: UUID) -> None:
    answer = await api.client(tenant).post("/api/requests", json=wish(roleTemplate={"key": "nobody"}))
    assert [name for name, _ in fields(answer)] == ["roleTemplate.key"]


async def test_a_repeated_request_keeps_its_version(api: Api, tenant: UUID) -> None:
    client, key = api.client(tenant), {"Idempotency-Key": f"key {uuid7()}"}
    template = await made(client)
    asked = wish(role_template={"key": "pilot"})
    first = (await client.post("/api/requests", json=asked, headers=key)).json()
    await client.put(f"{PATH}/{template['id']}", json=body(description="New.", version=1))
    again = (await client.post("/api/requests", json=asked, headers=key)).json()
    assert again == first
    assert first["role_template"]["version"] == 1


async def test_seats_of_the_whole_batch_are_in_every_plan(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    api.vendor.stock["platinum"] = 2
    try:
        async with api.worker.working():
            plans = [
                (
                    await client.post(
                        "/api/requests", json=wish(dry_run=True, apps={"desk": {"seats": ["platinum"]}})
                    )
                ).json()
                for _ in range(4)
            ]
    finally:
        api.vendor.stock.clear()
    told = [
        (plan["plan"]["apps"][0]["seats"][0], [w["message"] for w in plan["plan"]["apps"][0]["warnings"]])
        for plan in plans
    ]
    assert [(seat["reserved"], seat["left"]) for seat, _ in told] == [(0, 1), (1, 0), (2, -1), (3, -2)]
    assert [warnings for _, warnings in told][:2] == [[], []]
    assert told[3][1] == [
        "platinum: 2 free, 3 needed by requests already planned. Buy 2 or pick another licence."
    ]
    assert plans[3]["plan"]["apps"][0]["warnings"][0]["code"] == "no_seats"
