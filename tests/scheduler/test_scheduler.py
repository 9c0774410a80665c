"""The clock as a process: it ticks, it survives whatever the others do, and it stops when it is told to."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from pydantic import SecretStr

from deploy.local.ports import any_free
from services.scheduler.settings import SchedulerSettings
from services.scheduler.ticks import Service, ticks
from tests.fixtures.served import Served, serve

ROOT = Path(__file__).parents[2]
TOKEN = "scheduler-1.canary-secret-0123456789"
INTERVAL = 0.3


@dataclass
class Sweepable:
    """What the api and the auth service are to the scheduler."""

    calls: list[tuple[str, str, dict[str, str], float]] = field(default_factory=list)
    status: int = 200
    frozen: bool = False
    slow: float = 0.0
    under_way: int = 0
    most_under_way: int = 0

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.api_route("/{path:path}", methods=["GET", "POST"])
        async def call(path: str, request: Request) -> Response:
            self.calls.append((request.method, f"/{path}", dict(request.headers), time.monotonic()))
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
            try:
                while self.frozen:
                    await asyncio.sleep(0.05)
                await asyncio.sleep(self.slow)
            finally:
                self.under_way -= 1
            return Response(b"{}", self.status)

        return app


class Scheduler:
    """The process under test."""

    def __init__(self, api: Served, auth: Served, **environment: str) -> None:
        self.port = any_free()
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
                "FIRE_INTERVAL": "60",
                "CHECK_INTERVAL": "0 0 1 1 *",
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = ""

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", trust_env=False, timeout=5)

    def metric(self, name: str, **labels: str) -> float | None:
        for line in self.get("/metrics").text.splitlines():
            if line.startswith(name + "{") and all(
                f'{key}="{value}"' in line for key, value in labels.items()
            ):
                return float(line.rsplit(" ", 1)[1])
        return None

    def stop(self) -> float:
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.said, _ = self.process.communicate(timeout=10)
        return time.monotonic() - began


@dataclass
class Bench:
    api: Sweepable
    auth: Sweepable
    api_served: Served
    auth_served: Served
    scheduler: Scheduler


@contextmanager
def running() -> Iterator[Bench]:
    api, auth = Sweepable(), Sweepable()
    api_served, auth_served = serve(api.app()), serve(auth.app())
    scheduler = Scheduler(api_served, auth_served)
    made = Bench(api, auth, api_served, auth_served, scheduler)
    try:
        eventually(lambda: bool(api.calls and auth.calls), within=20)
        yield made
    finally:
        api.frozen = auth.frozen = False
        scheduler.process.kill()
        scheduler.process.communicate()
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
        service.status, service.frozen, service.slow = 200, False, 0.0
        service.calls.clear()
    return shared_bench


def eventually(condition: Any, within: float = 10.0) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_each_tick_calls_its_endpoint_at_once_and_at_its_interval(bench: Bench) -> None:
    eventually(lambda: len(bench.api.calls) >= 4 and len(bench.auth.calls) >= 4)
    assert {call[:2] for call in bench.api.calls} == {("POST", "/api/internal/sweep")}
    assert {call[:2] for call in bench.auth.calls} == {("POST", "/auth/internal/maintenance/sweep")}
    for service in (bench.api, bench.auth):
        assert {call[2]["x-service-token"] for call in service.calls} == {TOKEN}
        assert len({call[2]["x-correlation-id"] for call in service.calls}) == len(service.calls)
        spent = service.calls[3][3] - service.calls[0][3]
        assert INTERVAL * 3 * 0.5 < spent < INTERVAL * 3 + 2.0


def test_it_is_alive_and_ready_and_measured(bench: Bench) -> None:
    assert bench.scheduler.get("/health").json() == {"service": "scheduler", "status": "alive"}
    assert bench.scheduler.get("/ready").json()["checks"] == {"clock": "ok"}
    for tick in ("api.sweep", "auth.sweep"):
        eventually(
            lambda tick=tick: bench.scheduler.metric(
                "oneclick_scheduler_last_success_timestamp_seconds", tick=tick
            )
        )
        last = bench.scheduler.metric("oneclick_scheduler_last_success_timestamp_seconds", tick=tick)
        assert last == pytest.approx(time.time(), abs=5)
        assert bench.scheduler.metric("oneclick_scheduler_tick_seconds_count", tick=tick)


def test_a_refusal_is_counted_and_the_other_tick_goes_on(bench: Bench) -> None:
    bench.api.status = 500
    eventually(
        lambda: (bench.scheduler.metric("oneclick_scheduler_failures_total", reason="status_500") or 0) >= 2
    )
    before = len(bench.auth.calls)
    eventually(lambda: len(bench.auth.calls) > before)
    last = bench.scheduler.metric("oneclick_scheduler_last_success_timestamp_seconds", tick="api.sweep")
    bench.api.status = 204
    eventually(
        lambda: (
            bench.scheduler.metric("oneclick_scheduler_last_success_timestamp_seconds", tick="api.sweep")
            != last
        )
    )


def test_a_frozen_service_times_out_and_stops_nobody_else(bench: Bench) -> None:
    bench.api.frozen = True
    eventually(
        lambda: (bench.scheduler.metric("oneclick_scheduler_failures_total", reason="timeout") or 0) >= 2
    )
    before = len(bench.auth.calls)
    eventually(lambda: len(bench.auth.calls) >= before + 3)
    assert bench.scheduler.process.poll() is None
    bench.api.frozen = False
    before = len(bench.api.calls)
    eventually(lambda: len(bench.api.calls) >= before + 2)


def test_a_service_that_is_away_is_found_again(bench: Bench) -> None:
    port = bench.api_served.port
    bench.api_served.stop()
    eventually(
        lambda: (bench.scheduler.metric("oneclick_scheduler_failures_total", reason="unreachable") or 0) >= 1
    )
    assert bench.scheduler.get("/ready").status_code == 200
    bench.api_served = serve(bench.api.app(), port)
    before = len(bench.api.calls)
    eventually(lambda: len(bench.api.calls) > before)


def test_a_tick_that_still_runs_is_not_begun_again(bench: Bench) -> None:
    bench.api.slow = 0.45  # longer than the interval, shorter than the timeout
    before = len(bench.api.calls)
    bench.api.most_under_way = 0
    eventually(lambda: len(bench.api.calls) >= before + 4)
    assert bench.api.most_under_way == 1


def test_a_process_that_was_frozen_catches_up_with_one_tick(bench: Bench) -> None:
    bench.scheduler.process.send_signal(signal.SIGSTOP)
    time.sleep(INTERVAL * 6)
    before = len(bench.auth.calls)
    bench.scheduler.process.send_signal(signal.SIGCONT)
    woken = time.monotonic()
    eventually(lambda: len(bench.auth.calls) > before)
    time.sleep(INTERVAL * 0.5)
    missed_and_made_up = [call for call in bench.auth.calls[before:] if call[3] < woken + INTERVAL * 0.5]
    assert 1 <= len(missed_and_made_up) <= 2


def test_it_stops_within_seconds_even_with_a_call_under_way_and_tells_no_secret() -> None:
    with running() as bench:
        bench.api.frozen = True
        eventually(lambda: bench.api.under_way == 1)
        assert bench.scheduler.stop() < 5
    assert bench.scheduler.process.returncode in {0, -signal.SIGTERM}
    assert "Traceback" not in bench.scheduler.said
    assert "canary" not in bench.scheduler.said
    assert re.search(r'"event": "tick_done"', bench.scheduler.said)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
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
    ],
)
def test_a_wrong_setting_stops_the_start_and_names_itself(variable: str, value: str) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "SERVICE_TOKEN": TOKEN,
        variable: value,
    }
    if variable == "SERVICE_TOKEN":
        del environment[variable]
    done = subprocess.run(
        [sys.executable, "-m", "services.scheduler"],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 2
    assert f"Cannot start: {variable}: " in done.stderr


def test_every_tick_is_a_repeatable_call_to_an_internal_endpoint() -> None:
    made = ticks(SchedulerSettings(service_token=SecretStr(TOKEN), scheduler_interval=60))
    assert len({tick.name for tick in made}) == len(made)
    for tick in made:
        assert tick.path.split("/")[2] == "internal"
        assert tick.service in Service
        assert tick.interval in {1, 10, 60, 3600}
