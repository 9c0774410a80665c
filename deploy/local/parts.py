"""The parts of a running system: servers, one-off programs and services, all started and stopped the same way."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import httpx

from deploy.local.child import CannotStart
from deploy.local.console import Console
from deploy.local.ports import is_free
from deploy.local.tether import tethered

_TAIL_LINES = 20
_STOP_SECONDS = 8.0
Environment = Callable[[], Mapping[str, str]]
# What a program inherits from the shell; settings come from the supervisor alone. Not PYTHONDONTWRITEBYTECODE:
# with it every program would compile its packages again at every start.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")


class Part(Protocol):
    """Something that the supervisor starts, watches and stops."""

    @property
    def name(self) -> str: ...

    async def start(self) -> None:
        """Return once it is of use to the next part. Raises CannotStart."""

    async def stop(self) -> None:
        """Return once nothing of it is left. Safe to repeat, and before start."""

    def ended(self) -> str | None:
        """Why it is gone although nobody stopped it; None when all is well."""

    def children(self) -> dict[int, str]:
        """Process id and command line of what it runs now."""


class Server(Protocol):
    """PostgreSQL or Redis."""

    @property
    def pid(self) -> int | None: ...
    @property
    def port(self) -> int: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def running(self) -> bool: ...


class ServerPart:
    """A database server. It starts in the main thread, because its life is tied to the thread that starts it."""

    def __init__(self, name: str, server: Server, console: Console) -> None:
        self.name = name
        self._server = server
        self._console = console
        self._wanted = False

    async def start(self) -> None:
        self._wanted = True
        self._server.start()
        self._console.program(self.name, f"ready on port {self._server.port}")

    async def stop(self) -> None:
        self._wanted = False
        await asyncio.to_thread(self._server.stop)

    def ended(self) -> str | None:
        return "it ended by itself" if self._wanted and not self._server.running() else None

    def children(self) -> dict[int, str]:
        return {}  # each server finds what a killed run left of it by itself


class Program:
    """A Python program of ours with its output passed on line by line. `environment` is asked for at each start."""

    def __init__(
        self, name: str, arguments: Sequence[str], environment: Environment, console: Console, cwd: Path
    ) -> None:
        self.name = name
        self._command = [sys.executable, *arguments]
        self._environment = environment
        self._console = console
        self._cwd = cwd
        self._process: asyncio.subprocess.Process | None = None
        self._pump: asyncio.Task[None] | None = None
        self.tail: deque[str] = deque(maxlen=_TAIL_LINES)

    async def _launch(self) -> asyncio.subprocess.Process:
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        self.tail.clear()
        self._process = await asyncio.create_subprocess_exec(
            *tethered(self._command, on_parent_death=signal.SIGKILL),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**inherited, "PYTHONUNBUFFERED": "1", **self._environment()},
            cwd=self._cwd,
            start_new_session=True,
        )
        assert self._process.stdout is not None  # noqa: S101 - a pipe was asked for
        self._pump = asyncio.create_task(self._pass_on(self._process.stdout))
        return self._process

    async def _pass_on(self, stream: asyncio.StreamReader) -> None:
        rest = b""
        while chunk := await stream.read(65536):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._line(line)
        if rest:
            self._line(rest)

    def _line(self, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip()
        self.tail.append(text)
        self._console.program(self.name, text)

    async def _gone(self) -> int:
        """Wait until the process has ended and its last words were passed on; its exit code."""
        assert self._process is not None  # noqa: S101 - launched before
        code = await self._process.wait()
        if self._pump is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._pump, 1)
        return code

    def _last_words(self) -> str:
        return "\n".join(self.tail)

    async def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        self._signal(process, signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), _STOP_SECONDS)
        except TimeoutError:
            self._console.trouble(
                f"{self.name} did not stop within {_STOP_SECONDS:.0f} s and is ended by force"
            )
        self._signal(process, signal.SIGKILL)  # also what the program itself may have started
        await process.wait()
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)

    @staticmethod
    def _signal(process: asyncio.subprocess.Process, signum: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signum)

    def children(self) -> dict[int, str]:
        if self._process is None or self._process.returncode is not None:
            return {}
        return {self._process.pid: " ".join(self._command)}


class Errand(Program):
    """A program that does its work and ends, such as the migrations."""

    async def start(self) -> None:
        await self._launch()
        code = await self._gone()
        if code != 0:
            raise CannotStart(self.name, f"it ended with {_in_words(code)}", self._last_words())

    def ended(self) -> str | None:
        return None


class Service(Program):
    """A program that answers HTTP: it has started once `ready_url` answers 200."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        environment: Environment,
        console: Console,
        cwd: Path,
        *,
        ready_url: str,
        within: float = 120,
    ) -> None:
        super().__init__(name, arguments, environment, console, cwd)
        self._ready_url = ready_url
        self._within = within

    async def start(self) -> None:
        port = urlsplit(self._ready_url).port
        if port is not None and not is_free(port):
            # Whoever listens there would answer for us, and nobody would see that ours never did.
            raise CannotStart(self.name, f"another program has taken port {port}; start again")
        process = await self._launch()
        answer = "no answer"
        deadline = asyncio.get_running_loop().time() + self._within
        async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
            while True:
                if process.returncode is not None:
                    code = await self._gone()
                    raise CannotStart(self.name, f"it ended with {_in_words(code)}", self._last_words())
                try:
                    reply = await client.get(self._ready_url)
                except httpx.HTTPError:
                    pass
                else:
                    if reply.is_success:
                        return
                    answer = f"the last answer was {reply.status_code} {reply.text[:300]}"
                if asyncio.get_running_loop().time() > deadline:
                    reason = f"{self._ready_url} was not ready within {self._within:.0f} s; {answer}"
                    raise CannotStart(self.name, reason, self._last_words())
                await asyncio.sleep(0.05)

    def ended(self) -> str | None:
        if self._process is None or self._process.returncode is None:
            return None
        return f"it ended with {_in_words(self._process.returncode)}"


def _in_words(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
