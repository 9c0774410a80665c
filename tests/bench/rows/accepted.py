"""`POST /api/requests` at fifty a second, open loop: a slow answer does not slow the next question."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Mapping
from typing import Any

from deploy.local.publicclient import PublicClient
from deploy.local.samplehire import EMPLOYEE, sample_request
from tests.bench.figure import Figure, below, percentile
from tests.bench.system import System

RATE, WARM_SECONDS, SECONDS = 50, 3, 10
"""The first statements of a process are compiled and its connections opened while it warms up."""
Body = Mapping[str, Any]


async def measure(system: System) -> list[Figure]:
    """With the worker standing still: fifty hires a second are many times what two cores can provision."""
    nine = await asyncio.to_thread(_nine_apps, system)
    worker = system.pid("services.worker")
    os.kill(worker, signal.SIGSTOP)
    try:
        figures = []
        for words, body in (("two apps", system.hire), ("nine apps", lambda: _somebody(system, nine))):
            made: list[str] = []
            await _load(system, body, WARM_SECONDS, made)
            times = await _load(system, body, SECONDS, made)
            note = f"the worker stands still; median {percentile(times, 0.5) * 1000:.0f} ms"
            row = f"POST /api/requests, {words}, p95 at 50/s"
            figures.append(below(row, percentile(times, 0.95) * 1000, 60, "ms", note))
            await _cancel(system, made)
        return figures
    finally:
        os.kill(worker, signal.SIGCONT)
        await system.wait_all_ended()


def _nine_apps(system: System) -> dict[str, Any]:
    with PublicClient(system.wiring.public_url) as person:
        person.sign_in("admin@acme.example")
        person.put("/api/apps/slack", {"offered": True})
        apps: dict[str, Any] = sample_request(person)["apps"]
    del apps["scim"]
    return apps


def _somebody(system: System, apps: dict[str, Any]) -> Body:
    hire = system.hire()
    return {"employee": {**EMPLOYEE, **hire["employee"]}, "apps": apps}


async def _load(system: System, body: Callable[[], Body], seconds: float, made: list[str]) -> list[float]:
    headers = await system.headers()
    times: list[float] = []

    async def one(hire: Body, due: float) -> None:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        reply = await system.http.post(f"{system.api}/api/requests", json=hire, headers=headers)
        times.append(time.perf_counter() - due)
        assert reply.status_code == 201, reply.text
        made.append(reply.json()["id"])

    began = time.perf_counter() + 0.2
    await asyncio.gather(*(one(body(), began + n / RATE) for n in range(int(RATE * seconds))))
    return times


async def _cancel(system: System, made: list[str]) -> None:
    """Nobody waits for thousands of accounts that only show how soon they are promised."""
    for request_id in made:
        reply = await system.http.post(
            f"{system.api}/api/requests/{request_id}/cancel", headers=await system.headers()
        )
        reply.raise_for_status()
