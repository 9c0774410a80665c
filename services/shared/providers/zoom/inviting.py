"""Waiting for the person: looking whether Zoom's invitation was accepted, and sending it anew.

Zoom has no call to send an invitation again and does not tell when one was sent: the pending user is unlinked and
invited once more, which makes a new id. A pending user with another id than the books know is therefore the new one.
"""

from typing import Any

from services.shared.providers.zoom.answers import ZoomAnswer
from services.shared.providers.zoom.applying import post_user
from services.shared.providers.zoom.client import ZoomContext, path, write
from services.shared.providers.zoom.people import ZoomUser, look_up
from services.shared.providers.zoom.places import Named, group_grant
from services.shared.sdk.contract import Outcome, OutcomeState, PlannedAction
from services.shared.sdk.errors import ErrorCode, Transient

_SOON = 2.0


async def invite(ctx: ZoomContext, action: PlannedAction) -> Outcome:
    """Look, and wait; invite anew where `resend_at` asks for it or where the invitation is gone."""
    user = await _find(ctx, action)
    if user is not None and not user.is_pending:
        return _accepted(user, action)
    if user is None or (action.params.get("resend_at") and user.id == ctx.known.remote_id):
        user = await _send_anew(ctx, action, user)
    if user.id != ctx.known.remote_id:
        await _place(ctx, user)
    return _waiting(user)


async def confirm_invite(ctx: ZoomContext, action: PlannedAction) -> Outcome | None:
    """Waiting, accepted, or None: neither an invitation nor a user."""
    user = await _find(ctx, action)
    if user is None:
        return None
    return _waiting(user) if user.is_pending else _accepted(user, action)


async def _find(ctx: ZoomContext, action: PlannedAction) -> ZoomUser | None:
    """By the books; where that id is gone, by the address: invited anew, or merged with an account of the person's."""
    known = ctx.known.remote_id or action.params.get("user_id")
    if known and (user := (await look_up(ctx, known)).user):
        return user
    return (await look_up(ctx, str(action.params["invitation"]["email"]))).user


async def _send_anew(ctx: ZoomContext, action: PlannedAction, user: ZoomUser | None) -> ZoomUser:
    if user is not None:
        try:
            await write(ctx, "DELETE", path("users", user.id), params={"action": "disassociate"})
        except ZoomAnswer as answer:
            if not (answer.is_missing or answer.has_lapsed):
                raise
    try:
        return await post_user(ctx, action.params["invitation"])
    except ZoomAnswer as answer:
        if not answer.is_duplicate:
            raise
        # The address is in the account, and neither id nor address shows it: just made.
        raise Transient(
            "Zoom does not show the user yet.",
            code=ErrorCode.SETTLING,
            retry_after=_SOON,
            vendor_message=answer.message,
        ) from answer


async def _place(ctx: ZoomContext, user: ZoomUser) -> None:
    """Unlinking took the groups: Zoom is told again which ones we gave."""
    for grant in ctx.known.grants:
        if grant.kind == "group":
            try:
                await write(ctx, "PATCH", path("users", user.id), body={"group_id": grant.key})
            except ZoomAnswer as answer:
                if answer.is_missing:
                    raise Transient(
                        "Zoom does not show the user yet.", code=ErrorCode.SETTLING, retry_after=_SOON
                    ) from answer
                raise


def _waiting(user: ZoomUser) -> Outcome:
    """Zoom does not tell when its invitations run out."""
    return user.as_outcome(state=OutcomeState.AWAITING_ACCEPTANCE)


def _accepted(user: ZoomUser, action: PlannedAction) -> Outcome:
    """What of the groups did not stick is told, so that the books are right and the next plan adds it."""
    groups = [Named.model_validate(one) for one in action.params.get("groups") or ()]
    lost = [group for group in groups if group.id not in user.group_ids]
    more: dict[str, Any] = {}
    if lost:
        names = ", ".join(group.name for group in lost)
        more = {
            "taken": tuple(group_grant(group) for group in lost),
            "note": f"Not in the group {names}: Zoom forgot it while the invitation was out. Plan again to add it.",
        }
    return user.as_outcome(**more)
