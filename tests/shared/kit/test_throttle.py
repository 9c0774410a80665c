"""Calls are counted over all replicas, evenly, and go on being counted while Redis is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from services.shared.kit import throttle
from services.shared.kit.ids import uuid7
from services.shared.kit.throttle import MOST_KEPT, Throttle

NOBODY = "redis://127.0.0.1:1/0"


@pytest.fixture
async def replicas(redis_url: str) -> AsyncIterator[list[Throttle]]:
    """Two processes with one Redis."""
    clients = [Redis.from_url(redis_url) for _ in range(2)]
    yield [Throttle(client) for client in clients]
    for client in clients:
        await client.aclose()


@pytest.fixture
async def alone() -> AsyncIterator[Throttle]:
    """One process whose Redis is away."""
    client = Redis.from_url(NOBODY, socket_connect_timeout=0.1)
    yield Throttle(client)
    await client.aclose()


async def test_replicas_count_together_and_names_apart(replicas: list[Throttle]) -> None:
    name = f"test:{uuid7()}"
    waits = await asyncio.gather(*(replicas[number % 2].take(name, 2) for number in range(12)))
    assert waits.count(0.0) == 2
    assert all(0 < wait <= 30 for wait in waits if wait)
    assert await replicas[0].take(f"test:{uuid7()}", 2) == 0.0


async def test_a_look_does_not_count_and_neither_does_a_refused_call(replicas: list[Throttle]) -> None:
    name, one = f"test:{uuid7()}", replicas[0]
    assert [await one.look(name, 1) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert await one.take(name, 1) == 0.0
    first = await one.take(name, 1)
    for _ in range(5):
        assert 0 < await one.take(name, 1) <= first
    assert await one.look(name, 1) > 0


async def test_alone_a_minute_lets_through_what_it_should(
    alone: Throttle, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(throttle.time, "monotonic", lambda: now)  # type: ignore[attr-defined]  # the module's own import
    passed = []
    for _ in range(600):  # a call each half second, for five minutes
        if await alone.take("busy", 6) == 0.0:
            passed.append(now)
        now += 0.5
    assert len([at for at in passed if at < 1060]) == 6 + 5, "the bucket, and what came back meanwhile"
    assert len([at for at in passed if at >= 1060]) == 24, "six a minute from then on"


async def test_alone_no_flood_of_names_fills_the_memory(alone: Throttle) -> None:
    for number in range(MOST_KEPT + 50):
        await alone.take(f"n{number}", 1)
    assert len(alone._here) == MOST_KEPT  # what must not grow
    assert await alone.take(f"n{MOST_KEPT + 49}", 1) > 0
