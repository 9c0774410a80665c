"""Calls to vendors and their turns: what is known of a write that had to wait, and what a vendor's answer closes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from pydantic import SecretStr

from services.shared.domain.provisioning.states import EffectState
from services.shared.sdk.manifest import Limits
from services.worker.broker import Broker
from services.worker.limits.asking import Answer, Ask, Held, Key, Outcome
from services.worker.limits.gate import Gate
from services.worker.limits.rates import Rates
from services.worker.limits.throttled import Throttled
from services.worker.vendor import Doors, Ledger, SignedInTransport, Turnstile, vendor_time

BASE = "https://vendor.test"
LATE = Answer(Outcome.LATE, 60.0)
RATES = Rates("Slack", Limits(calls_per_second=3, concurrency=2, source="test"))


class Turns:
    """Books that let the first so many calls through and then nobody. `said` is what the gate was told."""

    def __init__(self, go: int) -> None:
        self.go = go
        self.patience: list[float] = []
        self.closed_for: list[float] = []
        self.inside = 0

    async def take(self, ask: Ask) -> Answer:
        self.patience.append(ask.patience)
        if len(self.patience) > self.go:
            return LATE
        self.inside += 1
        return Answer(Outcome.GO)

    async def hold(self, key: Key, held: object) -> None:
        """Nothing dies here."""

    def leave(self, key: Key, held: Held) -> None:
        self.inside -= 1

    async def close(self, key: Key, seconds: float) -> None:
        self.closed_for.append(seconds)

    async def closed(self, key: Key) -> float:
        return 0.0


def auth(request: httpx.Request) -> httpx.Response:
    """The auth service's answer: each time another token."""
    expires = datetime.now(UTC) + timedelta(hours=1)
    body = {
        "access_token": str(uuid4()),
        "connection_id": str(UUID(int=1)),
        "expires_at": expires.isoformat(),
    }
    return httpx.Response(200, json=body)


@asynccontextmanager
async def vendor(
    turns: Turns,
    answer: Callable[[httpx.Request], httpx.Response],
    ledger: Ledger,
    *,
    comes_again: bool = True,
) -> AsyncIterator[httpx.AsyncClient]:
    numbers = iter(range(1000))
    gate = Gate(Key(uuid4(), "slack", uuid4()), turns, lambda: str(next(numbers)))
    async with httpx.AsyncClient(transport=httpx.MockTransport(auth)) as asking:
        transport = SignedInTransport(
            httpx.MockTransport(answer),
            Broker(asking, "https://auth.test", SecretStr("token")),
            uuid4(),
            "slack",
            Doors({"api": BASE}, {}),
            Turnstile(gate, RATES, comes_again=comes_again),
        )
        transport.ledger = ledger
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
            yield client


def fine(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={})


class Noted:
    def __init__(self) -> None:
        self.times = 0

    async def __call__(self) -> None:
        self.times += 1


async def test_a_write_whose_turn_is_far_off_is_neither_sent_nor_noted() -> None:
    noted = Noted()
    ledger = Ledger("apply", before_write=noted)
    async with vendor(Turns(0), fine, ledger) as client:
        with pytest.raises(Throttled):
            await client.post("/users")
    assert noted.times == 0
    assert ledger.exchanges == []
    assert ledger.effect_after_error(EffectState.INTENT) is EffectState.INTENT


async def test_a_read_back_that_has_to_wait_leaves_the_write_unknown() -> None:
    noted = Noted()
    ledger = Ledger("apply", before_write=noted)
    async with vendor(Turns(1), fine, ledger) as client:
        await client.post("/users")
        with pytest.raises(Throttled):
            await client.get("/users/1")
    assert noted.times == 1
    assert ledger.effect_after_error(EffectState.INTENT) is EffectState.UNKNOWN, "it is read back later"


async def test_a_second_write_that_has_to_wait_does_not_make_the_first_undone() -> None:
    ledger = Ledger("apply", before_write=Noted())
    async with vendor(Turns(1), fine, ledger) as client:
        await client.post("/users")
        with pytest.raises(Throttled):
            await client.post("/users/1/licences")
    assert ledger.effect_after_error(EffectState.INTENT) is EffectState.UNKNOWN


async def test_a_write_that_was_refused_for_its_token_and_then_had_to_wait_surely_did_nothing() -> None:
    ledger = Ledger("apply", before_write=Noted())
    async with vendor(Turns(1), lambda _request: httpx.Response(401), ledger) as client:
        with pytest.raises(Throttled):
            await client.post("/users")
    assert ledger.writes == 1
    assert ledger.effect_after_error(EffectState.INTENT) is EffectState.INTENT
    assert ledger.effect_after_error(EffectState.SENT) is EffectState.UNKNOWN


async def test_every_call_takes_its_turn_and_ends_it_whatever_comes_of_it() -> None:
    def breaks(_request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("test")

    turns = Turns(10)
    async with vendor(turns, breaks, Ledger("plan")) as client:
        for _ in range(3):
            with pytest.raises(httpx.ReadTimeout):
                await client.get("/users")
    assert len(turns.patience) == 3
    assert turns.inside == 0


async def test_who_has_begun_is_more_patient_than_who_can_come_again() -> None:
    turns = Turns(10)
    async with vendor(turns, fine, Ledger("apply")) as client:
        await client.get("/users")
        await client.get("/users")
    first, second = turns.patience
    assert first < second
    turns = Turns(10)
    async with vendor(turns, fine, Ledger("plan"), comes_again=False) as client:
        await client.get("/users")
    assert turns.patience == [second], "somebody waits for a plan"


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"Retry-After": "7"}, 7.0),
        (429, {"Retry-After": "2.5"}, 2.5),
        (503, {"Retry-After": "3"}, 3.0),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "30"}, 30.0),
        (200, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "30"}, 30.0),
        (200, {"X-RateLimit-Remaining": "1", "X-RateLimit-Reset": "30"}, None),
        (429, {}, None),
        (202, {"Retry-After": "7"}, None),
    ],
)
async def test_what_a_vendor_asks_for_closes_the_gate_for_all(
    status: int, headers: dict[str, str], seconds: float | None
) -> None:
    turns = Turns(10)
    async with vendor(
        turns, lambda _request: httpx.Response(status, headers=headers), Ledger("plan")
    ) as client:
        await client.get("/users")
        assert turns.closed_for == ([] if seconds is None else [seconds])
        if seconds is not None:
            with pytest.raises(Throttled):
                await client.get("/users")


async def test_waiting_for_turns_is_not_the_vendors_time() -> None:
    ledger = Ledger("plan")
    async with vendor_time(ledger, 0.1):
        ledger.wait(30)
        await asyncio.sleep(0.15)
    assert ledger.waited == 30
    with pytest.raises(TimeoutError):
        async with vendor_time(ledger, 0.05):
            await asyncio.sleep(5)
    ledger.wait(1)
