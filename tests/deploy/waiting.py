"""Looking at processes and waiting for them."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Callable


def alive(pid: int) -> bool:
    """Whether the process runs still; one that waits to be reaped does not."""
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(shown.stdout.strip()) and not shown.stdout.startswith("Z")


def ends(pid: int, *, within: float = 60) -> bool:
    deadline = time.monotonic() + within
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not alive(pid)


async def eventually(holds: Callable[[], bool], *, within: float = 60) -> None:
    async with asyncio.timeout(within):
        while not holds():
            await asyncio.sleep(0.02)
