"""Tag rules: who gets a tag is queued once, who loses it is withdrawn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.shared.kit.ids import uuid7
from tests.fixtures.api import Api
from tests.fixtures.providers import DESK
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
