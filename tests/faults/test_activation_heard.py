"""GitHub and Zoom tell that somebody came, and the request goes on at once: the vendors' twins post for real, through
a real api and auth service, to real workers. Without them the next look would be a quarter of an hour away."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from services.api.app import create_app
from services.api.settings import ApiSettings
from tests.fixtures.engine import TENANT, Engine
from tests.fixtures.served import serve

UNHURRIED = json.dumps({vendor: {"budgets": []} for vendor in ("github", "zoom")})
"""A daily rate begins with nothing to spend, and nobody waits a minute here for the first call."""
pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]


@dataclass
class Listening:
    """The engine with an api that vendors can reach."""

    engine: Engine
    url: str

    async def hook(self, vendor: str) -> str:
        """The address that an administrator enters at the vendor."""
        connection = await self.engine.value(
            "SELECT id FROM auth.connections WHERE vendor = :vendor AND tenant_id = :tenant",
            vendor=vendor,
            tenant=TENANT,
        )
        return f"{self.url}/api/webhooks/{vendor}/{connection}"

    async def wait_for_acceptance(self, request: Any, apps: int) -> None:
        deadline = asyncio.get_running_loop().time() + 60
        sql = "SELECT count(*) FROM api.results WHERE request_id = :id AND state = 'awaiting_acceptance'"
        while await self.engine.value(sql, id=request) != apps:
            assert asyncio.get_running_loop().time() < deadline, await self.engine.picture(request)
            await asyncio.sleep(0.05)

    async def deliveries(self, vendor: str) -> Counter[str]:
        """What became of what the vendor posted, by status."""
        verb = "drain" if vendor == "github" else "deliveries"
        answer = await asyncio.to_thread(self.engine.sandbox.act, vendor, verb)
        found: list[dict[str, Any]] = answer["deliveries" if vendor == "github" else "items"]
        return Counter(f"{item['label']} {item['status']}" for item in found)


@pytest.fixture
def listening(workers: Engine) -> Iterator[Listening]:
    settings = ApiSettings(
        database_url=workers.database.url("oneclick_api"),
        redis_url=workers.redis.url,
        auth_url=workers.auth_url,
        service_token=workers.keys.service_token("api"),
        service_tokens=json.dumps({"scheduler": ["k1.a-token-that-nobody-has-here"]}),
        environment="test",
    )
    served = serve(create_app(settings))
    yield Listening(workers, served.url)
    served.stop()


async def test_activation_turns_awaiting_acceptance_into_success(listening: Listening) -> None:
    engine, sandbox = listening.engine, listening.engine.sandbox
    engine.start_worker(WORKER_LIMITS=UNHURRIED)
    secret = sandbox.info()["github"]["webhook_secret"]
    hook = await listening.hook("github")
    await asyncio.to_thread(sandbox.act, "github", "webhook", url=hook, secret=secret)
    entered = await asyncio.to_thread(sandbox.act, "zoom", "webhook", url=await listening.hook("zoom"))
    assert entered["validated"] is True, "Zoom's check of the address is answered"
    address = engine.new_address()
    sandbox.act("github", "sign_up", email=address, login="jo-joiner", public=True)
    apps = {"github": {"teams": ["engineering"]}, "zoom": {"license_type": "licensed"}}
    request = await engine.request(apps, email=address)
    await listening.wait_for_acceptance(request, 2)
    sandbox.act("github", "accept", email=address, tenant="acme.example")
    sandbox.act("zoom", "activate", email=address)
    assert await engine.wait_ended(request) == "completed", await engine.picture(request)
    effects = {vendor: len(sandbox.effects(vendor, address)) for vendor in ("github", "zoom")}
    for vendor in ("github", "zoom"):
        await asyncio.to_thread(sandbox.act, vendor, "redeliver", times=10)
        told = await listening.deliveries(vendor)
        assert {status.split()[1] for status in told} == {"200"}, told
    kept = await engine.rows(
        "SELECT vendor, count(*) AS n, count(DISTINCT delivery_id) AS ids FROM api.incoming_deliveries GROUP BY 1"
    )
    assert all(row["n"] == row["ids"] for row in kept)
    await asyncio.sleep(0.5)
    assert {vendor: len(sandbox.effects(vendor, address)) for vendor in ("github", "zoom")} == effects
    assert await engine.value("SELECT state FROM api.requests WHERE id = :id", id=request) == "completed"


async def test_what_somebody_else_posts_moves_nothing(listening: Listening) -> None:
    engine, sandbox = listening.engine, listening.engine.sandbox
    engine.start_worker(WORKER_LIMITS=UNHURRIED)
    await asyncio.to_thread(
        sandbox.act, "github", "webhook", url=await listening.hook("github"), secret="not the secret"
    )
    address = engine.new_address()
    sandbox.act("github", "sign_up", email=address, login="jo-other", public=True)
    request = await engine.request({"github": {}}, email=address)
    await listening.wait_for_acceptance(request, 1)
    sandbox.act("github", "accept", email=address, tenant="acme.example")
    told = await listening.deliveries("github")
    assert told["organization.member_added 401"] == 1
    looks = await engine.value("SELECT max(looks) FROM api.actions WHERE request_id = :id", id=request)
    assert looks == 0, "nobody looked because of it"
