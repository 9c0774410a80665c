"""Live pages: nothing is missed, nothing comes twice, whatever is cut and whoever commits late."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from services.api import streaming
from services.shared.kit.actors import service_actor
from services.shared.kit.ids import uuid7
from services.shared.kit.uow import unit_of_work
from tests.fixtures.api import Api, wish
from tests.fixtures.postgres import Database
from tests.fixtures.principals import bearer, mint
from tests.fixtures.streams import Sent, events, served
from tests.fixtures.waiting import eventually_async


@pytest.fixture
async def address(api: Api) -> AsyncIterator[str]:
    async with served(api.app) as url:
        yield url


@pytest.fixture
async def browser(address: str, tenant: UUID) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody of the tenant, over a real socket."""
    async with httpx.AsyncClient(base_url=address, headers=bearer(mint(tenant)), timeout=60) as client:
        yield client


async def _make(api: Api, tenant: UUID) -> str:
    made = (await api.client(tenant).post("/api/requests", json=wish())).json()
    identifier: str = made["id"]
    return identifier


async def _told(api: Api, tenant: UUID, request_id: str) -> list[str]:
    """Every event's cursor in the table's order."""
    async with api.app.state.backends.sessions.begin() as session:
        await session.execute(text("SELECT set_config('app.tenant_id', :t, true)"), {"t": str(tenant)})
        rows = await session.execute(
            text("SELECT tx::text || '-' || id FROM api.events WHERE subject_id = :id ORDER BY tx, id"),
            {"id": UUID(request_id)},
        )
        return [row[0] for row in rows]


async def test_a_page_that_opens_is_told_where_it_stands_and_then_every_change(
    api: Api, tenant: UUID, browser: httpx.AsyncClient
) -> None:
    request_id = await _make(api, tenant)
    got: list[Sent] = []
    async with browser.stream("GET", f"/api/requests/{request_id}/events") as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-accel-buffering"] == "no"
        async for event in events(answer):
            got.append(event)
            if len(got) == 1:
                await api.worker.work()
            if event.type == "request.changed" and event.data["state"] == "completed":
                break
    assert got[0].type == "sync"
    kinds = {event.type for event in got[1:]}
    assert kinds >= {"request.changed", "result.changed", "action.changed"}
    table = await _told(api, tenant, request_id)
    assert [event.id for event in got[1:]] == table[table.index(got[1].id) : table.index(got[-1].id) + 1]
    assert all(event.data["request_id"] == request_id and event.data["at"] for event in got[1:])


async def test_random_cuts_and_late_commits_lose_nothing(
    api: Api, tenant: UUID, browser: httpx.AsyncClient
) -> None:
    request_id = await _make(api, tenant)
    backends = api.app.state.backends
    chance = random.Random(15)  # noqa: S311  # a test's dice
    writers = 12

    async def write() -> None:
        for _ in range(10):
            async with unit_of_work(
                backends.sessions,
                backends.bell,
                tenant_id=tenant,
                actor=service_actor("test"),
                correlation_id="test",
            ) as uow:
                uow.emit("action.changed", UUID(request_id), {"request_id": request_id})
                await uow.session.flush()  # the number is taken now, the commit comes when it comes
                await asyncio.sleep(chance.random() * 0.05)

    got: list[str] = []
    start = await _first_cursor(browser, request_id)
    writing = asyncio.gather(*(write() for _ in range(writers)))
    after = start
    async with asyncio.timeout(90):  # nothing comes in place of one that is missing
        while len(got) < writers * 10:
            # Each connection is cut after a few events, mostly in the middle of a batch.
            left = chance.randint(1, 9)
            path = f"/api/requests/{request_id}/events"
            headers = {"Last-Event-ID": after} if chance.random() < 0.5 else {}
            query = {} if headers else {"after": after}
            async with browser.stream("GET", path, headers=headers, params=query) as answer:
                async for event in events(answer):
                    assert event.type != "sync"
                    got.append(event.id)
                    after = event.id
                    left -= 1
                    if not left or len(got) == writers * 10:
                        break
    await writing
    table = [cursor for cursor in await _told(api, tenant, request_id) if _pair(cursor) > _pair(start)]
    assert got == table
    assert len(got) == writers * 10


async def test_the_order_of_transactions_is_that_of_numbers(
    api: Api, tenant: UUID, browser: httpx.AsyncClient, module_database: Database
) -> None:
    request_id = await _make(api, tenant)
    for tx in (10, 9, 100, 99):
        module_database.psql(
            "INSERT INTO api.events (tx, tenant_id, subject_id, type, data)"
            f" VALUES ('{tx}', '{tenant}', '{request_id}', 'action.changed', '{{}}')"
        )
    got: list[int] = []
    path = f"/api/requests/{request_id}/events"
    async with browser.stream("GET", path, params={"after": "1-1"}) as answer:
        async for event in events(answer):
            got.append(_pair(event.id)[0])
            if len(got) == 4:
                break
    assert got == [9, 10, 99, 100]


def _pair(cursor: str) -> tuple[int, ...]:
    return tuple(int(part) for part in cursor.split("-"))


async def _first_cursor(browser: httpx.AsyncClient, request_id: str) -> str:
    async with browser.stream("GET", f"/api/requests/{request_id}/events") as answer:
        async for event in events(answer):
            return event.id
    raise AssertionError("the stream told nothing")


async def test_an_event_arrives_soon_after_its_commit(
    api: Api, tenant: UUID, browser: httpx.AsyncClient
) -> None:
    request_id = await _make(api, tenant)
    async with browser.stream("GET", f"/api/requests/{request_id}/events") as answer:
        reading = events(answer)
        await anext(reading)
        began = time.monotonic()
        await api.client(tenant).post(f"/api/requests/{request_id}/cancel", json={})
        await anext(reading)
        assert time.monotonic() - began < 30


async def test_another_tenants_request_has_no_stream(
    api: Api, other_tenant: UUID, tenant: UUID, browser: httpx.AsyncClient
) -> None:
    request_id = await _make(api, other_tenant)
    answer = await browser.get(f"/api/requests/{request_id}/events")
    assert (answer.status_code, answer.json()["code"]) == (404, "request_not_found")
    cursor = await _own_cursor(api, other_tenant, request_id)
    answer = await browser.get(f"/api/requests/{request_id}/events", headers={"Last-Event-ID": cursor})
    assert answer.status_code == 404


async def _own_cursor(api: Api, tenant: UUID, request_id: str) -> str:
    return (await _told(api, tenant, request_id))[0]


@pytest.mark.parametrize(
    "cursor",
    ["x", "1", "-1-1", "1-", "18446744073709551616-1", "1-9223372036854775808", "1-1 ", "\u0661-\u0661"],
)
async def test_a_cursor_that_is_not_ours_is_named(api: Api, tenant: UUID, cursor: str) -> None:
    request_id = await _make(api, tenant)
    answer = await api.client(tenant).get(f"/api/requests/{request_id}/events", params={"after": cursor})
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == "after"


async def test_a_session_has_a_bounded_number_of_streams(
    api: Api, tenant: UUID, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "MAX_PER_SESSION", 2)
    request_id = await _make(api, tenant)
    path, session = f"/api/requests/{request_id}/events", str(uuid7())
    token = mint(tenant, sid=session)
    async with httpx.AsyncClient(base_url=address, headers=bearer(token), timeout=60) as client:
        async with client.stream("GET", path) as one, client.stream("GET", path) as two:
            readers = [events(one), events(two)]
            assert [(await anext(reader)).type for reader in readers] == ["sync", "sync"]
            assert (await client.get(path)).status_code == 429
        await eventually_async(
            lambda: not streaming._open.get(session), what="a closed page gives its place back"
        )


async def test_a_stream_ends_by_itself_after_a_while(
    api: Api, tenant: UUID, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "LIFETIME_SECONDS", 0.2)
    request_id = await _make(api, tenant)
    async with browser.stream("GET", f"/api/requests/{request_id}/events") as answer:
        assert [event.type async for event in events(answer)] == ["sync"]
