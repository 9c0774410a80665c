"""A ledger job from commit to start, as the worker's own histogram tells it, on an idle system."""

import asyncio
import os
import re
import signal

from tests.bench.figure import Figure, below
from tests.bench.system import System

TRIALS = 20
LINE = re.compile(
    r'oneclick_job_start_delay_seconds_(bucket|count)\{kind="options.refresh"(?:,le="([^"]+)")?\} (\S+)'
)


async def measure(system: System) -> list[Figure]:
    with_bell = await _median(system, "a")
    os.kill(system.redis_pid(), signal.SIGSTOP)
    try:
        without = await _median(system, "b")
    finally:
        os.kill(system.redis_pid(), signal.SIGCONT)
    note = "upper edge of the histogram's bucket"
    return [
        below("ledger job, due to claimed, median", with_bell * 1000, 30, "ms", f"with Redis; {note}"),
        below("ledger job, due to claimed, median", without, 2, "s", f"Redis frozen; {note}"),
    ]


async def _median(system: System, prefix: str) -> float:
    before = await _counts(system)
    for n in range(TRIALS):
        reply = await system.http.get(
            f"{system.api}/api/apps/microsoft-365/options/groups?q={prefix}{n}",
            headers=await system.headers(),
        )
        reply.raise_for_status()
        await asyncio.sleep(0.05)
    after = await _counts(system)
    made = {edge: after[edge] - before.get(edge, 0) for edge in after}
    total = max(made.values())
    return min(edge for edge, count in made.items() if count >= total / 2)


async def _counts(system: System) -> dict[float, float]:
    text = (await system.http.get(f"{system.wiring.url('worker')}/metrics")).text
    return {
        float(edge.replace("+Inf", "inf")): float(value)
        for kind, edge, value in LINE.findall(text)
        if kind == "bucket"
    }
