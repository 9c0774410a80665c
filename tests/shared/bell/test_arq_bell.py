"""The bell tells workers and readers quickly, and nobody notices when Redis is away or hangs."""

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from statistics import median
from uuid import UUID

import pytest
from redis.asyncio import Redis as RedisClient

from deploy.local.redis import Redis
from services.shared.bell import arq_bell
from services.shared.bell.arq_bell import MAX_RINGING, QUEUE, ArqBell, deserialize
from services.shared.kit.bell import NEWS_CHANNEL, News, wait
from services.shared.kit.ids import uuid7


@pytest.fixture
async def bell(clean_redis: str) -> AsyncIterator[ArqBell]:
    made = ArqBell(clean_redis)
    yield made
    await made.close()


@pytest.fixture
def own_redis() -> Iterator[Redis]:
    """A server that one test may freeze or kill."""
    server = Redis(Path(tempfile.mkdtemp(prefix="oneclick-tests-")))
    server.start()
    yield server
    server.destroy()


async def _quiet(bell: ArqBell) -> None:
    while bell._ringing:
        await asyncio.wait(tuple(bell._ringing))


async def test_a_ring_is_one_arq_job_named_after_the_kind_that_carries_the_id_alone(
    bell: ArqBell, clean_redis: str
) -> None:
    ids = [uuid7(), uuid7()]
    bell.ring([("plan.make", ids[0]), ("result.apply", ids[1])], [])
    await _quiet(bell)
    async with RedisClient.from_url(clean_redis) as redis:
        queued = await redis.zrange(QUEUE, 0, -1)
        assert len(set(queued)) == 2
        jobs = [deserialize(await redis.get(b"arq:job:" + job)) for job in queued]
        lifetimes = [await redis.pttl(b"arq:job:" + job) for job in queued]
    assert {(job["f"], *job["a"]) for job in jobs} == {
        ("plan.make", str(ids[0])),
        ("result.apply", str(ids[1])),
    }
    assert all(job["k"] == {} for job in jobs)
    assert max(lifetimes) <= 60_000


async def test_news_is_published_as_ids_and_wakes_who_waits_for_them(bell: ArqBell, clean_redis: str) -> None:
    subject, other = uuid7(), uuid7()
    async with RedisClient.from_url(clean_redis) as redis:
        news = News(redis)
        listening = asyncio.create_task(news.listen())
        for _ in range(5000):
            if (await redis.pubsub_numsub(NEWS_CHANNEL))[0][1]:
                break
            await asyncio.sleep(0.01)
        async with news.about(subject) as heard, news.about(uuid7()) as unheard:
            bell.ring([], [other, subject])
            await wait(heard, 60)
            assert heard.is_set()
            assert not unheard.is_set()
        listening.cancel()


@pytest.mark.parametrize("how", ["frozen", "away"])
async def test_a_redis_that_hangs_or_is_away_delays_nobody_and_piles_nothing_up(
    own_redis: Redis, how: str
) -> None:
    bell = ArqBell(own_redis.url)
    bell.ring([("plan.make", uuid7())], [])
    await _quiet(bell)
    assert own_redis.pid is not None
    if how == "frozen":
        os.kill(own_redis.pid, signal.SIGSTOP)
    else:
        own_redis.kill()
    took: list[float] = []
    most = 0
    until = time.monotonic() + 2.5
    while time.monotonic() < until:
        for _ in range(50):
            began = time.perf_counter()
            bell.ring([("plan.make", uuid7())], [uuid7()])
            took.append(time.perf_counter() - began)
        most = max(most, len(bell._ringing))
        await asyncio.sleep(0.01)
    # Each of them: the machine may take any one of them aside for a while.
    assert median(took) < 0.05
    assert most <= MAX_RINGING
    assert len(bell._ringing) <= 1, "after the first failure it rings one at a time"
    if how == "frozen":
        os.kill(own_redis.pid, signal.SIGCONT)
    else:
        own_redis.start()
    await _until_it_rings(bell, own_redis.url)
    await bell.close()


async def _until_it_rings(bell: ArqBell, url: str) -> None:
    async with RedisClient.from_url(url) as redis:
        deadline = time.monotonic() + 60
        before = await redis.zcard(QUEUE)
        while await redis.zcard(QUEUE) <= before:
            assert time.monotonic() < deadline, "the bell stayed silent"
            bell.ring([("plan.make", uuid7())], [])
            await asyncio.sleep(0.1)


def test_ringing_outside_of_a_loop_is_dropped(clean_redis: str) -> None:
    ArqBell(clean_redis).ring([("plan.make", uuid7())], [UUID(int=0)])


async def test_close_lets_the_last_rings_through(clean_redis: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arq_bell, "BOUND", 60.0)
    bell = ArqBell(clean_redis)
    for _ in range(20):
        bell.ring([("plan.make", uuid7())], [])
    await bell.close()
    async with RedisClient.from_url(clean_redis) as redis:
        assert await redis.zcard(QUEUE) == 20
