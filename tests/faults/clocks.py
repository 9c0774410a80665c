"""Schedulers and apis as real processes on the engine's database, and schedules for them to fire."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import httpx

from deploy.local.ports import any_free
from services.shared.domain.employee.service import EmployeeDetails
from services.shared.domain.provisioning.states import RequestKind
from services.shared.domain.provisioning.wishes import Wish
from services.shared.domain.schedule.service import NewSchedule, create_schedule
from services.shared.domain.schedule.timing import Timing, now_of
from tests.fixtures.engine import ROOT, TENANT, Engine
from tests.fixtures.principals import bearer, mint

WITHIN = 240.0
"""For anything that must come at last, on a machine that has other things to do."""


async def eventually(condition: Callable[[], Awaitable[Any]], what: str, within: float = WITHIN) -> None:
    deadline = time.monotonic() + within
    while not await condition():
        assert time.monotonic() < deadline, what
        await asyncio.sleep(0.05)


@dataclass
class Running:
    """One process."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path
    frozen: bool = field(default=False)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(60)

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    async def ready(self) -> Self:
        deadline = time.monotonic() + WITHIN
        async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
            while True:
                try:
                    if (await client.get(f"{self.url}/ready")).is_success:
                        return self
                except httpx.HTTPError:
                    pass
                assert self.process.poll() is None, self.log.read_text()[-3000:]
                assert time.monotonic() < deadline, self.log.read_text()[-3000:]
                await asyncio.sleep(0.05)


class Clocks:
    """Use as an async context manager: whatever it started ends with it."""

    def __init__(self, engine: Engine, keys_url: str) -> None:
        self.engine = engine
        self.keys_url = keys_url
        self._started: list[Running] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None
    ) -> None:
        for one in self._started:
            one.kill()

    def api(self, *, faults: str = "") -> Running:
        """An api; `ready` waits for it."""
        return self._start(
            "services.api",
            {
                "DATABASE_URL": self.engine.database.url("oneclick_api"),
                "DATABASE_POOL_SIZE": "5",
                "REDIS_URL": self.engine.redis.url,
                "AUTH_URL": self.keys_url,
                "SERVICE_TOKEN": self.engine.keys.service_token("api"),
                "SERVICE_TOKENS": self.engine.keys.service_tokens("scheduler"),
                "FAULT_POINTS": faults,
            },
        )

    def scheduler(self, api: Running) -> Running:
        """A scheduler that calls this api, and no auth service."""
        return self._start(
            "services.scheduler",
            {
                "API_URL": api.url,
                "AUTH_URL": self.keys_url,
                "SERVICE_TOKEN": self.engine.keys.service_token("scheduler"),
                "SCHEDULER_TIMEOUT": "5",
                "FIRE_INTERVAL": "0.3",
                "SCHEDULER_INTERVAL": "3600",
            },
        )

    def _start(self, module: str, environment: Mapping[str, str]) -> Running:
        port = any_free()
        log = self.engine.folder / f"{module}-{len(self._started)}.log"
        with log.open("ab") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", module],
                cwd=ROOT,
                env={
                    "PATH": os.environ["PATH"],
                    "ENVIRONMENT": "test",
                    "LOG_LEVEL": "WARNING",
                    "PORT": str(port),
                    **environment,
                },
                stdout=out,
                stderr=out,
            )
        made = Running(process, f"http://127.0.0.1:{port}", log)
        self._started.append(made)
        return made

    # What they fire

    async def schedule(
        self, apps: Mapping[str, Any], after: timedelta, many: int, every: timedelta
    ) -> list[UUID]:
        """So many schedules, the first due after so long, the others one after the other."""
        made: list[UUID] = []
        async with self.engine.unit_of_work() as uow:
            now = await now_of(uow)
            for number in range(many):
                person = EmployeeDetails("Jo Joiner", self.engine.new_address())
                wish = Wish(RequestKind.ONBOARD, person, apps, dry_run=True)
                timing = Timing(now + after + every * number)
                made.append((await create_schedule(uow, NewSchedule(wish, timing))).id)
        return made

    async def become_due(self, ids: list[UUID], over: timedelta) -> None:
        """Let these be due one after the other, the first now and the last after so long."""
        await self.engine.rows(
            "UPDATE api.schedules SET next_fire_at = now() +"
            " make_interval(secs => :pause * (array_position(CAST(:ids AS uuid[]), id) - 1)) WHERE id = ANY(:ids)",
            ids=ids,
            pause=over.total_seconds() / len(ids),
        )

    async def quiet(self, ids: list[UUID]) -> int:
        """How many runs there are once nobody adds any: what was sent by somebody who is dead now has come."""
        found = -1
        while found != (found := len(await self.runs(ids))):
            await asyncio.sleep(1)
        return found

    async def repeat(self, ids: list[UUID], minutes: int) -> None:
        """Let these repeat each minute, and have been due for so many minutes."""
        await self.engine.rows(
            "UPDATE api.schedules SET recurrence = '* * * * *', starts_at = now() - interval '1 day',"
            " next_fire_at = date_trunc('minute', now()) - make_interval(mins => :minutes) WHERE id = ANY(:ids)",
            ids=ids,
            minutes=minutes,
        )

    async def forget(self) -> None:
        """Nothing of what was scheduled is still to be done: the next test has the machine to itself."""
        self.engine.stop_workers()
        for statement in (
            "UPDATE api.schedules SET next_fire_at = NULL, state = 'cancelled'",
            "UPDATE api.schedule_runs SET state = 'cancelled' WHERE state IN ('due', 'running', 'waiting_retry')",
            "UPDATE api.jobs SET state = 'done' WHERE state IN ('queued', 'running')",
        ):
            await self.engine.rows(statement)

    async def runs(self, ids: list[UUID]) -> list[tuple[UUID, datetime, str]]:
        """Every run of these: the schedule, the time, the state; by time."""
        rows = await self.engine.rows(
            "SELECT schedule_id, fire_at, state FROM api.schedule_runs WHERE schedule_id = ANY(:ids)"
            " ORDER BY fire_at",
            ids=ids,
        )
        return [(row["schedule_id"], row["fire_at"], row["state"]) for row in rows]

    async def due(self, ids: list[UUID]) -> int:
        """How many of these are due and not fired."""
        found = await self.engine.value(
            "SELECT count(*) FROM api.schedules WHERE id = ANY(:ids) AND next_fire_at <= now()", ids=ids
        )
        return int(found)

    async def call(self, api: Running, method: str, path: str, **more: Any) -> httpx.Response:
        """An administrator's call."""
        async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
            return await client.request(method, f"{api.url}{path}", headers=bearer(mint(TENANT)), **more)
