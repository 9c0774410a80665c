"""What becomes of schedules when their time comes: each fires once, and is followed to its end."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.shared.sdk.errors import ErrorCode
from tests.fixtures.api import Api
from tests.fixtures.postgres import Database
from tests.fixtures.providers import CHAT, DESK
from tests.fixtures.scheduling import Make, at, client, make, passes, read, tick

__all__ = ["client", "make", "passes"]


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


async def test_cancelled_before_a_worker_begins_it_never_runs(api: Api, make: Make, client: Any) -> None:
    made = await make()
    assert (await client.post(f"/api/schedule/{made['id']}/execute")).status_code == 202
    assert (await client.delete(f"/api/schedule/{made['id']}")).json()["status"] == "cancelled"
    await api.worker.work()
    done = await read(client, made)
    assert (done["status"], done["request_id"]) == ("cancelled", None)
    assert done["latest_run"]["state"] == "cancelled"


async def test_many_due_at_once_get_their_requests_at_once_and_a_wrong_one_stops_no_other(
    api: Api, make: Make, client: Any, passes: Any
) -> None:
    made = [await make(applications={DESK: {"seats": ["gold"]}}, priority=number) for number in range(5)]
    twice = {"fullName": "Grace Hopper", "workEmail": made[0]["employee"]["work_email"]}
    made.append(await make(applications={DESK: {"seats": ["gold"]}}, employee=twice))
    wrong = await make(applications={CHAT: {"nickname": "amazing"}})
    await client.put(f"/api/apps/{CHAT}", json={"offered": False})
    for schedule in (*made, wrong):
        passes(schedule)
    assert (await tick(api))["fired"] == 7
    begun = [(await read(client, schedule))["request_id"] for schedule in made]
    assert sum(request_id is not None for request_id in begun) == 5, "nobody twice at once"
    assert (await read(client, wrong))["request_id"] is None
    await api.worker.work()
    assert {(await read(client, schedule))["status"] for schedule in made} == {"completed"}
    failed = await read(client, wrong)
    assert (failed["status"], "switched off" in failed["error_message"]) == ("failed", True)
    said = (await client.get("/api/audit?limit=100")).json()["items"]
    created = [entry for entry in said if entry["action"] == "request.created"]
    assert len(created) == 6
    assert {entry["actor"]["kind"] for entry in created} == {"schedule"}


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
