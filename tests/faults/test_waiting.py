"""What waits for people survives everything: workers killed while they look, redeploys, a lost Redis, vendors that
tell the same thing again and again. Nothing is lost, and every effect lands once.

The club stands where GitHub would be; GitHub's signatures are checked by a real auth service.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.api.app import create_app
from services.api.settings import ApiSettings
from services.shared.domain.provisioning import tasking
from services.shared.domain.provisioning.hearing import hasten_heard
from services.shared.sdk.optional import Heard
from tests.fixtures.club import CLUB, Club
from tests.fixtures.engine import TENANT, Engine, WorkerProcess
from tests.fixtures.served import serve
from tests.fixtures.yard import only_the_club

__all__ = ["only_the_club"]
pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]


@dataclass
class House:
    """The engine, with the club where GitHub's API would be."""

    engine: Engine
    club: Club
    url: str

    def worker(self, faults: str = "") -> WorkerProcess:
        return self.engine.start_worker(
            faults=faults, EXTRA_PROVIDER="tests.fixtures.club:ClubProvider", GITHUB_API_URL=self.url
        )

    async def wait(self, request: UUID, state: str, key: str = "invite", within: float = 120.0) -> None:
        """Until the action of that key is in that state."""
        deadline = asyncio.get_running_loop().time() + within
        sql = (
            "SELECT state FROM api.actions WHERE request_id = :id AND key = :key ORDER BY round DESC LIMIT 1"
        )
        while await self.engine.value(sql, id=request, key=key) != state:
            if asyncio.get_running_loop().time() > deadline:
                raise AssertionError(await self.engine.picture(request))
            await asyncio.sleep(0.03)

    async def idle(self) -> None:
        """Until no worker holds a job."""
        for _ in range(5000):
            if not await self.engine.value("SELECT count(*) FROM api.jobs WHERE state = 'running'"):
                return
            await asyncio.sleep(0.02)
        raise AssertionError("the jobs never end")

    async def hear(self, address: str) -> None:
        """As if the vendor had told. The bell does not ring here: the worker finds it by polling."""
        async with self.engine.unit_of_work() as uow:
            assert await hasten_heard(uow, "github", [Heard(kind="activated", email=address)]) == 1

    async def act(self, request: UUID, key: str, what: str) -> None:
        action = await self.engine.value(
            "SELECT id FROM api.actions WHERE request_id = :id AND key = :key", id=request, key=key
        )
        async with self.engine.unit_of_work() as uow:
            if what == "done":
                await tasking.say_done(uow, request, action, None)
            else:
                await tasking.resend_invitation(uow, request, action)

    def once(self, address: str, *kinds: str) -> None:
        """Each of these took effect once, and nothing else did."""
        assert Counter(self.club.effects) == Counter({(kind, address): 1 for kind in kinds})


@pytest.fixture(scope="module")
def club_server() -> Iterator[tuple[Club, str]]:
    club = Club()
    served = serve(club.app())
    yield club, served.url
    served.stop()


@pytest.fixture
def house(workers: Engine, club_server: tuple[Club, str], only_the_club: None) -> House:
    club, url = club_server
    club.reset()
    return House(workers, club, url)


@asynccontextmanager
async def the_api(engine: Engine) -> AsyncIterator[httpx.AsyncClient]:
    """The api with the real auth service behind it."""
    settings = ApiSettings(
        database_url=engine.database.url("oneclick_api"),
        redis_url=engine.redis.url,
        auth_url=engine.auth_url,
        service_token=engine.keys.service_token("api"),
        service_tokens=json.dumps({"scheduler": ["k1.a-token-that-nobody-has-here"]}),
        environment="test",
    )
    app = create_app(settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://api.test", timeout=30
        ) as client,
    ):
        yield client


async def _delivery(engine: Engine, address: str, id: str) -> dict[str, Any]:
    """A post as GitHub would make it."""
    secret = engine.sandbox.info()["github"]["environment"]["auth"]["GITHUB_WEBHOOK_SECRET"]
    connection = await engine.value(
        "SELECT id FROM auth.connections WHERE vendor = 'github' AND tenant_id = :tenant", tenant=TENANT
    )
    body = json.dumps({"joined": {"email": address}}).encode()
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature-256": f"sha256={signature}", "X-GitHub-Delivery": id}
    return {"url": f"/api/webhooks/github/{connection}", "content": body, "headers": headers}


async def test_a_webhook_delivered_ten_times_is_one_effect(house: House) -> None:
    worker = house.worker()
    address = house.engine.new_address()
    request = await house.engine.request({CLUB: {"badge": True}}, email=address)
    await house.wait(request, "awaiting_acceptance")
    await house.idle()
    async with the_api(house.engine) as api:
        early = await _delivery(house.engine, address, "early")
        assert (await api.post(**early)).status_code == 200
        await house.idle()
        house.club.accept(address)
        told = await _delivery(house.engine, address, "told")
        answers = await asyncio.gather(*(api.post(**told) for _ in range(10)))
        assert {answer.status_code for answer in answers} == {200}
        forged = {**told, "content": told["content"].replace(b"joiner", b"jeweler")}
        assert (await api.post(**forged)).status_code == 401
        assert await house.engine.wait_ended(request) == "completed"
        assert (await api.post(**told)).status_code == 200
    house.once(address, "invite", "badge")
    kept = await house.engine.rows("SELECT delivery_id, hastened FROM api.incoming_deliveries ORDER BY 1")
    assert [row["delivery_id"] for row in kept] == ["early", "told"]
    # On a slow machine the look that the early one asked for sees the acceptance before it is told.
    assert kept[0]["hastened"] == 1
    assert kept[1]["hastened"] in {0, 1}
    assert worker.alive()


async def test_killed_while_looking_another_worker_looks_again(house: House) -> None:
    first = house.worker()
    address = house.engine.new_address()
    request = await house.engine.request({CLUB: {"badge": True}}, email=address)
    await house.wait(request, "awaiting_acceptance")
    await house.idle()
    first.kill()
    doomed = house.worker("look.before_record=kill")
    house.club.accept(address)
    await house.hear(address)
    doomed.wait_dead()
    await house.engine.expire_leases()
    house.worker()
    assert await house.engine.wait_ended(request) == "completed", await house.engine.picture(request)
    house.once(address, "invite", "badge")


async def test_a_redeploy_while_it_waits_and_while_it_is_looked_at_loses_nothing(house: House) -> None:
    first = house.worker("look.before_record=delay:30")
    address = house.engine.new_address()
    request = await house.engine.request({CLUB: {"badge": True}}, email=address)
    await house.wait(request, "awaiting_acceptance")
    await house.idle()
    reads = house.club.reads
    await house.hear(address)
    while house.club.reads == reads:
        await asyncio.sleep(0.02)
    first.send(signal.SIGTERM)
    first.wait_dead()
    attempts = await house.engine.value("SELECT max(attempt) FROM api.jobs WHERE state = 'queued'")
    assert attempts == 0, "a graceful stop uses up no try"
    second = house.worker()
    await asyncio.sleep(0.5)
    await house.idle()
    second.send(signal.SIGTERM)
    second.wait_dead()
    house.club.accept(address)
    await house.hear(address)
    house.worker()
    assert await house.engine.wait_ended(request) == "completed", await house.engine.picture(request)
    house.once(address, "invite", "badge")


@pytest.mark.parametrize("trouble", ["wiped", "frozen"])
async def test_redis_in_trouble_while_it_waits_loses_nothing(house: House, trouble: str) -> None:
    house.worker()
    address = house.engine.new_address()
    request = await house.engine.request({CLUB: {"card": True, "badge": True}}, email=address)
    await house.wait(request, "awaiting_acceptance")
    await house.wait(request, "awaiting_person", "card")
    redis = house.engine.redis
    try:
        if trouble == "wiped":
            redis.wipe()
        else:
            os.kill(redis.pid or 0, signal.SIGSTOP)
        house.club.accept(address)
        house.club.give_card(address)
        await house.hear(address)
        await house.act(request, "card", "done")
        assert await house.engine.wait_ended(request) == "completed", await house.engine.picture(request)
    finally:
        if trouble == "frozen":
            os.kill(redis.pid or 0, signal.SIGCONT)
    house.once(address, "invite", "badge")


@pytest.mark.parametrize(
    "point",
    [
        "effect.before_sent",
        "effect.after_sent",
        "effect.after_reply@0",
        "effect.after_reply@1",
        "effect.before_record",
        "effect.after_record",
    ],
)
async def test_killed_while_sending_again_one_new_invitation_is_out(house: House, point: str) -> None:
    first = house.worker()
    address = house.engine.new_address()
    request = await house.engine.request({CLUB: {}}, email=address)
    await house.wait(request, "awaiting_acceptance")
    await house.idle()
    first.kill()
    name, _, skip = point.partition("@")
    doomed = house.worker(f"{name}=kill@{skip or 0}")
    await house.act(request, "invite", "resend")
    doomed.wait_dead()
    await house.engine.expire_leases()
    house.worker()
    await house.wait(request, "awaiting_acceptance")
    await house.idle()
    assert house.club.effects == [("invite", address), ("withdraw", address), ("invite", address)]
    house.club.accept(address)
    await house.hear(address)
    assert await house.engine.wait_ended(request) == "completed"


async def test_killed_while_a_task_is_checked_it_is_checked_again(house: House) -> None:
    first = house.worker()
    address = house.engine.new_address()
    request = await house.engine.request(
        {CLUB: {"invite": False, "card": True, "shelf": True}}, email=address
    )
    await house.wait(request, "awaiting_person", "card")
    await house.idle()
    first.kill()
    assert await house.engine.value("SELECT count(*) FROM api.jobs WHERE state <> 'done'") == 0
    for passes in range(2):
        doomed = house.worker("look.before_record=kill")
        if passes == 0:
            house.club.give_card(address)
            await house.act(request, "card", "done")
        doomed.wait_dead()
        await house.engine.expire_leases()
    house.worker()
    assert await house.engine.wait_ended(request) == "completed", await house.engine.picture(request)
    house.once(address, "shelf")


async def test_three_workers_and_a_storm_of_events_record_every_acceptance_once(house: House) -> None:
    for _ in range(3):
        house.worker()
    people = [house.engine.new_address() for _ in range(5)]
    requests = [
        await house.engine.request({CLUB: {"badge": True, "locker": True}}, email=address)
        for address in people
    ]
    for request in requests:
        await house.wait(request, "awaiting_acceptance")

    async def storm(address: str) -> None:
        for turn in range(6):
            if turn == 3:
                house.club.accept(address)
            async with house.engine.unit_of_work() as uow:
                await hasten_heard(uow, "github", [Heard(kind="activated", email=address)])
            await asyncio.sleep(0.02)

    await asyncio.gather(*(storm(address) for address in people))
    for request in requests:
        assert await house.engine.wait_ended(request) == "completed", await house.engine.picture(request)
    wanted = {(kind, address): 1 for address in people for kind in ("invite", "badge", "locker")}
    assert Counter(house.club.effects) == Counter(wanted)
