"""Taking actions on users: create or fetch, adopt, activate, profile, deactivate, sign out, delete."""

from collections.abc import Mapping
from typing import Any

from services.shared.providers.zoom.answers import ACTIVE_ELSEWHERE, NO_RIGHT, ZoomAnswer
from services.shared.providers.zoom.client import Written, ZoomContext, path, write
from services.shared.providers.zoom.people import ZoomUser, find_known, look_up, need_user
from services.shared.sdk.contract import Grant, Outcome, PlannedAction
from services.shared.sdk.errors import ActionRequired, ErrorCode, Refused


async def create(ctx: ZoomContext, action: PlannedAction) -> Outcome:
    """Create; somebody who is there already is ours only by the id in our books."""
    if ctx.known.remote_id and (user := (await look_up(ctx, ctx.known.remote_id)).user):
        return user.as_outcome()
    try:
        user = await post_user(ctx, action.params)
    except ZoomAnswer as answer:
        if answer.is_duplicate:
            raise await explain_taken(ctx, answer) from answer
        raise
    return user.as_outcome()


async def post_user(ctx: ZoomContext, invitation: Mapping[str, Any]) -> ZoomUser:
    """`POST /users`; the answer names the new user, and a success in another language is looked after.

    Raises:
        Refused: Zoom said yes and shows nobody, or does not offer this way of creating.
        ZoomAnswer: as Zoom answers.
    """
    info = {name: invitation[name] for name in ("email", "type", "first_name", "last_name")}
    if invitation["action"] == "autoCreate":
        info["password"] = (await ctx.first_password()).get_secret_value()
    try:
        written = await write(ctx, "POST", "/users", body={"action": invitation["action"], "user_info": info})
    except ZoomAnswer as answer:
        if answer.code == NO_RIGHT and not answer.is_full and invitation["action"] != "create":
            raise Refused(
                f"Zoom has not enabled {invitation['action']} for this account, or not for this domain.",
                code=ErrorCode.NOT_ENTITLED,
                field="creation",
                vendor_message=answer.message,
            ) from answer
        raise
    if isinstance(written.body.get("id"), str):
        return ZoomUser(
            id=written.body["id"],
            email=str(written.body.get("email") or invitation["email"]).lower(),
            status="pending" if invitation["action"] == "create" else "active",
            type=invitation["type"],
            profile={},
            role_id=None,
            group_ids=(),
        )
    user = (await look_up(ctx, str(invitation["email"]))).user
    if user is not None:
        return user
    raise written.unread or Refused("Zoom said yes and does not show the user.")


async def explain_taken(ctx: ZoomContext, answer: ZoomAnswer) -> ActionRequired:
    """Both forms of a duplicate: a user of this account, or a Zoom account elsewhere."""
    address = ctx.person.work_email
    there = await look_up(ctx, address)
    message = f"{address} exists at Zoom and OneClick did not make it."
    if there.user is None and answer.code == ACTIVE_ELSEWHERE:
        message = f"{address} has a Zoom account outside of this company's: its owner has to bring it in, or close it."
    return ActionRequired(message, code=ErrorCode.ALREADY_EXISTS, vendor_message=answer.message)


async def confirm_create(ctx: ZoomContext, action: PlannedAction) -> Outcome | None:
    """A user with the address: Zoom keeps no mark, so that is all there is to see."""
    user = (await look_up(ctx, str(action.params["email"]))).user
    return user.as_outcome() if user else None


async def adopt(ctx: ZoomContext, action: PlannedAction) -> Outcome:
    """Link a user, with consent. Nothing is written at Zoom."""
    if not action.params.get("consent"):
        raise ActionRequired(
            f"{action.target} exists at Zoom and nobody agreed that OneClick adopts it.",
            code=ErrorCode.ALREADY_EXISTS,
        )
    return (await need_user(ctx, action.params["user_id"])).as_outcome(adopted=True)


async def confirm_adopt(ctx: ZoomContext, action: PlannedAction) -> Outcome | None:
    """Adopting leaves its trace in our books alone."""
    if ctx.known.remote_id != action.params["user_id"]:
        return None
    return (await need_user(ctx, action.params["user_id"])).as_outcome(adopted=True)


async def update(ctx: ZoomContext, action: PlannedAction) -> Outcome:
    """Activate, or bring the profile to the planned values; nothing is written when it is so."""
    user = await need_user(ctx, action.params.get("user_id"))
    if _fits(user, action):
        return user.as_outcome()
    if action.params.get("status"):
        written = await _set_status(ctx, user, "activate")
    else:
        written = await write(ctx, "PATCH", path("users", user.id), body=action.params["profile"])
    user = await need_user(ctx, user.id)
    return user.as_outcome() if _fits(user, action) else written.not_shown()


async def confirm_update(ctx: ZoomContext, action: PlannedAction) -> Outcome | None:
    """The user is as planned."""
    user = (await find_known(ctx, action.params.get("user_id"))).user
    return user.as_outcome() if user and _fits(user, action) else None


def _fits(user: ZoomUser, action: PlannedAction) -> bool:
    if action.params.get("status"):
        return bool(user.status == action.params["status"])
    return all(user.profile.get(name) == value for name, value in action.params["profile"].items())


async def _set_status(ctx: ZoomContext, user: ZoomUser, word: str) -> Written:
    return await write(ctx, "PUT", path("users", user.id, "status"), body={"action": word})


async def suspend(ctx: ZoomContext, action: PlannedAction) -> Outcome:
    """Deactivate, which takes every licence."""
    user = await need_user(ctx, action.params.get("user_id"))
    if user.status == "inactive":
        return _suspended(user, action)
    written = await _set_status(ctx, user, "deactivate")
    user = await need_user(ctx, user.id)
    return _suspended(user, action) if user.status == "inactive" else written.not_shown()


async def confirm_suspend(ctx: ZoomContext, action: PlannedAction) -> Outcome | None:
    """The user is deactivated."""
    user = (await find_known(ctx, action.params.get("user_id"))).user
    return _suspended(user, action) if user and user.status == "inactive" else None


def _suspended(user: ZoomUser, action: PlannedAction) -> Outcome:
    taken = tuple(Grant.model_validate(one) for one in action.params["licenses"])
    return user.as_outcome(taken=taken)


async def revoke_sessions(ctx: ZoomContext, action: PlannedAction) -> Outcome:
    """End the sessions of single sign-on. Safe to repeat; nobody there has none."""
    user_id = str(action.params["user_id"])
    try:
        written = await write(ctx, "DELETE", path("users", user_id, "token"))
    except ZoomAnswer as answer:
        if not (answer.is_missing or answer.has_lapsed):
            raise
        written = Written({})
    if written.unread is not None:
        raise written.unread
    return Outcome(remote_id=user_id)


async def delete(ctx: ZoomContext, action: PlannedAction) -> Outcome:
    """Delete or unlink as planned; whoever is gone is deleted."""
    user_id = str(action.params["user_id"])
    looked = await look_up(ctx, user_id)
    if looked.user is None:
        return Outcome(gone=True)
    if looked.user.is_pending is not bool(action.params["pending"]):
        # Pending people can only be unlinked, and who has accepted since shall not be unlinked by mistake.
        raise Refused("The user changed at Zoom since the plan was made.", code=ErrorCode.CONFLICT)
    written = Written({})
    try:
        written = await write(ctx, "DELETE", path("users", user_id), params={"action": action.params["how"]})
    except ZoomAnswer as answer:
        if not (answer.is_missing or answer.has_lapsed):
            raise
    return await confirm_delete(ctx, action) or written.not_shown()


async def confirm_delete(ctx: ZoomContext, action: PlannedAction) -> Outcome | None:
    """The id names nobody any more."""
    looked = await look_up(ctx, str(action.params["user_id"]))
    return None if looked.user is not None else Outcome(gone=True)
