"""Plans that do not let OneClick do it: a person does, and Slack is asked whether it is done."""

from __future__ import annotations

from typing import Any

import pytest

from services.shared.sdk.contract import Desired, Known, Plan
from services.shared.sdk.errors import ActionRequired, ErrorCode, Refused
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.manual import INSTRUCTIONS, LINK
from services.shared.sdk.suite import Books
from services.shared.sdk.suite.driver import act, carry_out, is_settled, make_plan
from tests.providers.slack.harness import SlackHarness


def modes(slack: SlackHarness, **modes: str) -> None:
    slack.sandbox.configure("slack", modes=modes)


async def plan(slack: SlackHarness, books: Books, **fields: Any) -> Plan:
    return await make_plan(slack, books, Desired(fields=fields))


async def done(slack: SlackHarness, books: Books, made: Plan) -> bool:
    (task,) = made.actions
    assert task.kind is ActionKind.MANUAL_TASK
    outcome = await slack.provider.confirm(slack.context(books.known, reading=True), task)
    if outcome is not None:
        books.record(outcome)
    return outcome is not None


async def test_without_scim_the_person_is_invited_by_hand(slack: SlackHarness, books: Books) -> None:
    modes(slack, plan="pro")
    made = await plan(slack, books, groups=["IT"], channels=["engineering"])
    task = made.actions[0]
    text = " ".join(task.params[INSTRUCTIONS])
    assert all(word in text for word in (slack.joiner.work_email, "#engineering", "IT", "Business+"))
    assert task.params[LINK] == "https://acme.slack.com/admin/invites"
    assert not await done(slack, books, made), "nobody has joined yet"
    await slack.add_foreign_account()
    assert await done(slack, books, made)
    assert books.known.remote_id == (slack.account() or {})["id"]
    assert is_settled(await plan(slack, books))
    leaving = await make_plan(slack, books, Desired(presence="suspended"))
    assert not await done(slack, books, leaving)
    slack.sandbox.reset()
    modes(slack, plan="pro")
    assert await done(slack, books, leaving)
    assert not books.known.grants
    assert is_settled(await make_plan(slack, books, Desired(presence="suspended")))


async def test_without_a_look_a_persons_word_counts(slack: SlackHarness, books: Books) -> None:
    modes(slack, plan="pro", scopes="admin")
    made = await plan(slack, books, role="guest", guest_expires_on="2027-03-31")
    assert "2027-03-31" in " ".join(made.actions[0].params[INSTRUCTIONS])
    assert await done(slack, books, made)
    assert is_settled(await plan(slack, books, role="guest"))
    leaving = await make_plan(slack, books, Desired(presence="absent"))
    assert await done(slack, books, leaving)
    assert is_settled(await make_plan(slack, books, Desired(presence="absent")))


async def test_a_strangers_account_without_scim_is_left_alone(slack: SlackHarness, books: Books) -> None:
    await slack.add_foreign_account()
    modes(slack, plan="pro")
    leaving = await make_plan(slack, books, Desired(presence="suspended"))
    assert is_settled(leaving)
    assert [notice.code for notice in leaving.notices] == ["skipped"]


async def test_guests_without_enterprise_are_invited_by_hand_and_then_managed(
    slack: SlackHarness, books: Books
) -> None:
    modes(slack, plan="business_plus")
    made = await plan(slack, books, role="guest", channels=["engineering"])
    assert not await done(slack, books, made)
    await slack.add_foreign_account()
    assert await done(slack, books, made)
    assert books.known.adopted
    again = await plan(slack, books, role="guest", channels=["engineering"])
    tasks = [one.key for one in again.actions if one.kind is ActionKind.MANUAL_TASK]
    assert tasks == ["type"], "somebody invited a member where a guest was asked for"
    task = next(one for one in again.actions if one.key == "type")
    assert await slack.provider.confirm(slack.context(books.known, reading=True), task) is None
    modes(slack, plan="enterprise")
    await carry_out(slack, books, await plan(slack, books, role="guest"))
    assert await slack.provider.confirm(slack.context(books.known, reading=True), task)


async def test_a_guest_that_the_plan_refuses_after_all_is_no_lost_consent(
    slack: SlackHarness, books: Books
) -> None:
    made = await plan(slack, books, role="guest")
    modes(slack, plan="business_plus")
    with pytest.raises(Refused) as caught:
        await act(slack, books, made.actions[0])
    assert (caught.value.code, caught.value.field) == (ErrorCode.NOT_ENTITLED, "role")


async def test_a_plan_that_shrank_after_planning_is_named(slack: SlackHarness, books: Books) -> None:
    made = await plan(slack, books)
    modes(slack, plan="pro")
    with pytest.raises(ActionRequired) as caught:
        await act(slack, books, made.actions[0])
    assert caught.value.code is ErrorCode.NOT_ENTITLED
    issues = await slack.provider.validate(slack.context(Known(), reading=True))
    assert [issue.field for issue in issues] == ["plan"]
