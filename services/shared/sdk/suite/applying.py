"""Actions may run twice and be cut off anywhere; effects land once."""

import contextlib

import httpx

from services.shared.sdk.contract import Known, OutcomeState
from services.shared.sdk.errors import ProviderError, Transient
from services.shared.sdk.suite.driver import (
    Books,
    act,
    carry_out,
    describe,
    is_manual,
    is_settled,
    make_plan,
    onboard,
    require,
    resume,
    wish,
)
from services.shared.sdk.suite.harness import Fault, FaultKind, Harness

_WRITES = ("POST", "PUT", "PATCH", "DELETE")


async def applying_twice_is_one_effect(harness: Harness) -> None:
    """Each action again, right away and once more at the end: the ledger does not grow."""
    books = Books()
    plan = await make_plan(harness, books, wish(harness))
    for action in plan.actions:
        first = await act(harness, books, action)
        before = len(await harness.effects())
        second = await act(harness, books, action)
        grew = len(await harness.effects()) - before
        require(grew == 0 or action.kind in harness.repeatable, f"{action.key} took effect twice.")
        require(second.remote_id == first.remote_id, f"{action.key} told two ids.")
        require(set(second.given) == set(first.given), f"{action.key} told other grants the second time.")
    before = len(await harness.effects())
    for action in plan.actions:
        if action.kind not in harness.repeatable:
            await act(harness, books, action)
    require(len(await harness.effects()) == before, "Applying the finished plan again changed something.")
    require(await harness.count_accounts() == 1, "There is not exactly one account.")


async def confirm_tells_before_from_after(harness: Harness) -> None:
    """None before an action (or an invitation that waits), its outcome after it; confirming only reads."""
    books = Books()
    plan = await make_plan(harness, books, wish(harness))
    for action in plan.actions:
        if is_manual(action):
            await act(harness, books, action)
            continue
        early = await harness.provider.confirm(harness.context(books.known, reading=True), action)
        waits = early is not None and early.state is OutcomeState.AWAITING_ACCEPTANCE
        require(early is None or waits, f"{action.key} is confirmed before it happened.")
        outcome = await act(harness, books, action)
        if action.kind in harness.repeatable or outcome.state is not OutcomeState.DONE:
            continue
        late = await harness.provider.confirm(harness.context(books.known, reading=True), action)
        require(late is not None, f"{action.key} happened and is not confirmed.")
        if late is not None:
            require(
                late.remote_id in {None, books.known.remote_id}, f"{action.key} confirms another account."
            )
            require(
                set(late.given) == set(outcome.given), f"{action.key} confirms other grants than it gave."
            )


async def a_lost_reply_is_found(harness: Harness) -> None:
    """The effect happened, the reply did not arrive: confirm finds it, and the books do not need it."""
    await _lose_replies(harness, FaultKind.COMMIT_THEN_DROP)


async def a_gateway_s_error_hides_no_effect(harness: Harness) -> None:
    """The effect happened, a proxy answered 502: confirm finds it as well."""
    await _lose_replies(harness, FaultKind.COMMIT_THEN_STATUS)


async def _lose_replies(harness: Harness, kind: FaultKind) -> None:
    books = Books()
    plan = await make_plan(harness, books, wish(harness))
    for action in plan.actions:
        if is_manual(action):
            await act(harness, books, action)
            continue
        await harness.inject(Fault(kind=kind))
        try:
            outcome = await harness.provider.apply(harness.context(books.known), action)
        except (httpx.TransportError, Transient):
            found = await harness.provider.confirm(harness.context(books.known, reading=True), action)
            await harness.clear_faults()
            if found is None:
                require(action.kind in harness.repeatable, f"The lost reply of {action.key} is not found.")
                found = await act(harness, books, action)
            outcome = found
        await harness.clear_faults()
        books.record(outcome)
        if outcome.state is not OutcomeState.DONE:
            await resume(harness, books, action)
    require(await harness.count_accounts() == 1, "There is not exactly one account.")
    await _one_effect_each(harness)
    again = await make_plan(harness, books, wish(harness))
    require(is_settled(again), f"After lost replies there is still to do: {describe(again)}")


async def _one_effect_each(harness: Harness) -> None:
    effects = [(effect.kind, effect.object) for effect in await harness.effects()]
    require(len(set(effects)) == len(effects), f"Something took effect twice: {effects}")


async def a_lost_reply_and_no_confirm_is_still_one_effect(harness: Harness) -> None:
    """Applying blindly after a lost reply finds what happened."""
    books = Books()
    plan = await make_plan(harness, books, wish(harness))
    for action in plan.actions:
        if is_manual(action):
            await act(harness, books, action)
            continue
        await harness.inject(Fault(kind=FaultKind.COMMIT_THEN_DROP))
        with contextlib.suppress(httpx.TransportError, Transient):
            await harness.provider.apply(harness.context(books.known), action)
        await harness.clear_faults()
        await resume(harness, books, action)
    await _one_effect_each(harness)
    require(is_settled(await make_plan(harness, books, wish(harness))), "There is still to do.")


async def a_crash_after_any_action_is_resumed(harness: Harness) -> None:
    """The action happened, the process died before its outcome was stored; the next one resumes."""
    books = Books()
    plan = await make_plan(harness, books, wish(harness))
    for action in plan.actions:
        forgotten = Books()
        forgotten.known = books.known
        await act(harness, forgotten, action)
        # Nothing of `forgotten` survives: the resumed process knows what it knew before the action.
        await resume(harness, books, action)
    await _one_effect_each(harness)
    require(await harness.count_accounts() == 1, "There is not exactly one account.")
    require(is_settled(await make_plan(harness, books, wish(harness))), "There is still to do.")


async def lost_books_lead_to_the_same_account(harness: Harness) -> None:
    """Our mark alone finds our account again: no choice to take, no second account.

    Where the vendor keeps no mark, it is asked about like a stranger's, and adopting finds it.
    """
    await onboard(harness)
    books = Books()
    plan = await make_plan(harness, books, wish(harness))
    require(bool(plan.choices) != harness.marks, "Our own account is offered as a stranger's, or not at all.")
    if not harness.marks:
        plan = await make_plan(harness, books, wish(harness, existing_account="adopt"))
    await carry_out(harness, books, plan)
    require(await harness.count_accounts() == 1, "There is not exactly one account.")
    require(books.known != Known(), "Applying told nothing about the account.")


async def a_settling_vendor_is_waited_for(harness: Harness) -> None:
    """A new account that is not ready yet is no failure, and nothing happens twice."""
    await harness.settle(1.0)
    books = Books()
    plan = await make_plan(harness, books, wish(harness))
    await carry_out(harness, books, plan)
    await _one_effect_each(harness)
    again = await make_plan(harness, books, wish(harness))
    require(is_settled(again), f"There is still to do: {describe(again)}")


async def an_unknown_reply_is_never_success(harness: Harness) -> None:
    """A 2xx with a body that nobody knows: an error, unless reading back shows the effect."""
    books = Books()
    plan = await make_plan(harness, books, wish(harness))
    for action in plan.actions:
        if is_manual(action):
            await act(harness, books, action)
            continue
        before = len(await harness.effects())
        for method in _WRITES:
            await harness.inject(Fault(kind=FaultKind.GARBAGE, method=method, times=None))
        try:
            outcome = await harness.provider.apply(harness.context(books.known), action)
        except ProviderError:
            pass
        else:
            unhappened = outcome.state is OutcomeState.DONE and action.kind not in harness.repeatable
            happened = len(await harness.effects()) > before
            require(happened or not unhappened, f"{action.key} is told as done and did not happen.")
        await harness.clear_faults()
        await resume(harness, books, action)
    require(is_settled(await make_plan(harness, books, wish(harness))), "There is still to do.")


async def an_unread_success_is_one_effect(harness: Harness) -> None:
    """The effect happened and the reply is in no known language: trying again does not repeat it."""
    books = Books()
    plan = await make_plan(harness, books, wish(harness))
    for action in plan.actions:
        if is_manual(action):
            await act(harness, books, action)
            continue
        for method in _WRITES:
            await harness.inject(Fault(kind=FaultKind.GARBAGE, method=method, commit=True))
        with contextlib.suppress(ProviderError):
            await harness.provider.apply(harness.context(books.known), action)
        await harness.clear_faults()
        await resume(harness, books, action)
    await _one_effect_each(harness)
    require(is_settled(await make_plan(harness, books, wish(harness))), "There is still to do.")


CHECKS = (
    applying_twice_is_one_effect,
    confirm_tells_before_from_after,
    a_lost_reply_is_found,
    a_gateway_s_error_hides_no_effect,
    a_lost_reply_and_no_confirm_is_still_one_effect,
    a_crash_after_any_action_is_resumed,
    lost_books_lead_to_the_same_account,
    a_settling_vendor_is_waited_for,
    an_unknown_reply_is_never_success,
    an_unread_success_is_one_effect,
)
