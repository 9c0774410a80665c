"""Live pages through the bff (promises 15 and 18): nothing held back, no gap after a cut, and no access that outlives
its session."""

from __future__ import annotations

import itertools
import random
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from tests.bff.world import ACME, EVENTS, GLOBEX, World, build_webapp, running
from tests.fixtures.waiting import eventually

INTERVAL = 0.4
SOON = 30.0
"""Seconds that a cut may take to be seen on a busy machine. A stream that nobody cuts goes on for ever."""


def numbers(reply: httpx.Response) -> Iterator[int]:
    """The ids of whole events, as a browser takes them."""
    number = None
    for line in reply.iter_lines():
        if line.startswith("id: "):
            number = int(line[4:])
        elif not line and number is not None:
            yield number
            number = None


def until_end(reply: httpx.Response) -> float:
    """Read on until the stream ends cleanly; when that was."""
    for _ in reply.iter_raw():
        pass
    return time.monotonic()


def test_events_pass_one_by_one_and_no_proxy_may_hold_them_back(world: World) -> None:
    with world.stream(world.auth.add("ada")) as reply:
        assert reply.status_code == 200
        assert reply.headers["content-type"].startswith("text/event-stream")
        assert reply.headers["x-accel-buffering"] == "no"
        assert reply.headers.get_list("cache-control") == ["no-store, no-transform"]
        assert "set-cookie" not in reply.headers
        began = time.monotonic()
        assert list(itertools.islice(numbers(reply), 3)) == [1, 2, 3]
        assert time.monotonic() - began < SOON


def test_a_browser_that_leaves_leaves_the_api_too(world: World) -> None:
    with world.stream(world.auth.add("ada")) as reply:
        next(numbers(reply))
        assert world.api.open_streams == 1
    eventually(lambda: world.api.open_streams == 0)


def test_a_stream_that_is_cut_at_random_has_no_gap(world: World) -> None:
    session = world.auth.add("ada")
    chance = random.Random(15)  # noqa: S311  # the same cuts in each run
    heard: list[int] = []
    while len(heard) < 40:
        world.api.truncate_after = chance.choice([None, 1, 2, 5])
        resume = {"Last-Event-ID": str(heard[-1])} if heard else {}
        with world.stream(session, headers=resume) as reply:
            heard += list(itertools.islice(numbers(reply), chance.randint(1, 7)))
    assert heard == list(range(1, len(heard) + 1))


def test_an_api_that_breaks_off_ends_the_stream_cleanly_so_that_the_browser_reconnects(world: World) -> None:
    world.api.truncate_after = 2
    with world.stream(world.auth.add("ada")) as reply:
        # A truncated answer would raise here.
        assert list(numbers(reply)) == [1, 2]


def test_an_api_that_is_killed_ends_the_stream_cleanly(tmp_path: Path) -> None:
    with running(build_webapp(tmp_path / "dist")) as world, world.stream(world.auth.add("ada")) as reply:
        events = numbers(reply)
        next(events)
        world.api_served.stop()
        list(events)


def test_an_ended_session_loses_its_open_stream_within_the_interval(world: World) -> None:
    session = world.auth.add("ada")
    world.api.silent = True
    with world.stream(session) as reply:
        time.sleep(INTERVAL / 2)
        ended = time.monotonic()
        del world.auth.sessions[session]  # signed out elsewhere, role taken away, disabled
        assert until_end(reply) - ended < SOON
    assert world.bare("GET", "/api/requests/1/events", session, EVENTS).status_code == 401
    eventually(lambda: world.api.open_streams == 0)


def test_a_session_that_lives_keeps_its_stream(world: World) -> None:
    session = world.auth.add("ada")
    with world.stream(session) as reply:
        began = time.monotonic()
        for _ in numbers(reply):
            if time.monotonic() - began > INTERVAL * 4:
                break
    looks = world.auth.asked("session/token")
    assert len(looks) >= 2
    assert all(look.get("passive") for look in looks), (
        "an open page alone must not keep a session from idling out"
    )


@pytest.mark.parametrize("change", [{"role": "auditor"}, {"tenant": GLOBEX}])
def test_a_stream_that_was_opened_with_other_rights_ends(world: World, change: dict[str, str | UUID]) -> None:
    session = world.auth.add("ada")
    world.api.silent = True
    with world.stream(session) as reply:
        changed = time.monotonic()
        world.auth.sessions[session].update(change)
        assert until_end(reply) - changed < SOON
    assert world.auth.sessions[session]["tenant"] in {ACME, GLOBEX}
    with world.stream(session) as reply:
        assert reply.status_code == 200


def test_signing_out_here_ends_the_stream_at_once(tmp_path: Path) -> None:
    with running(build_webapp(tmp_path / "dist"), stream_check_seconds=10.0) as world:
        session, other = world.auth.add("ada"), world.auth.add("hal")
        world.api.silent = True
        with world.stream(session) as reply, world.stream(other) as others:
            before = time.monotonic()
            assert world.call("POST", "/bff/sign-out", session).status_code == 200
            assert until_end(reply) - before < 9, "before the next look at the session"
            eventually(lambda: world.api.open_streams == 1)
            world.api.silent = False
            assert others.status_code == 200


def test_a_session_that_nobody_can_vouch_for_has_no_stream(world: World) -> None:
    world.api.silent = True
    with world.stream(world.auth.add("ada")) as reply:
        began = time.monotonic()
        world.auth.delay = 300.0
        # A frozen auth service is waited for two seconds.
        assert until_end(reply) - began < SOON
    world.auth.delay = 0.0


def test_a_session_has_only_so_many_streams_and_gets_them_back(world: World) -> None:
    session, other = world.auth.add("ada"), world.auth.add("hal")
    with world.stream(session), world.stream(session), world.stream(session):
        reply = world.bare("GET", "/api/requests/1/events", session, EVENTS)
        assert (reply.status_code, reply.json()["code"]) == (409, "too_many_streams")
        with world.stream(other) as others:
            assert others.status_code == 200
        assert world.call("GET", "/api/me", session).status_code == 200

    def again() -> bool:
        with world.stream(session) as reply:
            return reply.status_code == 200

    eventually(again)


def test_a_refused_stream_is_an_ordinary_answer_and_uses_up_nothing(world: World) -> None:
    session = world.auth.add("ada")
    for _ in range(5):
        reply = world.bare("GET", "/api/refused", session, EVENTS)
        assert (reply.status_code, reply.json()["code"]) == (401, "unauthenticated")


def test_a_stop_with_open_streams_takes_seconds_and_ends_them_cleanly(tmp_path: Path) -> None:
    with running(build_webapp(tmp_path / "dist")) as world:
        world.api.silent = True
        ada, hal = world.auth.add("ada"), world.auth.add("hal")
        with world.stream(ada) as one, world.stream(ada) as two, world.stream(hal) as three:
            assert world.bff.stop() < SOON
            for reply in (one, two, three):
                until_end(reply)


def test_a_browser_that_does_not_read_cannot_delay_the_stop_or_the_cut(tmp_path: Path) -> None:
    with running(build_webapp(tmp_path / "dist")) as world:
        session = world.auth.add("ada")
        with socket.create_connection(("127.0.0.1", world.bff.port)) as browser:
            browser.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            browser.sendall(
                b"GET /api/flood HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
                + f"Cookie: __Host-oc={session}\r\n\r\n".encode()
            )
            eventually(lambda: world.api.open_streams == 1)
            time.sleep(0.5)  # the buffers on the way are full now
            del world.auth.sessions[session]
            eventually(lambda: world.api.open_streams == 0)
            assert world.bff.stop() < SOON
