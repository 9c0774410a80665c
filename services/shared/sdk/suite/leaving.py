"""Leaving: sessions first, then the rest; twice is once."""

from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite.driver import (
    carry_out,
    describe,
    is_settled,
    leaver,
    make_plan,
    onboard,
    require,
    wish,
)
from services.shared.sdk.suite.harness import Harness


def _can(harness: Harness, *kinds: ActionKind) -> bool:
    return harness.kinds.issuperset(kinds)


async def leaving_twice_is_leaving_once(harness: Harness) -> None:
    """Suspended, without what we gave; then there is nothing left to do."""
    if not _can(harness, ActionKind.SUSPEND):
        return
    books, _ = await onboard(harness)
    plan = await make_plan(harness, books, leaver("suspended"))
    kinds = [action.kind for action in plan.actions]
    require(ActionKind.SUSPEND in kinds, f"Leaving plans {describe(plan)}.")
    require(ActionKind.DELETE not in kinds, "Suspending never deletes.")
    if _can(harness, ActionKind.REVOKE_SESSIONS):
        require(kinds[0] is ActionKind.REVOKE_SESSIONS, f"Sessions do not end first: {describe(plan)}")
    await carry_out(harness, books, plan)
    account = await harness.describe_account()
    require(account is not None and not account["active"], "The account is not suspended.")
    require(not books.known.grants, f"Grants are left in the books: {books.known.grants}")
    before = len(await harness.effects())
    again = await make_plan(harness, books, leaver("suspended"))
    require(is_settled(again), f"Leaving a second time plans {describe(again)}")
    await carry_out(harness, books, again)
    require(len(await harness.effects()) == before, "Leaving a second time changed something.")


async def coming_back_is_one_account(harness: Harness) -> None:
    """The same wish after a suspension makes the account active again, with what it had."""
    if not _can(harness, ActionKind.SUSPEND):
        return
    books, _ = await onboard(harness)
    before = await harness.describe_account()
    await carry_out(harness, books, await make_plan(harness, books, leaver("suspended")))
    plan = await make_plan(harness, books, wish(harness))
    require(
        ActionKind.CREATE not in {one.kind for one in plan.actions}, "Coming back makes a second account."
    )
    await carry_out(harness, books, plan)
    require(await harness.describe_account() == before, "Coming back does not restore what was there.")
    require(is_settled(await make_plan(harness, books, wish(harness))), "There is still to do.")


async def deleting_is_asked_for_and_final(harness: Harness) -> None:
    """`absent` ends in a delete; the account is gone, and deleting again is a noop."""
    if not _can(harness, ActionKind.DELETE):
        return
    books, _ = await onboard(harness)
    plan = await make_plan(harness, books, leaver("absent"))
    require(plan.actions[-1].kind is ActionKind.DELETE, f"Deleting is not last: {describe(plan)}")
    outcomes = await carry_out(harness, books, plan)
    require(outcomes[-1].gone, "The outcome does not say that the account is gone.")
    require(await harness.count_accounts() == 0, "The account is still there.")
    again = await make_plan(harness, books, leaver("absent"))
    require(is_settled(again), f"Deleting a second time plans {describe(again)}")


async def leaving_is_safe_to_repeat(harness: Harness) -> None:
    """Each action of leaving again, and its confirm: no second effect, no error."""
    if not _can(harness, ActionKind.SUSPEND):
        return
    presence = "absent" if _can(harness, ActionKind.DELETE) else "suspended"
    books, _ = await onboard(harness)
    plan = await make_plan(harness, books, leaver("absent" if presence == "absent" else "suspended"))
    for action in plan.actions:
        known = books.known
        early = await harness.provider.confirm(harness.context(known, reading=True), action)
        require(early is None or action.kind in harness.repeatable, f"{action.key} is confirmed too early.")
        await carry_out(harness, books, plan.model_copy(update={"actions": (action,)}))
        before = len(await harness.effects())
        await harness.provider.apply(harness.context(known), action)
        grew = len(await harness.effects()) - before
        require(grew == 0 or action.kind in harness.repeatable, f"{action.key} took effect twice.")
        late = await harness.provider.confirm(harness.context(known, reading=True), action)
        require(late is not None or action.kind in harness.repeatable, f"{action.key} is not confirmed.")


CHECKS = (
    leaving_twice_is_leaving_once,
    coming_back_is_one_account,
    deleting_is_asked_for_and_final,
    leaving_is_safe_to_repeat,
)
