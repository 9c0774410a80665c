"""The API process: import time, memory, and no vendor SDK in it."""

import asyncio
import sys

from tests.bench.figure import Figure, below
from tests.bench.system import System, resident_mib

CODE = (
    "import time; t = time.perf_counter(); import services.api.app; s = time.perf_counter() - t;"
    "import sys; heavy = [m for m in ('msgraph', 'googleapiclient') if m in sys.modules]; print(s, ','.join(heavy))"
)


async def measure(system: System) -> list[Figure]:
    times, loaded = [], ""
    for _ in range(3):
        made = await asyncio.create_subprocess_exec(
            sys.executable, "-c", CODE, stdout=asyncio.subprocess.PIPE
        )
        out, _err = await made.communicate()
        seconds, _, loaded = out.decode().strip().partition(" ")
        times.append(float(seconds))
    memory = resident_mib(system.pid("services.api"))
    note = f"vendor SDK loaded: {loaded}" if loaded else "no vendor SDK loaded"
    return [
        below("API process, import (median of 3)", sorted(times)[1], 1.5, "s", note),
        below("API process, resident", memory, 150, "MiB"),
    ]
