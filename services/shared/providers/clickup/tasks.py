"""Tasks for people: what ClickUp leaves to administrators, and whether it is to be seen that they did it."""

from collections.abc import Awaitable, Callable, Mapping

from services.shared.providers.clickup import applying
from services.shared.providers.clickup.client import ClickUpContext
from services.shared.providers.clickup.people import find_by_id
from services.shared.sdk.contract import Outcome, PlannedAction
from services.shared.sdk.manual import taken_at_their_word

Confirm = Callable[[ClickUpContext, PlannedAction], Awaitable[Outcome | None]]


async def _confirm_turn(ctx: ClickUpContext, action: PlannedAction) -> Outcome | None:
    """A guest became a member, or the other way round."""
    person = await find_by_id(ctx, action.params["user_id"])
    if person is None:
        return None
    if person.role is None:
        return taken_at_their_word(action)
    return person.as_outcome() if person.is_guest == action.params["guest"] else None


async def _at_their_word(_ctx: ClickUpContext, action: PlannedAction) -> Outcome | None:
    return taken_at_their_word(action)


_CONFIRM: Mapping[str, Confirm] = {
    "invite": applying.confirm_invite,
    "role": applying.confirm_role,
    "turn": _confirm_turn,
    "remove": applying.confirm_remove,
    "shares": _at_their_word,
}


async def confirm_task(ctx: ClickUpContext, action: PlannedAction) -> Outcome | None:
    """Whether ClickUp shows it; what it does not show is taken at the person's word."""
    return await _CONFIRM[action.key](ctx, action)
