"""Tasks for people: what a vendor's API cannot do for us."""

from collections.abc import Sequence
from typing import Any

from services.shared.sdk.contract import Grant, Outcome, PlannedAction
from services.shared.sdk.manifest import ActionKind

INSTRUCTIONS = "instructions"
LINK = "link"


def manual_task(
    key: str,
    *,
    target: str,
    title: str,
    instructions: Sequence[str],
    link: str | None = None,
    depends_on: tuple[str, ...] = (),
    after: dict[str, Any] | None = None,
    params: dict[str, Any] | None = None,
) -> PlannedAction:
    """A step that a person takes at the vendor, one instruction a line; `link` is where.

    `apply` is never called with it. When somebody says that it is done, `confirm` is asked: an outcome ends
    the task, None means that the vendor does not show it, and the person is told so. A task whose
    result no API shows is taken at the person's word: `confirm` then answers `taken_at_their_word`.
    Plan it only while it is not done: `known.gave("manual", key)` or what the vendor shows.
    """
    return PlannedAction(
        key=key,
        kind=ActionKind.MANUAL_TASK,
        target=target,
        title=title,
        after=after,
        depends_on=depends_on,
        params={**(params or {}), INSTRUCTIONS: list(instructions), LINK: link},
    )


def taken_at_their_word(action: PlannedAction) -> Outcome:
    """The outcome of a task that nothing but the person can tell of."""
    return Outcome(given=(Grant(kind="manual", key=action.key, label=action.title),))
