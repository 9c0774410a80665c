"""The Workspace itself: its people, seats, plan, roles, spaces, folders and lists.

Modes: `team_members` (`full`, `published`: `GET /team` shows of its people no more than the specification lists),
`plan` (`enterprise`, `business_plus`, `business`, `unlimited`, `free`).
"""

from __future__ import annotations

from typing import Any

from services.sandbox.clickup.errors import not_found
from services.sandbox.clickup.operations import Context, ok, operation
from services.sandbox.clickup.state import Space, Workspace
from services.sandbox.clickup.views import (
    folder_view,
    inviter_view,
    place_view,
    short_view,
    space_view,
    stamp,
    team_view,
    user_view,
)
from services.sandbox.wire.call import Reply

_PLANS = {"free": 1, "unlimited": 2, "business": 3, "enterprise": 4, "business_plus": 5}


@operation("GET", "user")
def get_self(context: Context) -> Reply:
    """Whose token this is."""
    workspace = context.workspace
    me = short_view(workspace.users[workspace.acting])
    about = {"week_start_day": 1, "global_font_support": False, "timezone": "Europe/Berlin"}
    return ok({"user": {**me, **about}})


@operation("GET", "team")
def list_teams(context: Context) -> Reply:
    """The Workspaces of the token with everybody, invited people too; there is no page and no filter."""
    workspace = context.workspace
    is_full = context.mode("team_members", "full") == "full"
    members = [
        {"user": user_view(workspace, one), "invited_by": inviter_view(workspace, one)}
        if is_full
        else {"user": short_view(one)}
        for one in workspace.users.values()
        if not (context.behaviour.settle_lists and context.is_settling(one))
    ]
    return ok({"teams": [team_view(workspace, members)]})


@operation("GET", "team/{team_id}/seats")
def get_seats(context: Context) -> Reply:
    workspace = context.workspace
    members, guests = workspace.filled_members, workspace.filled_guests
    return ok(
        {
            "members": {
                "filled_members_seats": members,
                "total_member_seats": workspace.member_seats,
                "empty_member_seats": workspace.member_seats - members,
            },
            "guests": {
                "filled_guest_seats": guests,
                "total_guest_seats": workspace.guest_seats,
                "empty_guest_seats": workspace.guest_seats - guests,
            },
        }
    )


@operation("GET", "team/{team_id}/plan")
def get_plan(context: Context) -> Reply:
    plan = context.mode("plan", "enterprise")
    return ok({"plan_name": plan.replace("_", " ").title(), "plan_id": _PLANS.get(plan, 0)})


@operation("GET", "team/{team_id}/customroles", query=("include_members",))
def list_roles(context: Context) -> Reply:
    workspace, with_members = context.workspace, context.flag("include_members")
    roles = [
        {
            "id": role.id,
            "team_id": workspace.id,
            "name": role.name,
            "inherited_role": role.inherits,
            "date_created": stamp(workspace.users[workspace.acting].invited_at),
            "members": [one.id for one in workspace.users.values() if one.custom_role == role.id]
            if with_members
            else [],
        }
        for role in workspace.roles.values()
    ]
    return ok({"custom_roles": roles})


@operation("GET", "team/{team_id}/space", query=("archived",))
def list_spaces(context: Context) -> Reply:
    return ok({"spaces": [space_view(one.id, one.name) for one in _spaces(context)]})


@operation("GET", "space/{space_id}/folder", query=("archived",))
def list_folders(context: Context) -> Reply:
    space = _need_space(context)
    return ok({"folders": [folder_view(one.id, one.name, _of(space)) for one in space.folders.values()]})


@operation("GET", "space/{space_id}/list", query=("archived",))
def list_loose_lists(context: Context) -> Reply:
    """Lists outside of any folder; ClickUp calls their folder a hidden one."""
    space = _need_space(context)
    hidden = {"id": space.id, "name": "hidden", "hidden": True, "access": True}
    return ok({"lists": [place_view(key, name, _of(space), hidden) for key, name in space.lists.items()]})


@operation("GET", "folder/{folder_id}/list", query=("archived",))
def list_lists(context: Context) -> Reply:
    for space in context.workspace.spaces.values():
        folder = space.folders.get(context.args["folder_id"])
        if folder is not None:
            about = {"id": folder.id, "name": folder.name, "hidden": False, "access": True}
            lists = [place_view(key, name, _of(space), about) for key, name in folder.lists.items()]
            return ok({"lists": lists})
    raise not_found("Folder")


def _spaces(context: Context) -> list[Space]:
    return [] if context.flag("archived") else list(context.workspace.spaces.values())


def _need_space(context: Context) -> Space:
    space = context.workspace.spaces.get(context.args["space_id"])
    if space is None:
        raise not_found("Space")
    return space


def _of(space: Space) -> dict[str, Any]:
    return {"id": space.id, "name": space.name, "access": True}


def count_seat(workspace: Workspace, *, buys: bool) -> bool:
    """Whether a member fits in; with `buys` a seat is bought where none is left."""
    if workspace.filled_members < workspace.member_seats:
        return True
    if buys:
        workspace.member_seats += 1
    return buys
