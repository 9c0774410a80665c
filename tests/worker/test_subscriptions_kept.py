"""Subscriptions are made, renewed in time, made anew when they are gone, and never lapse without saying what to do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text

from services.shared.domain.notification.keeping import compare
from services.shared.domain.notification.models import WebhookSubscription
from services.shared.domain.notification.service import ask_for, ask_resync, delete_subscription
from services.shared.domain.notification.states import Asked
from services.shared.domain.notification.sweeping import find_due, find_watched, renew_due, watch
from services.shared.kit.db import create_engine
from services.shared.sdk import registry
from services.shared.sdk.errors import ConsentLost
from tests.fixtures.postbox import URL, PostYard, only_microsoft, post_yard
from tests.fixtures.postgres import Database

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module", autouse=True)
def _microsoft() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "_classes", only_microsoft)
        registry.providers.cache_clear()
        yield
    registry.providers.cache_clear()


@pytest.fixture
async def yard(module_database: Database, redis_url: str) -> AsyncIterator[PostYard]:
    async with post_yard(module_database, redis_url) as made:
        yield made


def _left(subscription: WebhookSubscription) -> timedelta:
    assert subscription.expires_at is not None
    return subscription.expires_at - datetime.now(UTC)


def _counted(name: str, **labels: str) -> float:
    """A counter of the worker's; None is one that Prometheus would not see yet."""
    found = REGISTRY.get_sample_value(f"oneclick_{name}_total", labels)
    assert found is not None
    return found


async def test_a_subscription_is_made_and_due_again_at_half_of_its_life(yard: PostYard) -> None:
    made = await yard.subscribe()
    await yard.work()
    found = await yard.get(made)
    (there,) = yard.postbox.subscriptions.values()
    assert (found.state, found.remote_id, found.problem) == ("active", there["id"], None)
    assert there["notificationUrl"] == there["lifecycleNotificationUrl"] == f"{URL}?subscription={made}"
    assert there["changeType"] == "created,deleted,updated"
    assert len(there["clientState"]) <= 128
    assert there["clientState"] not in "".join(yard.rows("t::text", "webhook_subscriptions t"))
    assert timedelta(days=6) < _left(found) < timedelta(days=7)
    assert found.renew_at is not None
    assert 0.4 < (found.renew_at - datetime.now(UTC)) / _left(found) < 0.6
    assert yard.rows("kind || ' ' || state", "jobs")[-2:] == [
        "subscription.keep queued",
        "subscription.resync done",
    ]


async def test_every_subscription_has_a_client_state_of_its_own(yard: PostYard) -> None:
    await yard.subscribe()
    await yard.subscribe("users/bea@acme.example/messages")
    await yard.work()
    assert len({one["clientState"] for one in yard.postbox.subscriptions.values()}) == 2


async def test_what_the_vendor_grants_is_believed_and_asked_for_from_then_on(yard: PostYard) -> None:
    yard.postbox.grants_minutes = 100
    made = await yard.subscribe()
    await yard.work()
    found = await yard.get(made)
    assert found.life_minutes in {99, 100}
    assert timedelta(minutes=98) < _left(found) < timedelta(minutes=101)


@pytest.mark.parametrize("longest", [4230, 50])
async def test_a_life_that_is_refused_is_shortened(yard: PostYard, longest: int) -> None:
    yard.postbox.refuses_beyond = longest
    made = await yard.subscribe()
    await yard.work()
    found = await yard.get(made)
    assert (found.state, found.life_minutes) == ("active", longest)


async def test_a_renewal_moves_the_end(yard: PostYard) -> None:
    made = await yard.subscribe()
    await yard.work()
    yard.set("expires_at = now() + interval '1 hour', renew_at = now() - interval '1 second'", made)
    yard.pass_time()
    await yard.work()
    assert timedelta(days=6) < _left(await yard.get(made))
    assert len(yard.postbox.subscriptions) == 1


async def test_the_sweep_renews_whatever_ends_within_a_day(yard: PostYard) -> None:
    made, later = await yard.subscribe(), await yard.subscribe("users", changes=["updated", "deleted"])
    await yard.work()
    yard.set("expires_at = now() + interval '23 hours', renew_at = now() + interval '10 hours'", made)
    due = (await find_due(yard.api))[yard.tenant]
    assert due == [made], f"{later} has weeks left"
    await yard.acting(lambda uow: renew_due(uow, due))
    await yard.work()
    assert timedelta(days=6) < _left(await yard.get(made))


async def test_a_refused_renewal_says_what_to_do_and_recovers(yard: PostYard) -> None:
    made = await yard.subscribe()
    await yard.work()
    yard.keys.refusing = ConsentLost("The client secret has expired. Make a new one.")
    before = _counted("subscription_steps", step="renew", outcome="refused")
    await yard.acting(lambda uow: ask_for(uow, made, Asked.RENEW))
    await yard.work()
    found = await yard.get(made)
    assert (found.state, found.failures) == ("failing", 1)
    assert _counted("subscription_steps", step="renew", outcome="refused") == before + 1
    assert found.problem is not None
    assert found.problem["message"] == "The client secret has expired. Make a new one."
    assert "Reconnect" in found.problem["remedy"]
    assert found.problem["since"]
    assert "subscription.problem" in yard.rows("type", "events")
    assert "subscription.refused" in yard.rows("action", "audit_entries")
    assert yard.tenant in await find_due(yard.api), "the hourly sweep tries again"
    yard.keys.refusing = None
    yard.pass_time()
    await yard.work()
    found = await yard.get(made)
    assert (found.state, found.failures, found.problem) == ("active", 0, None)
    assert "subscription.recovered" in yard.rows("type", "events")


async def test_one_that_lapsed_is_made_anew_and_the_gap_is_closed(yard: PostYard) -> None:
    made = await yard.subscribe()
    await yard.work()
    yard.postbox.subscriptions.clear()
    yard.set("expires_at = now() - interval '1 hour'", made)
    yard.postbox.put_mail("while nobody listened")
    before = _counted("subscriptions_lapsed")
    yard.pass_time()
    await yard.work()
    assert (await yard.get(made)).state == "active"
    assert len(yard.postbox.subscriptions) == 1
    assert yard.rows("subject", "messages") == ["while nobody listened"]
    assert _counted("subscriptions_lapsed") == before + 1
    types = yard.rows("type", "events")
    assert "subscription.problem" in types, "nothing lapses without a word"
    assert "subscription.recovered" in types
    assert "subscription.lapsed" in yard.rows("action", "audit_entries")
    gaps = yard.rows(
        "reason || ' ' || closed_by || ' ' || round(extract(epoch FROM to_at - from_at) / 3600)",
        "webhook_gaps",
    )
    assert "lapsed delta 1" in gaps


async def test_one_that_is_gone_when_it_is_renewed_is_made_anew(yard: PostYard) -> None:
    made = await yard.subscribe()
    await yard.work()
    before = (await yard.get(made)).remote_id
    yard.postbox.subscriptions.clear()
    await yard.acting(lambda uow: ask_for(uow, made, Asked.RENEW))
    await yard.work()
    found = await yard.get(made)
    assert found.state == "active"
    assert found.remote_id in yard.postbox.subscriptions
    assert found.remote_id != before


async def test_a_creation_whose_answer_was_lost_is_found_again_and_not_made_twice(yard: PostYard) -> None:
    yard.postbox.lose_reply = True
    made = await yard.subscribe()
    await yard.work()
    assert (await yard.get(made)).remote_id is None
    yard.pass_time()
    await yard.work()
    (there,) = yard.postbox.subscriptions.values()
    assert (await yard.get(made)).remote_id == there["id"]
    await yard.post(yard.postbox.notify(yard.postbox.put_mail("heard")))
    await yard.work()
    assert yard.rows("subject", "messages") == ["heard"]


async def test_the_watchdog_finds_what_is_missing_and_ends_what_nobody_wants(yard: PostYard) -> None:
    made = await yard.subscribe()
    await yard.work()
    (there,) = yard.postbox.subscriptions.values()
    yard.postbox.subscriptions = {
        "stray": {**there, "id": "stray"},
        "foreign": {**there, "id": "foreign", "notificationUrl": "https://elsewhere.example/hook"},
    }
    assert yard.tenant in await find_watched(yard.api)
    await yard.acting(lambda uow: watch(uow, []))
    await yard.work()
    found = await yard.get(made)
    assert found.state == "active"
    assert set(yard.postbox.subscriptions) == {"foreign", found.remote_id}


async def test_one_that_was_granted_while_the_watchdog_looked_is_not_missing(yard: PostYard) -> None:
    made = await yard.subscribe()
    await yard.work()
    async with yard.unit() as uow:
        found = await compare(uow, {}, datetime.now(UTC) - HOUR)
    assert (found.missing, found.unwanted) == (0, ())
    assert (await yard.get(made)).state == "active"
    async with yard.unit() as uow:
        assert (await compare(uow, {}, datetime.now(UTC) + HOUR)).missing == 1
    assert (await yard.get(made)).state == "lapsed"


async def test_deleting_ends_it_at_the_vendor(yard: PostYard) -> None:
    made = await yard.subscribe()
    await yard.work()
    await yard.acting(lambda uow: delete_subscription(uow, made))
    await yard.work()
    assert yard.postbox.subscriptions == {}
    assert (await yard.get(made)).state == "deleted"
    assert yard.tenant not in await find_due(yard.api)
    again = await yard.subscribe()
    await yard.work()
    assert (await yard.get(again)).state == "active"


async def test_reauthorising_does_not_come_within_ten_minutes_of_a_renewal(yard: PostYard) -> None:
    made = await yard.subscribe()
    await yard.work()
    await yard.post(yard.postbox.lifecycle("reauthorizationRequired"))
    await yard.work()
    assert not [call for call in yard.postbox.calls if "reauthorize" in call]
    yard.set("granted_at = now() - interval '11 minutes'", made)
    await yard.post(yard.postbox.lifecycle("reauthorizationRequired"))
    await yard.work()
    assert len([call for call in yard.postbox.calls if "reauthorize" in call]) == 1
    assert (await yard.get(made)).asked is None


async def test_a_vendor_that_is_away_is_tried_again_soon(yard: PostYard) -> None:
    yard.postbox.force("POST subscriptions", 503, times=2)
    before = [_counted("subscription_steps", step="create", outcome=one) for one in ("refused", "retrying")]
    made = await yard.subscribe()
    await yard.work()
    assert (await yard.get(made)).failures == 1
    assert _counted("subscription_steps", step="create", outcome="refused") == before[0]
    assert _counted("subscription_steps", step="create", outcome="retrying") == before[1] + 1
    waits = [float(row) for row in yard.rows("extract(epoch FROM run_at - now())", "jobs")]
    assert len(waits) == 1
    assert waits[0] < 300
    for _ in range(2):
        yard.pass_time()
        await yard.work()
    assert (await yard.get(made)).state == "active"


async def test_without_a_public_address_the_subscription_says_so(
    module_database: Database, redis_url: str
) -> None:
    async with post_yard(module_database, redis_url) as yard:
        keep = yard.tasks["subscription.keep"].run
        object.__setattr__(keep.__self__, "url", None)  # type: ignore[attr-defined]  # a bound method's tasks
        made = await yard.subscribe()
        await yard.work()
        problem = (await yard.get(made)).problem
        assert problem is not None
        assert problem["code"] == "not_configured"
        assert "NOTIFICATIONS_URL" in problem["remedy"]


async def test_one_tenants_subscriptions_are_no_others(
    yard: PostYard, module_database: Database, redis_url: str
) -> None:
    await yard.subscribe()
    await yard.work()
    async with post_yard(module_database, redis_url) as other:
        other.postbox.subscriptions = yard.postbox.subscriptions
        await other.acting(partial(watch, reconcile=[]))
        await other.work()
        assert len(yard.postbox.subscriptions) == 1, "another tenant's subscription is not ours to end"


@pytest.mark.parametrize(
    ("status", "words", "code", "remedy"),
    [
        (400, "Subscription validation request failed.", "address_unreachable", "NOTIFICATIONS_URL"),
        (409, "A subscription already exists.", "subscription_taken", "same app registration"),
        (403, "Access is denied.", "missing_scope", "the permission Mail.Read"),
        (404, "The resource was not found.", "not_found", "still there"),
    ],
)
async def test_a_refused_creation_says_what_to_do(
    yard: PostYard, status: int, words: str, code: str, remedy: str
) -> None:
    yard.postbox.force("POST subscriptions", status, words=words)
    made = await yard.subscribe()
    await yard.work()
    found = await yard.get(made)
    assert found.state == "lapsed"
    assert found.problem is not None
    assert found.problem["code"] == code
    assert remedy in found.problem["remedy"]
    assert words in found.problem["vendor_message"]
    yard.pass_time()
    await yard.work()
    assert (await yard.get(made)).state == "active"


@pytest.mark.parametrize("act", [partial(ask_for, what=Asked.RENEW), delete_subscription, ask_resync])
async def test_whoever_asks_waits_for_the_worker_without_holding_what_it_needs(
    yard: PostYard, act: Any
) -> None:
    """A worker holds its job and then the subscription: in the other order both would wait for ever."""
    made = await yard.subscribe()
    await yard.work()
    await yard.acting(lambda uow: ask_resync(uow, made))
    engine = create_engine(yard.database.url("postgres"), name="worker", pool_size=1)
    try:
        async with engine.begin() as worker:
            of_it = {"id": made}
            await worker.execute(text("SELECT 1 FROM api.jobs WHERE subject_id = :id FOR UPDATE"), of_it)
            asking = asyncio.create_task(yard.acting(lambda uow: act(uow, made)))
            waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            while not (await worker.execute(waiting)).scalar():
                assert not asking.done()
                await asyncio.sleep(0.02)
            row = text("SELECT 1 FROM api.webhook_subscriptions WHERE id = :id FOR UPDATE NOWAIT")
            assert (await worker.execute(row, of_it)).scalar() == 1
        await asyncio.wait_for(asking, 60)
    finally:
        await engine.dispose()
