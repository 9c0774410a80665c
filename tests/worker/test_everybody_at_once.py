"""Operators, vendors' events and several workers at the same apps at the same time: nobody waits for anybody in a
circle, nothing is lost, and what is said last holds."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from uuid import UUID

import pytest

from services.shared.domain.provisioning import steering, tasking
from services.shared.domain.provisioning.hearing import hasten_heard
from services.shared.domain.provisioning.tasking import Assignee
from services.shared.kit.errors import DomainError
from services.shared.kit.jobs.ledger import LeaseLost
from services.shared.sdk.optional import Heard
from tests.fixtures.yard import Yard

PEOPLE = 4
TURNS = 40


async def _work(yard: Yard, stop: asyncio.Event) -> None:
    while not stop.is_set():
        for claim in await yard.claim():
            try:
                await yard.tasks[claim.kind].run(claim)
            except LeaseLost:
                raise AssertionError("nobody took this job from us") from None
        await asyncio.sleep(0.005)


async def _operate(yard: Yard, request_id: UUID, address: str, dice: random.Random) -> None:
    async def act(key: str, what: Callable[..., Awaitable[None]], *more: object) -> None:
        action = await yard.action(request_id, key)
        async with yard.unit() as uow:
            await what(uow, request_id, action.id, *more)

    async def hear() -> None:
        async with yard.unit() as uow:
            await hasten_heard(uow, "github", [Heard(kind="changed", email=address)])

    async def cancel() -> None:
        async with yard.unit() as uow:
            await steering.cancel_request(uow, request_id)

    async def retry() -> None:
        async with yard.unit() as uow:
            await steering.retry_request(uow, request_id)

    deeds: list[Callable[[], Awaitable[None]]] = [
        hear,
        hear,
        cancel,
        retry,
        lambda: act("invite", tasking.resend_invitation),
        lambda: act("card", tasking.say_done, None),
        lambda: act("card", tasking.assign_task, Assignee("8", "Bea")),
    ]
    for _ in range(TURNS):
        with suppress(DomainError):
            await dice.choice(deeds)()
        await asyncio.sleep(dice.uniform(0, 0.02))


async def _settle(yard: Yard) -> None:
    """Do whatever is due, and then whatever waits for its time: a gate may have put a call off."""
    for _ in range(3):
        await yard.work()
        yard.tomorrow()
    await yard.work()


@pytest.mark.parametrize("seed", [1, 2])
async def test_everybody_at_once(yard: Yard, seed: int) -> None:
    dice, stop = random.Random(seed), asyncio.Event()  # noqa: S311  # a repeatable choice, no secret
    asked = [await yard.request(card=True, badge=True, shelf=True, locker=True) for _ in range(PEOPLE)]
    await yard.work()
    workers = [asyncio.create_task(_work(yard, stop)) for _ in range(3)]
    try:
        await asyncio.gather(*(_operate(yard, *request, dice) for request in asked for _ in range(2)))
    finally:
        stop.set()
        await asyncio.gather(*workers)
    for request_id, address in asked:
        await _settle(yard)  # what was still promised when the workers went home: a cancellation, say
        if (await yard.states(request_id))["request"] in {"cancelled", "partial", "failed"}:
            async with yard.unit() as uow:
                await steering.retry_request(uow, request_id)
            await _settle(yard)
        yard.club.accept(address)
        yard.club.give_card(address)
        async with yard.unit() as uow:
            await hasten_heard(uow, "github", [Heard(kind="activated", email=address)])
            card = await yard.action(request_id, "card")
        async with yard.unit() as uow:
            await tasking.say_done(uow, request_id, card.id, None)
        await _settle(yard)
        assert set((await yard.states(request_id)).values()) == {"completed", "success", "done"}
    counted = Counter(yard.club.effects)
    for _, address in asked:
        assert all(counted[thing, address] == 1 for thing in ("badge", "shelf", "locker"))
        assert counted["invite", address] - counted["withdraw", address] == 1
    assert yard.jobs() == []
