"""User groups. A guest who only views becomes a paid one by joining, and a seat is bought when none is left."""

from __future__ import annotations

from services.sandbox.clickup.errors import ClickUpError, invalid, not_found
from services.sandbox.clickup.operations import Context, ok, operation
from services.sandbox.clickup.state import Group
from services.sandbox.clickup.views import group_view
from services.sandbox.wire.call import Reply

_GUEST_SEATS_OF_A_MEMBER = 5
"""How many paid guests a further member seat brings."""


@operation("GET", "group", query=("team_id", "group_ids"))
def list_groups(context: Context) -> Reply:
    workspace, query = context.workspace, context.query
    if "team_id" not in query:
        raise invalid("team_id is required")
    if query["team_id"] != workspace.id:
        raise ClickUpError(401, "OAUTH_027", "Team not authorized")
    wanted = query.get("group_ids")
    found = [one for one in workspace.groups.values() if wanted is None or one.id in wanted.split(",")]
    return ok({"groups": [group_view(workspace, one) for one in found]})


@operation("POST", "team/{team_id}/group", required=("name", "members"),
           body={"name": str, "handle": str, "members": [int]})  # fmt: skip
def create_group(context: Context) -> Reply:
    workspace, body = context.workspace, context.body
    name = body["name"] or ""
    if not name or any(one.name == name for one in workspace.groups.values()):
        raise invalid("Group name is empty or taken")
    group = Group(name, body.get("handle") or name.lower(), owner=workspace.acting)
    workspace.groups[group.id] = group
    context.record("group.create", name, None)
    for key in body["members"] or []:
        _join(context, group, key)
    return ok(group_view(workspace, group))


@operation("PUT", "group/{group_id}",
           body={"name": str, "handle": str, "members": {"add": [int], "rem": [int]}})  # fmt: skip
def update_group(context: Context) -> Reply:
    """Members are added and removed by id; who is in, or out, already is no error."""
    group, body = _need(context), context.body
    members = body.get("members")
    if members is not None and set(members) != {"add", "rem"}:
        raise invalid("members needs add and rem")
    if body.get("name") and body["name"] != group.name:
        group.name = body["name"]
        context.record("group.update", group.name, None)
    for key in (members or {}).get("add") or []:
        _join(context, group, key)
    for key in (members or {}).get("rem") or []:
        _leave(context, group, key)
    return ok(group_view(context.workspace, group))


@operation("DELETE", "group/{group_id}")
def delete_group(context: Context) -> Reply:
    group = _need(context)
    del context.workspace.groups[group.id]
    context.record("group.delete", group.name, None)
    return ok({})


def _need(context: Context) -> Group:
    group = context.workspace.groups.get(context.args["group_id"])
    if group is None:
        raise not_found("Group")
    return group


def _join(context: Context, group: Group, key: int) -> None:
    workspace = context.workspace
    user = workspace.users.get(key)
    if user is None or context.is_settling(user):
        raise not_found("User")
    if key in group.members:
        return
    turns_paid = user.is_guest and not workspace.is_paid(user)
    if turns_paid and workspace.filled_guests >= workspace.guest_seats:
        workspace.member_seats += 1
        workspace.guest_seats += _GUEST_SEATS_OF_A_MEMBER
        context.record("seat.buy", workspace.name, None, {"for": user.email})
    group.members[key] = None
    context.record("member.add", group.name, user, {"group": group.name, "turns_paid": turns_paid})


def _leave(context: Context, group: Group, key: int) -> None:
    user = context.workspace.users.get(key)
    if key in group.members and user is not None:
        del group.members[key]
        context.record("member.remove", group.name, user, {"group": group.name})
