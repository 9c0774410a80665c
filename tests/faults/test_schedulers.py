"""Promise 8: a schedule fires once per nominal time, whatever happens to schedulers, apis and workers.

`ORDEAL_SCHEDULES` makes the ordeal larger: the bench does.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from tests.faults.clocks import Clocks, eventually
from tests.faults.test_killed_api import published_keys
from tests.faults.wishes import GOOGLE
from tests.fixtures.engine import Engine

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]
MANY = int(os.environ.get("ORDEAL_SCHEDULES", "200"))
REPEATING = MANY // 5
AWAY_MINUTES = 5
APPS = {"google-workspace": {**GOOGLE, "license_skus": []}}
"""Without licences: there are more joiners than seats."""


@pytest.fixture
async def clocks(workers: Engine) -> AsyncIterator[Clocks]:
    with published_keys() as url:
        async with Clocks(workers, url) as made:
            yield made
        await made.forget()


async def test_every_time_fires_once_through_kills_freezes_and_everybody_away(clocks: Clocks) -> None:
    apis = [clocks.api(), clocks.api()]
    await asyncio.gather(*(api.ready() for api in apis))
    ids = await clocks.schedule(APPS, timedelta(hours=1), MANY, timedelta(0))
    repeating, single = ids[:REPEATING], ids[REPEATING:]
    watched, unwatched, later = ids[: 2 * MANY // 5], ids[2 * MANY // 5 : 3 * MANY // 5], ids[3 * MANY // 5 :]
    first, second, third = (clocks.scheduler(api) for api in (apis[0], apis[1], apis[0]))
    await asyncio.gather(*(one.ready() for one in (first, second, third)))

    async def fired(share: float) -> None:
        async def there() -> bool:
            return len(await clocks.runs(ids)) >= share * MANY

        await eventually(there, f"{share:.0%} have not fired")

    await clocks.become_due(watched, over=timedelta(seconds=3))
    await fired(0.1)
    first.freeze()
    await fired(0.2)
    second.kill()
    apis[1].freeze()
    await fired(0.3)
    third.kill()
    apis[0].kill()
    # Nobody is left. Some become due, and some that repeat have been for a while.
    await clocks.become_due(unwatched, over=timedelta(0))
    await clocks.repeat(repeating, AWAY_MINUTES)
    before = await clocks.quiet(ids)
    assert await clocks.due(ids) >= REPEATING + len(unwatched), "somebody fires who should be away"
    assert len(await clocks.runs(ids)) == before, "somebody fires who should be away"
    # The frozen ones come back to a world that has moved on, and new ones with them.
    await clocks.become_due(later, over=timedelta(seconds=2))
    fresh = await clocks.api().ready()
    for _ in range(2):
        clocks.scheduler(fresh)
    apis[1].thaw()
    first.thaw()

    async def over() -> bool:
        pending = await clocks.engine.value(
            "SELECT count(*) FROM api.schedules WHERE id = ANY(:ids) AND next_fire_at IS NOT NULL", ids=single
        )
        return pending == 0 and await clocks.due(repeating) == 0

    await eventually(over, "not all have fired")
    runs = await clocks.runs(ids)
    times = Counter((schedule, at) for schedule, at, _ in runs)
    assert {pair: count for pair, count in times.items() if count > 1} == {}, "duplicates"
    assert Counter(schedule for schedule, _, _ in runs if schedule in set(single)) == Counter(single), "gaps"
    await assert_contiguous(clocks, repeating)
    jobs = await clocks.engine.rows(
        "SELECT r.id, count(j.id) AS jobs FROM api.schedule_runs r LEFT JOIN api.jobs j ON j.subject_id = r.id"
        " WHERE r.schedule_id = ANY(:ids) AND r.state <> 'missed' GROUP BY r.id",
        ids=ids,
    )
    assert {row["jobs"] for row in jobs} == {1}, "each run has the one job that brings it on"
    assert all(state in {"due", "running", "missed"} for _, _, state in runs)


async def assert_contiguous(clocks: Clocks, repeating: list[UUID]) -> None:
    """Each minute from the first that was missed to the newest has its run."""
    since = await clocks.engine.value(
        "SELECT date_trunc('minute', min(claimed_at)) - make_interval(mins => :minutes) FROM api.schedule_runs"
        " WHERE schedule_id = ANY(:ids) AND fire_at = date_trunc('minute', fire_at)",
        ids=repeating,
        minutes=AWAY_MINUTES,
    )
    for schedule in repeating:
        minutes = [at for _, at, _ in await clocks.runs([schedule]) if at.second == at.microsecond == 0]
        assert len(minutes) > AWAY_MINUTES
        assert minutes[0] <= since
        assert all(later - earlier == timedelta(minutes=1) for earlier, later in pairwise(minutes))


async def test_cancelling_races_with_firing_and_one_of_them_wins(clocks: Clocks) -> None:
    """What was cancelled in time never runs; what was not says that it has started, and runs."""
    api = await clocks.api().ready()
    scheduler = await clocks.scheduler(api).ready()
    clocks.engine.start_worker()
    cancelled: list[UUID] = []
    started: list[UUID] = []

    async def cancel(schedule: UUID, delay: float) -> None:
        await asyncio.sleep(delay)
        answer = await clocks.call(api, "DELETE", f"/api/schedule/{schedule}")
        if answer.status_code == 200:
            assert answer.json()["status"] == "cancelled"
            cancelled.append(schedule)
        else:
            assert answer.status_code == 409, answer.text
            assert answer.json()["code"] in {"schedule_started", "schedule_ended"}
            started.append(schedule)

    for _ in range(3):
        ids = await clocks.schedule(APPS, timedelta(seconds=1), 8, timedelta(0))
        await asyncio.gather(*(cancel(one, 0.7 + number * 0.08) for number, one in enumerate(ids)))
        if cancelled and started:
            break
    # However the race went: one that is due and not claimed is cancelled, one that has begun is not.
    scheduler.kill()
    await clocks.quiet(ids)  # its last call may be on its way
    (late,) = await clocks.schedule(APPS, timedelta(0), 1, timedelta(0))
    await cancel(late, 0.2)
    assert late in cancelled
    (early,) = await clocks.schedule(APPS, timedelta(0), 1, timedelta(0))
    clocks.engine.sandbox.configure("google", latency_ms=6000)
    await clocks.scheduler(api).ready()

    async def begun() -> bool:
        return bool(
            await clocks.engine.value(
                "SELECT count(*) FROM api.schedule_runs WHERE schedule_id = :id AND request_id IS NOT NULL",
                id=early,
            )
        )

    await eventually(begun, "it did not begin")
    answer = await clocks.call(api, "DELETE", f"/api/schedule/{early}")
    assert (answer.status_code, answer.json()["code"]) == (409, "schedule_started"), answer.text
    assert answer.json()["request_id"]
    clocks.engine.sandbox.configure("google", latency_ms=0)

    async def done() -> bool:
        left = await clocks.engine.value(
            "SELECT count(*) FROM api.jobs j JOIN api.schedule_runs r ON r.id = j.subject_id"
            " WHERE r.schedule_id = ANY(:ids) AND j.state <> 'done'",
            ids=cancelled,
        )
        return int(left) == 0

    await eventually(done, "jobs of cancelled runs are left")
    assert {state for _, _, state in await clocks.runs(cancelled)} <= {"cancelled"}
    assert await requests_of(clocks, cancelled) == {}, "a cancelled schedule has a request"
    assert await requests_of(clocks, [*started, early]) == dict.fromkeys([*started, early], 1)


async def requests_of(clocks: Clocks, ids: list[UUID]) -> dict[UUID, int]:
    """How many requests each of these has made."""
    rows = await clocks.engine.rows(
        "SELECT r.schedule_id, count(*) AS made FROM api.requests q"
        " JOIN api.schedule_runs r ON r.id = q.schedule_run_id WHERE r.schedule_id = ANY(:ids) GROUP BY 1",
        ids=ids,
    )
    return {row["schedule_id"]: row["made"] for row in rows}


async def test_a_worker_killed_in_a_run_leaves_one_request_and_one_account(clocks: Clocks) -> None:
    engine = clocks.engine
    api = await clocks.api().ready()
    clocks.scheduler(api)
    for point, passes in (
        ("job.after_claim", 0),
        ("run.before_commit", 0),
        ("run.before_commit", 1),
        ("run.after_commit", 0),
    ):
        doomed = engine.start_worker(faults=f"{point}=kill@{passes}")
        (schedule,) = await clocks.schedule(APPS, timedelta(0), 1, timedelta(0))

        async def dead(doomed: object = doomed) -> bool:
            return not doomed.alive()  # type: ignore[attr-defined]  # it is a worker

        await eventually(dead, f"{point} was not passed {passes + 1} times")
        await engine.expire_leases()
        engine.start_worker()

        async def ended(schedule: UUID = schedule) -> bool:
            return [state for _, _, state in await clocks.runs([schedule])] == ["completed"]

        await eventually(ended, "the run did not end")
        requests = await engine.rows(
            "SELECT q.id, e.work_email FROM api.requests q JOIN api.employees e ON e.id = q.employee_id"
            " JOIN api.schedules s ON s.employee_id = e.id WHERE s.id = :id",
            id=schedule,
        )
        assert len(requests) == 1, "one run, one request"
        found = [
            one
            for one in engine.sandbox.state("google")["users"]
            if one["address"] == requests[0]["work_email"]
        ]
        assert len(found) == 1
        engine.stop_workers()


async def test_an_api_killed_after_its_claim_has_fired_all_the_same(clocks: Clocks) -> None:
    doomed = await clocks.api(faults="request.after_commit=kill").ready()
    ids = await clocks.schedule(APPS, timedelta(0), 10, timedelta(0))
    clocks.scheduler(doomed)

    async def dead() -> bool:
        return doomed.process.poll() is not None

    await eventually(dead, "the api lives on")
    clocks.scheduler(await clocks.api().ready())

    async def fired() -> bool:
        return await clocks.due(ids) == 0

    await eventually(fired, "not all have fired")
    assert Counter(schedule for schedule, _, _ in await clocks.runs(ids)) == Counter(ids)
    jobs = await clocks.engine.value(
        "SELECT count(*) FROM api.jobs j JOIN api.schedule_runs r ON r.id = j.subject_id"
        " WHERE r.schedule_id = ANY(:ids)",
        ids=ids,
    )
    assert jobs == len(ids)
