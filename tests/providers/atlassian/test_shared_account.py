"""One person with both apps is one Atlassian account: made once, and closed when neither app uses it."""

from __future__ import annotations

import asyncio

import pytest

from services.shared.sdk.contract import Presence
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite import Books
from services.shared.sdk.suite.driver import (
    carry_out,
    describe,
    is_settled,
    leaver,
    make_plan,
    onboard,
    wish,
)
from tests.fixtures.sandbox import Sandbox
from tests.providers.atlassian.conftest import MakeHarness
from tests.providers.atlassian.harness import AtlassianHarness

ADDRESS = "grace.hopper@acme.example"


@pytest.fixture(autouse=True)
def _one_group_each(jira: AtlassianHarness, confluence: AtlassianHarness) -> None:
    """The page says it: a further group belongs to one of the two."""
    jira.wish = {"groups": ["Engineering"]}
    confluence.wish = {}


def kinds(sandbox: Sandbox) -> list[str]:
    return [one["kind"] for one in sandbox.effects("atlassian", ADDRESS)]


async def both(jira: AtlassianHarness, confluence: AtlassianHarness) -> tuple[Books, Books]:
    one, _ = await onboard(jira)
    other, _ = await onboard(confluence)
    return one, other


async def leave(harness: AtlassianHarness, books: Books, presence: Presence = "suspended") -> None:
    await carry_out(harness, books, await make_plan(harness, books, leaver(presence)))


async def test_both_at_once_make_one_account(
    jira: AtlassianHarness, confluence: AtlassianHarness, sandbox: Sandbox
) -> None:
    books = (Books(), Books())
    plans = [await make_plan(one, own, wish(one)) for one, own in zip((jira, confluence), books, strict=True)]
    assert [plan.actions[0].kind for plan in plans] == [ActionKind.CREATE, ActionKind.CREATE]
    await asyncio.gather(carry_out(jira, books[0], plans[0]), carry_out(confluence, books[1], plans[1]))
    assert sorted(kinds(sandbox)) == ["member.add", "member.add", "member.add", "user.create"]
    assert books[0].known.remote_id == books[1].known.remote_id
    assert sandbox.user("atlassian", ADDRESS)["licenses"] == ["jira-software", "confluence"]
    for harness, own in ((jira, books[0]), (confluence, books[1])):
        assert is_settled(await make_plan(harness, own, wish(harness)))


async def test_a_lost_reply_of_one_is_found_by_the_other(
    jira: AtlassianHarness, confluence: AtlassianHarness, sandbox: Sandbox
) -> None:
    plan = await make_plan(jira, Books(), wish(jira))
    await carry_out(confluence, Books(), await make_plan(confluence, Books(), wish(confluence)))
    outcome = await jira.provider.confirm(jira.context(Books().known, reading=True), plan.actions[0])
    assert outcome is not None
    assert outcome.remote_id == sandbox.user("atlassian", ADDRESS)["scim_id"]


async def test_the_second_links_what_the_first_made_and_asks_nobody(
    jira: AtlassianHarness, confluence: AtlassianHarness, sandbox: Sandbox
) -> None:
    await onboard(jira)
    plan = await make_plan(confluence, Books(), wish(confluence))
    assert not plan.choices
    assert plan.actions[0].title == f"Link OneClick's account {ADDRESS}"
    books = Books()
    await carry_out(confluence, books, plan)
    assert not books.known.adopted
    assert kinds(sandbox).count("user.create") == 1


@pytest.mark.parametrize("presence", ["suspended", "absent"])
async def test_one_leaves_and_the_other_goes_on(
    jira: AtlassianHarness, confluence: AtlassianHarness, sandbox: Sandbox, presence: Presence
) -> None:
    books, _ = await both(jira, confluence)
    plan = await make_plan(jira, books, leaver(presence))
    assert any("confluence-users" in notice.message for notice in plan.notices)
    assert "unless Confluence needs it" in plan.actions[-1].title
    await carry_out(jira, books, plan)
    account = sandbox.user("atlassian", ADDRESS)
    assert account["enabled"]
    assert account["groups"] == ["confluence-users"]
    assert account["licenses"] == ["confluence"]
    again = await make_plan(jira, books, leaver(presence))
    assert is_settled(again), describe(again)
    assert again.notices


@pytest.mark.parametrize("presence", ["suspended", "absent"])
async def test_the_last_one_closes(
    jira: AtlassianHarness, confluence: AtlassianHarness, sandbox: Sandbox, presence: Presence
) -> None:
    one, other = await both(jira, confluence)
    await leave(confluence, other, presence)
    assert sandbox.user("atlassian", ADDRESS)["enabled"]
    await leave(jira, one, presence)
    account = sandbox.user("atlassian", ADDRESS)
    assert not account["enabled"]
    assert (account["scim_id"] is None) == (presence == "absent")
    assert kinds(sandbox).count("user.deactivate") == 1


@pytest.mark.parametrize("first", [0, 1, None])
@pytest.mark.parametrize("presence", ["suspended", "absent"])
async def test_of_two_that_leave_by_plans_of_the_same_moment_one_closes(
    jira: AtlassianHarness,
    confluence: AtlassianHarness,
    sandbox: Sandbox,
    presence: Presence,
    first: int | None,
) -> None:
    pairs = list(zip((jira, confluence), await both(jira, confluence), strict=True))
    plans = [await make_plan(harness, own, leaver(presence)) for harness, own in pairs]
    work = [(harness, own, plan) for (harness, own), plan in zip(pairs, plans, strict=True)]
    if first is None:
        await asyncio.gather(*(carry_out(*one) for one in work))
    else:
        await carry_out(*work[first])
        await carry_out(*work[1 - first])
    account = sandbox.user("atlassian", ADDRESS)
    assert not account["enabled"]
    assert account["groups"] == []
    closings = [kind for kind in kinds(sandbox) if kind in {"user.deactivate", "user.delete"}]
    assert closings == ["user.deactivate"] if presence == "suspended" else "user.delete" in closings
    for harness, own in pairs:
        assert is_settled(await make_plan(harness, own, leaver(presence)))


async def test_coming_back_to_both_opens_one_account(
    jira: AtlassianHarness, confluence: AtlassianHarness, sandbox: Sandbox
) -> None:
    one, other = await both(jira, confluence)
    await leave(jira, one)
    await leave(confluence, other)
    for harness, books in ((confluence, other), (jira, one)):
        await carry_out(harness, books, await make_plan(harness, books, wish(harness)))
        assert is_settled(await make_plan(harness, books, wish(harness)))
    assert sandbox.user("atlassian", ADDRESS)["licenses"] == ["jira-software", "confluence"]
    assert kinds(sandbox).count("user.activate") == 1


async def test_removing_what_others_gave_spares_the_other_app(
    jira: AtlassianHarness, confluence: AtlassianHarness, sandbox: Sandbox
) -> None:
    books, _ = await both(jira, confluence)
    await jira.give_by_hand()
    plan = await make_plan(jira, books, wish(jira, unmanaged="remove"))
    assert [action.target for action in plan.actions] == ["Sales"]
    await carry_out(jira, books, plan)
    assert "confluence-users" in sandbox.user("atlassian", ADDRESS)["groups"]


async def test_access_that_only_the_site_shows_keeps_the_account_open(
    jira: AtlassianHarness, sandbox: Sandbox
) -> None:
    """`confluence-users-acme` is a local group: the directory does not hold it."""
    books, _ = await onboard(jira)
    sandbox.act("atlassian", "join", email=ADDRESS, group="confluence-users-acme")
    await leave(jira, books)
    account = sandbox.user("atlassian", ADDRESS)
    assert account["enabled"]
    assert account["groups"] == ["confluence-users-acme"]


async def test_somebody_who_begins_with_the_other_app_meanwhile_is_not_closed(
    jira: AtlassianHarness, confluence: AtlassianHarness, sandbox: Sandbox
) -> None:
    """The plan saw nobody else; at the moment of closing somebody is there."""
    books, _ = await onboard(jira)
    plan = await make_plan(jira, books, leaver("suspended"))
    assert plan.actions[0].kind is ActionKind.SUSPEND
    await onboard(confluence)
    outcomes = await carry_out(jira, books, plan)
    assert sandbox.user("atlassian", ADDRESS)["enabled"]
    assert "confluence-users still uses it" in str(outcomes[0].note)


async def test_without_the_site_every_group_counts_that_is_not_ours(
    make: MakeHarness, sandbox: Sandbox
) -> None:
    alone = make("jira", doors=("scim",))
    alone.wish = {"access_groups": ["jira-users"]}
    books, _ = await onboard(alone)
    await alone.give_by_hand()
    await leave(alone, books)
    assert sandbox.user("atlassian", ADDRESS)["enabled"]
    plan = await make_plan(alone, books, leaver("suspended").model_copy(update={"unmanaged": "remove"}))
    await carry_out(alone, books, plan)
    assert not sandbox.user("atlassian", ADDRESS)["enabled"]
