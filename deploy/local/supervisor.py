"""Starts parts stage by stage, starts again what dies, and stops everything in reverse order."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence

from deploy.local.child import CannotStart
from deploy.local.console import Console
from deploy.local.parts import Part
from deploy.local.state import State

_WATCH_SECONDS = 0.25
_RESTARTS = 3
_RESTART_WINDOW_SECONDS = 60.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class GaveUp(Exception):
    """A part kept ending by itself."""


class Supervisor:
    """One run. Parts of one stage start side by side; a stage starts when the one before it is ready."""

    def __init__(self, stages: Sequence[Sequence[Part]], console: Console, state: State) -> None:
        self._stages = stages
        self._console = console
        self._state = state
        self._started: list[Part] = []
        self._restarts: dict[str, deque[float]] = {}

    async def start(self) -> None:
        """Start everything. Raises CannotStart; call `stop` then too."""
        for stage in self._stages:
            self._started.extend(stage)
            tasks = [asyncio.create_task(part.start()) for part in stage]
            try:
                await asyncio.gather(*tasks)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                self.note()

    def note(self, url: str | None = None) -> None:
        """Write down what runs, for `down` and for healing after a kill."""
        children = {pid: command for part in self._started for pid, command in part.children().items()}
        self._state.write(url=url, children=children)

    async def watch(self, url: str | None = None) -> None:
        """Start again what ends by itself. Raises GaveUp when one part does so again and again."""
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            for part in self._started:
                reason = part.ended()
                if reason is not None:
                    await self._restart(part, reason)
                    self.note(url)

    async def _restart(self, part: Part, reason: str) -> None:
        recent = self._restarts.setdefault(part.name, deque(maxlen=_RESTARTS))
        now = time.monotonic()
        if len(recent) == _RESTARTS and now - recent[0] < _RESTART_WINDOW_SECONDS:
            raise GaveUp(f"{part.name}: {reason}, for the {_RESTARTS + 1}th time within a minute")
        recent.append(now)
        self._console.trouble(f"{part.name}: {reason}; starting it again")
        await part.stop()
        try:
            await part.start()
        except CannotStart as failure:
            raise GaveUp(str(failure)) from failure

    async def stop(self) -> None:
        """Stop everything, last started first. Services that can stop together do."""
        for stage in reversed(self._stages):
            await asyncio.gather(*(part.stop() for part in stage if part in self._started))
        self._started.clear()


@contextlib.asynccontextmanager
async def stopping_on_signals() -> AsyncIterator[asyncio.Event]:
    """An event that Ctrl-C, SIGTERM and SIGHUP set instead of ending the process."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in _SIGNALS:
        loop.add_signal_handler(signum, asked.set)
    try:
        yield asked
    finally:
        for signum in _SIGNALS:
            loop.remove_signal_handler(signum)


async def first_of(work: asyncio.Task[None], asked: asyncio.Event) -> bool:
    """Wait for the work or for the wish to stop. True when the work finished; its exception is raised here."""
    waiting = asyncio.create_task(asked.wait())
    try:
        await asyncio.wait({work, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            work.result()
            return True
        return False
    finally:
        for task in (work, waiting):
            task.cancel()
        await asyncio.gather(work, waiting, return_exceptions=True)
