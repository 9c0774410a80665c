"""Promise 13, from the vendor's mailbox to ours: fast, once, in any order, and whatever was lost is found.

The sandbox delivers as Microsoft does: over HTTP, with the handshake, again where it was not taken. What it sealed is
opened in the vault's service; whatever was tampered with, or is not Microsoft's, is not: it is counted, and read at the
vendor.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.faults.watched import ADA, Watched, forget, watching
from tests.fixtures.engine import Engine

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]
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


@pytest.fixture
async def rich(engine: Engine, receiver: str) -> Watched:
    """A company whose subscription brings the mails' data along, sealed."""
    engine.sandbox.reset()
    await forget(engine)
    made = Watched(engine)
    await made.subscribe(rich=True)
    return made


def looks(company: Watched, mail: dict[str, str]) -> int:
    """How often the mail was read at the vendor."""
    return len(company.engine.sandbox.requests("microsoft", method="GET", path=mail["immutable_id"]))


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
    assert looks(acme, mail) == 1


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
    await acme.wait_settled()
    (after,) = await acme.rows("remote_id", "webhook_subscriptions")
    assert after["remote_id"] != before["remote_id"]
    acme.act("mail", to=ADA, subject="Told again")
    await acme.wait_true()


def opened(engine: Engine) -> dict[str, float]:
    """How often what came of opening, as the auth service counts it."""
    text = httpx.get(f"{engine.auth_url}/metrics", timeout=30).text
    found = re.findall(
        r'^oneclick_auth_notifications_opened_total\{outcome="(\w+)"\} ([\d.e+]+)$', text, re.MULTILINE
    )
    return {outcome: float(count) for outcome, count in found}


async def test_a_sealed_mail_is_stored_without_a_call_to_the_vendor(rich: Watched) -> None:
    before = opened(rich.engine).get("opened", 0)
    (subscription,) = rich.engine.sandbox.state("microsoft")["subscriptions"]
    assert subscription["includeResourceData"] is True
    (mail,) = rich.act("mail", to=ADA, subject="Salary list", body="Nobody but Ada.")["messages"]
    await rich.wait_true()
    (row,) = await rich.rows("subject, body_preview, sender, has_attachments, received_at", "messages")
    assert (row["subject"], row["body_preview"]) == ("Salary list", "Nobody but Ada.")
    assert row["sender"]["address"] == "bob@globex.example"
    assert row["received_at"] is not None
    assert looks(rich, mail) == 0
    (event,) = await rich.rows("state, encrypted", "webhook_events")
    assert (event["state"], event["encrypted"]) == ("done", None), "what was sealed is not kept"
    assert opened(rich.engine)["opened"] == before + 1
    (posted,) = [one for one in rich.act("notifications")["deliveries"] if one["label"] == "message.created"]
    assert "Salary list" not in posted["body"]
    rich.act("change_mail", to=ADA, id=mail["immutable_id"], fields={"subject": "Salary list, corrected"})
    await rich.wait_true()
    assert looks(rich, mail) == 1, "what came after may be older than what is known"
    rich.act("delete_mail", to=ADA, id=mail["immutable_id"])
    await rich.wait_true()
    assert await rich.kept() == []


@pytest.mark.parametrize("order", ["given", "reverse", "shuffle"])
async def test_sealed_ones_in_any_order_end_in_the_true_state(rich: Watched, order: str) -> None:
    rich.act("hold")
    mails = rich.act("mail", to=ADA, subject="Sealed", count=5)["messages"]
    for number, mail in enumerate(mails):
        for change in range(number % 3):
            rich.act(
                "change_mail",
                to=ADA,
                id=mail["immutable_id"],
                fields={"subject": f"Change {change} of {number}"},
            )
    for mail in mails[3:]:
        rich.act("delete_mail", to=ADA, id=mail["immutable_id"])
    rich.act("release", order=order, seed=11)
    await rich.until(_all_heard, rich, 5 + 1 + 2 + 1 + 2)
    await rich.wait_true()
    assert len(await rich.kept()) == 3


async def _all_heard(company: Watched, count: int) -> bool:
    return len(await company.rows("id", "webhook_events")) == count


@pytest.mark.parametrize(
    ("what", "outcome"),
    [
        ("data", "wrong_signature"),
        ("signature", "wrong_signature"),
        ("data_key", "wrong_data_key"),
        ("certificate", "no_key"),
        ("token", "no_valid_token"),
        ("audience", "no_valid_token"),
    ],
)
async def test_one_that_was_tampered_with_is_counted_and_read_at_the_vendor(
    rich: Watched, what: str, outcome: str
) -> None:
    before = opened(rich.engine)
    rich.act("misdeliver", kind="spoil", what=what)
    (mail,) = rich.act("mail", to=ADA, subject=f"Spoilt {what}")["messages"]
    await rich.wait_true()
    after = opened(rich.engine)
    assert after.get(outcome, 0) == before.get(outcome, 0) + 1
    assert after.get("opened", 0) == before.get("opened", 0)
    assert looks(rich, mail) == 1
    (event,) = await rich.rows("state, encrypted", "webhook_events")
    assert (event["state"], event["encrypted"]) == ("done", None)


async def test_a_certificate_near_its_end_is_replaced_with_the_renewal_and_all_stays_readable(
    rich: Watched,
) -> None:
    def held() -> str:
        (there,) = rich.engine.sandbox.state("microsoft")["subscriptions"]
        return str(there["encryptionCertificateId"])

    async def replaced() -> bool:
        return held() != before

    before = held()
    await rich.engine.rows("UPDATE auth.notification_keys SET expires_at = now() + interval '30 days'")
    (mail,) = rich.act("mail", to=ADA, subject="For the old one")["messages"]
    await rich.wait_true()
    assert looks(rich, mail) == 0
    await rich.renew()
    await rich.until(replaced)
    await rich.engine.rows(
        "UPDATE auth.notification_keys SET expires_at = now() - interval '1 day' WHERE certificate_id = :old",
        old=before,
    )
    (mail,) = rich.act("mail", to=ADA, subject="For the new one")["messages"]
    await rich.wait_true()
    assert looks(rich, mail) == 0


async def test_one_that_can_neither_be_opened_nor_read_is_a_dead_letter_until_it_is_replayed(
    rich: Watched,
) -> None:
    rich.engine.sandbox.arm(
        "microsoft",
        "server_error",
        match={"method": "GET", "path_regex": "(?i)/messages/"},
        times=3,
        status=500,
    )
    rich.act("misdeliver", kind="spoil", what="signature")
    rich.act("mail", to=ADA, subject="Stubborn")

    async def dead() -> bool:
        return [row["state"] for row in await rich.rows("state", "webhook_events")] == ["dead"]

    await rich.until(dead)
    assert await rich.kept() == []
    (event,) = await rich.rows("id, tries, error", "webhook_events")
    assert event["tries"] == 3
    assert event["error"]["message"]
    for _ in range(2):
        await rich.replay(event["id"])
        await rich.wait_true()
    (message,) = await rich.rows("subject", "messages")
    assert message["subject"] == "Stubborn"


@pytest.mark.parametrize("sealed", [False, True])
@pytest.mark.parametrize(("kind", "named"), [("event", "subject"), ("contact", "displayName")])
async def test_events_and_contacts_are_looked_at_once_each_and_what_was_lost_is_read(
    engine: Engine, receiver: str, kind: str, named: str, *, sealed: bool
) -> None:
    engine.sandbox.reset()
    await forget(engine)
    acme = Watched(engine)
    await acme.subscribe(f"users/{ADA}/{kind}s", rich=sealed)
    made = acme.act(kind, to=ADA, fields={named: "First"})
    acme.act("misdeliver", kind="duplicate", copies=5)
    acme.act(f"change_{kind}", to=ADA, id=made["id"], fields={named: "Second"})
    acme.act("misdeliver", kind="drop", times=2)
    acme.act(kind, to=ADA, fields={named: "Never told"})
    lost = acme.act(kind, to=ADA, fields={named: "Nor of this"})
    acme.act(f"delete_{kind}", to=ADA, id=lost["id"])

    async def all_done() -> bool:
        rows = await acme.rows("state", "webhook_events")
        return [row["state"] for row in rows] == ["done"] * 3

    await acme.until(all_done)
    rows = await acme.rows("change_type, outcome", "webhook_events")
    seen = {row["change_type"]: row["outcome"] for row in rows}
    assert seen["updated"]["facts"][named] == "Second"
    assert seen["deleted"] == {"seen": "gone"}
    if kind == "event":
        assert seen["updated"]["facts"]["isCancelled"] is False
        assert seen["updated"]["facts"]["start"].endswith(" UTC")
    if sealed:
        assert looks(acme, made) == 0
    acme.act("lifecycle", event="missed")
    gap = await acme.wait_closed("missed")
    assert (gap["closed_by"], gap["found"]) == ("delta", 2)


async def test_a_mail_that_was_moved_while_nobody_was_told_is_not_taken_for_deleted(acme: Watched) -> None:
    """Each folder has a delta of its own: what one calls removed, another may have shown before or may show after."""
    mails = acme.act("mail", to=ADA, subject="Wanders", count=4)["messages"]
    for mail in mails[:2]:
        acme.act("change_mail", to=ADA, id=mail["immutable_id"], folder="archive")
    await acme.wait_true()
    acme.act("lifecycle", event="missed")
    await acme.wait_closed("missed")
    acme.act("misdeliver", kind="drop", times=1000)
    acme.act("change_mail", to=ADA, id=mails[0]["immutable_id"], folder="inbox")
    acme.act("change_mail", to=ADA, id=mails[2]["immutable_id"], folder="archive")
    acme.act("delete_mail", to=ADA, id=mails[1]["immutable_id"])
    acme.act("delete_mail", to=ADA, id=mails[3]["immutable_id"])
    acme.act("lifecycle", event="missed")
    await acme.wait_true()
    assert len(await acme.kept()) == 2


async def test_what_was_deleted_before_the_vendor_forgot_the_place_is_known_to_be_gone(acme: Watched) -> None:
    old, recent, stays = (
        acme.act("mail", to=ADA, subject=subject, received=received)["messages"][0]
        for subject, received in (("Old", "2020-01-01T00:00:00Z"), ("Recent", None), ("Stays", None))
    )
    await acme.wait_true()
    acme.act("misdeliver", kind="drop", times=1000)
    for mail in (old, recent):
        acme.act("delete_mail", to=ADA, id=mail["immutable_id"])
    acme.act("change_mail", to=ADA, id=stays["immutable_id"], fields={"subject": "Still here"})
    acme.act("forget_delta")
    acme.act("lifecycle", event="missed")
    await acme.wait_true()
    assert [subject for _, subject, _ in await acme.kept()] == ["Still here"]
