"""Planning reads, says the same thing twice, and ends when the wish is fulfilled."""

from services.shared.sdk.contract import OutcomeState
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite.driver import (
    Books,
    act,
    carry_out,
    describe,
    is_settled,
    make_plan,
    onboard,
    require,
    wish,
)
from services.shared.sdk.suite.harness import Harness


async def planning_only_reads(harness: Harness) -> None:
    """The client of a plan cannot write, and the vendor's ledger stays empty."""
    plan = await make_plan(harness, Books(), wish(harness))
    require(not is_settled(plan), "A new person leads to a plan with something to do.")
    require(not await harness.effects(), "Planning changed something at the vendor.")


async def a_plan_is_the_same_twice(harness: Harness) -> None:
    """Same remote state, same wish: same actions, same keys, same fingerprint."""
    first = await make_plan(harness, Books(), wish(harness))
    second = await make_plan(harness, Books(), wish(harness))
    require(first == second, f"Two plans of one wish differ: {describe(first)} / {describe(second)}")


async def the_account_comes_first(harness: Harness) -> None:
    """What needs the account depends on the action that makes it."""
    plan = await make_plan(harness, Books(), wish(harness))
    first = plan.actions[0]
    require(
        first.kind in {ActionKind.CREATE, ActionKind.INVITE}, f"The account is not first: {describe(plan)}"
    )
    for action in plan.actions[1:]:
        require(action.depends_on, f"{action.key} does not wait for the account.")


async def applied_means_nothing_left_to_plan(harness: Harness) -> None:
    """After the plan: one account as wished, and exactly one noop to plan."""
    books, plan = await onboard(harness)
    require(await harness.count_accounts() == 1, "There is not exactly one account.")
    account = await harness.describe_account()
    require(account and account.get("active"), "The new account is not active.")
    require(books.known.remote_id, "No outcome told the vendor's id of the account.")
    require(books.known.login, "No outcome told the login.")
    again = await make_plan(harness, books, wish(harness))
    require(is_settled(again), f"After {describe(plan)} there is still to do: {describe(again)}")
    before = len(await harness.effects())
    outcome = await act(harness, books, again.actions[0])
    require(outcome.state is OutcomeState.DONE, "A noop is done at once.")
    require(len(await harness.effects()) == before, "A noop changed something.")


async def a_moved_remote_changes_the_fingerprint(harness: Harness) -> None:
    """What was planned on is what was seen: once applied, the old plan is stale."""
    books = Books()
    plan = await make_plan(harness, books, wish(harness))
    await carry_out(harness, books, plan)
    again = await make_plan(harness, books, wish(harness))
    require(again.fingerprint != plan.fingerprint, "The account was made and the fingerprint did not change.")
    steady = await make_plan(harness, books, wish(harness))
    require(steady.fingerprint == again.fingerprint, "Nothing moved and the fingerprint changed.")


async def leaving_out_removes_just_that(harness: Harness) -> None:
    """What OneClick gave and the wish no longer names goes; what others gave stays, and the plan says so."""
    if harness.smaller_wish is None:
        return
    books, _ = await onboard(harness)
    await harness.give_by_hand()
    before = await harness.describe_account()
    plan = await make_plan(harness, books, wish(harness, harness.smaller_wish))
    kinds = [action.kind for action in plan.actions]
    require(kinds == [harness.removed], f"The smaller wish plans {describe(plan)}.")
    require(plan.actions[0].destructive, "Taking something away is destructive.")
    require(plan.notices, "The plan does not tell what it leaves alone.")
    await carry_out(harness, books, plan)
    after = await harness.describe_account()
    if before is None or after is None:
        require(condition=False, sentence="The account is gone.")
        return
    lost = {
        (name, item)
        for name in ("licenses", "groups")
        for item in set(before.get(name, ())) - set(after.get(name, ()))
    }
    require(len(lost) == 1, f"Not exactly one thing went: {lost}")
    again = await make_plan(harness, books, wish(harness, harness.smaller_wish))
    require(is_settled(again), f"There is still to do: {describe(again)}")
    grown = await make_plan(harness, books, wish(harness))
    await carry_out(harness, books, grown)
    whole = await harness.describe_account()
    require(whole == before, f"Wishing it back does not bring it back: {before} / {whole}")


async def what_others_gave_can_be_removed_on_purpose(harness: Harness) -> None:
    """`unmanaged="remove"` widens the plan to what others gave."""
    if harness.smaller_wish is None:
        return
    books, _ = await onboard(harness)
    before = await harness.describe_account()
    await harness.give_by_hand()
    kept = await make_plan(harness, books, wish(harness))
    require(is_settled(kept), f"What others gave is not kept: {describe(kept)}")
    plan = await make_plan(harness, books, wish(harness, unmanaged="remove"))
    require(not is_settled(plan), "`unmanaged=remove` plans nothing.")
    await carry_out(harness, books, plan)
    require(await harness.describe_account() == before, "What others gave is still there.")


CHECKS = (
    planning_only_reads,
    a_plan_is_the_same_twice,
    the_account_comes_first,
    applied_means_nothing_left_to_plan,
    a_moved_remote_changes_the_fingerprint,
    leaving_out_removes_just_that,
    what_others_gave_can_be_removed_on_purpose,
)
