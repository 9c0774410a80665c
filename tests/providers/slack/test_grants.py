"""User groups, channels and the administrator's role: what the token can do, and what a person has to."""

from __future__ import annotations

from typing import Any

import pytest

from services.shared.sdk.contract import Desired, Plan
from services.shared.sdk.errors import ActionRequired, ErrorCode, Refused
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.manual import INSTRUCTIONS, LINK
from services.shared.sdk.suite import Books
from services.shared.sdk.suite.driver import act, carry_out, is_settled, make_plan
from tests.providers.slack.harness import SlackHarness

_WITHOUT_ADMIN = "admin,users:read,users:read.email,channels:read,channels:write"


def modes(slack: SlackHarness, **modes: str) -> None:
    slack.sandbox.configure("slack", modes=modes)


async def plan(slack: SlackHarness, books: Books, **fields: Any) -> Plan:
    return await make_plan(slack, books, Desired(fields=fields))


def kinds(made: Plan) -> list[ActionKind]:
    return [action.kind for action in made.actions]


def keys(made: Plan) -> list[str]:
    return [action.key for action in made.actions]


async def done(slack: SlackHarness, books: Books, made: Plan, key: str) -> bool:
    """Say that the task is done; whether Slack agrees."""
    task = next(action for action in made.actions if action.key == key)
    outcome = await slack.provider.confirm(slack.context(books.known, reading=True), task)
    if outcome is not None:
        books.record(outcome)
    return outcome is not None


async def test_groups_are_named_by_name_or_id(slack: SlackHarness, books: Books) -> None:
    groups = slack.workspace["groups"]
    made = await plan(slack, books, groups=["engineering", groups["IT"], "IT"])
    assert keys(made)[1:] == [f"group:{groups['Engineering']}", f"group:{groups['IT']}"]
    for name in ("No Such Group", "S0NOSUCHGRP"):
        with pytest.raises(Refused, match="no user group") as caught:
            await plan(slack, books, groups=[name])
        assert (caught.value.code, caught.value.field) == (ErrorCode.INVALID_FIELD, "groups")


async def test_a_group_that_went_meanwhile_is_named(slack: SlackHarness, books: Books) -> None:
    made = await plan(slack, books, groups=["IT"])
    await act(slack, books, made.actions[0])
    group = made.actions[1].params["group"]
    gone = made.actions[1].model_copy(
        update={"params": {**made.actions[1].params, "group": {**group, "id": "S0GONE00001"}}}
    )
    with pytest.raises(Refused, match="IT is no longer there") as caught:
        await act(slack, books, gone)
    assert caught.value.code is ErrorCode.NOT_FOUND


async def test_an_enterprise_token_adds_to_channels_that_its_owner_is_not_in(
    slack: SlackHarness, books: Books
) -> None:
    made = await plan(slack, books, channels=["#announcements", "it-private"])
    assert [one.params.get("way") for one in made.actions[1:]] == ["admin.conversations.invite"] * 2
    await carry_out(slack, books, made)
    assert set((slack.account() or {})["groups"]) == {"#announcements", "#it-private"}
    assert is_settled(await plan(slack, books, channels=["#announcements", "it-private"]))


async def test_a_workspace_token_adds_where_its_owner_is_and_asks_a_person_elsewhere(
    slack: SlackHarness, books: Books
) -> None:
    modes(slack, plan="business_plus")
    wish = {"channels": ["engineering", "announcements"]}
    made = await plan(slack, books, **wish)
    assert kinds(made)[1:] == [ActionKind.ADD_TO_GROUP, ActionKind.MANUAL_TASK]
    assert made.actions[1].params["way"] == "conversations.invite"
    task = made.actions[2]
    assert task.params[LINK] == "https://acme.slack.com/"
    assert any(slack.joiner.work_email in line for line in task.params[INSTRUCTIONS])
    for action in made.actions[:2]:
        await act(slack, books, action)
    assert not await done(slack, books, made, "channel:announcements"), "Slack does not show it yet"
    assert keys(await plan(slack, books, **wish)) == ["channel:announcements"]
    slack.sandbox.act("slack", "join", user=slack.joiner.work_email, channel="announcements")
    assert await done(slack, books, made, "channel:announcements")
    assert is_settled(await plan(slack, books, **wish))
    smaller = await plan(slack, books, channels=["engineering"])
    assert [(one.kind, one.target) for one in smaller.actions] == [(ActionKind.MANUAL_TASK, "#announcements")]
    assert not await done(slack, books, smaller, "leave-channel:announcements")
    slack.sandbox.act("slack", "leave", user=slack.joiner.work_email, channel="announcements")
    assert await done(slack, books, smaller, "leave-channel:announcements")
    assert is_settled(await plan(slack, books, channels=["engineering"]))


async def test_without_channel_scopes_a_person_is_asked_and_believed(
    slack: SlackHarness, books: Books
) -> None:
    modes(slack, scopes="admin")
    made = await plan(slack, books, groups=["IT"], channels=["#Engineering", "whatever"])
    assert kinds(made) == [
        ActionKind.CREATE,
        ActionKind.ADD_TO_GROUP,
        ActionKind.MANUAL_TASK,
        ActionKind.MANUAL_TASK,
    ]
    assert keys(made)[2:] == ["channel:engineering", "channel:whatever"]
    for action in made.actions[:2]:
        await act(slack, books, action)
    assert await done(slack, books, made, "channel:engineering")
    assert await done(slack, books, made, "channel:whatever")
    again = await plan(slack, books, groups=["IT"], channels=["#engineering", "whatever"])
    assert is_settled(again)
    smaller = await plan(slack, books, groups=["IT"], channels=["engineering"])
    assert keys(smaller) == ["leave-channel:whatever"]
    assert await done(slack, books, smaller, "leave-channel:whatever")
    assert is_settled(await plan(slack, books, groups=["IT"], channels=["engineering"]))


async def test_a_token_without_groups_read_sees_public_channels_alone(
    slack: SlackHarness, books: Books
) -> None:
    modes(slack, scopes=_WITHOUT_ADMIN)
    made = await plan(slack, books, channels=["engineering"])
    assert made.actions[1].params["way"] == "conversations.invite"
    await carry_out(slack, books, made)
    with pytest.raises(Refused, match="private channel") as caught:
        await plan(slack, books, channels=["it-private"])
    assert caught.value.field == "channels"


async def test_only_channels_that_oneclick_gave_are_taken_away(slack: SlackHarness, books: Books) -> None:
    await carry_out(slack, books, await plan(slack, books, channels=["engineering"]))
    for name in ("random", "sales"):
        slack.sandbox.act("slack", "join", user=slack.joiner.work_email, channel=name)
    made = await make_plan(slack, books, Desired(fields={}, unmanaged="remove"))
    assert [(one.kind, one.target) for one in made.actions] == [
        (ActionKind.REMOVE_FROM_GROUP, "#engineering")
    ]
    await carry_out(slack, books, made)
    assert set((slack.account() or {})["groups"]) == {"#random", "#sales"}
    assert is_settled(await plan(slack, books))


async def test_the_channel_that_everybody_is_in_needs_nothing(slack: SlackHarness, books: Books) -> None:
    made = await plan(slack, books, channels=["general"])
    assert kinds(made) == [ActionKind.CREATE]
    assert [notice.code for notice in made.notices] == ["general"]
    await carry_out(slack, books, made)
    assert is_settled(await plan(slack, books, channels=["general"]))


async def test_a_channel_that_refuses_parks_the_step_and_not_the_connection(
    slack: SlackHarness, books: Books
) -> None:
    made = await plan(slack, books, channels=["engineering"])
    await act(slack, books, made.actions[0])
    modes(slack, scopes="admin,channels:read")
    with pytest.raises(ActionRequired) as caught:
        await act(slack, books, made.actions[1])
    assert caught.value.code is ErrorCode.MISSING_SCOPE
    assert "admin.conversations:write" in str(caught.value.vendor_message)


async def test_a_channel_that_somebody_added_first_is_done(slack: SlackHarness, books: Books) -> None:
    modes(slack, plan="business_plus")
    made = await plan(slack, books, channels=["engineering"])
    await act(slack, books, made.actions[0])
    slack.sandbox.act("slack", "join", user=slack.joiner.work_email, channel="engineering")
    outcome = await act(slack, books, made.actions[1])
    assert [grant.label for grant in outcome.given] == ["#engineering"]


async def test_an_administrator_is_made_and_made_a_member_again(slack: SlackHarness, books: Books) -> None:
    made = await plan(slack, books, role="admin")
    assert kinds(made) == [ActionKind.CREATE, ActionKind.GRANT_ROLE]
    await carry_out(slack, books, made)
    assert (slack.account() or {})["role"] == "admin"
    back = await plan(slack, books)
    assert [(one.key, one.kind) for one in back.actions] == [("role", ActionKind.UPDATE)]
    await carry_out(slack, books, back)
    assert (slack.account() or {})["role"] == "member"
    assert not books.known.grants
    assert await slack.provider.confirm(slack.context(books.known, reading=True), back.actions[0])


async def test_an_administrator_that_somebody_else_made_stays_one(slack: SlackHarness, books: Books) -> None:
    slack.sandbox.add_user("slack", slack.joiner.work_email, admin=True)
    await carry_out(slack, books, await make_plan(slack, books, Desired(existing_account="adopt")))
    assert is_settled(await plan(slack, books))
    assert (slack.account() or {})["role"] == "admin"


async def test_without_enterprise_the_role_is_a_persons_task(slack: SlackHarness, books: Books) -> None:
    modes(slack, plan="business_plus")
    made = await plan(slack, books, role="admin")
    assert kinds(made) == [ActionKind.CREATE, ActionKind.MANUAL_TASK]
    await act(slack, books, made.actions[0])
    assert not await done(slack, books, made, "role")
    modes(slack, plan="business_plus", scopes="admin")
    assert await done(slack, books, made, "role"), "nobody can look: a word counts"
    assert is_settled(await plan(slack, books, role="admin"))
    back = await plan(slack, books)
    assert keys(back) == ["role-member"]
    assert await done(slack, books, back, "role-member")
    assert is_settled(await plan(slack, books))


async def test_the_calls_of_a_new_hire_are_few(slack: SlackHarness, books: Books) -> None:
    """One look by address, two groups, one channel: the numbers on the page of this vendor."""
    ids = slack.workspace["groups"]
    made = await plan(slack, books, groups=[ids["IT"], ids["Engineering"]], channels=["engineering"])
    assert len(slack.sandbox.requests("slack")) == 5
    await carry_out(slack, books, made)
    calls = slack.sandbox.requests("slack")[5:]
    assert sum(one["method"] != "GET" for one in calls) == 4
    assert sum(one["method"] == "GET" for one in calls) == 6


async def test_in_an_organisation_the_account_is_brought_into_the_workspace_first(
    slack: SlackHarness, books: Books
) -> None:
    modes(slack, workspaces="organisation")
    wish = {"channels": ["announcements"], "groups": ["IT"]}
    made = await plan(slack, books, **wish)
    assert [one.title for one in made.actions[:2]] == [
        "Create the account grace.hopper@acme.example",
        "Add to the workspace acme",
    ]
    assert made.actions[-1].depends_on == ("create", "workspace")
    await carry_out(slack, books, made)
    assert books.known.gave("team", slack.workspace["team_id"])
    assert is_settled(await plan(slack, books, **wish))
    await act(slack, books, made.actions[1])
    assert len([one for one in await slack.effects() if one.kind == "workspace.join"]) == 1
    await carry_out(slack, books, await make_plan(slack, books, Desired(presence="suspended")))
    back = await plan(slack, books, **wish)
    assert keys(back)[:2] == ["update", "workspace"]
    await carry_out(slack, books, back)
    assert is_settled(await plan(slack, books, **wish))


async def test_a_lost_reply_of_the_assignment_is_found(slack: SlackHarness, books: Books) -> None:
    modes(slack, workspaces="organisation")
    made = await plan(slack, books, role="guest")
    await act(slack, books, made.actions[0])
    ctx = slack.context(books.known, reading=True)
    assert await slack.provider.confirm(ctx, made.actions[1]) is None
    slack.sandbox.arm("slack", "garbage", match={"method": "POST"}, commit=True)
    outcome = await act(slack, books, made.actions[1])
    assert [grant.kind for grant in outcome.given] == ["team"]
    assert await slack.provider.confirm(ctx, made.actions[1])


@pytest.mark.parametrize(("scopes", "shows"), [("admin", False), ("admin,users:read", True)])
async def test_without_the_scope_the_workspace_is_a_persons_task(
    slack: SlackHarness, books: Books, scopes: str, *, shows: bool
) -> None:
    modes(slack, workspaces="organisation", scopes=scopes)
    made = await plan(slack, books)
    assert kinds(made) == [ActionKind.CREATE, ActionKind.MANUAL_TASK]
    await act(slack, books, made.actions[0])
    assert await done(slack, books, made, "workspace") is not shows
    again = await plan(slack, books)
    assert is_settled(again) is not shows
