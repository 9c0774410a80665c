"""A vendor that allows so many calls a second, and two workers: how much of it is used, and how often it says no."""

import asyncio
import os
import signal
import time
from datetime import datetime
from uuid import uuid4

from deploy.local.console import Console
from deploy.local.parts import Service
from deploy.local.ports import HOST, any_free
from deploy.local.state import ROOT
from services.shared.kit.db import create_engine
from services.shared.kit.direct import Direct
from services.shared.sdk.manifest import Limits
from services.shared.sdk.registry import get_provider
from services.worker.limits.database_books import DatabaseBooks
from services.worker.limits.gates import Gates
from services.worker.limits.rates import Rates
from tests.bench.figure import Figure, above, below
from tests.bench.system import System

SECONDS = float(os.environ.get("BENCH_LIMIT_SECONDS", "20"))
CALLS_EACH = 8
TURNS = 5000
AT_ONCE = 10


async def measure(system: System) -> list[Figure]:
    used, refused, calls, rate = await _two_workers(system)
    words = f"a vendor that allows {rate:g} calls a second"
    return [
        above(f"{words}, used by two workers", used * 100, 90, "%", f"{calls} calls, each taking 100 ms"),
        below(f"{words}, answered 429", refused / calls * 100, 1, "%", f"{refused} of {calls}"),
        await _turn(system),
    ]


async def _two_workers(system: System) -> tuple[float, int, int, float]:
    """The share of the rate that was used between the first tenth of the calls and the last; refusals; calls; rate."""
    rate = get_provider("google-workspace").manifest.limits.calls_per_second
    await system.reset_vendors()
    await system.configure("google", rate_limit_per_second=rate, latency_ms=100)
    os.kill(system.pid("services.worker"), signal.SIGSTOP)
    console = Console(show_programs=False)
    pair = [_worker(system, console) for _ in range(2)]
    try:
        await asyncio.gather(*(one.start() for one in pair))
        for _ in range(int(rate * SECONDS / CALLS_EACH)):
            body = system.hire()
            del body["apps"]["microsoft-365"]
            await system.request(body)
        await system.wait_all_ended()
    finally:
        for one in pair:
            await one.stop()
        os.kill(system.pid("services.worker"), signal.SIGCONT)
        await system.configure("google", rate_limit_per_second=None, latency_ms=0)
    calls = [call for call in await system.vendor_calls("google") if "token" not in call["path"]]
    times = sorted(datetime.fromisoformat(call["at"]).timestamp() for call in calls)
    middle = times[len(times) // 10 : -(len(times) // 10)]
    used = (len(middle) - 1) / (middle[-1] - middle[0]) / rate
    return used, sum(call["status"] == 429 for call in calls), len(calls), rate


def _worker(system: System, console: Console) -> Service:
    """A worker with the limits of the manifests."""
    port = any_free()
    environment = {**system.wiring.worker(), "PORT": str(port)}
    return Service(
        "worker",
        ["-m", "services.worker"],
        lambda: environment,
        console,
        ROOT,
        ready_url=f"http://{HOST}:{port}/ready",
    )


async def _turn(system: System) -> Figure:
    """Processor time of this process for one turn of one call, from the question to its end."""
    engine = create_engine(system.wiring.postgres.url("oneclick_worker"), name="bench", pool_size=1)
    gates = Gates(system.wiring.redis.url, DatabaseBooks(Direct(engine)))
    await gates.start()
    await asyncio.sleep(1.0)
    rates = Rates("Bench", Limits(calls_per_second=1e6, concurrency=100, source="bench"))
    gate = gates.gate(uuid4(), "bench", uuid4())

    async def calls(number: int) -> None:
        for _ in range(number):
            permit = await gate.enter(rates, "GET", "/users/1", patience=5, waits=lambda _seconds: None)
            gate.leave(permit)

    try:
        await calls(100)
        before = time.process_time()
        await asyncio.gather(*(calls(TURNS // AT_ONCE) for _ in range(AT_ONCE)))
        spent = (time.process_time() - before) / TURNS
    finally:
        await gates.stop()
        await engine.dispose()
    return below("a turn under a vendor's limits, the worker's processor time", spent * 1000, 0.5, "ms")
