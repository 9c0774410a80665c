"""Times that passed while nothing ran: what is caught up, what is marked as missed, and what gets a new time."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from services.shared.sdk.errors import ErrorCode
from tests.fixtures.api import Api
from tests.fixtures.postgres import Database
from tests.fixtures.providers import DESK
from tests.fixtures.scheduling import Make, at, body, client, make, passes, read, tick

__all__ = ["client", "make", "passes"]


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


async def test_a_tenant_with_thousands_due_does_not_keep_the_others_waiting(
    api: Api, make: Make, client: Any, module_database: Database, other_tenant: UUID
) -> None:
    """Tenants take turns, whatever priorities the busy one gives its own."""
    made = await make(priority=1000)
    names = "tenant_id, employee_id, body, full_name, work_email, tags, tag_slugs, priority, time_zone,"
    names += (
        " starts_at, at, retry_count, needs_person, source, actor_kind, actor_id, actor_name, correlation_id"
    )
    module_database.psql(
        f"INSERT INTO api.schedules (id, state, next_fire_at, {names}) SELECT gen_random_uuid(), 'pending',"
        f" now() - interval '1 hour', {names} FROM api.schedules, generate_series(1, 30)"
        f" WHERE id = '{made['id']}'"
    )
    other = await api.client(other_tenant).post("/api/schedule", json=body())
    module_database.psql(f"UPDATE api.schedules SET next_fire_at = now() WHERE id = '{other.json()['id']}'")
    first = module_database.psql("SELECT tenant_id FROM api.due_schedules(2)").splitlines()
    assert str(other_tenant) in first
    module_database.psql("UPDATE api.schedules SET next_fire_at = NULL, state = 'cancelled'")
