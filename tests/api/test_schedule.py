"""`/api/schedule`: what HR systems send and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fixtures.api import Api
from tests.fixtures.postgres import Database
from tests.fixtures.providers import CHAT, DESK
from tests.fixtures.scheduling import Make, at, body, client, make, passes, read, tick

__all__ = ["client", "make", "passes"]


async def test_what_hr_sends_is_kept_to_the_letter_and_read_back(make: Make, client: Any) -> None:
    when = at(days=3)
    made = await make(schedule_time=when, priority=7, tags=["to be created", "Berlin Büro"])
    assert made["status"] == "pending"
    assert made["schedule_time"] == made["next_run_at"] == when
    assert made["tags"] == ["to be created", "Berlin Büro"]
    assert made["priority"] == 7
    assert made["time_zone"] == "UTC"
    assert made["person"]["job_title"] == "Admiral"
    assert {app["app"] for app in made["apps"]} == {DESK, CHAT}
    assert made["retry_count"] == 0
    assert made["executed_at"] is made["error_message"] is made["request_id"] is None
    assert len(made["upcoming"]) == 1
    assert await read(client, made) == made


async def test_snake_case_is_the_same(client: Any) -> None:
    answer = await client.post(
        "/api/schedule",
        json={
            "employee": {"full_name": "Ada", "work_email": "ada@acme.example", "start_date": "2030-01-07"},
            "apps": {DESK: True},
            "scheduleTime": at(hours=1),
            "timeZone": "Europe/Berlin",
        },
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["time_zone"] == "Europe/Berlin"


async def test_a_time_without_an_offset_is_one_on_the_clocks_of_the_zone(make: Make, client: Any) -> None:
    made = await make(schedule_time="2031-03-30T02:30:00", time_zone="Europe/Berlin")
    assert made["next_run_at"] == "2031-03-30T01:00:00Z"
    assert made["local"] == "2031-03-30T03:00:00+02:00"
    settings = await client.put("/api/schedule/settings", json={"time_zone": "America/New_York"})
    assert settings.json() == {"time_zone": "America/New_York"}
    made = await make(schedule_time="2031-07-01T09:00:00")
    assert (made["time_zone"], made["next_run_at"]) == ("America/New_York", "2031-07-01T13:00:00Z")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"recurrence": "61 * * * *"}, "recurrence"),
        ({"recurrence": "every day"}, "recurrence"),
        ({"recurrence": "FREQ=SECONDLY"}, "recurrence"),
        ({"recurrence": {"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}}, "recurrence"),
        ({"recurrence": {"every": "day"}}, "recurrence"),
        ({"recurrence": "FREQ=DAILY;UNTIL=20200101"}, "recurrence"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"timeZone": "../etc/passwd"}, "timeZone"),
        ({"schedule_time": "2020-01-01T00:00:00Z"}, "schedule_time"),
        ({"schedule_time": at(minutes=-5)}, "schedule_time"),
        ({"schedule_time": at(days=-4), "execute_if_past": True}, "schedule_time"),
        ({"schedule_time": None}, "schedule_time"),
        ({"schedule_time": "tomorrow"}, "schedule_time"),
        ({"schedule_time": 1767225600}, "schedule_time"),
        ({"priority": -1}, "priority"),
        ({"priority": "high"}, "priority"),
        ({"applications": {"nothing": True}}, "applications.nothing"),
        ({"applications": {DESK: {"seats": 7}}}, f"applications.{DESK}.seats"),
        ({"applications": {}}, "applications"),
        ({"employee": {"fullName": "Grace", "workEmail": "nobody"}}, "employee.workEmail"),
        ({"surprise": 1}, "surprise"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_stored(
    client: Any, wrong: dict[str, Any], field: str
) -> None:
    sent = body()
    if "timeZone" in wrong or "scheduleTime" in wrong:
        sent.pop("time_zone", None)
    answer = await client.post("/api/schedule", json={**sent, **wrong})
    assert answer.status_code == 422, answer.text
    assert field in {error["field"] for error in answer.json()["errors"]}, answer.text
    assert (await client.get("/api/schedule")).json()["total"] == 0


async def test_every_fault_is_told_at_once(client: Any) -> None:
    answer = await client.post(
        "/api/schedule",
        json=body(schedule_time=at(days=-1), applications={"nothing": True}),
    )
    assert {error["field"] for error in answer.json()["errors"]} == {"schedule_time", "applications.nothing"}


async def test_the_same_key_makes_one_schedule(client: Any) -> None:
    sent, key = body(), {"Idempotency-Key": "hire-1"}
    first = await client.post("/api/schedule", json=sent, headers=key)
    again = await client.post("/api/schedule", json=sent, headers=key)
    other = await client.post("/api/schedule", json={**sent, "priority": 3}, headers=key)
    assert first.json() == again.json()
    assert other.status_code == 422
    assert (await client.get("/api/schedule")).json()["total"] == 1


async def test_lists_by_status_tag_and_time(make: Make, client: Any) -> None:
    soon = await make(schedule_time=at(days=1), tags=["to be created"])
    late = await make(schedule_time=at(days=9), tags=["Contractor"])
    gone = await make(schedule_time=at(days=5), tags=["TO BE  CREATED!"])
    await client.delete(f"/api/schedule/{gone['id']}")

    async def ids(query: str) -> list[str]:
        answer = await client.get(f"/api/schedule?{query}")
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]

    assert await ids("") == [soon["id"], gone["id"], late["id"]]
    assert await ids("order=latest&limit=2") == [late["id"], gone["id"]]
    assert await ids("tag=to-be-created") == [soon["id"], gone["id"]]
    assert await ids("tag=to be created&status=pending") == [soon["id"]]
    assert await ids("status=cancelled") == [gone["id"]]
    assert await ids(f"from={at(days=2)}&to={at(days=10)}") == [gone["id"], late["id"]]
    assert await ids("limit=1&offset=1") == [gone["id"]]
    assert (await client.get("/api/schedule?status=someday")).status_code == 422
    assert (await client.get("/api/schedule?order=sideways")).status_code == 422


async def test_preview_tells_daylight_saving(client: Any) -> None:
    answer = await client.post(
        "/api/schedule/preview",
        json={
            "schedule_time": "2031-03-29T00:00:00",
            "timeZone": "Europe/Berlin",
            "recurrence": "30 2 * * *",
        },
    )
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert [item["local"] for item in found["items"]] == [
        "2031-03-29T02:30:00+01:00",
        "2031-03-30T03:00:00+02:00",
        "2031-03-31T02:30:00+02:00",
        "2031-04-01T02:30:00+02:00",
        "2031-04-02T02:30:00+02:00",
    ]
    assert [item["note"] and item["note"]["code"] for item in found["items"]] == [
        None,
        "gap",
        None,
        None,
        None,
    ]
    once = await client.post("/api/schedule/preview", json={"schedule_time": at(days=1)})
    assert len(once.json()["items"]) == 1
    wrong = await client.post("/api/schedule/preview", json={"recurrence": "* * *"})
    assert wrong.json()["errors"][0]["field"] == "recurrence"


async def test_the_calendar_spells_out_what_repeats(make: Make, client: Any) -> None:
    once = await make(schedule_time="2031-01-10T08:00:00Z")
    weekly = await make(schedule_time="2031-01-01T08:00:00Z", recurrence={"rrule": "FREQ=WEEKLY;BYDAY=MO"})
    answer = await client.get("/api/schedule/calendar?from=2031-01-05T00:00:00Z&to=2031-02-01T00:00:00Z")
    assert answer.status_code == 200, answer.text
    items = answer.json()["items"]
    assert [(item["at"][8:10], item["schedule_id"]) for item in items] == [
        ("06", weekly["id"]),
        ("10", once["id"]),
        ("13", weekly["id"]),
        ("20", weekly["id"]),
        ("27", weekly["id"]),
    ]
    assert {item["run_id"] for item in items} == {None}
    assert (
        await client.get("/api/schedule/calendar?from=2031-01-05T00:00:00Z&to=2032-02-01T00:00:00Z")
    ).status_code == 422


async def test_health_says_what_is_late(make: Make, client: Any, passes: Any, api: Api) -> None:
    made = await make()
    assert (await client.get("/api/schedule/health")).json()["status"] == "ok"
    passes(made, "1 minute")
    found = (await client.get("/api/schedule/health")).json()
    assert (found["status"], found["late"]) == ("late", 1)
    assert found["late_seconds"] > 50
    await tick(api)
    assert (await client.get("/api/schedule/health")).json()["status"] == "ok"
    await api.worker.work()


async def test_the_clock_is_told_when_to_come_again(api: Api, make: Make, module_database: Database) -> None:
    module_database.psql("UPDATE api.schedules SET next_fire_at = NULL")
    assert (await tick(api))["next_due_in"] is None
    await make(schedule_time=at(seconds=90))
    assert 80 < (await tick(api))["next_due_in"] <= 90


async def test_a_run_whose_job_was_lost_is_found_again(
    api: Api, make: Make, client: Any, passes: Any, module_database: Database
) -> None:
    made = await make()
    passes(made)
    await tick(api)
    module_database.psql("DELETE FROM api.jobs WHERE kind = 'schedule.fire'")
    assert (await tick(api, sweep=True))["revived"] >= 1
    await api.worker.work()
    assert (await read(client, made))["status"] == "completed"
