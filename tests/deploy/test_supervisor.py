"""The supervisor with little stand-ins for the services: order, words, restarts, and nothing left running."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import parts
from deploy.local.child import CannotStart
from deploy.local.console import Console
from deploy.local.parts import Errand, Part, Service
from deploy.local.ports import any_free
from deploy.local.state import AlreadyRunning, State
from deploy.local.supervisor import GaveUp, Supervisor
from tests.deploy.waiting import alive, ends, eventually
from tests.fixtures.postgres import ROOT

LITTLE = str(Path(__file__).with_name("little_service.py"))


class Bench:
    """A supervisor over stand-ins, and everything it said."""

    def __init__(self, folder: Path) -> None:
        self.said = io.StringIO()
        self.console = Console(folder / "logs", stream=self.said)
        self.state = State(folder)
        self.state.take()

    def service(self, name: str, mode: str = "good", *, within: float = 60) -> Service:
        port = any_free()
        return Service(
            name,
            [LITTLE],
            lambda: {"NAME": name, "PORT": str(port), "MODE": mode},
            self.console,
            ROOT,
            ready_url=f"http://127.0.0.1:{port}/ready",
            within=within,
        )

    def over(self, *stages: list[Part]) -> Supervisor:
        return Supervisor(stages, self.console, self.state)

    def close(self) -> None:
        self.console.close()
        self.state.release()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def pids(*started: Part) -> list[int]:
    return [pid for part in started for pid in part.children()]


async def test_each_line_carries_the_name_of_who_said_it_and_is_kept_in_a_file(
    bench: Bench, tmp_path: Path
) -> None:
    one, two = bench.service("one"), bench.service("two")
    supervisor = bench.over([one], [two])
    await supervisor.start()
    await supervisor.stop()
    lines = bench.said.getvalue().splitlines()
    assert "one       | hello from one" in lines
    assert lines.index("one       | hello from one") < lines.index("two       | hello from two")
    assert "hello from one" in (tmp_path / "logs" / "one.log").read_text()
    assert "\x1b" not in bench.said.getvalue()


async def test_stopping_leaves_no_process_not_even_a_child_of_a_service(bench: Bench) -> None:
    service = bench.service("family", "parent")
    supervisor = bench.over([service])
    await supervisor.start()
    await eventually(lambda: any("child" in line for line in service.tail))
    child = next(int(line.split()[1]) for line in service.tail if line.startswith("child"))
    running = [*pids(service), child]
    assert all(alive(pid) for pid in running)
    await supervisor.stop()
    assert all(ends(pid) for pid in running)


async def test_a_service_that_ignores_the_request_to_stop_is_ended_by_force(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "_STOP_SECONDS", 0.3)
    service = bench.service("deaf", "deaf")
    supervisor = bench.over([service])
    await supervisor.start()
    running = pids(service)
    await supervisor.stop()
    assert all(ends(pid) for pid in running)
    assert "deaf did not stop within" in bench.said.getvalue()


async def test_another_program_at_the_port_is_never_taken_for_the_service(bench: Bench) -> None:
    first = bench.service("first")
    second = Service(
        "second", [LITTLE], lambda: {"NAME": "second"}, bench.console, ROOT, ready_url=first._ready_url
    )
    supervisor = bench.over([first], [second])
    with pytest.raises(CannotStart, match="second did not start: another program has taken port"):
        await supervisor.start()
    assert not pids(second)
    await supervisor.stop()


async def test_a_service_that_refuses_its_settings_is_named_with_its_own_last_words(bench: Bench) -> None:
    good, bad, never = bench.service("good"), bench.service("bad", "refuses"), bench.service("never")
    supervisor = bench.over([good], [bad], [never])
    with pytest.raises(CannotStart) as caught:
        await supervisor.start()
    assert caught.value.what == "bad"
    assert "exit code 1" in caught.value.reason
    assert "Cannot start: DATABASE_URL: Field required" in caught.value.tail
    running = pids(good)
    assert "hello from never" not in bench.said.getvalue()
    await supervisor.stop()
    assert all(ends(pid) for pid in running)


async def test_a_service_that_never_gets_ready_is_named_with_what_it_answered(bench: Bench) -> None:
    for within in (0.5, 4, 32):  # on a busy machine even a stand-in takes its time before it answers at all
        supervisor = bench.over([bench.service("late", "never-ready", within=within)])
        with pytest.raises(CannotStart) as caught:
            await supervisor.start()
        await supervisor.stop()
        if "503" in str(caught.value):
            break
    assert "503 the schema is too old" in str(caught.value)


async def test_an_errand_that_fails_stops_the_start(bench: Bench) -> None:
    errand = Errand("migrate", ["-c", "import sys; sys.exit('no such revision')"], dict, bench.console, ROOT)
    with pytest.raises(CannotStart, match="no such revision"):
        await bench.over([errand]).start()


async def test_a_service_that_is_killed_comes_back(bench: Bench) -> None:
    service = bench.service("worker")
    supervisor = bench.over([service])
    await supervisor.start()
    watching = asyncio.create_task(supervisor.watch())
    (first,) = pids(service)
    os.kill(first, signal.SIGKILL)
    await eventually(lambda: pids(service) not in ([], [first]))
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    assert "worker: it ended with signal SIGKILL; starting it again" in bench.said.getvalue()
    await supervisor.stop()


async def test_a_service_that_keeps_ending_is_given_up(bench: Bench) -> None:
    supervisor = bench.over([bench.service("frail", "dies")])
    await supervisor.start()
    with pytest.raises(GaveUp, match="frail: it ended with exit code 3"):
        await supervisor.watch()
    await supervisor.stop()


def test_a_second_supervisor_is_told_who_holds_the_folder(bench: Bench, tmp_path: Path) -> None:
    bench.state.write(url="http://localhost:8100", children={})
    with pytest.raises(
        AlreadyRunning, match=r"already running at http://localhost:8100 \(process \d+\); `make down`"
    ):
        State(tmp_path).take()
    running = State(tmp_path).running()
    assert running is not None
    assert running.pid == os.getpid()


def test_programs_of_a_killed_run_are_ended_and_strangers_are_left_alone(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    orphan = subprocess.Popen(command, start_new_session=True)
    stranger = subprocess.Popen(command, start_new_session=True)
    try:
        note = {
            "pid": 1,
            "url": None,
            "children": {orphan.pid: " ".join(command), stranger.pid: "another program"},
        }
        (tmp_path / "run.json").write_text(json.dumps(note))
        time.sleep(0.2)
        state = State(tmp_path)
        state.take()
        state.release()
        assert orphan.wait(60) == -signal.SIGKILL
        assert stranger.poll() is None
    finally:
        orphan.kill()
        stranger.kill()
        orphan.wait()
        stranger.wait()


_RUN = """
import asyncio, pathlib, sys
from deploy.local.console import Console
from deploy.local.parts import Service
from deploy.local.state import State
from deploy.local.supervisor import Supervisor, first_of, stopping_on_signals

async def main():
    folder, little, port = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    console, state = Console(folder / "logs"), State(folder)
    state.take()
    one = Service("one", [little], lambda: {"NAME": "one", "PORT": port}, console, pathlib.Path.cwd(),
                  ready_url=f"http://127.0.0.1:{port}/ready")
    supervisor = Supervisor([[one]], console, state)
    async with stopping_on_signals() as asked:
        await supervisor.start()
        print("pids", *one.children(), flush=True)
        await first_of(asyncio.create_task(supervisor.watch()), asked)
        await supervisor.stop()
        state.release()

asyncio.run(main())
"""


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_nothing_is_left_running_however_the_supervisor_ends(tmp_path: Path, signum: signal.Signals) -> None:
    if signum == signal.SIGKILL and not sys.platform.startswith("linux"):
        pytest.skip("only Linux ends children with their parent; elsewhere the next start does")
    supervisor = subprocess.Popen(
        [sys.executable, "-c", _RUN, str(tmp_path), LITTLE, str(any_free())],
        stdout=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True,
    )  # fmt: skip
    assert supervisor.stdout is not None
    with supervisor.stdout as said:
        line = next(line for line in said if line.startswith("pids"))
        (child,) = (int(word) for word in line.split()[1:])
        assert alive(child)
        supervisor.send_signal(signum)
        code = supervisor.wait(60)
    assert code == (-signal.SIGKILL if signum == signal.SIGKILL else 0)
    assert ends(child)
    assert State(tmp_path).running() is None
