"""A plan in the making: what every provider collects in the same way. How actions wait for each other is its own."""

from collections.abc import Mapping
from typing import Any

from services.shared.sdk.contract import Choice, Context, Notice, Plan, PlannedAction, SeatUse
from services.shared.sdk.fingerprint import fingerprint
from services.shared.sdk.manifest import ActionKind


class PlanDraft:
    """Actions, notices, choices and seats so far. A provider's draft derives from it and says how to `add` an action."""

    def __init__(self) -> None:
        self.actions: list[PlannedAction] = []
        self.notices: list[Notice] = []
        self.choices: list[Choice] = []
        self.seats: list[SeatUse] = []

    def note(self, code: str, message: str) -> None:
        """Something that the plan tells and does not do."""
        self.notices.append(Notice(code=code, message=message))

    def plan(self, ctx: Context[Any], *, seats: tuple[SeatUse, ...] = (), **seen: Any) -> Plan:
        """The plan, or one noop when nothing is to be done.

        `seen` is the remote state that it rests on, never a decision: a plan that is made again with a decision taken
        has the same fingerprint.
        """
        return Plan(
            actions=tuple(self.actions) or (noop(ctx),),
            notices=tuple(self.notices),
            choices=tuple(self.choices),
            seats=(*self.seats, *seats),
            fingerprint=fingerprint(seen),
        )


def noop(ctx: Context[Any]) -> PlannedAction:
    """Nothing to do."""
    address = ctx.person.work_email
    return PlannedAction(key="noop", kind=ActionKind.NOOP, target=address, title="Nothing to do")


def noop_plan(ctx: Context[Any], seen: Mapping[str, Any], *notices: Notice) -> Plan:
    """A plan that does nothing, and says why."""
    return Plan(actions=(noop(ctx),), notices=notices, fingerprint=fingerprint(seen))
