"""`/api/schedule`: what HR systems send, what is refused, and what becomes of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.shared.kit.ids import uuid7
from services.shared.sdk.errors import ErrorCode
from tests.fixtures.api import Api
from tests.fixtures.postgres import Database
from tests.fixtures.principals import SCHEDULER_TOKEN
from tests.fixtures.providers import CHAT, DESK


def at(**after: float) -> str:
    """A time from now on, as people write it."""
    return (datetime.now(UTC) + timedelta(**after)).strftime("%Y-%m-%dT%H:%M:%SZ")


def body(**more: Any) -> dict[str, Any]:
    """As an HR system sends it."""
    return {
        "employee": {
            "fullName": "Grace Hopper",
            "workEmail": f"grace.{uuid7().hex[-8:]}@acme.example",
            "department": "Research",
            "jobTitle": "Admiral",
            "role": "Engineer",
        },
        "applications": {DESK: {"seats": ["gold"]}, CHAT: {"nickname": "amazing"}},
        "schedule_time": at(days=3),
        "tags": ["to be created"],
        "priority": 0,
        "recurrence": None,
        **more,
    }


async def tick(api: Api, **order: Any) -> dict[str, Any]:
    """What the scheduler does each second."""
    answer = await api.nobody().post(
        "/api/internal/fire-schedules", headers={"X-Service-Token": SCHEDULER_TOKEN}, json=order
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


Make = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def client(api: Api, tenant: UUID) -> httpx.AsyncClient:
    return api.client(tenant)


@pytest.fixture
def make(client: httpx.AsyncClient) -> Make:
    async def made(**more: Any) -> dict[str, Any]:
        answer = await client.post("/api/schedule", json=body(**more))
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return made


@pytest.fixture
def passes(module_database: Database) -> Callable[[dict[str, Any], str], None]:
    """Let a schedule's time have come."""

    def pass_(schedule: dict[str, Any], ago: str = "1 second") -> None:
        module_database.psql(
            f"UPDATE api.schedules SET next_fire_at = now() - interval '{ago}' WHERE id = '{schedule['id']}'"
        )

    return pass_


async def read(client: httpx.AsyncClient, schedule: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get(f"/api/schedule/{schedule['id']}")).json()
    return found


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
    assert await ids("tag=to-be-created") == [soon["id"], gone["id"]]
    assert await ids("tag=to be created&status=pending") == [soon["id"]]
    assert await ids("status=cancelled") == [gone["id"]]
    assert await ids(f"from={at(days=2)}&to={at(days=10)}") == [gone["id"], late["id"]]
    assert await ids("limit=1&offset=1") == [gone["id"]]
    assert (await client.get("/api/schedule?status=someday")).status_code == 422


async def test_it_fires_once_and_ends_with_its_request(
    api: Api, make: Make, client: Any, passes: Any
) -> None:
    made = await make()
    assert (await tick(api))["fired"] == 0
    passes(made)
    assert (await tick(api))["fired"] == 1
    assert (await tick(api))["fired"] == 0
    assert (await read(client, made))["status"] == "executing"
    await api.worker.work()
    done = await read(client, made)
    assert done["status"] == "completed", done
    assert done["executed_at"] is not None
    assert done["next_run_at"] is None
    assert done["latest_run"]["state"] == "completed"
    request = (await client.get(f"/api/requests/{done['request_id']}")).json()
    assert request["state"] == "completed"
    assert request["created_by"] == {"kind": "schedule", "name": "Schedule of Ada Admin"}
    assert request["tags"] == ["to be created"]
    runs = (await client.get(f"/api/schedule/{made['id']}/runs")).json()
    assert runs["total"] == 1
    said = (await client.get("/api/audit")).json()["items"]
    assert {"schedule.created", "request.created", "plan.applied", "schedule.run_completed"} <= {
        entry["action"] for entry in said
    }


async def test_important_ones_come_first(
    api: Api, make: Make, passes: Any, module_database: Database
) -> None:
    made = [await make(priority=priority) for priority in (0, 5, 2)]
    for schedule in made:
        passes(schedule)
    await tick(api)
    order = module_database.psql(
        "SELECT s.priority FROM api.jobs j JOIN api.schedule_runs r ON r.id = j.subject_id"
        " JOIN api.schedules s ON s.id = r.schedule_id WHERE j.state = 'queued' AND j.kind = 'schedule.fire'"
        f" AND s.id IN ({', '.join(repr(one['id']) for one in made)}) ORDER BY j.priority DESC, j.run_at"
    ).splitlines()
    assert order == ["5", "2", "0"]
    await api.worker.work()


async def test_cancelled_before_it_is_claimed_it_never_runs(
    api: Api, make: Make, client: Any, passes: Any
) -> None:
    made = await make()
    passes(made)
    answer = await client.delete(f"/api/schedule/{made['id']}")
    assert answer.json()["status"] == "cancelled"
    assert (await tick(api))["fired"] == 0
    assert (await client.delete(f"/api/schedule/{made['id']}")).status_code == 200, "twice is once"
    assert (await client.get(f"/api/schedule/{made['id']}/runs")).json()["total"] == 0


async def test_cancelled_after_it_is_claimed_and_before_it_begins_it_never_runs(
    api: Api, make: Make, client: Any, passes: Any
) -> None:
    made = await make()
    passes(made)
    await tick(api)
    assert (await client.delete(f"/api/schedule/{made['id']}")).json()["status"] == "cancelled"
    await api.worker.work()
    done = await read(client, made)
    assert (done["status"], done["request_id"]) == ("cancelled", None)
    assert done["latest_run"]["state"] == "cancelled"


async def test_cancelled_after_it_has_begun_says_so(api: Api, make: Make, client: Any, passes: Any) -> None:
    made = await make()
    passes(made)
    await tick(api)
    await api.worker.work("schedule.fire")
    answer = await client.delete(f"/api/schedule/{made['id']}")
    assert (answer.status_code, answer.json()["code"]) == (409, "schedule_started")
    assert answer.json()["request_id"] == (await read(client, made))["request_id"]
    moved = await client.patch(f"/api/schedule/{made['id']}", json={"schedule_time": at(days=1)})
    assert moved.json()["code"] == "schedule_started"
    await api.worker.work()
    answer = await client.delete(f"/api/schedule/{made['id']}")
    assert (answer.status_code, answer.json()["code"]) == (409, "schedule_ended")


async def test_rescheduled_it_runs_at_its_new_time(api: Api, make: Make, client: Any, passes: Any) -> None:
    made = await make()
    when = at(days=20)
    moved = await client.patch(
        f"/api/schedule/{made['id']}", json={"scheduleTime": when, "priority": 4, "tags": ["new-hire"]}
    )
    assert moved.status_code == 200, moved.text
    assert moved.json()["next_run_at"] == when
    assert (moved.json()["priority"], moved.json()["tags"]) == (4, ["new-hire"])
    for wrong, field in (
        ({"schedule_time": at(days=-1)}, "schedule_time"),
        ({"recurrence": "no rule"}, "recurrence"),
        ({"time_zone": "Nowhere"}, "time_zone"),
        ({"priority": -1}, "priority"),
    ):
        answer = await client.patch(f"/api/schedule/{made['id']}", json=wrong)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == field
    assert (await client.patch(f"/api/schedule/{made['id']}", json={})).status_code == 422
    assert (await read(client, made))["next_run_at"] == when


async def test_run_now_takes_the_place_of_its_time(api: Api, make: Make, client: Any) -> None:
    made = await make()
    answer = await client.post(f"/api/schedule/{made['id']}/execute", headers={"Idempotency-Key": "now-1"})
    again = await client.post(f"/api/schedule/{made['id']}/execute", headers={"Idempotency-Key": "now-1"})
    assert answer.status_code == again.status_code == 202, answer.text
    assert answer.json()["latest_run"]["by_hand"] is True
    assert (await client.post(f"/api/schedule/{made['id']}/execute")).json()["code"] == "schedule_started"
    await api.worker.work()
    done = await read(client, made)
    assert (done["status"], done["next_run_at"]) == ("completed", None)
    assert (await client.post(f"/api/schedule/{made['id']}/execute")).json()["code"] == "schedule_ended"
    assert (await client.get(f"/api/schedule/{made['id']}/runs")).json()["total"] == 1


async def test_a_repeating_one_goes_on_and_catches_up_without_a_gap(
    api: Api, make: Make, client: Any, module_database: Database
) -> None:
    made = await make(recurrence="0 3 * * *", time_zone="Europe/Berlin")
    assert made["recurrence"] == {"kind": "cron", "rule": "0 3 * * *"}
    assert len(made["upcoming"]) == 5
    module_database.psql(
        "UPDATE api.schedules SET starts_at = now() - interval '10 days', next_fire_at ="
        " (date_trunc('day', now() at time zone 'Europe/Berlin') - interval '6 days' + interval '3 hours')"
        f" at time zone 'Europe/Berlin' WHERE id = '{made['id']}'"
    )
    done = await tick(api)
    assert done["fired"] in {2, 3, 4}
    assert done["missed"] in {2, 3, 4}
    await api.worker.work()
    module_database.psql(
        "UPDATE api.jobs SET run_at = now() WHERE kind = 'schedule.fire' AND state = 'queued'"
    )
    for _ in range(4):
        await api.worker.work()
        module_database.psql(
            "UPDATE api.jobs SET run_at = now() WHERE kind = 'schedule.fire' AND state = 'queued'"
        )
    found = await read(client, made)
    assert found["status"] == "pending"
    assert found["next_run_at"] is not None
    runs = (await client.get(f"/api/schedule/{made['id']}/runs")).json()["items"]
    states = [run["state"] for run in runs]
    assert set(states) == {"completed", "missed"}, states
    days = [datetime.fromisoformat(run["local"]).date() for run in runs]
    assert all(later - earlier == timedelta(days=1) for later, earlier in pairwise(days))
    assert (await client.delete(f"/api/schedule/{made['id']}")).json()["status"] == "cancelled"


async def test_missed_for_longer_than_the_grace_is_shown_and_can_get_a_new_time(
    api: Api, make: Make, client: Any, passes: Any
) -> None:
    made = await make()
    passes(made, "4 days")
    assert (await tick(api))["missed"] == 1
    await api.worker.work()
    found = await read(client, made)
    assert (found["status"], found["latest_run"]["state"]) == ("failed", "missed")
    assert "grace" in found["error_message"]
    assert (await client.get("/api/schedule/health")).json()["missed_last_7_days"] == 1
    moved = await client.patch(f"/api/schedule/{made['id']}", json={"schedule_time": at(days=1)})
    assert (moved.json()["status"], moved.json()["error_message"]) == ("pending", None)


async def test_within_the_grace_it_runs_late(api: Api, make: Make, client: Any, passes: Any) -> None:
    made = await make()
    passes(made, "2 days")
    assert (await tick(api, misfire_grace=3 * 24 * 3600))["fired"] == 1
    other = await make()
    passes(other, "2 days")
    assert (await tick(api, misfireGrace=3600))["missed"] == 1
    await api.worker.work()
    assert (await read(client, made))["status"] == "completed"


async def test_what_fails_is_tried_again_as_often_as_said(
    api: Api, make: Make, client: Any, passes: Any, module_database: Database
) -> None:
    made = await make(applications={DESK: {"seats": ["gold"]}})
    passes(made)
    api.worker.failing[DESK] = ErrorCode.UNAVAILABLE
    await tick(api, retries=2, retry_delay=300)
    waits = []
    for _ in range(3):
        await api.worker.work()
        found = await read(client, made)
        if found["latest_run"]["state"] != "waiting_retry":
            break
        module_database.psql(
            "UPDATE api.schedule_runs SET next_try_at = now() WHERE next_try_at IS NOT NULL;"
            "UPDATE api.jobs SET run_at = now() WHERE kind = 'schedule.fire' AND state = 'queued'"
        )
        again = datetime.fromisoformat(found["latest_run"]["next_try_at"])
        waits.append(round((again - datetime.now(UTC)).total_seconds(), -2))
        assert found["status"] == "executing"
        assert "It did not work" in found["error_message"]
    assert waits == [300, 600]
    assert (found["status"], found["retry_count"]) == ("failed", 2)
    assert "It did not work" in found["error_message"]


async def test_a_plan_that_needs_a_person_waits_for_one_and_tells(
    api: Api, make: Make, client: Any, passes: Any, module_database: Database
) -> None:
    made = await make(applications={DESK: {"seats": ["gold"]}})
    passes(made)
    api.worker.failing[DESK] = ErrorCode.NO_SEATS
    await tick(api)
    await api.worker.work()
    found = await read(client, made)
    assert found["latest_run"]["state"] == "needs_person"
    assert (found["status"], found["needs_person"]) == ("executing", True)
    assert (await client.get("/api/schedule/health")).json()["needs_person"] == 1
    request = (await client.get(f"/api/requests/{found['request_id']}")).json()
    assert request["state"] == "planned"
    told = module_database.psql(
        f"SELECT count(*) FROM api.events WHERE type = 'schedule.needs_person' AND subject_id = '{made['id']}'"
    )
    assert told == "1"
    api.worker.failing.clear()
    async with api.worker.working():
        planned = (await client.post(f"/api/requests/{request['id']}/plan")).json()
        await client.post(f"/api/requests/{request['id']}/apply", json={"plan_id": planned["plan"]["id"]})
    await api.worker.work()
    found = await read(client, made)
    assert (found["status"], found["needs_person"]) == ("completed", False)


async def test_a_request_that_a_person_cancels_ends_the_run(
    api: Api, make: Make, client: Any, passes: Any
) -> None:
    made = await make(applications={DESK: {"seats": ["gold"]}})
    passes(made)
    api.worker.failing[DESK] = ErrorCode.NO_SEATS
    await tick(api)
    await api.worker.work()
    found = await read(client, made)
    assert (await client.post(f"/api/requests/{found['request_id']}/cancel")).status_code == 200
    await api.worker.work()
    assert (await read(client, made))["status"] == "cancelled"


async def test_what_can_no_longer_be_asked_for_fails_with_its_reason(
    api: Api, make: Make, client: Any, passes: Any
) -> None:
    made = await make(applications={CHAT: {"nickname": "amazing"}})
    await client.put(f"/api/apps/{CHAT}", json={"offered": False})
    passes(made)
    await tick(api)
    await api.worker.work()
    found = await read(client, made)
    assert found["status"] == "failed"
    assert "switched off" in found["error_message"]


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
