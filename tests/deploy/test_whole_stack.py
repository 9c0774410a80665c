"""The whole stack with the real services: the demo, a stay, a crash, a healed start, a clean end."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

import pytest

from deploy.local.publicclient import PublicClient
from deploy.local.state import State
from tests.deploy.waiting import alive, ends
from tests.fixtures.ports import scatter
from tests.fixtures.postgres import ROOT

EXAMPLES = {"yusuf.demir@acme.example", "chiara.conti@acme.example", "jonas.weber@acme.example"}
pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="oneclick-tests-"))
    made.chmod(0o711)
    for one in (made, made / "demo"):
        scatter(one)
    yield made
    rmtree(made)


class Run:
    """`python -m deploy.local …` with what it said so far."""

    def __init__(self, *arguments: str) -> None:
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "deploy.local", *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT, env=environment, start_new_session=True,
        )  # fmt: skip
        self.lines: list[str] = []
        self.changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as said:
            for line in said:
                with self.changed:
                    self.lines.append(line.rstrip())
                    self.changed.notify_all()
        with self.changed:
            self.changed.notify_all()

    @property
    def said(self) -> str:
        return "\n".join(self.lines)

    def hears(self, pattern: str, *, within: float = 150) -> re.Match[str]:
        """The first match of what it says."""
        with self.changed:
            self.changed.wait_for(
                lambda: re.search(pattern, self.said) or not self._reader.is_alive(), within
            )
        found = re.search(pattern, self.said)
        assert found, self.said
        return found

    def end(self, signum: int | None = None, *, within: float = 150) -> int:
        if signum is not None:
            self.process.send_signal(signum)
        try:
            code = self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        self._reader.join(10)
        return code


class Starter:
    """Starts runs and ends those that a failing test leaves behind."""

    def __init__(self) -> None:
        self.runs: list[Run] = []

    def __call__(self, *arguments: str) -> Run:
        self.runs.append(Run(*arguments))
        return self.runs[-1]


@pytest.fixture
def start(folder: Path) -> Iterator[Starter]:
    starter = Starter()
    yield starter
    for run in starter.runs:
        if run.process.poll() is None:
            run.end(signal.SIGTERM, within=60)


def running(folder: Path) -> list[int]:
    """Every process of the run: the services, and the two database servers."""
    children = [int(pid) for pid in json.loads((folder / "run.json").read_text())["children"]]
    note = (folder / "postgres" / "data" / "postmaster.pid").read_text()
    return [*children, int(note.splitlines()[0])]


def known(client: PublicClient) -> set[str]:
    return {one["work_email"] for one in client.get("/api/employees")["items"]}


def test_the_demo_ends_with_accounts_at_both_vendors_and_nothing_left_to_do(
    folder: Path, start: Starter
) -> None:
    demo = start("demo", "--state", str(folder))
    assert demo.end() == 0, demo.said
    for words in (
        "The plan for Nora Lindqvist in 10 apps",
        "Time to first account",
        "extensionAttribute15: oneclick:",
        "externalIds oneclick:",
        "Nothing is left to do.",
        "nothing is left running",
    ):
        assert words in demo.said
    assert State(folder / "demo").running() is None


def test_a_killed_run_leaves_nothing_and_the_next_one_carries_on_even_with_its_ports_taken(
    folder: Path,
    start: Starter,
) -> None:
    first = start("up", "--state", str(folder))
    url = first.hears(r"OneClick is at (http://localhost:\d+)")[1]
    with PublicClient(url) as client:
        session = client.sign_in("auditor@acme.example")
        assert (session["role"], session["tenant"]["slug"]) == ("auditor", "acme")
        deadline = time.monotonic() + 60
        while known(client) != EXAMPLES and time.monotonic() < deadline:
            time.sleep(0.2)
        assert known(client) == EXAMPLES
    second = start("up", "--state", str(folder))
    assert second.end() == 1
    assert f"OneClick is already running at {url}" in second.said
    pids = running(folder)
    assert all(alive(pid) for pid in pids)
    first.end(signal.SIGKILL)
    if sys.platform.startswith("linux"):
        assert all([ends(pid) for pid in pids])  # noqa: C419 - wait for each

    ports = json.loads((folder / "ports.json").read_text())
    with (
        socket.create_server(("127.0.0.1", ports["sandbox"])),
        socket.create_server(("127.0.0.1", ports["bff"])),
    ):
        healed = start("up", "--state", str(folder))
        again = healed.hears(r"OneClick is at (http://localhost:\d+)")[1]
        assert again != url
        with PublicClient(again) as client:
            client.sign_in("admin@acme.example")
            assert known(client) == EXAMPLES
        assert "Asked for the accounts" not in healed.said
        pids = running(folder)
        assert (
            subprocess.run(
                [sys.executable, "-m", "deploy.local", "down", "--state", str(folder)], cwd=ROOT, check=False
            ).returncode
            == 0
        )
    assert healed.end() == 0
    assert all([ends(pid) for pid in pids])  # noqa: C419 - wait for each
    assert "Stopped; nothing is left running" in healed.said


def test_a_service_that_cannot_start_is_named_with_the_reason_and_what_to_do(
    folder: Path, start: Starter
) -> None:
    (folder / "vault-keys.json").write_text("{}")
    run = start("up", "--state", str(folder))
    assert run.end() == 1
    assert "auth did not start: it ended with exit code" in run.said
    assert "VAULT_KEYS_FILE" in run.said
    assert f"Its whole output is in {folder}/logs" in run.said
    assert "nothing is left running" in run.said
