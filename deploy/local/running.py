"""One run of the stack from start to stop: what `up` and `demo` have in common."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from deploy.local.child import CannotStart
from deploy.local.console import Console
from deploy.local.stack import Stack
from deploy.local.state import State
from deploy.local.supervisor import GaveUp, first_of, stopping_on_signals

_WHAT_TO_DO = {
    "postgres": "Is the disk full, or the machine short of memory? A fresh start: make up FRESH=1.",
    "migrate": "The database may be newer or older than this code. A fresh start: make up FRESH=1.",
}
_ELSE = "Its whole output is in {folder}/logs. Is another program using its port? Free ports are chosen at each start."

Work = Callable[[Stack], Awaitable[int]]


def explain(failure: CannotStart, state: State) -> str:
    """What did not start, its last words, the reason, and what to do, in this order of reading."""
    name = failure.what.lower()
    tail = "\n".join(f"    {line}" for line in failure.tail.splitlines())
    advice = _WHAT_TO_DO.get("postgres" if name.startswith("postgres") else name, _ELSE).format(
        folder=state.folder
    )
    return "\n".join(
        [
            f"{failure.what} did not start: {failure.reason}.",
            *([f"Its last words:\n{tail}"] if tail else []),
            advice,
        ]
    )


async def run(stack: Stack, console: Console, state: State, work: Work) -> int:
    """Start everything, do the work (its result is the exit code) while watching, and stop everything, whatever happens.

    A signal ends the work early: exit code 0 for a run that was up, since stopping is what was asked for.
    """
    code = 0
    async with stopping_on_signals() as asked:
        try:
            started = time.monotonic()
            if not await first_of(asyncio.create_task(stack.supervisor.start()), asked):
                console.say("Stopping before everything was up")
                return 130
            console.say(f"Everything is up after {time.monotonic() - started:.1f} s")
            stack.supervisor.note(stack.wiring.public_url)
            code = await _work_and_watch(stack, asked, work)
        except CannotStart as failure:
            console.trouble(explain(failure, state))
            code = 1
        except GaveUp as failure:
            console.trouble(f"Giving up: {failure}")
            code = 1
        finally:
            console.say("Stopping")
            await stack.supervisor.stop()
            console.say("Stopped; nothing is left running")
    return code


async def _work_and_watch(stack: Stack, asked: asyncio.Event, work: Work) -> int:
    """The work's exit code; raises what the watch raises. The work may be endless."""
    codes: list[int] = []

    async def both() -> None:
        watching = asyncio.ensure_future(stack.supervisor.watch(stack.wiring.public_url))
        working = asyncio.ensure_future(work(stack))
        try:
            done, _pending = await asyncio.wait({watching, working}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            codes.append(working.result())
        finally:
            for task in (watching, working):
                task.cancel()
            await asyncio.gather(watching, working, return_exceptions=True)

    await first_of(asyncio.create_task(both()), asked)
    return codes[0] if codes else 0
