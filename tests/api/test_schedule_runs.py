"""What becomes of schedules when their time comes: each fires once, and is followed to its end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
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


async def test_a_failed_one_that_gets_the_time_that_it_had_runs_again(
    api: Api, make: Make, client: Any, passes: Any, module_database: Database
) -> None:
    made = await make(applications={DESK: {"seats": ["gold"]}})
    passes(made)
    api.worker.failing[DESK] = ErrorCode.NOT_ENTITLED
    await tick(api, retries=0)
    await api.worker.work()
    module_database.psql(
        f"UPDATE api.schedule_runs SET state = 'failed' WHERE schedule_id = '{made['id']}';"
        f"UPDATE api.schedules SET state = 'failed', needs_person = false WHERE id = '{made['id']}'"
    )
    failed = await read(client, made)
    again = {"schedule_time": failed["latest_run"]["fire_at"], "execute_if_past": True}
    moved = await client.patch(f"/api/schedule/{made['id']}", json=again)
    assert moved.status_code == 200, moved.text
    api.worker.failing.clear()
    assert (await tick(api))["fired"] == 1
    await api.worker.work()
    done = await read(client, made)
    assert done["status"] == "completed", done
    assert (await client.get(f"/api/schedule/{made['id']}/runs")).json()["total"] == 2


async def test_a_time_that_has_its_run_already_leaves_nothing_hanging(
    api: Api, make: Make, client: Any, passes: Any, module_database: Database
) -> None:
    made = await make()
    passes(made)
    await tick(api)
    await api.worker.work()
    module_database.psql(
        "UPDATE api.schedules s SET state = 'pending', next_fire_at = r.fire_at FROM api.schedule_runs r"
        f" WHERE r.schedule_id = s.id AND s.id = '{made['id']}'"
    )
    assert (await tick(api))["fired"] == 0
    found = await read(client, made)
    assert (found["status"], found["next_run_at"]) == ("failed", None)
    assert "before" in found["error_message"]


async def test_a_minute_by_minute_one_that_was_away_for_days_runs_the_newest_and_shows_the_others(
    api: Api, make: Make, client: Any, module_database: Database
) -> None:
    made = await make(applications={DESK: {"seats": ["gold"]}}, recurrence="* * * * *")
    module_database.psql(
        "UPDATE api.schedules SET starts_at = now() - interval '9 days', next_fire_at ="
        f" date_trunc('minute', now()) - interval '20 hours' WHERE id = '{made['id']}'"
    )
    done = await tick(api, catch_up=3)
    assert done["fired"] == 3
    assert done["missed"] >= 1198
    assert not done["more"]
    for _ in range(4):
        await api.worker.work()
    runs = (await client.get(f"/api/schedule/{made['id']}/runs?limit=50")).json()
    assert runs["total"] == done["fired"] + done["missed"]
    assert [run["state"] for run in runs["items"][:3]] == ["completed"] * 3
    assert {run["state"] for run in runs["items"][3:]} == {"missed"}
    assert "Later times" in runs["items"][3]["error_message"]
    times = [datetime.fromisoformat(run["fire_at"]) for run in runs["items"]]
    assert all(later - earlier == timedelta(minutes=1) for later, earlier in pairwise(times))
    found = await read(client, made)
    assert (found["status"], found["error_message"]) == ("pending", None)
    assert (await client.delete(f"/api/schedule/{made['id']}")).status_code == 200


async def test_behind_a_run_that_takes_long_only_the_newest_wait(
    api: Api, make: Make, client: Any, module_database: Database
) -> None:
    made = await make(applications={DESK: {"seats": ["gold"]}}, recurrence="0 0 1 1 *")
    assert (await client.post(f"/api/schedule/{made['id']}/execute")).status_code == 202
    await api.worker.work("schedule.fire")
    for _ in range(12):
        assert (await client.post(f"/api/schedule/{made['id']}/execute")).status_code == 202
    await api.worker.work("schedule.fire")
    runs = (await client.get(f"/api/schedule/{made['id']}/runs?limit=50")).json()["items"]
    assert [run["state"] for run in runs] == ["due"] * 10 + ["missed"] * 2 + ["running"]
    for _ in range(12):
        await api.worker.work()
    runs = (await client.get(f"/api/schedule/{made['id']}/runs?limit=50")).json()["items"]
    assert [run["state"] for run in runs] == ["completed"] * 10 + ["missed"] * 2 + ["completed"]
    assert (await client.delete(f"/api/schedule/{made['id']}")).status_code == 200


async def test_hundreds_of_repeating_ones_catch_up_in_one_tick(
    api: Api, make: Make, client: Any, module_database: Database
) -> None:
    """So many rows that one statement could not take their values."""
    made = await make(applications={DESK: {"seats": ["gold"]}}, recurrence="0 * * * *")
    names = (
        "tenant_id, employee_id, state, body, full_name, work_email, tags, tag_slugs, priority, time_zone,"
    )
    names += (
        " starts_at, recurrence, next_fire_at, at, retry_count, needs_person, source, actor_kind, actor_id,"
    )
    names += " actor_name, correlation_id"
    module_database.psql(
        f"UPDATE api.schedules SET next_fire_at = date_trunc('hour', now()) - interval '9 hours',"
        f" starts_at = now() - interval '2 days' WHERE id = '{made['id']}';"
        f"INSERT INTO api.schedules (id, {names}) SELECT gen_random_uuid(), {names} FROM api.schedules,"
        f" generate_series(1, 299) WHERE id = '{made['id']}'"
    )
    done = await tick(api, catch_up=1)
    assert done["fired"] == 300
    assert done["missed"] >= 2700
    await client.delete(f"/api/schedule/{made['id']}")
    module_database.psql(
        "UPDATE api.schedule_runs SET state = 'cancelled', finished_at = now() WHERE state = 'due';"
        "UPDATE api.jobs SET state = 'done' WHERE kind = 'schedule.fire' AND state = 'queued';"
        "UPDATE api.schedules SET next_fire_at = NULL, state = 'cancelled'"
    )
