"""Redis away, frozen, wiped or full: noticed once, and then nobody is kept waiting until it is back."""

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.local.redis import Redis
from services.shared.kit.db import create_engine
from services.shared.kit.direct import Direct
from services.worker.limits.asking import Ask, BooksAway, Held, Key, Outcome
from services.worker.limits.database_books import DatabaseBooks
from services.worker.limits.gates import EitherBooks
from services.worker.limits.link import LIFE, Link
from services.worker.limits.rates import Bucket
from services.worker.limits.scripts import SCRIPTS
from tests.fixtures.postgres import Database
from tests.fixtures.waiting import eventually_async

WIDE = Bucket("wide", 0.001, 1.0, "as many as you like")


@pytest.fixture(scope="module")
def own_redis() -> Iterator[Redis]:
    """A server that these tests may break."""
    server = Redis(Path(tempfile.mkdtemp(prefix="oneclick-tests-")))
    try:
        server.start()
        yield server
    finally:
        server.destroy()


@pytest.fixture
async def link(own_redis: Redis) -> AsyncIterator[Link]:
    made = Link(own_redis.url, SCRIPTS, lambda: None)
    await made.start()
    assert made.up
    yield made
    await made.stop()


@contextmanager
def broken(server: Redis, how: str) -> Iterator[None]:
    if how == "frozen":
        os.kill(server.pid or 0, signal.SIGSTOP)
    elif how == "killed":
        server.kill()
    else:
        server._say("CONFIG SET maxmemory 1")
    try:
        yield
    finally:
        if how == "frozen":
            os.kill(server.pid or 0, signal.SIGCONT)
        elif how == "killed":
            server.start()
        else:
            server._say("CONFIG SET maxmemory 0")


async def closed(link: Link) -> object:
    return await link.ask("close", (f"test:{uuid4()}", "test:calls", LIFE), 0.0)


async def is_up(link: Link) -> None:
    await eventually_async(lambda: link.up, what="Redis is back, and nobody noticed")


@pytest.mark.parametrize("how", ["frozen", "killed", "full"])
async def test_one_question_pays_and_the_others_do_not_wait(link: Link, own_redis: Redis, how: str) -> None:
    assert await closed(link) == b"OK"
    with broken(own_redis, how):
        asked = [asyncio.ensure_future(closed(link)) for _ in range(20)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert {type(answer) for answer in answers} == {BooksAway}
        began = time.monotonic()
        for _ in range(500):
            with pytest.raises(BooksAway):
                await closed(link)
            link.tell("close", (f"test:{uuid4()}", "test:calls", LIFE), 0.0)
        assert time.monotonic() - began < 30, "nobody waits for what is known to be away"
    await is_up(link)
    assert await closed(link) == b"OK"


async def test_scripts_that_were_forgotten_are_told_again(link: Link, own_redis: Redis) -> None:
    own_redis._say("SCRIPT FLUSH")
    with pytest.raises(BooksAway):
        await closed(link)
    await is_up(link)
    assert await closed(link) == b"OK"


async def test_a_question_nobody_waits_for_any_more_disturbs_no_other(link: Link) -> None:
    impatient = asyncio.ensure_future(closed(link))
    patient = asyncio.ensure_future(closed(link))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient == b"OK"


async def test_a_process_that_stood_still_does_not_blame_redis(link: Link) -> None:
    asked = asyncio.ensure_future(closed(link))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    time.sleep(0.2)  # noqa: ASYNC251  # the loop itself stands still
    assert await asked == b"OK"
    assert link.up


async def test_books_begun_anew_are_empty_only_when_nobody_used_them(own_redis: Redis) -> None:
    """Whoever lost Redis alone does not make everybody else wait."""
    key = (f"test:{uuid4()}", "test:calls", LIFE)
    first = Link(own_redis.url, SCRIPTS, lambda: None)
    await first.start()
    with broken(own_redis, "frozen"), pytest.raises(BooksAway):
        await first.ask("closed", key)
    await is_up(first)
    own_redis._say(f"HSET {LIFE} born 1 seen 1")
    with broken(own_redis, "frozen"), pytest.raises(BooksAway):
        await first.ask("closed", key)
    await is_up(first)
    assert "$1\r\n1" not in own_redis._say(f"HGET {LIFE} born"), "all were away: what is written there is old"
    await first.stop()


async def test_the_database_serves_meanwhile(link: Link, own_redis: Redis, module_database: Database) -> None:
    engine = create_engine(module_database.url("oneclick_worker"), name="books")
    books = EitherBooks(link, DatabaseBooks(Direct(engine)))
    key = Key(uuid4(), "slack", uuid4())

    async def enter(name: str) -> Outcome:
        question = Ask(key, Held(name, "group"), patience=5, concurrency=5, buckets=(WIDE,))
        for _ in range(1200):
            answer = await books.take(question)
            if answer.outcome is not Outcome.NEW:
                return answer.outcome
            await asyncio.sleep(0.05)
        raise AssertionError("nobody is let in")

    assert await enter("first") is Outcome.GO
    with broken(own_redis, "killed"):
        with pytest.raises(BooksAway):
            await closed(link)
        await books.hold(key, [Held("first", "group")])
        assert await enter("second") is Outcome.BUSY, "the books went over, and who is inside with them"
        books.leave(key, Held("first", "group"))
        while await enter("second") is Outcome.BUSY:  # until it is written down that the first has left
            await asyncio.sleep(0.05)
        await books.close(key, 60)
        assert await books.closed(key) > 50
    await is_up(link)
    await books.hold(key, [Held("second", "group")])
    assert await enter("third") is Outcome.BUSY
    books.leave(key, Held("second", "group"))
    assert await enter("third") is Outcome.GO
    await engine.dispose()
