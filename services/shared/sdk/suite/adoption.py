"""An account that is not ours is never taken silently."""

from services.shared.sdk.contract import Desired
from services.shared.sdk.errors import ActionRequired, ErrorCode, ProviderError
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite.driver import (
    Books,
    carry_out,
    describe,
    is_settled,
    make_plan,
    require,
    wish,
)
from services.shared.sdk.suite.harness import Harness


async def a_foreign_account_is_asked_about(harness: Harness) -> None:
    """Default: a choice between adopting and skipping, and nothing happens meanwhile."""
    await harness.add_foreign_account()
    plan = await make_plan(harness, Books(), wish(harness, existing_account="ask"))
    choice = next((one for one in plan.choices if one.code == "existing_account"), None)
    require(choice is not None, f"A foreign account leads to no choice: {describe(plan)}")
    offered = {option.value for option in choice.options} if choice else set()
    require({"adopt", "skip"} <= offered, f"The choice offers {offered}.")
    require(not await harness.effects(), "Asking changed something.")


async def a_foreign_account_can_be_skipped(harness: Harness) -> None:
    """Skipping is a noop that says why."""
    await harness.add_foreign_account()
    plan = await make_plan(harness, Books(), wish(harness, existing_account="skip"))
    require(is_settled(plan) and plan.notices, f"Skipping plans {describe(plan)} and tells {plan.notices}.")


async def a_decision_does_not_move_the_fingerprint(harness: Harness) -> None:
    """A plan is verified by planning again with the decision taken: only the vendor may make it stale."""
    await harness.add_foreign_account()
    asked = await make_plan(harness, Books(), wish(harness, existing_account="ask"))
    adopting = await make_plan(harness, Books(), wish(harness, existing_account="adopt"))
    skipping = await make_plan(harness, Books(), wish(harness, existing_account="skip"))
    require(asked.fingerprint == adopting.fingerprint, "Adopting makes the plan stale.")
    require(asked.fingerprint == skipping.fingerprint, "Skipping makes the plan stale.")


async def a_foreign_account_can_be_refused(harness: Harness) -> None:
    """`fail` refuses with `already_exists`."""
    await harness.add_foreign_account()
    try:
        await make_plan(harness, Books(), wish(harness, existing_account="fail"))
    except ProviderError as error:
        require(error.code is ErrorCode.ALREADY_EXISTS, f"The code is {error.code}.")
        return
    require(condition=False, sentence="`existing_account=fail` did not fail.")


async def a_foreign_account_is_adopted_with_consent(harness: Harness) -> None:
    """`adopt` links it visibly, fulfils the wish, and ends in a noop."""
    await harness.add_foreign_account()
    books = Books()
    desired = wish(harness, existing_account="adopt")
    plan = await make_plan(harness, books, desired)
    require(plan.actions[0].kind is ActionKind.ADOPT, f"Adopting is not planned first: {describe(plan)}")
    require(not plan.choices, "A choice that was taken is offered again.")
    for action in plan.actions[1:]:
        require(action.depends_on, f"{action.key} does not wait for the adoption.")
    await carry_out(harness, books, plan)
    require(books.known.adopted, "The outcome does not say that the account was adopted.")
    require(await harness.count_accounts() == 1, "There is not exactly one account.")
    again = await make_plan(harness, books, wish(harness))
    require(is_settled(again), f"There is still to do: {describe(again)}")


async def a_foreign_account_is_never_taken_by_a_race(harness: Harness) -> None:
    """It appears between plan and apply: creating parks, and the account is left as it was."""
    books = Books()
    plan = await make_plan(harness, books, wish(harness, existing_account="adopt"))
    await harness.add_foreign_account()
    before = await harness.describe_account()
    try:
        await harness.provider.apply(harness.context(books.known), plan.actions[0])
    except ActionRequired as error:
        require(error.code is ErrorCode.ALREADY_EXISTS, f"The code is {error.code}.")
    else:
        require(condition=False, sentence="A foreign account was taken for the one to be made.")
    if harness.marks:
        found = await harness.provider.confirm(harness.context(books.known, reading=True), plan.actions[0])
        require(found is None, "A foreign account is confirmed as made by us.")
    require(await harness.describe_account() == before, "The foreign account was changed.")
    require(not await harness.effects(), "The foreign account was changed.")


async def a_foreign_account_is_never_taken_leave_of(harness: Harness) -> None:
    """Leaving does not touch an account that OneClick neither made nor adopted."""
    await harness.add_foreign_account()
    before = await harness.describe_account()
    plan = await make_plan(harness, Books(), Desired(presence="suspended", existing_account="skip"))
    require(is_settled(plan), f"Leaving plans {describe(plan)} on a stranger's account.")
    require(await harness.describe_account() == before, "The foreign account was changed.")


CHECKS = (
    a_foreign_account_is_asked_about,
    a_foreign_account_can_be_skipped,
    a_decision_does_not_move_the_fingerprint,
    a_foreign_account_can_be_refused,
    a_foreign_account_is_adopted_with_consent,
    a_foreign_account_is_never_taken_by_a_race,
    a_foreign_account_is_never_taken_leave_of,
)
