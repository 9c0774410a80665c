"""The live feed of a tenant's notifications: what arrives, what becomes of it, and nothing of anybody else's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest

from tests.fixtures.api import Api
from tests.fixtures.notified import Watch, notified, watching
from tests.fixtures.postgres import Database
from tests.fixtures.principals import bearer, mint
from tests.fixtures.streams import Sent, events, served

FEED = "/api/ms365/events"
PATIENCE = 60


@pytest.fixture
async def address(api: Api) -> AsyncIterator[str]:
    async with served(api.app) as url:
        yield url


@pytest.fixture
async def browser(address: str, tenant: UUID) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody of the tenant, over a real socket."""
    token = mint(tenant, role="auditor")
    async with httpx.AsyncClient(base_url=address, headers=bearer(token), timeout=PATIENCE) as client:
        yield client


@pytest.fixture
async def watch(api: Api, tenant: UUID, module_database: Database) -> Watch:
    return await watching(api, module_database, tenant)


async def _until(reading: AsyncIterator[Sent], kind: str) -> list[Sent]:
    """What is told up to the first event of that kind."""
    got: list[Sent] = []
    async for event in reading:
        got.append(event)
        if event.type == kind:
            return got
    raise AssertionError(f"the stream ended before {kind}: {[event.type for event in got]}")


async def test_what_arrives_is_told_once_for_a_post_and_not_what_was_heard_before(
    watch: Watch, tenant: UUID, browser: httpx.AsyncClient
) -> None:
    async with browser.stream("GET", FEED) as answer:
        assert answer.status_code == 200
        reading = events(answer)
        (sync,) = await _until(reading, "sync")
        assert sync.data == {"tenant_id": str(tenant)}
        await watch.post(watch.item(1), watch.item(2))
        await watch.post(watch.item(1))
        await watch.post(watch.item(3))
        first = await _until(reading, "notification.arrived")
        second = await _until(reading, "notification.arrived")
    assert [event.data["count"] for event in (*first, *second)] == [2, 1]


async def test_whoever_comes_back_with_the_last_id_is_told_what_happened_meanwhile(
    api: Api, watch: Watch, tenant: UUID, module_database: Database, browser: httpx.AsyncClient
) -> None:
    async with browser.stream("GET", FEED) as answer:
        seen = (await _until(events(answer), "sync"))[-1].id
    client = api.client(tenant)
    _, dead, _ = await notified(client, module_database, tenant)
    await client.post(f"/api/ms365/notifications/{dead}/replay")
    await client.post(f"/api/ms365/subscriptions/{watch.id}/resync")
    for how in ({"headers": {"Last-Event-ID": seen}}, {"params": {"after": seen}}):
        async with browser.stream("GET", FEED, **how) as answer:  # type: ignore[arg-type]  # two ways to say it
            got = await _until(events(answer), "gap.changed")
        assert [event.type for event in got] == [
            "subscription.changed",
            "notification.changed",
            "gap.changed",
        ]
        assert (got[1].data["notification_id"], got[1].data["state"]) == (dead, "queued")
        assert got[2].data["subscription_id"] == watch.id


async def test_a_tenants_feed_tells_nothing_of_another_tenants(
    api: Api, watch: Watch, other_tenant: UUID, address: str
) -> None:
    stranger = bearer(mint(other_tenant))
    async with (
        httpx.AsyncClient(base_url=address, headers=stranger, timeout=PATIENCE) as client,
        client.stream("GET", FEED) as answer,
    ):
        reading = events(answer)
        (sync,) = await _until(reading, "sync")
        assert sync.data == {"tenant_id": str(other_tenant)}
        await watch.post(watch.item())
        await api.client(watch.tenant).delete(f"/api/ms365/subscriptions/{watch.id}")
        own = await api.client(other_tenant).post(
            "/api/ms365/subscriptions", json={"resource": "users/u1/messages"}
        )
        got = await _until(reading, "subscription.changed")
    assert [event.data["subscription_id"] for event in got] == [own.json()["id"]]


async def test_a_cursor_that_is_not_ours_is_named_and_nobody_is_let_in_without_a_token(
    api: Api, tenant: UUID
) -> None:
    answer = await api.client(tenant).get(FEED, params={"after": "x"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "after")
    assert (await api.nobody().get(FEED)).status_code == 401
