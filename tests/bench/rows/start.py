"""From accepted to the first call that a vendor sees, on an idle system, with and without the bell."""

import asyncio
import os
import signal
import time
from datetime import datetime

from tests.bench.figure import Figure, below, percentile
from tests.bench.system import System

TRIALS = 15


async def measure(system: System) -> list[Figure]:
    await system.wait_all_ended()
    with_bell = [await _trial(system) for _ in range(TRIALS)]
    os.kill(system.redis_pid(), signal.SIGSTOP)
    try:
        without = [await _trial(system) for _ in range(TRIALS)]
    finally:
        os.kill(system.redis_pid(), signal.SIGCONT)
    return [
        below(
            "accepted to first vendor call, p95", percentile(with_bell, 0.95) * 1000, 300, "ms", "with Redis"
        ),
        below(
            "accepted to first vendor call, p95", percentile(without, 0.95) * 1000, 2500, "ms", "Redis frozen"
        ),
    ]


async def _trial(system: System) -> float:
    """The clocks of one machine are one clock."""
    await system.reset_vendors()
    await asyncio.sleep(0.3)
    request = await system.request(system.hire())
    accepted = time.time()
    while await system.state(request) not in {"completed", "partial", "failed"}:
        await asyncio.sleep(0.1)
    calls = [
        datetime.fromisoformat(call["at"]).timestamp()
        for vendor in ("google", "microsoft")
        for call in await system.vendor_calls(vendor)
        if "token" not in call["path"]
    ]
    return max(min(calls) - accepted, 0.0)
