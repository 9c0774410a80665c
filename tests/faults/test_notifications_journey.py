"""Promise 13, from the vendor's mailbox to ours: fast, once, in any order, and whatever was lost is found.

The sandbox delivers as Microsoft does: over HTTP, with the handshake, again where it was not taken.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.watched import ADA, Watched, forget, watching
from tests.fixtures.engine import Engine

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]
SECONDS = 30.0
"""The issue promises five; a busy machine that runs tests is given more. The figure is printed."""


@pytest.fixture(scope="module")
def receiver(engine: Engine) -> Iterator[str]:
    """The api that stays up through these tests, and one worker."""
    engine.sandbox.reset()
    with watching(engine) as url:
        yield url
        engine.stop_workers()


@pytest.fixture
async def acme(engine: Engine, receiver: str) -> Watched:
    """A company that watches a mailbox with nothing in it."""
    engine.sandbox.reset()
    await forget(engine)
    made = Watched(engine)
    await made.subscribe()
    return made


async def test_a_mail_that_arrives_is_stored_within_seconds(acme: Watched) -> None:
    (sent,) = acme.act("mail", to=ADA, subject="Hello")["messages"]
    await acme.wait_true()
    (row,) = await acme.rows("extract(epoch FROM stored_at) AS stored, subject", "messages")
    seconds = float(row["stored"]) - sent["created_at"]
    print(f"from the mailbox to the database: {seconds:.2f} s")
    assert row["subject"] == "Hello"
    assert 0 <= seconds < SECONDS


async def test_ten_times_the_same_is_one_message_that_was_looked_at_once(acme: Watched) -> None:
    acme.act("misdeliver", kind="duplicate", copies=10)
    (mail,) = acme.act("mail", to=ADA, subject="Ten times")["messages"]

    async def delivered() -> bool:
        posted = acme.act("notifications")["deliveries"]
        taken = [one for one in posted if mail["immutable_id"] in one["body"] and one["status"] == 202]
        return len(taken) == 10

    await acme.until(delivered)
    await acme.wait_true()
    assert [row["subject"] for row in await acme.rows("subject", "messages")] == ["Ten times"]
    (event,) = await acme.rows("state, tries", "webhook_events")
    assert (event["state"], event["tries"]) == ("done", 1)
    assert len(acme.engine.sandbox.requests("microsoft", method="GET", path=mail["immutable_id"])) == 1


async def test_twenty_out_of_order_with_three_lost_end_in_the_true_state(acme: Watched) -> None:
    acme.act("hold")
    acme.act("mail", to=ADA, subject="Mail", count=20)
    acme.act("release", order="shuffle", seed=3, lose=[2, 9, 17])

    async def seventeen() -> bool:
        return len(await acme.kept()) == 17

    await acme.until(seventeen)
    assert set(await acme.kept()) < set(acme.true_state())
    acme.act("lifecycle", event="missed")
    await acme.wait_true()
    assert len(await acme.kept()) == 20
    gap = await acme.wait_closed("missed")
    assert gap["closed_by"] == "delta"
    assert gap["found"] >= 20
    assert gap["from_at"] <= gap["to_at"]


async def test_changes_moves_and_deletions_in_any_order_end_in_the_true_state(acme: Watched) -> None:
    mails = acme.act("mail", to=ADA, subject="Before", count=8)["messages"]
    await acme.wait_true()
    acme.act("hold")
    for number, mail in enumerate(mails):
        which = {"to": ADA, "id": mail["immutable_id"]}
        acme.act("change_mail", **which, fields={"subject": f"After {number}", "isRead": True})
        if number % 3 == 1:
            acme.act("change_mail", **which, folder="archive")
        if number % 3 == 2:
            acme.act("delete_mail", **which)
    acme.act("mail", to=ADA, subject="In between", count=2)
    acme.act("release", order="reverse", lose=[0, 1, 7, 12])
    acme.act("lifecycle", event="missed")
    await acme.wait_true()
    rows = await acme.rows("subject, deleted_at", "messages")
    assert len([row for row in rows if row["deleted_at"]]) == 2


async def test_places_that_the_vendor_has_forgotten_lead_to_a_full_resync(acme: Watched) -> None:
    acme.act("mail", to=ADA, subject="Known", count=3)
    await acme.wait_true()
    acme.act("misdeliver", kind="drop", times=4)
    acme.act("mail", to=ADA, subject="Never told", count=4)
    acme.act("forget_delta")
    acme.act("lifecycle", event="missed")
    await acme.wait_true()
    assert (await acme.wait_closed("missed"))["closed_by"] == "full_resync"


async def test_a_subscription_that_the_vendor_removed_is_made_anew_and_what_was_missed_is_read(
    acme: Watched,
) -> None:
    (before,) = await acme.rows("remote_id", "webhook_subscriptions")
    acme.act("lifecycle", event="subscriptionRemoved")
    acme.act("mail", to=ADA, subject="Nobody was told", count=2)
    await acme.wait_true()
    await acme.wait_closed("removed")
    (after,) = await acme.rows("remote_id, state", "webhook_subscriptions")
    assert after["state"] == "active"
    assert after["remote_id"] != before["remote_id"]
    acme.act("mail", to=ADA, subject="Told again")
    await acme.wait_true()
