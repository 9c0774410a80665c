"""The folder that holds everything a local run keeps, and who is running on it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.secretfile import write_private

ROOT = Path(__file__).parents[2]


class AlreadyRunning(Exception):
    """Another supervisor holds the folder; the message names its process and address."""


@dataclass(frozen=True, slots=True)
class Running:
    """A supervisor that is up."""

    pid: int
    url: str | None


class State:
    """One state folder. The lock is the kernel's: it is free again the moment its holder is gone, however it ended."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o711)
        self._lock: int | None = None

    @property
    def _note(self) -> Path:
        return self.folder / "run.json"

    def take(self) -> None:
        """Hold the folder until this process ends. Raises AlreadyRunning."""
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            running = self.running()
            where = f" at {running.url}" if running and running.url else ""
            who = f" (process {running.pid})" if running else ""
            raise AlreadyRunning(f"OneClick is already running{where}{who}; `make down` stops it.") from None
        self._lock = descriptor
        self._heal()
        self.write(url=None, children={})

    def release(self) -> None:
        """Let go of the folder; what it holds stays."""
        if self._lock is not None:
            self._note.unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None

    def write(self, *, url: str | None, children: dict[int, str]) -> None:
        """Note who runs, where it answers, and the programs it started (process id to command line)."""
        note = {
            "pid": os.getpid(),
            "url": url,
            "children": {str(pid): command for pid, command in children.items()},
        }
        write_private(self._note, json.dumps(note))

    def _read(self) -> dict[str, Any]:
        try:
            note: dict[str, Any] = json.loads(self._note.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}
        return note

    def running(self) -> Running | None:
        """The supervisor that holds the folder now, if one does."""
        if self._lock is None:
            descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                return None
            finally:
                os.close(descriptor)
        note = self._read()
        return Running(note["pid"], note.get("url")) if note else None

    def stop_running(self, *, within: float) -> bool:
        """Ask the supervisor that holds the folder to stop, and wait (seconds). False when nothing ran."""
        running = self.running()
        if running is None:
            return False
        os.kill(running.pid, signal.SIGTERM)
        deadline = time.monotonic() + within
        while self.running() is not None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"OneClick (process {running.pid}) was asked to stop and is still running")
            time.sleep(0.1)
        return True

    def _heal(self) -> None:
        """End programs of a run that was killed. Only what still has the very command line that was noted is ours."""
        children: dict[str, str] = self._read().get("children", {})
        for pid, command in children.items():
            shown = subprocess.run(
                ["ps", "-o", "command=", "-p", pid], capture_output=True, text=True, check=False
            )
            if shown.stdout.strip() == command:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(int(pid), signal.SIGKILL)
