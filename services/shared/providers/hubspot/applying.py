"""Taking actions: create or fetch, adopt, change, remove. A person's record is read before and after each write."""

from collections.abc import Callable
from typing import Any

from services.shared.providers.hubspot.answers import HubSpotAnswer, explain_answer
from services.shared.providers.hubspot.client import HubSpotContext, Paths, send
from services.shared.providers.hubspot.person import (
    HubSpotUser,
    Named,
    find_user,
    need_user,
    not_shown,
    parse_user,
)
from services.shared.providers.hubspot.steps import role_grant, seat_grant, team_grant
from services.shared.sdk.contract import Outcome, PlannedAction
from services.shared.sdk.errors import ActionRequired, ErrorCode, Refused
from services.shared.sdk.manual import taken_at_their_word


async def create(ctx: HubSpotContext, action: PlannedAction) -> Outcome:
    """Create; somebody who is there already is ours only by the id in our books."""
    if ctx.known.remote_id and (user := await find_user(ctx, ctx.known.remote_id, by_email=False)):
        return user.as_outcome()
    params = action.params
    body = {
        "email": params["email"],
        "firstName": params["first_name"],
        "lastName": params["last_name"],
        "sendWelcomeEmail": params["send_welcome_email"],
    }
    try:
        user = parse_user(await send(ctx, "POST", Paths(ctx).collection, body=body))
    except HubSpotAnswer as answer:
        if not answer.is_duplicate:
            raise
        raise ActionRequired(
            f"{params['email']} exists in HubSpot and OneClick did not make it.",
            code=ErrorCode.ALREADY_EXISTS,
            vendor_message=answer.message,
        ) from answer
    if user is None:
        # A success in an unknown language: believe what HubSpot shows, not what it said.
        user = await find_user(ctx, params["email"], by_email=True)
    if user is None:
        raise Refused("HubSpot said yes and does not show the user.")
    return user.as_outcome()


async def confirm_create(ctx: HubSpotContext, action: PlannedAction) -> Outcome | None:
    """A user with the address: HubSpot keeps no mark, so that is all there is to see."""
    user = await find_user(ctx, str(action.params["email"]), by_email=True)
    return user.as_outcome() if user else None


async def adopt(ctx: HubSpotContext, action: PlannedAction) -> Outcome:
    """Link a user, with consent. Nothing is written at HubSpot."""
    if not action.params.get("consent"):
        raise ActionRequired(
            f"{action.target} exists in HubSpot and nobody agreed that OneClick adopts it.",
            code=ErrorCode.ALREADY_EXISTS,
        )
    return (await need_user(ctx, action.params["user_id"])).as_outcome(adopted=True)


async def confirm_adopt(ctx: HubSpotContext, action: PlannedAction) -> Outcome | None:
    """Adopting leaves its trace in our books alone."""
    if ctx.known.remote_id != action.params["user_id"]:
        return None
    return (await need_user(ctx, action.params["user_id"])).as_outcome(adopted=True)


async def _put(ctx: HubSpotContext, user: HubSpotUser, body: dict[str, Any]) -> None:
    try:
        await send(ctx, "PUT", Paths(ctx).member(user.id), body=body)
    except HubSpotAnswer as answer:
        if answer.is_missing:
            raise not_shown() from answer
        raise explain_answer(answer) from answer


async def _change(
    ctx: HubSpotContext,
    action: PlannedAction,
    holds: Callable[[HubSpotUser], bool],
    body: Callable[[HubSpotUser], dict[str, Any]],
) -> HubSpotUser:
    """Write unless it is so already, then read back."""
    user = await need_user(ctx, action.params.get("user_id"))
    if holds(user):
        return user
    await _put(ctx, user, body(user))
    user = await need_user(ctx, user.id)
    if not holds(user):
        raise Refused("HubSpot said yes and does not show the change.", code=ErrorCode.UNKNOWN)
    return user


async def _look(ctx: HubSpotContext, action: PlannedAction) -> HubSpotUser | None:
    key = action.params.get("user_id") or ctx.known.remote_id
    return await find_user(ctx, key, by_email=False) if key else None


def _has_names(action: PlannedAction) -> Callable[[HubSpotUser], bool]:
    wanted = action.params["names"]
    return lambda user: all(getattr(user, name) == value for name, value in wanted.items())


async def update(ctx: HubSpotContext, action: PlannedAction) -> Outcome:
    """Bring the name to the planned values."""
    words = {"first_name": "firstName", "last_name": "lastName"}
    body = {words[name]: value for name, value in action.params["names"].items()}
    user = await _change(ctx, action, _has_names(action), lambda _: body)
    return user.as_outcome()


async def confirm_update(ctx: HubSpotContext, action: PlannedAction) -> Outcome | None:
    """The name is as planned."""
    user = await _look(ctx, action)
    return user.as_outcome() if user and _has_names(action)(user) else None


async def grant_role(ctx: HubSpotContext, action: PlannedAction) -> Outcome:
    """Set the permission set."""
    role = Named.model_validate(action.params["role"])
    user = await _change(ctx, action, lambda one: one.role == role.id, lambda _: {"roleId": role.id})
    return user.as_outcome(given=(role_grant(role),))


async def confirm_role(ctx: HubSpotContext, action: PlannedAction) -> Outcome | None:
    """The permission set is the planned one."""
    role, user = Named.model_validate(action.params["role"]), await _look(ctx, action)
    return user.as_outcome(given=(role_grant(role),)) if user and user.role == role.id else None


def _in_team(action: PlannedAction) -> Callable[[HubSpotUser], bool]:
    team = action.params["team"]["id"]
    if action.params.get("main"):
        return lambda user: user.primary_team == team
    return lambda user: team in user.all_teams


async def join(ctx: HubSpotContext, action: PlannedAction) -> Outcome:
    """Set the main team, or add one to the others: HubSpot replaces the list as a whole."""
    team = Named.model_validate(action.params["team"])

    def body(user: HubSpotUser) -> dict[str, Any]:
        others = [one for one in user.teams if one != team.id]
        if action.params["main"]:
            return {"primaryTeamId": team.id, "secondaryTeamIds": others}
        return {"secondaryTeamIds": [*others, team.id]}

    user = await _change(ctx, action, _in_team(action), body)
    return user.as_outcome(given=(team_grant(team),))


async def confirm_join(ctx: HubSpotContext, action: PlannedAction) -> Outcome | None:
    """The person is in the team as planned."""
    team, user = Named.model_validate(action.params["team"]), await _look(ctx, action)
    return user.as_outcome(given=(team_grant(team),)) if user and _in_team(action)(user) else None


async def leave(ctx: HubSpotContext, action: PlannedAction) -> Outcome:
    """Take out of a team, main or further."""
    team = Named.model_validate(action.params["team"])

    def body(user: HubSpotUser) -> dict[str, Any]:
        changed: dict[str, Any] = {"secondaryTeamIds": [one for one in user.teams if one != team.id]}
        if user.primary_team == team.id:
            changed["primaryTeamId"] = None
        return changed

    user = await _change(ctx, action, lambda one: team.id not in one.all_teams, body)
    return user.as_outcome(taken=(team_grant(team),))


async def confirm_leave(ctx: HubSpotContext, action: PlannedAction) -> Outcome | None:
    """The person is not in the team."""
    team, user = Named.model_validate(action.params["team"]), await _look(ctx, action)
    return user.as_outcome(taken=(team_grant(team),)) if user and team.id not in user.all_teams else None


async def assign_seat(ctx: HubSpotContext, action: PlannedAction) -> Outcome:
    """Add a seat to those that the person has."""
    name = str(action.params["seat"])
    user = await _change(
        ctx,
        action,
        lambda one: name in (one.seats or ()),
        lambda one: {"seatNames": [*(one.seats or ()), name]},
    )
    return user.as_outcome(given=(seat_grant(name),))


async def confirm_seat(ctx: HubSpotContext, action: PlannedAction) -> Outcome | None:
    """The person has the seat."""
    name, user = str(action.params["seat"]), await _look(ctx, action)
    return user.as_outcome(given=(seat_grant(name),)) if user and name in (user.seats or ()) else None


async def remove_seat(ctx: HubSpotContext, action: PlannedAction) -> Outcome:
    """Take a seat away."""
    name = str(action.params["seat"])
    user = await _change(
        ctx,
        action,
        lambda one: name not in (one.seats or ()),
        lambda one: {"seatNames": [held for held in one.seats or () if held != name]},
    )
    return user.as_outcome(taken=(seat_grant(name),))


async def confirm_no_seat(ctx: HubSpotContext, action: PlannedAction) -> Outcome | None:
    """The person does not have the seat."""
    name, user = str(action.params["seat"]), await _look(ctx, action)
    return user.as_outcome(taken=(seat_grant(name),)) if user and name not in (user.seats or ()) else None


async def confirm_task(ctx: HubSpotContext, action: PlannedAction) -> Outcome | None:
    """A seat that a person assigned: read where HubSpot tells it, else taken at their word."""
    user = await _look(ctx, action)
    if user is not None and user.seats is not None:
        return await confirm_seat(ctx, action)
    return taken_at_their_word(action)


async def delete(ctx: HubSpotContext, action: PlannedAction) -> Outcome:
    """Remove from this account; somebody who is not there is removed."""
    user_id = str(action.params["user_id"])
    try:
        await send(ctx, "DELETE", Paths(ctx).member(user_id))
    except HubSpotAnswer as answer:
        if not answer.is_missing:
            raise
    if await find_user(ctx, user_id, by_email=False) is not None:
        raise not_shown()
    return Outcome(remote_id=user_id, gone=True)


async def confirm_delete(ctx: HubSpotContext, action: PlannedAction) -> Outcome | None:
    """The user is not there."""
    user_id = str(action.params["user_id"])
    if await find_user(ctx, user_id, by_email=False) is not None:
        return None
    return Outcome(remote_id=user_id, gone=True)
