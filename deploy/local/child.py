"""One background program with its output in a file, for the databases."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from deploy.local.tether import tethered


class CannotStart(Exception):
    """A program did not start. The message says which one and why; `tail` holds its last lines of output."""

    def __init__(self, what: str, reason: str, tail: str = "") -> None:
        super().__init__(f"{what} did not start: {reason}" + (f"\n{tail}" if tail else ""))
        self.what = what
        self.reason = reason
        self.tail = tail


def last_lines(path: Path, count: int = 15) -> str:
    """The end of a log file; empty when there is none."""
    if not path.exists():
        return ""
    return "\n".join(path.read_text(errors="replace").splitlines()[-count:])


class Child:
    """A program tied to this process: it gets `stop_signal` when this process dies, and when it is stopped."""

    def __init__(self, what: str, log: Path, *, stop_signal: int, user: str | None = None) -> None:
        self.what = what
        self.log = log
        self._stop_signal = stop_signal
        self._user = user
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, command: Sequence[str], env: Mapping[str, str], cwd: Path) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                tethered(command, on_parent_death=self._stop_signal, user=self._user),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(env),
                cwd=cwd,
                start_new_session=True,
            )

    def await_ready(self, ready: Callable[[], bool], *, within: float) -> None:
        """Return once `ready()`; raises CannotStart when the program ends first or takes longer (seconds)."""
        assert self._process is not None  # noqa: S101 - start() comes first
        deadline = time.monotonic() + within
        while not ready():
            if self._process.poll() is not None:
                raise CannotStart(
                    self.what, f"it ended with exit code {self._process.returncode}", last_lines(self.log)
                )
            if time.monotonic() > deadline:
                self.stop()
                raise CannotStart(self.what, f"it was not ready within {within:.0f} s", last_lines(self.log))
            time.sleep(0.02)

    def stop(self, signum: int | None = None, *, within: float = 10) -> None:
        """Ask it to end, and kill it when it has not ended in time (seconds). Safe to repeat."""
        if self._process is None:
            return
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(self._stop_signal if signum is None else signum)
            try:
                self._process.wait(within)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
