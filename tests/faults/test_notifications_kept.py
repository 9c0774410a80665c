"""Promises 1 and 13 for notifications: what was answered with 202 is stored and ends in one message, whatever dies.

A small Graph stands where Microsoft's would be; the token comes from a real auth service.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest

from services.shared.domain.notification.resources import read_wish
from services.shared.domain.notification.service import create_subscription
from services.shared.domain.notification.taking import hash_client_state
from services.shared.kit.ids import uuid7
from tests.faults.test_killed_api import api, published_keys
from tests.faults.watched import ADA, EVERY_CHANGE, HOOK, Watched, forget
from tests.fixtures.engine import TENANT, Engine, WorkerProcess
from tests.fixtures.postbox import Postbox
from tests.fixtures.served import serve

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]
SUBSCRIBING = ("job.after_claim", "effect.after_sent", "effect.after_reply", "effect.before_record")


@dataclass
class Mailbox:
    """A subscription of the connected tenant, and a Graph with its mails."""

    engine: Engine
    postbox: Postbox
    graph: str
    remote_id: str = field(default_factory=lambda: f"r-{uuid7()}")
    client_state: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    async def watch(self) -> None:
        async with self.engine.unit_of_work() as uow:
            wish = read_wish(f"users/{uuid7()}/messages", ["created"], rich=False, life_minutes=None)
            made = await create_subscription(uow, wish)
        await self.engine.rows(
            "UPDATE api.webhook_subscriptions SET remote_id = :remote, client_state_hash = :hash, state = 'active',"
            " expires_at = now() + interval '6 days', renew_at = now() + interval '3 days' WHERE id = :id",
            remote=self.remote_id,
            hash=hash_client_state(self.client_state),
            id=made.id,
        )

    def worker(self, faults: str = "") -> WorkerProcess:
        return self.engine.start_worker(faults=faults, MS_GRAPH_URL=self.graph)

    def notice(self, mail: str) -> dict[str, Any]:
        return {
            "subscriptionId": self.remote_id,
            "clientState": self.client_state,
            "changeType": "created",
            "resource": f"Users/u1/Messages/{mail}",
            "resourceData": {"id": mail, "@odata.etag": self.postbox.mails[mail]["changeKey"]},
        }

    async def wait_stored(self, mails: list[str], within: float = 90.0) -> None:
        """Until each of these is exactly one message and its notification has ended."""
        deadline = asyncio.get_running_loop().time() + within
        wanted = sorted(mails)
        while True:
            found = await self.engine.rows("SELECT remote_id FROM api.messages ORDER BY 1")
            open_ = await self.engine.rows("SELECT id FROM api.webhook_events WHERE state <> 'done'")
            if [row["remote_id"] for row in found] == wanted and not open_:
                return
            if asyncio.get_running_loop().time() > deadline:
                raise AssertionError((await self.engine.picture(TENANT), found, open_))
            await asyncio.sleep(0.05)


@pytest.fixture
async def mailbox(workers: Engine) -> AsyncIterator[Mailbox]:
    for table in ("messages", "webhook_events", "webhook_gaps", "webhook_subscriptions", "jobs"):
        await workers.rows(f"DELETE FROM api.{table}")
    postbox = Postbox()
    server = serve(postbox.app())
    made = Mailbox(workers, postbox, server.url)
    await made.watch()
    yield made
    workers.stop_workers()
    server.stop()


async def _post(url: str, *items: dict[str, Any]) -> int:
    async with httpx.AsyncClient(timeout=30) as client:
        return (await client.post(f"{url}{HOOK}", json={"value": list(items)})).status_code


async def test_an_api_killed_after_the_commit_has_kept_them_and_a_redelivery_adds_nothing(
    mailbox: Mailbox,
) -> None:
    mails = [mailbox.postbox.put_mail(f"Mail {number}") for number in range(3)]
    items = [mailbox.notice(mail) for mail in mails]
    engine = mailbox.engine
    with api(engine, engine.auth_url, "notification.after_commit=kill") as (url, process):
        with pytest.raises(httpx.TransportError):
            await _post(url, *items)
        assert process.wait(20) == -9
    assert await engine.value("SELECT count(*) FROM api.webhook_events") == 3
    with api(engine, engine.auth_url, "") as (url, _):
        assert await _post(url, *items) == 202
    assert await engine.value("SELECT count(*) FROM api.webhook_events") == 3
    mailbox.worker()
    await mailbox.wait_stored(mails)


async def test_an_api_killed_under_load_loses_nothing_that_it_accepted(mailbox: Mailbox) -> None:
    engine, accepted, sent = mailbox.engine, list[str](), asyncio.Event()

    async def vendor(url: str) -> None:
        async with httpx.AsyncClient(timeout=30) as client:
            while True:
                mail = mailbox.postbox.put_mail("Under load")
                try:
                    answer = await client.post(f"{url}{HOOK}", json={"value": [mailbox.notice(mail)]})
                except httpx.TransportError:
                    return
                assert answer.status_code == 202
                accepted.append(mail)
                if len(accepted) > 60:
                    sent.set()

    with api(engine, engine.auth_url, "") as (url, process):
        posting = [asyncio.create_task(vendor(url)) for _ in range(8)]
        await asyncio.wait_for(sent.wait(), 60)
        process.kill()
        await asyncio.gather(*posting)
    stored = {
        row["resource"].rpartition("/")[2]
        for row in await engine.rows("SELECT resource FROM api.webhook_events")
    }
    assert set(accepted) <= stored
    mailbox.worker()
    await mailbox.wait_stored(sorted(stored))


@pytest.mark.parametrize("point", ["job.after_claim", "look.before_record"])
async def test_a_worker_killed_while_it_looks_leaves_one_message(mailbox: Mailbox, point: str) -> None:
    engine = mailbox.engine
    doomed = mailbox.worker(f"{point}=kill")
    mails = [mailbox.postbox.put_mail(f"Mail {number}") for number in range(4)]
    with api(engine, engine.auth_url, "") as (url, _):
        assert await _post(url, *(mailbox.notice(mail) for mail in mails)) == 202
        deadline = asyncio.get_running_loop().time() + 60
        while doomed.alive():
            assert asyncio.get_running_loop().time() < deadline
            await asyncio.sleep(0.05)
    mailbox.worker()
    await engine.expire_leases()
    await mailbox.wait_stored(mails)


@pytest.mark.parametrize("trouble", ["wiped", "killed", "frozen"])
async def test_redis_in_trouble_costs_time_and_loses_nothing(mailbox: Mailbox, trouble: str) -> None:
    engine = mailbox.engine
    mailbox.worker()
    mails = [mailbox.postbox.put_mail(f"Mail {number}") for number in range(12)]
    try:
        with api(engine, engine.auth_url, "") as (url, _):
            for number, mail in enumerate(mails):
                if number == 4:
                    _disturb(engine, trouble)
                assert await _post(url, mailbox.notice(mail)) == 202
            await mailbox.wait_stored(mails)
    finally:
        if trouble == "frozen":
            os.kill(engine.redis.pid or 0, signal.SIGCONT)
        if trouble == "killed":
            engine.redis.start()


def _disturb(engine: Engine, trouble: str) -> None:
    match trouble:
        case "wiped":
            engine.redis.wipe()
        case "killed":
            engine.redis.kill()
        case _:
            os.kill(engine.redis.pid or 0, signal.SIGSTOP)


async def test_a_worker_killed_at_any_point_of_subscribing_leaves_one_subscription(workers: Engine) -> None:
    """At the sandbox: what a dead worker's subscription is told of counts once somebody has found it again."""
    company = Watched(workers)
    with published_keys() as keys, api(workers, keys, "") as (url, _):
        company = replace(company, url=url)
        for point in SUBSCRIBING:
            workers.sandbox.reset()
            await forget(workers)
            doomed = workers.start_worker(faults=f"{point}=kill", NOTIFICATIONS_URL=url + HOOK)
            wish = read_wish(f"users/{ADA}/messages", list(EVERY_CHANGE), rich=False, life_minutes=None)
            async with workers.unit_of_work() as uow:
                await create_subscription(uow, wish)
            deadline = asyncio.get_running_loop().time() + 90
            while doomed.alive():
                assert asyncio.get_running_loop().time() < deadline, (point, await company.picture())
                await asyncio.sleep(0.05)
            company.act("mail", to=ADA, subject=f"While nobody worked ({point})")
            workers.start_worker(NOTIFICATIONS_URL=url + HOOK)
            await workers.expire_leases()
            await company.wait_settled()
            made = workers.sandbox.effects("microsoft", kind="subscription.create")
            assert len(made) == 1, point
            (there,) = workers.sandbox.state("microsoft")["subscriptions"]
            (ours,) = await company.items("subscriptions")
            assert ours["remote_id"] == there["id"], point
            company.act("mail", to=ADA, subject=f"Told of ({point})")
            await company.wait_true()
            workers.stop_workers()
