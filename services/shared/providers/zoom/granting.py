"""Giving and taking: licences and add-ons, groups, roles."""

from services.shared.providers.zoom.add_ons import Paid, held_add_ons
from services.shared.providers.zoom.answers import NO_GROUP, NO_ROLE, NOT_VALID, ZoomAnswer
from services.shared.providers.zoom.client import Written, ZoomContext, path, write
from services.shared.providers.zoom.people import ZoomUser, find_known, must_be_active, need_user
from services.shared.providers.zoom.places import Named, group_grant, is_in, role_grant
from services.shared.sdk.contract import Outcome, PlannedAction

_LICENSED, _BASIC = 2, 1


async def _user(ctx: ZoomContext, action: PlannedAction) -> ZoomUser | None:
    return (await find_known(ctx, action.params.get("user_id"))).user


async def _holds(ctx: ZoomContext, user: ZoomUser, thing: Paid) -> bool:
    if not thing.is_add_on:
        return user.is_licensed
    return (await held_add_ons(ctx, user)).get(thing.kind) == thing


async def _switch(ctx: ZoomContext, user: ZoomUser, thing: Paid, *, on: bool) -> Written:
    if thing.is_add_on:
        return await write(ctx, "PATCH", path("users", user.id, "settings"), body=thing.switched(on=on))
    return await write(ctx, "PATCH", path("users", user.id), body={"type": _LICENSED if on else _BASIC})


def _given(user: ZoomUser, action: PlannedAction) -> Outcome:
    old = action.params.get("old")
    taken = (Paid(key=old).grant,) if old else ()
    return user.as_outcome(given=(Paid(key=action.params["license"]).grant,), taken=taken)


async def assign(ctx: ZoomContext, action: PlannedAction) -> Outcome:
    """Give the licence or the add-on; the user is read before and after."""
    user, thing = await need_user(ctx, action.params.get("user_id")), Paid(key=action.params["license"])
    if await _holds(ctx, user, thing):
        return _given(user, action)
    must_be_active(user)
    written = await _switch(ctx, user, thing, on=True)
    user = await need_user(ctx, user.id)
    return _given(user, action) if await _holds(ctx, user, thing) else written.not_shown()


async def confirm_assign(ctx: ZoomContext, action: PlannedAction) -> Outcome | None:
    """The user has it."""
    user, thing = await _user(ctx, action), Paid(key=action.params["license"])
    return _given(user, action) if user and await _holds(ctx, user, thing) else None


def _taken(user: ZoomUser, thing: Paid) -> Outcome:
    return user.as_outcome(taken=(thing.grant,))


async def remove(ctx: ZoomContext, action: PlannedAction) -> Outcome:
    """Take the licence or the add-on away; who does not have it any more is done."""
    user, thing = await need_user(ctx, action.params.get("user_id")), Paid(key=action.params["license"])
    if not await _holds(ctx, user, thing):
        return _taken(user, thing)
    written = await _switch(ctx, user, thing, on=False)
    user = await need_user(ctx, user.id)
    return written.not_shown() if await _holds(ctx, user, thing) else _taken(user, thing)


async def confirm_remove(ctx: ZoomContext, action: PlannedAction) -> Outcome | None:
    """The user does not have it."""
    user, thing = await _user(ctx, action), Paid(key=action.params["license"])
    return _taken(user, thing) if user and not await _holds(ctx, user, thing) else None


async def join(ctx: ZoomContext, action: PlannedAction) -> Outcome:
    """Add to the group. A pending person joins by `group_id` of `PATCH` (specification), the others as members.

    Where Zoom does not list pending members, its word is taken for now: the acceptance looks again.
    """
    group = Named.model_validate(action.params["group"])
    user = await need_user(ctx, action.params.get("user_id"))
    if await is_in(ctx, group.id, user):
        return user.as_outcome(given=(group_grant(group),))
    if user.is_pending:
        written = await write(ctx, "PATCH", path("users", user.id), body={"group_id": group.id})
    else:
        members = {"members": [{"id": user.id}]}
        written = await write(ctx, "POST", path("groups", group.id, "members"), body=members)
    user = await need_user(ctx, user.id)
    if await is_in(ctx, group.id, user):
        return user.as_outcome(given=(group_grant(group),))
    if user.is_pending and written.unread is None:
        return user.as_outcome(
            given=(group_grant(group),),
            note="Zoom took it and does not show it before the invitation is accepted.",
        )
    return written.not_shown()


async def confirm_join(ctx: ZoomContext, action: PlannedAction) -> Outcome | None:
    """The person is shown in the group."""
    group, user = Named.model_validate(action.params["group"]), await _user(ctx, action)
    if user is None or not await is_in(ctx, group.id, user):
        return None
    return user.as_outcome(given=(group_grant(group),))


async def part(ctx: ZoomContext, action: PlannedAction) -> Outcome:
    """Remove from the group; who is out, or whose group is gone, is removed."""
    group = Named.model_validate(action.params["group"])
    user = await need_user(ctx, action.params.get("user_id"))
    if not await _is_in(ctx, group, user):
        return user.as_outcome(taken=(group_grant(group),))
    written = Written({})
    try:
        written = await write(ctx, "DELETE", path("groups", group.id, "members", user.id))
    except ZoomAnswer as answer:
        # 300 "Group member not found.": somebody was faster.
        if answer.code not in {NOT_VALID, NO_GROUP}:
            raise
    user = await need_user(ctx, user.id)
    return (
        written.not_shown()
        if await _is_in(ctx, group, user)
        else user.as_outcome(taken=(group_grant(group),))
    )


async def confirm_part(ctx: ZoomContext, action: PlannedAction) -> Outcome | None:
    """The person is not in the group."""
    group, user = Named.model_validate(action.params["group"]), await _user(ctx, action)
    if user is None or await _is_in(ctx, group, user):
        return None
    return user.as_outcome(taken=(group_grant(group),))


async def _is_in(ctx: ZoomContext, group: Named, user: ZoomUser) -> bool:
    """As `is_in`, and nobody is in a group that is gone."""
    try:
        return await is_in(ctx, group.id, user)
    except ZoomAnswer as answer:
        if answer.code == NO_GROUP:
            return False
        raise


async def give_role(ctx: ZoomContext, action: PlannedAction) -> Outcome:
    """Give the role in place of the one that is there."""
    role = Named.model_validate(action.params["role"])
    user = await need_user(ctx, action.params.get("user_id"))
    if user.role_id == role.id:
        return user.as_outcome(given=(role_grant(role),))
    must_be_active(user)
    members = {"members": [{"id": user.id}]}
    written = await write(ctx, "POST", path("roles", role.id, "members"), body=members)
    user = await need_user(ctx, user.id)
    return user.as_outcome(given=(role_grant(role),)) if user.role_id == role.id else written.not_shown()


async def confirm_role(ctx: ZoomContext, action: PlannedAction) -> Outcome | None:
    """The person has the role."""
    role, user = Named.model_validate(action.params["role"]), await _user(ctx, action)
    return user.as_outcome(given=(role_grant(role),)) if user and user.role_id == role.id else None


async def take_role(ctx: ZoomContext, action: PlannedAction) -> Outcome:
    """Back to Member; who does not have the role any more is done."""
    role = Named.model_validate(action.params["no_role"])
    user = await need_user(ctx, action.params.get("user_id"))
    if user.role_id != role.id:
        return user.as_outcome(taken=(role_grant(role),))
    written = Written({})
    try:
        written = await write(ctx, "DELETE", path("roles", role.id, "members", user.id))
    except ZoomAnswer as answer:
        if answer.code != NO_ROLE:
            raise
    user = await need_user(ctx, user.id)
    return written.not_shown() if user.role_id == role.id else user.as_outcome(taken=(role_grant(role),))


async def confirm_no_role(ctx: ZoomContext, action: PlannedAction) -> Outcome | None:
    """The person does not have the role."""
    role, user = Named.model_validate(action.params["no_role"]), await _user(ctx, action)
    return user.as_outcome(taken=(role_grant(role),)) if user and user.role_id != role.id else None
