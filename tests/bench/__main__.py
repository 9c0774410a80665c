"""`make bench`: the figures beside their bars. Ratios are taken within one run; nothing here fails a build.

Environment: BENCH_PEOPLE (default 200) sizes the engine rows, BENCH_ROWS picks rows by name, comma separated.
"""

import asyncio
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from deploy.local.console import Console
from deploy.local.stack import Stack, build
from deploy.local.state import State
from tests.bench.figure import Figure, print_figures
from tests.bench.rows import accepted, engine, intake, ledger, limits, process, schedules, start, tokens
from tests.bench.system import System
from tests.fixtures.ports import scatter

ROWS = {
    "process": process.measure,
    "tokens": tokens.measure,
    "ledger": ledger.measure,
    "accepted": accepted.measure,
    "intake": intake.measure,
    "start": start.measure,
    "engine": engine.measure,
    "limits": limits.measure,
    "schedules": schedules.measure,
}
AT_EASE = {"calls_per_second": 100_000, "concurrency": 50, "budgets": [], "one_write_per": None}


async def _measure(system: System, wanted: list[str]) -> list[Figure]:
    figures: list[Figure] = []
    for name in wanted:
        sys.stdout.write(f"measuring {name} …\n")
        sys.stdout.flush()
        figures += await ROWS[name](system)
    return figures


def _let_go(stack: Stack) -> None:
    """The worker is measured, not how slow vendors want it: what their limits do has a row of its own."""
    told = json.dumps({"google": AT_EASE, "microsoft": AT_EASE})
    worker = next(part for stage in stack.supervisor._stages for part in stage if part.name == "worker")
    before = worker._environment  # type: ignore[attr-defined]  # it is a service
    worker._environment = lambda: {**before(), "WORKER_LIMITS": told}  # type: ignore[attr-defined]  # the same


def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="oneclick-bench-"))
    folder.chmod(0o711)
    return folder


async def main() -> int:
    wanted = [name for name in os.environ.get("BENCH_ROWS", ",".join(ROWS)).split(",") if name]
    folder = _folder()
    state = State(folder)
    state.take()
    scatter(folder)
    console = Console(folder / "logs", show_programs=False)
    stack = build(state, console, log_level="WARNING", durable=True)
    _let_go(stack)
    try:
        await stack.supervisor.start()
        system = System(stack)
        async with system:
            print_figures(await _measure(system, wanted))
    finally:
        await stack.supervisor.stop()
        console.close()
        state.release()
        if not os.environ.get("BENCH_KEEP"):
            shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
