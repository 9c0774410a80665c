"""The clock as a process: it ticks, it survives whatever the others do, and it stops when it is told to.

What is counted here is counted by path and from a mark that the test sets: every tick has its first run at the
start, and none of them asks when a test begins.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from pydantic import SecretStr

from deploy.local.ports import any_free
from services.scheduler.__main__ import main
from services.scheduler.settings import SchedulerSettings
from services.scheduler.ticks import Service, ticks
from tests.fixtures.served import Served, serve
from tests.fixtures.waiting import eventually

ROOT = Path(__file__).parents[2]
TOKEN = "scheduler-1.canary-secret-0123456789"
INTERVAL = 0.3
SWEEPS = {"api": "/api/internal/sweep", "auth": "/auth/internal/maintenance/sweep"}
ELSEWHERE = ("FIRE", "RENEW", "REFRESH", "REWRAP", "FOLLOW", "TEST")
"""The other ticks come once, at the start, and never again while a test lasts."""


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    headers: dict[str, str]


@dataclass
class Sweepable:
    """What the api and the auth service are to the scheduler."""

    sweep: str
    calls: list[Call] = field(default_factory=list)
    status: int = 200
    frozen: bool = False
    under_way: int = 0

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.api_route("/{path:path}", methods=["GET", "POST"])
        async def call(path: str, request: Request) -> Response:
            self.calls.append(Call(request.method, f"/{path}", dict(request.headers)))
            self.under_way += 1
            try:
                while self.frozen:
                    await asyncio.sleep(0.05)
            finally:
                self.under_way -= 1
            return Response(b"{}", self.status)

        return app

    @property
    def sweeps(self) -> list[Call]:
        """The calls of the one tick that comes at the short interval."""
        return [call for call in list(self.calls) if call.path == self.sweep]


class Scheduler:
    """The process under test."""

    def __init__(self, api: Served, auth: Served, **environment: str) -> None:
        self.port = any_free()
        self.began = time.time()
        self._output = tempfile.TemporaryFile("w+")  # noqa: SIM115  # it lives as long as the process
        self.process = subprocess.Popen(
            [sys.executable, "-m", "services.scheduler"],
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT),
                "SERVICE_TOKEN": TOKEN,
                "API_URL": api.url,
                "AUTH_URL": auth.url,
                "PORT": str(self.port),
                "ENVIRONMENT": "test",
                "SCHEDULER_INTERVAL": str(INTERVAL),
                "SCHEDULER_TIMEOUT": "0.5",
                **{f"{name}_INTERVAL": "60" if name == "FIRE" else "3600" for name in ELSEWHERE},
                "CHECK_INTERVAL": "0 0 1 1 *",
                **environment,
            },
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    def said(self) -> str:
        self._output.seek(0)
        return self._output.read()

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", trust_env=False, timeout=60)

    def metric(self, name: str, **labels: str) -> float:
        """A metric's value; 0 while it has none."""
        for line in self.get("/metrics").text.splitlines():
            if line.startswith(name + "{") and all(
                f'{key}="{value}"' in line for key, value in labels.items()
            ):
                return float(line.rsplit(" ", 1)[1])
        return 0.0

    def failures(self, reason: str) -> float:
        return self.metric("oneclick_scheduler_failures_total", tick="api.sweep", reason=reason)

    def last_success(self, tick: str) -> float:
        return self.metric("oneclick_scheduler_last_success_timestamp_seconds", tick=tick)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self._output.close()


@dataclass
class Bench:
    api: Sweepable
    auth: Sweepable
    api_served: Served
    auth_served: Served
    scheduler: Scheduler


@contextmanager
def running(**environment: str) -> Iterator[Bench]:
    """A scheduler of whose ticks each has come once."""
    api, auth = Sweepable(SWEEPS["api"]), Sweepable(SWEEPS["auth"])
    api_served, auth_served = serve(api.app()), serve(auth.app())
    scheduler = Scheduler(api_served, auth_served, **environment)
    made = Bench(api, auth, api_served, auth_served, scheduler)
    expected = {tick.path for tick in ticks(SchedulerSettings(service_token=SecretStr(TOKEN)))}
    try:
        eventually(
            lambda: expected <= {call.path for call in [*api.calls, *auth.calls]},
            what="not every tick has come",
        )
        yield made
    finally:
        api.frozen = auth.frozen = False
        scheduler.end()
        for served in (made.api_served, made.auth_served):
            served.stop()


@pytest.fixture(scope="module")
def shared_bench() -> Iterator[Bench]:
    with running() as made:
        yield made


@pytest.fixture
def bench(shared_bench: Bench) -> Bench:
    """The module's scheduler; the services are as they should be again."""
    for service in (shared_bench.api, shared_bench.auth):
        service.status, service.frozen = 200, False
    return shared_bench


def come_again(service: Sweepable, times: int = 1) -> None:
    """Return when it was swept so often from now on."""
    before = len(service.sweeps)
    eventually(lambda: len(service.sweeps) >= before + times, what="the tick stays away")


def test_each_tick_calls_its_endpoint_at_once_and_at_its_interval(bench: Bench) -> None:
    made = ticks(SchedulerSettings(service_token=SecretStr(TOKEN)))
    for service, name in ((bench.api, Service.API), (bench.auth, Service.AUTH)):
        began, before = time.monotonic(), len(service.sweeps)
        come_again(service, 4)
        came = len(service.sweeps) - before
        # However late some are, no more can come than the time has intervals: and one that was just on its way.
        assert came <= (time.monotonic() - began) / INTERVAL + 2
        assert {(call.method, call.path) for call in service.calls} == {
            (tick.method, tick.path) for tick in made if tick.service is name
        }
        assert {call.headers["x-service-token"] for call in service.calls} == {TOKEN}
        assert len({call.headers["x-correlation-id"] for call in service.calls}) == len(service.calls)


def test_it_is_alive_and_ready_and_measured(bench: Bench) -> None:
    assert bench.scheduler.get("/health").json() == {"service": "scheduler", "status": "alive"}
    assert bench.scheduler.get("/ready").json()["checks"] == {"clock": "ok"}
    for tick in ("api.sweep", "auth.sweep"):
        eventually(lambda tick=tick: bench.scheduler.last_success(tick))  # type: ignore[misc]  # the default is the tick
        assert bench.scheduler.began <= bench.scheduler.last_success(tick) <= time.time()
        assert bench.scheduler.metric("oneclick_scheduler_tick_seconds_count", tick=tick)


def test_a_refusal_is_counted_and_the_other_tick_goes_on(bench: Bench) -> None:
    before = bench.scheduler.failures("status_500")
    bench.api.status = 500
    eventually(lambda: bench.scheduler.failures("status_500") >= before + 2)
    come_again(bench.auth)
    last = bench.scheduler.last_success("api.sweep")
    bench.api.status = 204
    eventually(lambda: bench.scheduler.last_success("api.sweep") != last)


def test_a_frozen_service_times_out_and_stops_nobody_else(bench: Bench) -> None:
    before = bench.scheduler.failures("timeout")
    bench.api.frozen = True
    eventually(lambda: bench.scheduler.failures("timeout") >= before + 2)
    come_again(bench.auth, 3)
    assert bench.scheduler.process.poll() is None
    bench.api.frozen = False
    come_again(bench.api, 2)


def test_a_service_that_is_away_is_found_again(bench: Bench) -> None:
    before = bench.scheduler.failures("unreachable")
    bench.api_served.pause()
    eventually(lambda: bench.scheduler.failures("unreachable") >= before + 1)
    assert bench.scheduler.get("/ready").status_code == 200
    bench.api_served.resume()
    come_again(bench.api)


def test_a_process_that_was_frozen_catches_up_with_one_tick(bench: Bench) -> None:
    bench.scheduler.process.send_signal(signal.SIGSTOP)
    time.sleep(INTERVAL * 6)
    before = len(bench.auth.sweeps)
    woken = time.monotonic()
    bench.scheduler.process.send_signal(signal.SIGCONT)
    come_again(bench.auth)
    came = len(bench.auth.sweeps) - before
    assert came <= (time.monotonic() - woken) / INTERVAL + 2, "the missed ones are made up for by one"


def test_it_stops_within_seconds_even_with_a_call_under_way_and_tells_no_secret() -> None:
    with running(SCHEDULER_TIMEOUT="300") as bench:
        eventually(lambda: bench.scheduler.last_success("auth.refresh"))
        bench.api.frozen = True
        eventually(lambda: bench.api.under_way)
        bench.scheduler.process.send_signal(signal.SIGTERM)
        # Much less than the call's timeout: it is not waited for.
        assert bench.scheduler.process.wait(timeout=60) in {0, -signal.SIGTERM}
        said = bench.scheduler.said()
    assert "Traceback" not in said
    assert "canary" not in said
    assert re.search(r'"event": "tick_done"', said)


WRONG = [
    ("SERVICE_TOKEN", ""),
    ("API_URL", "nowhere"),
    ("SCHEDULER_INTERVAL", "often"),
    ("SCHEDULER_INTERVAL", "0"),
    ("CHECK_INTERVAL", "61 * * * *"),
    ("CHECK_INTERVAL", "hourly"),
    ("MISFIRE_GRACE", "-1"),
    ("SCHEDULE_RETRIES", "many"),
    ("SCHEDULE_RETRY_DELAY", "0"),
    ("SCHEDULER_TIME_ZONE", "Mars/Olympus"),
    ("CONFIG_FILE", "/nowhere/config.yaml"),
]


@pytest.mark.parametrize(("variable", "value"), WRONG)
def test_a_wrong_setting_stops_the_start_and_names_itself(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SERVICE_TOKEN", TOKEN)
    monkeypatch.setenv(variable, value)
    if not value:
        monkeypatch.delenv(variable)
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert f"Cannot start: {variable}: " in capsys.readouterr().err


def test_a_process_with_a_wrong_setting_ends_and_says_so() -> None:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "API_URL": "nowhere"}
    done = subprocess.run(
        [sys.executable, "-m", "services.scheduler"],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 2
    assert "Cannot start: SERVICE_TOKEN: " in done.stderr
    assert "Cannot start: API_URL: " in done.stderr


def test_every_tick_is_a_repeatable_call_to_an_internal_endpoint() -> None:
    made = ticks(SchedulerSettings(service_token=SecretStr(TOKEN), scheduler_interval=60))
    assert len({tick.name for tick in made}) == len(made)
    for tick in made:
        assert tick.path.split("/")[2] == "internal"
        assert tick.service in Service
        assert tick.interval in {1, 10, 60, 3600}
