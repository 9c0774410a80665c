"""Schedules: how late they start when nothing else is to do, how long thousands at one second take, and the ordeal.

A schedule has started when its request is made. BENCH_SCHEDULES (default 10000) are due at one second;
BENCH_ORDEAL (default 2000) go through the fault test of `tests/faults/test_schedulers.py`.
"""

import asyncio
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from deploy.local.state import ROOT
from services.shared.kit.db import create_engine
from tests.bench.figure import Figure, below, percentile
from tests.bench.system import System

AT_ONCE = int(os.environ.get("BENCH_SCHEDULES", "10000"))
ORDEAL = int(os.environ.get("BENCH_ORDEAL", "2000"))
SPREAD = 60
EVERY = 0.5
APPS: dict[str, Any] = {"google-workspace": {"license_skus": [], "groups": []}}

_COPY = """
WITH one AS (SELECT * FROM api.schedules WHERE id = :id),
people AS (
  INSERT INTO api.employees (id, tenant_id, full_name, work_email, work_email_key, tags, status)
  SELECT gen_random_uuid(), one.tenant_id, 'Bench Person', m.email, m.email, '[]', 'prospective'
    FROM one, generate_series(1, :many) AS n, LATERAL (SELECT :prefix || n || '@acme.example' AS email) AS m
  RETURNING id, work_email
)
INSERT INTO api.schedules (id, tenant_id, employee_id, state, body, full_name, work_email, tags, tag_slugs,
  priority, time_zone, starts_at, next_fire_at, at, retry_count, needs_person, source, actor_kind, actor_id,
  actor_name, correlation_id)
SELECT gen_random_uuid(), one.tenant_id, people.id, 'pending',
       jsonb_set(one.body, '{employee,work_email}', to_jsonb(people.work_email)), one.full_name,
       people.work_email, :mark, '["bench"]', 0, 'UTC', :at, :at, :at, 0, false, 'operator', one.actor_kind,
       one.actor_id, one.actor_name, one.correlation_id
  FROM one, people
"""
_COUNT = """
SELECT count(*) AS runs, count(r.started_at) AS started, max(r.claimed_at) AS claimed_at,
       max(r.started_at) AS started_at
  FROM api.schedule_runs r JOIN api.schedules s ON s.id = r.schedule_id WHERE s.tags = :mark
"""
_END = (
    "UPDATE api.jobs SET state = 'done' WHERE state = 'queued'",
    "UPDATE api.requests SET state = 'cancelled' WHERE schedule_run_id IS NOT NULL",
    "UPDATE api.schedule_runs SET state = 'cancelled' WHERE state IN ('due', 'running', 'waiting_retry')",
    "UPDATE api.schedules SET state = 'cancelled', next_fire_at = NULL WHERE state IN ('pending', 'executing')",
)


async def measure(system: System) -> list[Figure]:
    await system.wait_all_ended()
    late = await _idle(system)
    figures = [
        below(
            "a schedule's lateness when idle, p99", percentile(late, 0.99), 2, "s", f"{len(late)} schedules"
        ),
        below("the same, median", percentile(late, 0.5), 2, "s"),
    ]
    claimed, started = await _at_once(system)
    words = f"{AT_ONCE} schedules due at the same second"
    figures.append(below(f"{words}, all started", started, 60, "s", f"all claimed after {claimed:.3g} s"))
    return [*figures, await _ordeal()]


async def _create(system: System, at: datetime, tag: str) -> str:
    body = {"employee": system.hire()["employee"], "applications": APPS, "tags": [tag]}
    reply = await system.http.post(
        f"{system.api}/api/schedule",
        json={**body, "schedule_time": at.isoformat()},
        headers=await system.headers(),
    )
    if reply.is_error:
        raise AssertionError(f"{reply.status_code} {reply.text}")
    return str(reply.json()["id"])


async def _idle(system: System) -> list[float]:
    """From the time that was asked for to the request, one schedule after the other."""
    begin = datetime.now(UTC) + timedelta(seconds=15)
    for number in range(SPREAD):
        await _create(system, begin + timedelta(seconds=EVERY * number), "bench idle")
    await asyncio.sleep((begin - datetime.now(UTC)).total_seconds() + SPREAD * EVERY)
    deadline = time.monotonic() + 120
    while True:
        rows = await _rows(
            system,
            "SELECT extract(epoch FROM r.started_at - r.fire_at)::float8 AS late FROM api.schedule_runs r"
            " JOIN api.schedules s ON s.id = r.schedule_id WHERE s.tags = '[\"bench idle\"]'",
        )
        late = [row["late"] for row in rows if row["late"] is not None]
        if len(late) == SPREAD:
            return late
        if time.monotonic() > deadline:
            raise AssertionError(f"{SPREAD - len(late)} schedules have not started")
        await asyncio.sleep(0.5)


async def _at_once(system: System) -> tuple[float, float]:
    """Seconds from the due second until the last one was claimed, and until its request was made."""
    model = await _create(system, datetime.now(UTC) + timedelta(days=1), "bench model")
    due = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=20)
    mark = '["bench at once"]'
    await _rows(
        system,
        _COPY.replace(":mark", f"'{mark}'").replace(":many", str(AT_ONCE)),
        id=model,
        prefix=f"atonce{os.getpid()}-",
        at=due,
    )
    await _rows(system, "ANALYZE api.schedules")
    deadline = time.monotonic() + 300
    while True:
        (row,) = await _rows(system, _COUNT.replace(":mark", f"'{mark}'"))
        runs, started, claimed_at, started_at = row.values()
        if started == AT_ONCE:
            break
        if time.monotonic() > deadline:
            raise AssertionError(f"{started} of {runs} runs have started")
        await asyncio.sleep(1)
    for statement in _END:
        await _rows(system, statement)
    return (claimed_at - due).total_seconds(), (started_at - due).total_seconds()


async def _rows(system: System, statement: str, **values: Any) -> list[dict[str, Any]]:
    engine = create_engine(system.wiring.postgres.url("postgres"), name="bench", pool_size=1)
    try:
        async with engine.begin() as connection:
            done = await connection.execute(text(statement), values)
            return [dict(row) for row in done.mappings()] if done.returns_rows else []
    finally:
        await engine.dispose()


async def _ordeal() -> Figure:
    """The fault test, larger: its own database, schedulers and apis. The figure is how many times went wrong."""
    which = (
        "tests/faults/test_schedulers.py::test_every_time_fires_once_through_kills_freezes_and_everybody_away"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "pytest", "-q", "-p", "no:cacheprovider", which),
        cwd=ROOT,
        env={**os.environ, "ORDEAL_SCHEDULES": str(ORDEAL)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    if process.returncode:
        sys.stdout.write(said.decode(errors="replace")[-3000:])
    words = f"{ORDEAL} schedules, three schedulers and two apis killed, frozen, away: failures"
    return below(words, float(process.returncode != 0), 0.5, "", "no duplicate, no gap")
