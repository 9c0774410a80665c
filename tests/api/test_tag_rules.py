"""Tag rules: who gets a tag is queued once, who loses it is withdrawn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.shared.kit.ids import uuid7
from services.shared.sdk.errors import ErrorCode
from tests.fixtures.api import Api
from tests.fixtures.providers import CHAT, DESK
from tests.fixtures.scheduling import client, passes, read, tick

__all__ = ["client", "passes"]


@pytest.fixture
async def template(client: httpx.AsyncClient) -> str:
    body = {
        "name": "Desk worker",
        "apps": {DESK: {"seats": ["gold"]}},
        "conditions": {"department": ["Desk*"]},
    }
    return str((await client.post("/api/role-templates", json=body)).json()["id"])


def person(**more: Any) -> dict[str, Any]:
    start = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    return {
        "full_name": "Jo Joiner",
        "work_email": f"jo.{uuid7().hex[-8:]}@acme.example",
        "department": "Desks",
        "start_date": start,
        **more,
    }


async def save(api: Api, client: Any, body: dict[str, Any]) -> dict[str, Any]:
    answer = await client.put("/api/employees", json=body)
    assert answer.status_code == 200, answer.text
    await api.worker.work()
    found: dict[str, Any] = answer.json()
    return found


async def queue(client: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await client.get("/api/schedule")).json()["items"]
    return items


async def test_every_tenant_has_the_four_from_the_start(client: Any) -> None:
    items = (await client.get("/api/tag-rules")).json()["items"]
    assert [item["tag"] for item in items] == ["contractor", "intern", "new-hire", "to be created"]
    assert all(item["shipped"] and item["enabled"] for item in items)
    assert items[0]["role_template"]["key"] == "contractor"


async def test_who_gets_a_tag_is_queued_once_and_withdrawn_when_it_is_gone(
    api: Api, client: Any, template: str
) -> None:
    body = person(tags=["To be created"])
    await save(api, client, body)
    await save(api, client, body)
    (found,) = await queue(client)
    assert (found["status"], found["source"]) == ("pending", "tag_rule")
    assert found["at"] == f"{body['start_date']}T08:00:00Z"
    assert found["role_template"]["id"] == template
    assert found["created_by"]["name"] == "Tag rule “to be created”"
    assert (await client.get("/api/schedule?tag=to-be-created")).json()["total"] == 1
    await save(api, client, {**body, "tags": []})
    assert [item["status"] for item in await queue(client)] == ["cancelled"]
    await save(api, client, body)
    assert sorted(item["status"] for item in await queue(client)) == ["cancelled", "pending"]


async def test_it_runs_on_its_day_with_the_template(
    api: Api, client: Any, template: str, passes: Any
) -> None:
    body = person(tags=["new-hire"])
    await save(api, client, body)
    (found,) = await queue(client)
    passes(found)
    await tick(api)
    await api.worker.work()
    done = await read(client, found)
    assert done["status"] == "completed", done
    request = (await client.get(f"/api/requests/{done['request_id']}")).json()
    assert [app["app"] for app in request["apps"]] == [DESK]
    assert request["role_template"]["id"] == template
    await save(api, client, {**body, "tags": []})
    assert (await read(client, found))["status"] == "completed", "what has run stays"
    await save(api, client, body)
    assert len(await queue(client)) == 2, "and the tag may come again"


async def test_a_rule_says_which_template_when_and_how_important(
    api: Api, client: Any, template: str
) -> None:
    rule = {
        "tag": "Desk team",
        "roleTemplateId": template,
        "offsetDays": -3,
        "timeOfDay": "02:30",
        "timeZone": "Europe/Berlin",
        "priority": 9,
    }
    made = await client.post("/api/tag-rules", json=rule)
    assert made.status_code == 201, made.text
    start = "2031-04-02"
    await save(api, client, person(tags=["desk-team"], department=None, start_date=start))
    (found,) = await queue(client)
    assert found["local"] == "2031-03-30T03:00:00+02:00", "02:30 does not exist that night"
    assert (found["priority"], found["tags"]) == (9, ["Desk team"])
    shown = (await client.get(f"/api/tag-rules/{made.json()['id']}/preview")).json()["items"]
    assert [(item["note"]["code"], item["queued"]) for item in shown] == [("gap", True)]


async def test_a_preview_says_what_would_happen_and_why_not(api: Api, client: Any, template: str) -> None:
    await save(api, client, person(tags=["Somewhere"], full_name="Ann A"))
    await save(api, client, person(tags=["somewhere"], full_name="Bob B", start_date=None))
    await save(api, client, person(tags=["somewhere"], full_name="Cy C", department="Elsewhere"))
    assert await queue(client) == []
    found = (await client.post("/api/tag-rules/preview", json={"tag": "somewhere"})).json()["items"]
    assert [item["employee"]["full_name"] for item in found] == ["Ann A", "Bob B", "Cy C"]
    assert found[0]["role_template"]["name"] == "Desk worker"
    assert found[0]["reason"] is None
    assert "start date" in found[1]["reason"]
    assert "No role template" in found[2]["reason"]
    assert await queue(client) == []


async def test_who_has_started_already_is_due_at_once(api: Api, client: Any, template: str) -> None:
    await save(api, client, person(tags=["intern"], start_date="2020-01-01"))
    (found,) = await queue(client)
    assert abs((datetime.fromisoformat(found["at"]) - datetime.now(UTC)).total_seconds()) < 60


async def test_rules_are_changed_switched_off_and_deleted(api: Api, client: Any, template: str) -> None:
    rules = {item["slug"]: item for item in (await client.get("/api/tag-rules")).json()["items"]}
    intern = rules["intern"]
    changed = await client.put(f"/api/tag-rules/{intern['id']}", json={"tag": "intern", "enabled": False})
    assert (changed.status_code, changed.json()["enabled"], changed.json()["id"]) == (
        200,
        False,
        intern["id"],
    )
    await save(api, client, person(tags=["intern"]))
    assert await queue(client) == []
    assert (await client.delete(f"/api/tag-rules/{intern['id']}")).status_code == 204
    assert (await client.delete(f"/api/tag-rules/{intern['id']}")).status_code == 404
    left = (await client.get("/api/tag-rules")).json()["items"]
    assert [item["slug"] for item in left] == ["contractor", "new-hire", "to-be-created"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"tag": "New Hire"}, "tag"),
        ({"tag": "!!!"}, "tag"),
        ({"timeOfDay": "25:00"}, "timeOfDay"),
        ({"time_zone": "Mars"}, "time_zone"),
        ({"priority": -1}, "priority"),
        ({"offset_days": 1000}, "offset_days"),
        ({"roleTemplateId": str(UUID(int=1))}, "roleTemplateId"),
    ],
)
async def test_what_is_wrong_with_a_rule_is_named(client: Any, wrong: dict[str, Any], field: str) -> None:
    answer = await client.post("/api/tag-rules", json={"tag": "fine", **wrong})
    assert answer.status_code == 422, answer.text
    assert field in {error["field"] for error in answer.json()["errors"]}


async def test_a_plan_that_is_only_looked_at_queues_nobody(api: Api, client: Any, template: str) -> None:
    body = {"employee": person(tags=["new-hire"]), "apps": {DESK: {"seats": ["gold"]}}, "dry_run": True}
    async with api.worker.working():
        assert (await client.post("/api/requests", json=body)).status_code == 201
    assert await queue(client) == []


async def test_a_start_date_that_moves_takes_what_is_queued_with_it(
    api: Api, client: Any, template: str
) -> None:
    body = person(tags=["new-hire"], start_date="2031-03-03")
    await save(api, client, body)
    (found,) = await queue(client)
    assert found["at"] == "2031-03-03T08:00:00Z"
    await save(api, client, {**body, "start_date": "2031-04-01"})
    (moved,) = await queue(client)
    assert (moved["id"], moved["at"], moved["status"]) == (found["id"], "2031-04-01T08:00:00Z", "pending")
    said = (await client.get("/api/audit")).json()["items"]
    updated = next(entry for entry in said if entry["action"] == "schedule.updated")
    assert updated["actor"]["name"] == "Tag rule “new-hire”"

    by_hand = {"schedule_time": "2031-03-29T15:30:00Z"}
    assert (await client.patch(f"/api/schedule/{found['id']}", json=by_hand)).status_code == 200
    await save(api, client, body | {"start_date": "2031-04-08"})
    assert (await queue(client))[0]["at"] == "2031-04-05T15:30:00Z", (
        "a time of one's own moves by as many days"
    )
    await save(api, client, body | {"start_date": "2031-04-08", "department": "Desks"})
    assert (await queue(client))[0]["at"] == "2031-04-05T15:30:00Z", "and nothing else moves it"


async def test_what_is_queued_knows_the_person_as_they_are_when_it_runs(
    api: Api, client: Any, template: str, passes: Any
) -> None:
    other = {
        "name": "Lab worker",
        "apps": {DESK: {"seats": ["silver"]}},
        "conditions": {"department": ["Lab*"]},
    }
    lab = (await client.post("/api/role-templates", json=other)).json()["id"]
    body = person(tags=["new-hire"])
    await save(api, client, body)
    saved = await save(api, client, body | {"department": "Laboratory", "full_name": "Jo Renamed"})
    (found,) = await queue(client)
    assert found["employee"]["full_name"] == "Jo Renamed"
    assert found["role_template"]["id"] == lab
    passes(found)
    await tick(api)
    await api.worker.work()
    assert (await read(client, found))["status"] == "completed"
    now = (await client.get(f"/api/employees/{saved['id']}")).json()
    assert (now["department"], now["full_name"]) == ("Laboratory", "Jo Renamed"), "and is not set back"


async def test_a_template_with_an_app_that_nobody_connected_is_said_beforehand_and_waits_for_a_person(
    api: Api, client: Any, passes: Any
) -> None:
    body = {"name": "Both", "apps": {DESK: {}, CHAT: {"nickname": "amazing"}}}
    both = (await client.post("/api/role-templates", json=body)).json()["id"]
    rule = {"tag": "both", "role_template_id": both}
    assert (await client.post("/api/tag-rules", json=rule)).status_code == 201
    await save(api, client, person(tags=["both"]))
    (shown,) = (await client.post("/api/tag-rules/preview", json=rule)).json()["items"]
    assert {app["app"] for app in shown["not_connected"]} == {DESK, CHAT}
    assert "Not connected" in shown["warning"]
    await client.put(f"/api/apps/{CHAT}", json={"offered": False})
    (shown,) = (await client.post("/api/tag-rules/preview", json=rule)).json()["items"]
    assert [app["app"] for app in shown["not_connected"]] == [DESK]
    assert [app["app"] for app in shown["switched_off"]] == [CHAT]
    await client.put(f"/api/apps/{CHAT}", json={"offered": True})

    (found,) = await queue(client)
    api.worker.failing[CHAT] = ErrorCode.AUTH_EXPIRED
    passes(found)
    await tick(api)
    await api.worker.work()
    parked = await read(client, found)
    assert (parked["status"], parked["needs_person"]) == ("executing", True)
    assert CHAT in parked["error_message"]
    api.worker.failing.clear()
    request = f"/api/requests/{parked['request_id']}"
    async with api.worker.working():
        planned = (await client.post(f"{request}/plan")).json()
        await client.post(f"{request}/apply", json={"plan_id": planned["plan"]["id"]})
    await api.worker.work()
    assert (await read(client, found))["status"] == "completed"


async def test_a_preview_of_a_wrong_rule_names_what_is_wrong(client: Any, api: Api, template: str) -> None:
    await save(api, client, person(tags=["somewhere"]))
    for wrong in ({"time_zone": "Mars/Olympus"}, {"role_template_id": str(UUID(int=1))}):
        answer = await client.post("/api/tag-rules/preview", json={"tag": "somewhere", **wrong})
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["field"] == next(iter(wrong))


async def test_who_is_queued_with_a_template_that_lacks_something_waits_for_a_person_and_says_so(
    api: Api, client: Any, passes: Any
) -> None:
    body = {"name": "Chatter", "apps": {CHAT: {}}, "conditions": {"department": ["Desk*"]}}
    template = (await client.post("/api/role-templates", json=body)).json()
    people = [person(tags=["new-hire"]), person(tags=["new-hire"], full_name="Too Late")]
    for one in people:
        await save(api, client, one)
    for found in await queue(client):
        assert (found["status"], found["needs_person"]) == ("pending", True)
        assert f"{CHAT}.nickname" in found["error_message"]
    shown = (await client.post("/api/tag-rules/preview", json={"tag": "new-hire"})).json()["items"]
    assert [one["at"] is not None and f"{CHAT}.nickname" in one["warning"] for one in shown] == [True, True]

    late = next(one for one in await queue(client) if one["employee"]["full_name"] == "Too Late")
    passes(late)
    await tick(api)
    await api.worker.work()
    failed = await read(client, late)
    assert failed["status"] == "failed", "its day came before anybody acted"
    assert "nickname" in failed["error_message"]

    mended = {**body, "apps": {CHAT: {"nickname": "amazing"}}, "version": template["version"]}
    assert (await client.put(f"/api/role-templates/{template['id']}", json=mended)).status_code == 200
    (waiting,) = (await client.get("/api/schedule?status=pending")).json()["items"]
    assert (waiting["needs_person"], waiting["error_message"]) == (False, None)
    again = await client.post(f"/api/schedule/{late['id']}/execute")
    assert again.status_code == 202, again.text
    await tick(api)
    await api.worker.work()
    assert (await read(client, late))["status"] == "completed"


async def test_a_default_of_the_app_brings_what_the_template_lacks(
    api: Api, client: Any, passes: Any
) -> None:
    body = {"name": "Chatter", "apps": {CHAT: {}}, "conditions": {"department": ["Desk*"]}}
    await client.post("/api/role-templates", json=body)
    await save(api, client, person(tags=["new-hire"]))
    (waiting,) = await queue(client)
    assert waiting["needs_person"] is True
    answer = await client.put(f"/api/apps/{CHAT}", json={"defaults": {"nickname": "amazing"}})
    assert answer.status_code == 200, answer.text
    (ready,) = await queue(client)
    assert (ready["needs_person"], ready["error_message"]) == (False, None)
    passes(ready)
    await tick(api)
    await api.worker.work()
    assert (await read(client, ready))["status"] == "completed"
