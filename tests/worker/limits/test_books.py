"""The gates' books in Redis and in the database keep the same rules, and keep them among all who ask at once."""

import asyncio
import math
import random
from collections.abc import AsyncIterator, Awaitable
from typing import Any, cast
from uuid import uuid4

import pytest
from redis.asyncio import Redis as RedisClient

from deploy.local.redis import Redis
from services.shared.kit.db import create_engine
from services.shared.kit.direct import Direct
from services.worker.limits import database_books, redis_books
from services.worker.limits.asking import GRACE_SECONDS, Answer, Ask, Books, Held, Key, Outcome
from services.worker.limits.database_books import DatabaseBooks
from services.worker.limits.link import LIFE, Link
from services.worker.limits.rates import Bucket
from services.worker.limits.redis_books import RedisBooks
from services.worker.limits.scripts import SCRIPTS
from tests.fixtures.postgres import Database

GO, LATE, CLOSED, FULL, BUSY, NEW = Outcome
SLOW = Bucket("slow", 1000.0, 3000.0, "four at once, then one in a thousand seconds")
NARROW = Bucket("narrow", 500.0, 0.0, "one in five hundred seconds")
BRISK = Bucket("brisk", 4.0, 4.0, "two at once, then one in four seconds")
WIDE = Bucket("wide", 0.001, 1.0, "as many as you like")


class Kept:
    """Books, and a way to make them old: what they say counts from long ago."""

    def __init__(self, books: Books, database: Database, redis: RedisClient) -> None:
        self.books = books
        self._database = database
        self._redis = redis

    async def lifetime(self, key: Key) -> float:
        """Seconds until an unused gate is forgotten."""
        if isinstance(self.books, DatabaseBooks):
            return math.inf
        return float(await self._redis.ttl(f"oneclick:limits:{key.tenant_id}:{key.gate}"))

    async def old(self, key: Key) -> None:
        await cast("Awaitable[int]", self._redis.hset(LIFE, "born", "1"))
        self._database.psql(
            "INSERT INTO api.call_gates (tenant_id, gate, opened_at, seen_at) VALUES"
            f" ('{key.tenant_id}', '{key.gate}', now() - interval '99 hours', now()) ON CONFLICT (tenant_id, gate)"
            " DO UPDATE SET opened_at = excluded.opened_at, seen_at = now()"
        )


@pytest.fixture
async def both(
    module_database: Database, redis_server: Redis, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[dict[str, Kept]]:
    for module in (redis_books, database_books):
        monkeypatch.setattr(module, "LEASE_SECONDS", 1e5)
    engine = create_engine(module_database.url("oneclick_worker"), name="books", pool_size=20)
    link = Link(redis_server.url, SCRIPTS, lambda: None)
    await link.start()
    client = RedisClient.from_url(redis_server.url)
    yield {
        "redis": Kept(RedisBooks(link), module_database, client),
        "database": Kept(DatabaseBooks(Direct(engine)), module_database, client),
    }
    await client.aclose()
    await link.stop()
    await engine.dispose()


@pytest.fixture(params=["redis", "database"])
def kept(request: pytest.FixtureRequest, both: dict[str, Kept]) -> Kept:
    return both[request.param]


def new_key() -> Key:
    return Key(uuid4(), "slack", uuid4())


def ask(key: Key, *buckets: Bucket, held: Held | None = None, **more: Any) -> Ask:
    said = {"patience": 0.0, "concurrency": 100, **more}
    return Ask(key=key, held=held or Held(str(uuid4()), ""), buckets=buckets or (WIDE,), **said)


def about(seconds: float) -> Any:
    """What was so many seconds a moment ago."""
    return pytest.approx(seconds, abs=60)


async def outcomes(books: Books, asks: list[Ask]) -> list[str]:
    return [(await books.take(one)).outcome for one in asks]


async def test_a_few_come_at_once_and_then_one_after_the_other(kept: Kept) -> None:
    key = new_key()
    await kept.old(key)
    assert await outcomes(kept.books, [ask(key, SLOW) for _ in range(5)]) == [GO] * 4 + [LATE]
    answer = await kept.books.take(ask(key, SLOW, patience=1500))
    assert (answer.outcome, answer.seconds) == (GO, about(1000))
    answer = await kept.books.take(ask(key, SLOW, patience=2500))
    assert (answer.outcome, answer.seconds) == (GO, about(2000)), "behind the one that waits"


async def test_all_of_a_calls_budgets_are_drawn_from_or_none(kept: Kept) -> None:
    key = new_key()
    await kept.old(key)
    assert await outcomes(kept.books, [ask(key, SLOW, NARROW) for _ in range(4)]) == [GO] + [LATE] * 3
    late = await kept.books.take(ask(key, SLOW, NARROW))
    assert late.budget == 1, "the second one decided"
    assert await outcomes(kept.books, [ask(key, SLOW) for _ in range(4)]) == [GO] * 3 + [LATE], (
        "none was lost"
    )


async def test_those_who_come_too_late_are_told_one_after_the_other(kept: Kept) -> None:
    key = new_key()
    await kept.old(key)
    await kept.books.take(ask(key, NARROW))
    told = [(await kept.books.take(ask(key, NARROW))).seconds for _ in range(3)]
    assert told == [about(1000), about(1500), about(2000)]


async def test_no_more_calls_at_once_than_the_vendor_takes(kept: Kept) -> None:
    key = new_key()
    await kept.old(key)
    asks = [ask(key, concurrency=3) for _ in range(20)]
    answers = await asyncio.gather(*(kept.books.take(one) for one in asks))
    inside = [one for one, answer in zip(asks, answers, strict=True) if answer.outcome is GO]
    assert len(inside) == 3
    kept.books.leave(key, inside[0].held)
    await eventually(kept.books, ask(key, concurrency=3), GO)
    assert await outcomes(kept.books, [ask(key, concurrency=3)]) == [FULL]
    other = new_key()
    await kept.old(other)
    assert await outcomes(kept.books, [ask(other, concurrency=3)]) == [GO], (
        "another connection is another gate"
    )


async def test_one_write_of_an_object_at_a_time(kept: Kept) -> None:
    key = new_key()
    await kept.old(key)
    first, second, other = Held("first", "group-1"), Held("second", "group-1"), Held("other", "group-2")
    assert await outcomes(kept.books, [ask(key, held=one) for one in (first, second, other)]) == [
        GO,
        BUSY,
        GO,
    ]
    kept.books.leave(key, second)
    await kept.books.closed(key)
    assert await outcomes(kept.books, [ask(key, held=second)]) == [BUSY], "only who holds it lets go of it"
    kept.books.leave(key, first)
    await eventually(kept.books, ask(key, held=second), GO)


async def test_what_the_dead_held_is_free_after_its_lease(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = new_key()
    await kept.old(key)
    for module in (redis_books, database_books):
        monkeypatch.setattr(module, "LEASE_SECONDS", 0.3)
    held = Held("dead", "group-1")
    assert await outcomes(kept.books, [ask(key, held=held, concurrency=1)]) == [GO]
    await eventually(kept.books, ask(key, held=Held("heir", "group-1"), concurrency=1), GO)


async def test_a_lease_lasts_as_long_as_it_is_said_again(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    key = new_key()
    await kept.old(key)
    held = Held("alive", "group-1")
    await kept.books.hold(key, [held])
    assert await outcomes(kept.books, [ask(key, held=Held("other", "group-1"))]) == [BUSY]
    assert await outcomes(kept.books, [ask(key, concurrency=1)]) == [FULL]


async def test_a_closed_gate_lets_nobody_in_and_begins_with_empty_buckets(kept: Kept) -> None:
    key = new_key()
    await kept.old(key)
    await kept.books.close(key, 500)
    await kept.books.close(key, 5)
    answer = await kept.books.take(ask(key, SLOW, patience=1e6))
    assert (answer.outcome, answer.seconds) == (CLOSED, about(500)), "the longest counts"
    assert await kept.books.closed(key) == about(500)
    other = new_key()
    await kept.old(other)
    assert await kept.books.closed(other) == 0
    await kept.books.close(other, 0)
    answer = await kept.books.take(ask(other, BRISK, patience=1e6))
    assert answer.outcome is GO
    assert 0 < answer.seconds <= 4, "no burst right after"
    for bucket in (SLOW, NARROW):
        answer = await kept.books.take(ask(other, bucket, patience=0))
        assert answer.outcome is GO, "nobody waits for hours to have a long burst back"


async def test_what_was_spent_of_a_long_burst_is_remembered_as_long_as_it_matters(kept: Kept) -> None:
    key = new_key()
    await kept.old(key)
    for _ in range(4):
        await kept.books.take(ask(key, SLOW))
    assert await kept.lifetime(key) > SLOW.slack, "else an idle hour would bring it back"


async def test_a_rate_that_fills_slowly_is_full_in_new_books(kept: Kept, redis_server: Redis) -> None:
    """Five hundred invitations a day: the first of a new installation does not wait for three minutes."""
    redis_server.wipe()
    key, fast = new_key(), Bucket("fast", 1.0, 20.0, "sixty a minute")
    await eventually(kept.books, ask(key, SLOW, patience=1e6), GO)
    answer = await kept.books.take(ask(key, SLOW, patience=1e6))
    assert (answer.outcome, answer.seconds) == (GO, 0.0)
    answer = await kept.books.take(ask(key, fast, patience=1e6))
    assert answer.outcome is GO
    assert answer.seconds <= 1.0, "one that fills quickly begins empty"


async def test_new_books_let_nobody_in_until_everybody_has_said_who_is_inside(
    kept: Kept, redis_server: Redis
) -> None:
    redis_server.wipe()
    key = new_key()
    answer = await kept.books.take(ask(key, concurrency=2))
    assert answer.outcome is NEW
    assert 0 < answer.seconds < GRACE_SECONDS + 0.1
    await kept.books.hold(key, [Held("one", ""), Held("two", "")])
    await eventually(kept.books, ask(key, concurrency=2), FULL)
    await eventually(kept.books, ask(key, concurrency=3), GO)


async def eventually(books: Books, question: Ask, wanted: Outcome) -> Answer:
    for _ in range(2000):
        answer = await books.take(question)
        if answer.outcome is wanted:
            return answer
        await asyncio.sleep(0.02)
    raise AssertionError(f"{answer} and not {wanted}")


async def let_go(both: dict[str, Kept], key: Key, held: Held) -> None:
    """A call ends, and both books have it written down."""
    for one in both.values():
        one.books.leave(key, held)
        if isinstance(one.books, DatabaseBooks):
            await one.books.settle()
        await one.books.closed(key)


@pytest.mark.parametrize("seed", range(12))
async def test_both_books_answer_alike_whatever_happens(both: dict[str, Kept], seed: int) -> None:
    """The same things happen to both; the seconds between are nothing beside a thousand."""
    chance = random.Random(seed)  # noqa: S311  # a test's dice
    key = new_key()
    for one in both.values():
        await one.old(key)
    inside: list[Held] = []
    for number in range(40):
        match chance.choices(["take", "leave", "hold", "close"], [20, 5, 2, 1])[0]:
            case "take":
                held = Held(f"{seed}-{number}", chance.choice(["", "a", "b"]))
                buckets = chance.choice([(WIDE,), (SLOW,), (WIDE, NARROW), (SLOW, NARROW)])
                question = ask(
                    key,
                    *buckets,
                    held=held,
                    patience=chance.choice([0, 1200, 1e6]),
                    concurrency=chance.choice([3, 8]),
                )
                answers = [await one.books.take(question) for one in both.values()]
                assert len({(a.outcome, a.budget) for a in answers}) == 1, (number, answers)
                assert answers[0].seconds == pytest.approx(answers[1].seconds, abs=60), (number, answers)
                inside += [held] if answers[0].outcome is GO else []
            case "leave" if inside:
                left = inside.pop(chance.randrange(len(inside)))
                await let_go(both, key, left)
            case "hold" if inside:
                for one in both.values():
                    await one.books.hold(key, inside)
            case "close":
                for one in both.values():
                    await one.books.close(key, 0)
                await asyncio.sleep(2 * WIDE.spacing)  # Until then even the widest has nothing.
            case _:
                pass
