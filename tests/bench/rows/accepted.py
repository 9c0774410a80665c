"""`POST /api/requests` at fifty a second, open loop: a slow answer does not slow the next question."""

import asyncio
import os
import signal
import time

from tests.bench.figure import Figure, below, percentile
from tests.bench.system import System

RATE, SECONDS = 50, 10


async def measure(system: System) -> list[Figure]:
    """With the worker standing still: fifty hires a second are several times what two cores can provision."""
    worker = system.pid("services.worker")
    os.kill(worker, signal.SIGSTOP)
    try:
        times = await _load(system)
    finally:
        os.kill(worker, signal.SIGCONT)
    note = f"two apps; the worker stands still; median {percentile(times, 0.5) * 1000:.0f} ms"
    figures = [below("POST /api/requests, p95 at 50/s", percentile(times, 0.95) * 1000, 60, "ms", note)]
    await system.wait_all_ended()
    return figures


async def _load(system: System) -> list[float]:
    headers = await system.headers()
    times: list[float] = []

    async def one(body: dict[str, object], due: float) -> None:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        reply = await system.http.post(f"{system.api}/api/requests", json=body, headers=headers)
        times.append(time.perf_counter() - due)
        assert reply.status_code == 201, reply.text

    began = time.perf_counter() + 0.2
    await asyncio.gather(*(one(system.hire(), began + n / RATE) for n in range(RATE * SECONDS)))
    return times
