"""A gate in one process: who waits, how long, what is told, and that nothing is kept that was not used."""

import asyncio
import time
from collections.abc import Sequence
from uuid import uuid4

import pytest

from services.shared.sdk.errors import ErrorCode, Transient
from services.shared.sdk.manifest import Limits
from services.worker.limits.asking import Answer, Ask, BooksAway, Held, Key, Outcome
from services.worker.limits.gate import Gate, Permit
from services.worker.limits.rates import Rates
from services.worker.limits.throttled import Throttled

RATES = Rates(
    "Slack", Limits(calls_per_second=3, concurrency=2, one_write_per="/Groups/([^/]+)", source="test")
)
GO = Answer(Outcome.GO)


class Script:
    """Books that answer what a test says, in order; then GO. They remember who is inside."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.inside: set[str] = set()
        self.held: list[str] = []
        self.asked = 0
        self.shut = 0.0
        self.away = False

    async def take(self, ask: Ask) -> Answer:
        self.asked += 1
        await asyncio.sleep(0)
        if self.away:
            raise BooksAway("test")
        answer = self.answers.pop(0) if self.answers else GO
        if answer.outcome is Outcome.GO:
            self.inside.add(ask.held.holder)
        return answer

    async def hold(self, key: Key, held: Sequence[Held]) -> None:
        self.held += [one.holder for one in held]

    def leave(self, key: Key, held: Held) -> None:
        self.inside.discard(held.holder)

    async def close(self, key: Key, seconds: float) -> None:
        self.shut = seconds

    async def closed(self, key: Key) -> float:
        return self.shut


def gate(books: Script) -> Gate:
    names = iter(range(1000))
    return Gate(Key(uuid4(), "slack", uuid4()), books, lambda: str(next(names)))


async def enter(
    one: Gate,
    method: str = "GET",
    path: str = "/x",
    *,
    patience: float = 1.0,
    waits: list[float] | None = None,
) -> Permit:
    told = waits if waits is not None else []
    return await one.enter(RATES, method, path, patience=patience, waits=told.append)


async def test_a_call_goes_and_is_forgotten_when_it_has_ended() -> None:
    books = Script()
    one = gate(books)
    permit = await enter(one)
    assert one.may_go(permit)
    assert len(books.inside) == len(one.inside) == 1
    one.leave(permit)
    one.leave(permit)
    assert not books.inside
    assert not one.inside
    assert not one.may_go(permit)


async def test_a_turn_that_comes_soon_is_waited_for_and_the_wait_is_told() -> None:
    waits: list[float] = []
    began = time.monotonic()
    await enter(gate(Script(Answer(Outcome.GO, 0.2))), waits=waits)
    assert time.monotonic() - began >= 0.19
    assert waits == [0.2]


@pytest.mark.parametrize(
    ("answer", "words", "enough"),
    [
        (Answer(Outcome.LATE, 7.0), "OneClick keeps to Slack's limit of 3 calls a second.", 3),
        (Answer(Outcome.LATE, 700.0), "OneClick keeps to Slack's limit of 3 calls a second.", None),
        (Answer(Outcome.CLOSED, 600.0), "Slack asked OneClick to wait.", None),
        (Answer(Outcome.NEW, 60.0), "OneClick is counting its calls to Slack anew.", None),
    ],
)
async def test_a_turn_that_is_far_off_is_not_waited_for(
    answer: Answer, words: str, enough: int | None
) -> None:
    books = Script(answer)
    one = gate(books)
    waits: list[float] = []
    with pytest.raises(Throttled, match=words) as caught:
        await enter(one, waits=waits)
    assert waits == [], "nobody slept"
    assert isinstance(caught.value, Transient)
    assert caught.value.code is ErrorCode.RATE_LIMITED
    assert caught.value.enough == enough
    assert not books.inside


async def test_who_was_told_to_wait_comes_back_when_its_turn_is_near_and_never_before_a_vendor_allows() -> (
    None
):
    with pytest.raises(Throttled) as late:
        await enter(gate(Script(Answer(Outcome.LATE, 7.0))))
    assert late.value.delay == pytest.approx(6.5)
    with pytest.raises(Throttled) as closed:
        await enter(gate(Script(Answer(Outcome.CLOSED, 600.0))))
    assert closed.value.delay >= 600
    assert closed.value.closed == 600


async def test_nobody_sleeps_on_what_a_vendor_asked_for_even_where_patience_is_long() -> None:
    waits: list[float] = []
    with pytest.raises(Throttled):
        await enter(gate(Script(Answer(Outcome.CLOSED, 3.0))), patience=5.0, waits=waits)
    assert waits == []


async def test_a_closed_gate_is_known_without_asking_and_closes_for_everybody() -> None:
    books = Script()
    one = gate(books)
    permit = await enter(one)
    await one.close(30)
    assert books.shut == 30
    assert not one.may_go(permit), "a call that has not left yet does not leave"
    for _ in range(3):
        with pytest.raises(Throttled):
            await enter(one)
    assert books.asked == 1


async def test_a_gate_that_closes_while_somebody_waits_for_its_turn_lets_it_not_through() -> None:
    books = Script(Answer(Outcome.GO, 0.1))
    one = gate(books)
    waiting = asyncio.ensure_future(enter(one))
    await asyncio.sleep(0.02)
    books.shut = 60.0  # another worker was told
    with pytest.raises(Throttled, match="asked OneClick to wait"):
        await waiting
    assert not books.inside


async def test_as_many_as_the_vendor_takes_at_once_and_the_next_when_one_ends() -> None:
    books = Script()
    one = gate(books)
    first, _second = await enter(one), await enter(one)
    third = asyncio.ensure_future(enter(one))
    await asyncio.sleep(0.01)
    assert books.asked == 2, "this process knows by itself that there is no room"
    one.leave(first)
    await asyncio.wait_for(third, 60)
    assert len(books.inside) == 2


async def test_two_who_ask_at_once_do_not_take_the_same_place() -> None:
    books = Script()
    one = gate(books)
    asked = [asyncio.ensure_future(enter(one)) for _ in range(3)]
    await asyncio.sleep(0.02)
    assert sum(task.done() for task in asked) == 2
    asked[2].cancel()
    await asyncio.gather(*asked, return_exceptions=True)


async def test_one_write_of_an_object_at_a_time_and_reads_meanwhile() -> None:
    one = gate(Script())
    first = await enter(one, "PATCH", "/Groups/a")
    second = asyncio.ensure_future(enter(one, "PATCH", "/Groups/a"))
    await asyncio.sleep(0.02)
    assert not second.done()
    reading = await enter(one, "GET", "/Groups/a")
    one.leave(reading)
    assert not second.done()
    one.leave(first)
    await asyncio.wait_for(second, 60)


async def test_who_gives_up_waiting_keeps_nothing() -> None:
    books = Script(Answer(Outcome.GO, 30.0))
    one = gate(books)
    waiting = asyncio.ensure_future(enter(one))
    await asyncio.sleep(0.02)
    assert books.inside
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert not books.inside
    assert not one.inside


async def test_books_that_cannot_be_asked_put_the_call_off() -> None:
    books = Script()
    books.away = True
    one = gate(books)
    with pytest.raises(Throttled):
        await enter(one)
    books.away = False
    assert await enter(one)


async def test_a_permit_holds_as_long_as_it_is_said_again() -> None:
    books = Script()
    one = gate(books)
    permit = await enter(one)
    permit.good_until = time.monotonic() - 1
    assert not one.may_go(permit), "this process stood still, and its lease has ended"
    await one.hold(older_than=60)
    assert books.held == []
    await one.hold(older_than=0)
    assert books.held == [permit.held.holder]
    assert one.may_go(permit)
