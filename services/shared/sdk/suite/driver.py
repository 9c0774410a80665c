"""The core in miniature: keeps books, carries a plan out, asks again while the vendor settles."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from services.shared.sdk.contract import (
    Desired,
    Grant,
    Known,
    Outcome,
    OutcomeState,
    Plan,
    PlannedAction,
    Presence,
)
from services.shared.sdk.errors import ErrorCode, Transient
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite.harness import Harness

_PATIENCE = 15.0
_PAUSE = 0.1


class ContractBroken(AssertionError):
    """A provider did not do what the contract says."""


def require(condition: object, sentence: str) -> None:
    """Raise `ContractBroken` with the sentence unless the condition holds."""
    if not condition:
        raise ContractBroken(sentence)


class Books:
    """What the core would remember about the joiner's account between calls."""

    def __init__(self) -> None:
        self.known = Known()

    def record(self, outcome: Outcome) -> None:
        """Fold an outcome in as the core does."""
        if outcome.gone:
            self.known = Known()
            return
        grants: dict[tuple[str, str], Grant] = {(grant.kind, grant.key): grant for grant in self.known.grants}
        for grant in outcome.taken:
            grants.pop((grant.kind, grant.key), None)
        grants |= {(grant.kind, grant.key): grant for grant in outcome.given}
        self.known = Known(
            remote_id=outcome.remote_id or self.known.remote_id,
            login=outcome.login or self.known.login,
            adopted=self.known.adopted or outcome.adopted,
            grants=tuple(grants.values()),
        )


def wish(harness: Harness, fields: Mapping[str, Any] | None = None, **changes: Any) -> Desired:
    """The joiner's wish; `changes` go to `Desired`."""
    return Desired(fields=harness.wish if fields is None else fields, **changes)


def leaver(presence: Presence) -> Desired:
    """A wish to leave: the form has nothing to say any more."""
    return Desired(presence=presence)


async def make_plan(harness: Harness, books: Books, desired: Desired) -> Plan:
    """Plan with a client that cannot write, and hold the plan to the form of a plan."""
    plan = await harness.provider.plan(harness.context(books.known, reading=True), desired)
    keys = [action.key for action in plan.actions]
    require(keys, "A plan holds at least one action, if only a noop.")
    require(len(set(keys)) == len(keys), f"Keys are unique inside a plan: {keys}")
    for index, action in enumerate(plan.actions):
        unknown = set(action.depends_on) - set(keys[:index])
        require(not unknown, f"{action.key} depends on what does not come before it: {unknown}")
        require(
            action.kind in harness.provider.manifest.actions,
            f"The manifest does not list the kind {action.kind} of {action.key}.",
        )
        require(action.title.strip() and action.target.strip(), f"{action.key} has no title or no target.")
    if len(plan.actions) > 1:
        require(not any(is_noop(action) for action in plan.actions), "A noop stands alone.")
    require(harness.password.get_secret_value() not in plan.model_dump_json(), "A plan holds no secret.")
    require(Plan.model_validate(json.loads(plan.model_dump_json())) == plan, "A plan survives JSON.")
    return plan


def is_noop(action: PlannedAction) -> bool:
    """Whether the action says that there is nothing to do."""
    return action.kind is ActionKind.NOOP


def is_settled(plan: Plan) -> bool:
    """Whether the plan is exactly one noop."""
    return len(plan.actions) == 1 and is_noop(plan.actions[0])


def describe(plan: Plan) -> str:
    """The plan in one line, for a message."""
    return ", ".join(f"{action.kind} {action.key}" for action in plan.actions)


async def resume(harness: Harness, books: Books, action: PlannedAction) -> Outcome:
    """An action that may have happened already. Where the vendor keeps no mark of ours, confirm comes first."""
    found = None
    if not harness.marks:
        found = await harness.provider.confirm(harness.context(books.known, reading=True), action)
    if found is not None:
        books.record(found)
    if found is not None and found.state is OutcomeState.DONE:
        return found
    return await act(harness, books, action, found)


async def act(
    harness: Harness, books: Books, action: PlannedAction, outcome: Outcome | None = None
) -> Outcome:
    """Apply one action, waiting while the vendor settles and accepting its invitation; record and return its outcome.

    A task for a person is not applied but confirmed, as if somebody had said that it is done.
    """
    deadline = asyncio.get_running_loop().time() + _PATIENCE
    if is_manual(action):
        return await done_by_hand(harness, books, action)
    if outcome is not None and outcome.state is OutcomeState.AWAITING_ACCEPTANCE:
        await harness.accept()
    while True:
        require(asyncio.get_running_loop().time() < deadline, f"{action.key} never settled.")
        try:
            context = harness.context(books.known)
            if outcome is None:
                outcome = await harness.provider.apply(context, action)
            else:
                reading = harness.context(books.known, reading=True)
                outcome = await harness.provider.confirm(reading, action) or outcome
        except Transient as error:
            if error.code is not ErrorCode.SETTLING:
                raise
        else:
            require(isinstance(outcome, Outcome), f"{action.key} gave no outcome.")
            dump = outcome.model_dump_json()
            require(harness.password.get_secret_value() not in dump, "An outcome holds no secret.")
            books.record(outcome)
            if outcome.state is OutcomeState.DONE:
                return outcome
            if outcome.state is OutcomeState.AWAITING_ACCEPTANCE:
                await harness.accept()
        await asyncio.sleep(_PAUSE)


async def done_by_hand(harness: Harness, books: Books, action: PlannedAction) -> Outcome:
    """Do what a manual task asks for, and confirm it as if somebody had said so."""
    await harness.do_by_hand(action)
    outcome = await harness.provider.confirm(harness.context(books.known, reading=True), action)
    if outcome is None:
        raise ContractBroken(f"{action.key} was done by a person and is not confirmed.")
    books.record(outcome)
    return outcome


def is_manual(action: PlannedAction) -> bool:
    """Whether a person has to take this step; `apply` is never called with it."""
    return action.kind is ActionKind.MANUAL_TASK


async def carry_out(harness: Harness, books: Books, plan: Plan) -> list[Outcome]:
    """Apply every action in order."""
    return [await act(harness, books, action) for action in plan.actions]


async def onboard(harness: Harness) -> tuple[Books, Plan]:
    """Plan and apply the whole wish for the joiner."""
    books = Books()
    plan = await make_plan(harness, books, wish(harness))
    await carry_out(harness, books, plan)
    return books, plan
