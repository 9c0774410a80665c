"""What arrives is looked at once, in any order; what is missed is read by delta; what fails waits to be replayed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from uuid import UUID

import pytest

from services.shared.domain.notification.service import ask_resync, replay_dead, replay_event
from services.shared.domain.notification.sweeping import find_watched, watch
from services.shared.sdk import registry
from tests.fixtures.postbox import PostYard, only_microsoft, post_yard
from tests.fixtures.postgres import Database

GAPS = "reason || ' ' || coalesce(closed_by, 'open') || ' ' || found"


@pytest.fixture(scope="module", autouse=True)
def _microsoft() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "_classes", only_microsoft)
        registry.providers.cache_clear()
        yield
    registry.providers.cache_clear()


@pytest.fixture
async def yard(module_database: Database, redis_url: str) -> AsyncIterator[PostYard]:
    """A tenant with a subscription to a mailbox that is at the vendor."""
    async with post_yard(module_database, redis_url) as made:
        await made.subscribe()
        await made.work()
        made.postbox.calls.clear()
        yield made


def _true_state(yard: PostYard) -> list[str]:
    return sorted(f"{one['subject']}|{one['changeKey']}" for one in yard.postbox.mails.values())


def _ours(yard: PostYard) -> list[str]:
    return [
        row.removesuffix("|f")
        for row in yard.rows("subject, change_key, deleted_at IS NOT NULL", "messages")
        if row.endswith("|f")
    ]


async def test_a_mail_is_stored_normalised(yard: PostYard) -> None:
    mail = yard.postbox.put_mail("Budget", hasAttachments=True)
    await yard.post(yard.postbox.notify(mail))
    await yard.work()
    (row,) = yard.rows(
        "subject, sender->>'address', recipients->0->>'address', body_preview, has_attachments, conversation_id,"
        " internet_message_id, received_at IS NOT NULL",
        "messages",
    )
    assert (
        row
        == f"Budget|bob@globex.example|ada@acme.example|About Budget|t|conversation|<{mail}@acme.example>|t"
    )
    assert yard.rows("state, outcome->>'seen', message_id IS NOT NULL", "webhook_events") == ["done|stored|t"]


async def test_ten_times_the_same_is_one_message_and_one_look(yard: PostYard) -> None:
    notice = yard.postbox.notify(yard.postbox.put_mail("Once"))
    for _ in range(10):
        await yard.post(notice)
    await yard.work()
    await yard.post(notice)
    await yard.work()
    assert yard.rows("subject", "messages") == ["Once"]
    assert len([call for call in yard.postbox.calls if "/Messages/" in call]) == 1


async def test_twenty_out_of_order_with_three_lost_end_in_the_true_state(yard: PostYard) -> None:
    box, notices = yard.postbox, []
    for number in range(10):
        mail = box.put_mail(f"Mail {number}")
        notices.append(box.notify(mail))
    for number, mail in enumerate(list(box.mails)):
        if number % 3 == 0:
            box.delete_mail(mail)
            notices.append(box.notify(mail, "deleted"))
        else:
            box.put_mail(f"Mail {number} again", mail)
            notices.append(box.notify(mail, "updated"))
    assert len(notices) == 20
    order = random.Random(7)  # noqa: S311  # an order, no secret
    order.shuffle(notices)
    for notice in notices[3:]:
        await yard.post(notice)
        if order.random() < 0.3:
            await yard.post(notice)
            await yard.work()
    await yard.work()
    await yard.post(box.lifecycle("missed"))
    await yard.work()
    assert _ours(yard) == _true_state(yard)
    assert "missed delta 20" in yard.rows(GAPS, "webhook_gaps")


async def test_a_look_that_began_earlier_never_replaces_a_later_one(yard: PostYard) -> None:
    mail = yard.postbox.put_mail("Old")
    await yard.post(yard.postbox.notify(mail))
    await yard.work()
    yard.database.psql(
        f"UPDATE api.messages SET seen_at = now() + interval '1 hour' WHERE tenant_id = '{yard.tenant}'"
    )
    yard.postbox.put_mail("Older than what we know", mail)
    await yard.post(yard.postbox.notify(mail, "updated"))
    await yard.work()
    assert yard.rows("subject", "messages") == ["Old"]
    assert "done|unchanged" in yard.rows("state, outcome->>'seen'", "webhook_events")


async def test_what_is_gone_is_marked_and_comes_back_when_it_is_there_again(yard: PostYard) -> None:
    box = yard.postbox
    mail = box.put_mail("Here")
    await yard.post(box.notify(mail))
    await yard.work()
    kept = box.mails[mail]
    box.delete_mail(mail)
    await yard.post(box.notify(mail, "deleted"))
    await yard.work()
    assert yard.rows("deleted_at IS NOT NULL", "messages") == ["t"]
    box.mails[mail] = kept
    await yard.post(box.notify(mail, "updated", resourceData={"id": mail, "@odata.etag": "restored"}))
    await yard.work()
    assert yard.rows("deleted_at IS NOT NULL", "messages") == ["f"]


async def test_a_lost_cursor_leads_to_a_bounded_full_resync(yard: PostYard) -> None:
    box = yard.postbox
    for number in range(7):
        box.put_mail(f"Mail {number}")
    await yard.post(box.lifecycle("missed"))
    await yard.work()
    box.generation += 1
    box.put_mail("After the cursor was lost")
    await yard.post(box.lifecycle("missed"))
    await yard.work()
    assert _ours(yard) == _true_state(yard)
    assert any(gap.startswith("missed full_resync") for gap in yard.rows(GAPS, "webhook_gaps"))
    assert not [gap for gap in yard.rows(GAPS, "webhook_gaps") if " open " in gap]
    assert "subscription.cursor_lost" in yard.rows("action", "audit_entries")
    assert [call for call in box.calls if call.endswith("/messages/delta")]


async def test_a_vendor_that_forgets_within_one_round_is_not_asked_for_ever(yard: PostYard) -> None:
    box = yard.postbox
    for number in range(7):
        box.put_mail(f"Mail {number}")
    box.forgetful = 1
    box.calls.clear()
    await yard.post(box.lifecycle("missed"))
    await yard.work()
    assert len([call for call in box.calls if call.endswith("/delta")]) < 8
    assert any(" open " in gap for gap in yard.rows(GAPS, "webhook_gaps")), "what was not read is not closed"
    assert yard.rows("problem IS NOT NULL", "webhook_subscriptions") == ["t"]
    box.forgetful = 0
    yard.pass_time()
    await yard.work()
    assert _ours(yard) == _true_state(yard)
    assert yard.rows("problem IS NOT NULL", "webhook_subscriptions") == ["f"]
    told = yard.rows("type", "events")
    assert (told.count("subscription.problem"), told.count("subscription.recovered")) == (1, 1)


async def test_a_resync_that_was_cut_off_goes_on_where_it_was(yard: PostYard) -> None:
    box = yard.postbox
    for number in range(8):
        box.put_mail(f"Mail {number}")
    box.calls.clear()
    box.force("GET users/ada@acme.example/mailFolders/inbox/messages/delta", 503)
    await yard.post(box.lifecycle("missed"))
    await yard.work()
    assert yard.rows("subject", "messages") == []
    assert any(" open " in gap for gap in yard.rows(GAPS, "webhook_gaps")), (
        "the gap is not closed by a failure"
    )
    yard.pass_time()
    await yard.work()
    assert _ours(yard) == _true_state(yard)
    assert "missed delta 8" in yard.rows(GAPS, "webhook_gaps")


async def test_a_removed_subscription_is_made_anew_and_what_was_missed_is_read(yard: PostYard) -> None:
    box = yard.postbox
    removed = box.lifecycle("subscriptionRemoved")
    box.subscriptions.clear()
    box.put_mail("Nobody was told")
    await yard.post(removed)
    await yard.work()
    assert len(box.subscriptions) == 1
    assert yard.rows("subject", "messages") == ["Nobody was told"]
    assert any(gap.startswith("removed delta") for gap in yard.rows(GAPS, "webhook_gaps"))
    assert yard.rows("state", "webhook_subscriptions") == ["active"]


async def test_users_and_groups_are_reconciled_without_being_told(yard: PostYard) -> None:
    made = await yard.subscribe("users", changes=["updated", "deleted"])
    await yard.work()
    yard.set("last_resync_at = now() - interval '7 hours'", made)
    watched = (await find_watched(yard.api))[yard.tenant]
    assert watched == [made]
    await yard.acting(lambda uow: watch(uow, list(watched)))
    await yard.work()
    assert any(gap.startswith("reconcile delta") for gap in yard.rows(GAPS, "webhook_gaps"))
    assert (await find_watched(yard.api))[yard.tenant] == []


async def test_a_user_is_looked_at_and_its_main_facts_kept(yard: PostYard) -> None:
    await yard.subscribe("users", changes=["updated", "deleted"])
    await yard.work()
    yard.postbox.users["u1"] = {"id": "u1", "displayName": "Bea", "accountEnabled": False, "secret": "no"}
    there = list(yard.postbox.subscriptions.values())[1]
    notice = {"subscriptionId": there["id"], "clientState": there["clientState"], "changeType": "updated"}
    await yard.post({**notice, "resource": "Users/u1", "resourceData": {"id": "u1"}})
    await yard.work()
    assert yard.rows("outcome->'facts'", "webhook_events") == [
        '{"displayName": "Bea", "accountEnabled": false}'
    ]


async def test_three_tries_then_a_dead_letter_that_can_be_replayed(yard: PostYard) -> None:
    box = yard.postbox
    mail = box.put_mail("Stubborn")
    box.force("GET Users/", 500, times=3)
    await yard.post(box.notify(mail))
    for _ in range(3):
        await yard.work()
        yard.pass_time()
    await yard.work()
    assert yard.rows("state, tries, error->>'code'", "webhook_events") == ["dead|3|unavailable"]
    (remedy,) = yard.rows("error->>'remedy'", "webhook_events")
    assert remedy.startswith("Replay it"), "nobody tries again by themselves"
    assert "notification.process dead" in yard.rows("kind || ' ' || state", "jobs")
    assert await yard.acting(lambda uow: replay_dead(uow, None)) == 1
    await yard.work()
    assert yard.rows("state, tries, replays", "webhook_events") == ["done|1|1"]
    assert yard.rows("subject", "messages") == ["Stubborn"]
    (event,) = yard.rows("id", "webhook_events")
    await yard.acting(lambda uow: replay_event(uow, UUID(event)))
    await yard.work()
    assert yard.rows("subject", "messages") == ["Stubborn"], "a replay has no second effect"
    assert yard.rows("action", "audit_entries").count("notification.replayed") == 2


async def test_a_throttled_mailbox_costs_no_tries(yard: PostYard) -> None:
    box = yard.postbox
    mail = box.put_mail("Later")
    await yard.post(box.notify(mail))
    box.force("GET Users/", 429, 1, **{"Retry-After": "1"})
    await yard.work()
    assert yard.rows("state", "webhook_events") == ["retrying"]
    for _ in range(400):
        yard.pass_time()
        await yard.work()
        if yard.rows("state", "webhook_events") == ["done"]:
            break
        await asyncio.sleep(0.25)
    assert yard.rows("state", "webhook_events") == ["done"]


async def test_a_rich_notification_is_read_without_a_call(yard: PostYard) -> None:
    box = yard.postbox
    mail = box.put_mail("Sealed")
    sealed = dict.fromkeys(("data", "dataKey", "dataSignature", "encryptionCertificateId"), "c2VhbGVk")
    yard.keys.opened = box.mails[mail]
    await yard.post(box.notify(mail, encryptedContent=sealed))
    await yard.work()
    assert yard.rows("subject", "messages") == ["Sealed"]
    assert yard.rows("encrypted IS NULL", "webhook_events") == ["t"], "what was sealed is not kept"
    assert not [call for call in box.calls if "/Messages/" in call]


async def test_one_that_cannot_be_opened_is_looked_at_instead(yard: PostYard) -> None:
    box = yard.postbox
    mail = box.put_mail("Look yourself")
    sealed = dict.fromkeys(("data", "dataKey", "dataSignature", "encryptionCertificateId"), "c2VhbGVk")
    await yard.post(box.notify(mail, encryptedContent=sealed))
    await yard.work()
    assert yard.rows("subject", "messages") == ["Look yourself"]


async def test_asking_for_a_resync_closes_its_gap(yard: PostYard) -> None:
    (id_,) = yard.rows("id", "webhook_subscriptions")
    yard.postbox.put_mail("Asked for")
    await yard.acting(lambda uow: ask_resync(uow, UUID(id_)))
    await yard.work()
    assert "asked delta 1" in yard.rows(GAPS, "webhook_gaps")


async def test_what_odd_values_a_mail_holds_it_is_stored(yard: PostYard) -> None:
    mail = yard.postbox.put_mail(
        "nul\0 and more",
        sender={"emailAddress": 7},
        toRecipients=[None, {"emailAddress": {"address": ""}}, {"emailAddress": {"address": "x" * 5000}}],
        receivedDateTime="yesterday",
        isRead="perhaps",
        bodyPreview="y" * 100_000,
    )
    await yard.post(yard.postbox.notify(mail))
    await yard.work()
    (row,) = yard.rows(
        "length(body_preview), is_read IS NULL, received_at IS NULL, jsonb_array_length(recipients)",
        "messages",
    )
    assert row == "1000|t|t|1"
