"""Leaving Slack: sessions, deactivation, and that nobody is deleted."""

from __future__ import annotations

from typing import Any

import pytest

from services.shared.sdk.contract import Desired
from services.shared.sdk.errors import ActionRequired, ErrorCode
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite import Books
from services.shared.sdk.suite.driver import act, carry_out, is_settled, make_plan, onboard, wish
from tests.providers.slack.harness import SlackHarness


def modes(slack: SlackHarness, **modes: str) -> None:
    slack.sandbox.configure("slack", modes=modes)


async def test_sessions_end_and_nothing_that_was_given_is_left(slack: SlackHarness) -> None:
    books, _ = await onboard(slack)
    made = await make_plan(slack, books, Desired(presence="suspended"))
    assert [one.kind for one in made.actions] == [ActionKind.REVOKE_SESSIONS, ActionKind.SUSPEND]
    assert made.actions[1].before == {"active": True, "groups": ["Engineering", "IT"]}
    assert not made.actions[1].depends_on, "nothing delays the deactivation"
    await carry_out(slack, books, made)
    account = slack.account() or {}
    assert (account["session_resets"], account["enabled"], account["groups"]) == (1, False, [])


async def test_absent_deactivates_and_says_that_slack_keeps_the_account(slack: SlackHarness) -> None:
    books, _ = await onboard(slack)
    made = await make_plan(slack, books, Desired(presence="absent"))
    assert made.actions[-1].kind is ActionKind.SUSPEND
    assert "kept_account" in {notice.code for notice in made.notices}
    await carry_out(slack, books, made)
    again = await make_plan(slack, books, Desired(presence="absent"))
    assert is_settled(again)


@pytest.mark.parametrize("more", [{"plan": "business_plus"}, {"scopes": "admin"}])
async def test_where_sessions_cannot_be_ended_apart_the_plan_says_so(
    slack: SlackHarness, books: Books, more: dict[str, Any]
) -> None:
    modes(slack, **more)
    await carry_out(slack, books, await make_plan(slack, books, Desired(fields={"groups": ["IT"]})))
    made = await make_plan(slack, books, Desired(presence="suspended"))
    assert [one.kind for one in made.actions] == [ActionKind.SUSPEND]
    assert [notice.code for notice in made.notices] == ["sessions"]
    await carry_out(slack, books, made)
    assert not books.known.grants


async def test_coming_back_waits_for_the_activation(slack: SlackHarness) -> None:
    """Slack adds no deactivated account to a user group."""
    books, _ = await onboard(slack)
    await carry_out(slack, books, await make_plan(slack, books, Desired(presence="suspended")))
    made = await make_plan(slack, books, wish(slack))
    assert made.actions[0].title == "Activate the account"
    assert all(one.depends_on == ("update",) for one in made.actions[1:])
    await carry_out(slack, books, made)
    assert is_settled(await make_plan(slack, books, wish(slack)))


async def test_the_primary_owner_cannot_be_deactivated(slack: SlackHarness, books: Books) -> None:
    slack.joiner = slack.joiner.model_copy(update={"work_email": "admin@acme.example"})
    made = await make_plan(slack, books, Desired(presence="suspended", existing_account="adopt"))
    with pytest.raises(ActionRequired, match="primary owner") as caught:
        await act(slack, books, made.actions[-1])
    assert caught.value.code is ErrorCode.CONFLICT


async def test_a_group_that_slack_leaves_to_a_deactivated_account_is_taken(slack: SlackHarness) -> None:
    books, _ = await onboard(slack)
    before = books.known
    await carry_out(slack, books, await make_plan(slack, books, Desired(presence="suspended")))
    slack.sandbox.act("slack", "join", user=slack.joiner.work_email, group="IT")
    books.known = before
    made = await make_plan(slack, books, Desired(presence="suspended"))
    assert [(one.kind, one.target) for one in made.actions] == [(ActionKind.REMOVE_FROM_GROUP, "IT")]
    await carry_out(slack, books, made)
    assert is_settled(await make_plan(slack, books, Desired(presence="suspended")))
