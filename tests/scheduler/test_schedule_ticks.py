"""What the clock does for schedules: every second, at the next due time, at a cron expression's times; and its file."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client import REGISTRY
from pydantic import SecretStr, ValidationError

from services.scheduler.caller import Caller
from services.scheduler.clock import Clock, CronTimes
from services.scheduler.settings import SchedulerSettings
from services.scheduler.ticks import Service, Tick, ticks
from services.shared.kit.settings import read_settings
from tests.fixtures.waiting import eventually_async

TOKEN = SecretStr("scheduler-1.secret-of-these-tests-alone")


def settings(**more: Any) -> SchedulerSettings:
    return SchedulerSettings(service_token=TOKEN, **more)


@asynccontextmanager
async def clock(made: tuple[Tick, ...], answer: Any) -> AsyncIterator[list[tuple[float, httpx.Request]]]:
    calls: list[tuple[float, httpx.Request]] = []

    def serve(request: httpx.Request) -> httpx.Response:
        calls.append((time.monotonic(), request))
        found: httpx.Response = answer(request)
        return found

    async with httpx.AsyncClient(transport=httpx.MockTransport(serve)) as client:
        caller = Caller(client, dict.fromkeys(Service, "http://service.test"), TOKEN, timeout=60)
        ticking = Clock(caller, made)
        ticking.start()
        try:
            yield calls
        finally:
            await ticking.stop()


async def test_it_is_there_when_the_next_one_is_due() -> None:
    told = iter([{"next_due_in": 0.3}])
    fire = ticks(settings(fire_interval=60))[0]
    async with clock((fire,), lambda _: httpx.Response(200, json=next(told, {"next_due_in": None}))) as calls:
        await eventually_async(lambda: len(calls) == 2)
        assert 0.2 < calls[1][0] - calls[0][0] < 30, "much sooner than its interval"
        await asyncio.sleep(0.2)
        assert len(calls) == 2, "and not again before its interval"


async def test_a_tick_that_still_runs_is_not_begun_again() -> None:
    answer = asyncio.Event()
    under_way: list[httpx.Request] = []

    async def serve(request: httpx.Request) -> httpx.Response:
        under_way.append(request)
        await answer.wait()
        return httpx.Response(200, json={})

    async with httpx.AsyncClient(transport=httpx.MockTransport(serve)) as client:
        tick = Tick("busy", 0.05, "POST", Service.API, "/api/internal/busy")
        ticking = Clock(
            Caller(client, dict.fromkeys(Service, "http://service.test"), TOKEN, timeout=300), (tick,)
        )
        ticking.start()
        try:
            await eventually_async(lambda: under_way)
            await asyncio.sleep(tick.interval * 8)
            assert len(under_way) == 1
            answer.set()
            await eventually_async(lambda: len(under_way) >= 3, what="it does not go on")
        finally:
            await ticking.stop()


@pytest.mark.parametrize("due", [-5.0, 0.0, 120.0, 1e9, "soon", None])
async def test_what_is_overdue_or_far_away_waits_for_the_interval(due: Any) -> None:
    fire = ticks(settings(fire_interval=60))[0]
    async with clock((fire,), lambda _: httpx.Response(200, json={"next_due_in": due})) as calls:
        await eventually_async(lambda: len(calls) == 1)
        await asyncio.sleep(0.2)
        assert len(calls) == 1


async def test_the_order_says_how_late_is_too_late_and_how_often_to_try() -> None:
    made = ticks(settings(misfire_grace=60, schedule_retries=1, schedule_retry_delay=5, fire_interval=60))[0]
    async with clock((made,), lambda _: httpx.Response(200, json={})) as calls:
        await eventually_async(lambda: bool(calls))
    assert calls[0][1].url.path == "/api/internal/fire-schedules"
    assert calls[0][1].content == b'{"misfire_grace":60.0,"catch_up":10,"retries":1,"retry_delay":5}'


def failures(tick: str) -> float:
    return (
        REGISTRY.get_sample_value("oneclick_scheduler_failures_total", {"tick": tick, "reason": "status_404"})
        or 0.0
    )


async def test_a_call_that_a_service_does_not_know_yet_is_no_failure_where_that_is_allowed() -> None:
    refresh = next(tick for tick in ticks(settings()) if tick.name == "auth.refresh")
    fire = ticks(settings())[0]
    async with clock((refresh, fire), lambda _: httpx.Response(404, json={})) as calls:
        await eventually_async(lambda: failures("schedules.fire") >= 1 and len(calls) >= 2)
        assert failures("auth.refresh") == 0


def test_cron_is_everybodys_cron() -> None:
    monday = CronTimes("0 9 * * 1", "Europe/Berlin")
    found = monday.get_next_fire_time(None, datetime(2026, 3, 25, tzinfo=UTC))
    assert found == datetime(2026, 3, 30, 7, tzinfo=UTC)


def test_the_file_is_read_and_the_environment_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(
        "log_level: DEBUG\nscheduler:\n  check_interval: '*/5 * * * *'\n  time_zone: Europe/Berlin\n"
        "  misfire_grace: 3600\n  retries: 1\n  retry_delay: 10\n"
    )
    monkeypatch.setenv("CONFIG_FILE", str(file))
    monkeypatch.setenv("MISFIRE_GRACE", "60")
    found = settings()
    assert (found.log_level, found.check_interval, found.time_zone) == (
        "DEBUG",
        "*/5 * * * *",
        "Europe/Berlin",
    )
    assert (found.misfire_grace, found.schedule_retries, found.schedule_retry_delay) == (60, 1, 10)
    file.write_text("scheduler:\n  check_interval: often\n")
    with pytest.raises(ValidationError, match="check_interval"):
        settings()
    file.write_text("{")
    with pytest.raises(SystemExit):
        settings()
    assert "Cannot start: CONFIG_FILE: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("scheduler:\n  misfire_grac: 5\n", "scheduler.misfire_grac is not a setting"),
        ("- scheduler\n", "holds no names and values"),
        ("scheduler: soon\n", "scheduler holds no names and values"),
    ],
)
def test_a_file_that_says_something_else_stops_the_start(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    text: str,
    said: str,
) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(text)
    monkeypatch.setenv("CONFIG_FILE", str(file))
    with pytest.raises(SystemExit):
        settings()
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("variable", ["SCHEDULE_RETRIES", "RETRIES"])
@pytest.mark.parametrize("name", ["retries", "schedule_retries"])
def test_the_environment_comes_first_however_either_spells_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, name: str
) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(f"scheduler:\n  {name}: 1\nsomebody_elses: true\n")
    monkeypatch.setenv("CONFIG_FILE", str(file))
    assert settings().schedule_retries == 1
    monkeypatch.setenv(variable, "7")
    assert settings().schedule_retries == 7


def test_the_sample_file_holds_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = settings()
    monkeypatch.setenv("CONFIG_FILE", str(Path(__file__).parents[2] / "deploy" / "config.yaml"))
    assert settings() == plain
    said = yaml.safe_load(Path(os.environ["CONFIG_FILE"]).read_text())
    assert set(said["scheduler"]) <= set(SchedulerSettings.model_fields) | {"retries", "retry_delay"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MISFIRE_GRACE", "0"),
        ("SCHEDULE_CATCH_UP", "0"),
        ("SCHEDULE_RETRIES", "many"),
        ("SCHEDULE_RETRY_DELAY", "-1"),
        ("CHECK_INTERVAL", "61 * * * *"),
        ("SCHEDULER_TIME_ZONE", "Mars/Olympus"),
        ("FIRE_INTERVAL", "0"),
        ("SCHEDULER_INTERVAL", "x"),
        ("API_URL", "api:8000"),
    ],
)
def test_a_wrong_value_stops_the_start_and_names_itself(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    monkeypatch.setenv("SERVICE_TOKEN", TOKEN.get_secret_value())
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        read_settings(SchedulerSettings)
    assert name in capsys.readouterr().err
