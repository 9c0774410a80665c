"""Idempotency keys: reserved with the work, answered once."""

from __future__ import annotations

import asyncio

import pytest

from services.shared.domain.idempotency import service as idempotency
from services.shared.domain.idempotency.service import KeyReused, Replay
from services.shared.kit.errors import InvalidInput
from tests.shared.domain.conftest import Desk


async def test_a_key_is_free_once_and_then_holds_what_was_noted_and_answered(desk: Desk) -> None:
    async with desk.unit() as uow:
        assert await idempotency.begin(uow, "k", "POST /x", {"a": 1}) is None
        await idempotency.note(uow, "k", {"subject_id": "7"})
    async with desk.unit() as uow:
        assert await idempotency.begin(uow, "k", "POST /x", {"a": 1}) == Replay(None, {"subject_id": "7"})
        assert await idempotency.settle(uow, "k", 201, {"id": "7"}) == Replay(201, {"id": "7"})
    async with desk.unit() as uow:
        assert await idempotency.settle(uow, "k", 202, {"id": "8"}) == Replay(201, {"id": "7"})
        assert await idempotency.begin(uow, "k", "POST /x", {"a": 1}) == Replay(201, {"id": "7"})


@pytest.mark.parametrize(("route", "body"), [("POST /x", {"a": 2}), ("POST /y", {"a": 1})])
async def test_another_body_or_route_is_refused(desk: Desk, route: str, body: dict[str, int]) -> None:
    async with desk.unit() as uow:
        await idempotency.begin(uow, "k", "POST /x", {"a": 1})
    with pytest.raises(KeyReused):
        async with desk.unit() as uow:
            await idempotency.begin(uow, "k", route, body)


async def test_work_that_fails_uses_up_no_key(desk: Desk) -> None:
    with pytest.raises(InvalidInput):
        await _begin_and_fail(desk)
    async with desk.unit() as uow:
        assert await idempotency.begin(uow, "k", "POST /x", {}) is None


async def _begin_and_fail(desk: Desk) -> None:
    async with desk.unit() as uow:
        await idempotency.begin(uow, "k", "POST /x", {})
        raise InvalidInput([])


async def test_a_second_caller_waits_for_the_first_to_commit(desk: Desk) -> None:
    began = asyncio.Event()

    async def first() -> None:
        async with desk.unit() as uow:
            await idempotency.begin(uow, "k", "POST /x", {})
            began.set()
            await asyncio.sleep(0.2)
            await idempotency.note(uow, "k", {"subject_id": "7"})

    async def second() -> Replay | None:
        await began.wait()
        async with desk.unit() as uow:
            return await idempotency.begin(uow, "k", "POST /x", {})

    _, replay = await asyncio.gather(first(), second())
    assert replay == Replay(None, {"subject_id": "7"})


@pytest.mark.parametrize("key", ["", "x" * 201, "ü", "a\nb"])
async def test_a_malformed_key_is_named(desk: Desk, key: str) -> None:
    with pytest.raises(InvalidInput, match="Idempotency-Key"):
        async with desk.unit() as uow:
            await idempotency.begin(uow, key, "POST /x", {})
