"""Who posts what no vendor has signed is told to wait; vendors never are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import httpx
import pytest

from deploy.local.redis import Redis
from services.shared.kit.ids import uuid7
from tests.fixtures.api import Api, running_api
from tests.fixtures.postgres import Database
from tests.fixtures.providers import StubVendor

pytestmark = pytest.mark.usefixtures("clean_redis")
HOOK = str(uuid7())


@pytest.fixture
async def strict(module_database: Database, redis_url: str, stub_providers: StubVendor) -> AsyncIterator[Api]:
    """An api behind one proxy that takes two refused deliveries a minute from an address."""
    more = {"refused_deliveries_per_minute": 2, "trusted_proxies": 1}
    async with running_api(module_database, redis_url, stub_providers, **more) as api:
        yield api


async def post(api: Api, seen_by_the_proxy: str, *, signed: bool = False, id: str = "d") -> httpx.Response:
    headers = {"X-Forwarded-For": seen_by_the_proxy, "X-Delivery": id, "Content-Type": "application/json"}
    if signed:
        headers["X-Signed"] = "yes"
    return await api.nobody().post(f"/api/webhooks/github/{HOOK}", content=b"{}", headers=headers)


@pytest.mark.parametrize("redis_is", ["there", "away"])
async def test_an_address_that_posts_rubbish_is_told_to_wait_and_costs_nothing_more(
    strict: Api, redis_server: Redis, redis_is: str
) -> None:
    if redis_is == "away":
        redis_server.stop()
    try:
        for _ in range(2):
            assert (await post(strict, "203.0.113.7")).status_code == 401
        before = strict.auth.count("webhook-check")
        refused = await post(strict, "203.0.113.7")
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_calls")
        assert 1 <= int(refused.headers["Retry-After"]) <= 30
        assert strict.auth.count("webhook-check") == before
        # Whatever it says about itself; and it alone.
        assert (await post(strict, "198.51.100.1, 203.0.113.7")).status_code == 429
        assert (await post(strict, "198.51.100.1")).status_code == 401
    finally:
        if redis_is == "away":
            redis_server.start()


async def test_a_vendor_may_post_as_much_as_it_likes(strict: Api, tenant: UUID) -> None:
    strict.auth.hooks = {("github", HOOK): str(tenant)}
    for number in range(10):
        answer = await post(strict, "192.0.2.10", signed=True, id=f"d{number}-{uuid4()}")
        assert answer.status_code == 200, answer.text


async def test_the_addresses_of_one_network_are_one_caller(strict: Api) -> None:
    for number in range(2):
        assert (await post(strict, f"2001:db8:1:2::{number}")).status_code == 401
    assert (await post(strict, "2001:db8:1:2:ffff::9")).status_code == 429
    assert (await post(strict, "2001:db8:1:3::1")).status_code == 401


@pytest.mark.parametrize(
    "nonsense", ["", "unknown", "1.2.3", "::ffff:203.0.113.99", "x" * 500, "1.2.3.4:80", ","]
)
async def test_an_address_that_is_none_is_no_fault_of_ours(strict: Api, nonsense: str) -> None:
    assert (await post(strict, nonsense)).status_code in {401, 429}
