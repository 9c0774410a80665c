"""Members: invite, read, change, deactivate. Enterprise alone.

Modes: `invite_again` (`400`, `200`: what inviting somebody who is in or invited answers), `seats` (`refuse`, `buy`).
"""

from __future__ import annotations

import re

from services.sandbox.clickup.errors import ClickUpError, invalid, no_seat
from services.sandbox.clickup.operations import Context, ok, operation
from services.sandbox.clickup.state import ADMIN, GUEST, MEMBER, OWNER, User
from services.sandbox.clickup.views import inviter_view, member_view, team_view, user_view
from services.sandbox.clickup.workspaces import count_seat
from services.sandbox.wire.call import Reply

ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_USER = "team/{team_id}/user/{user_id}"


@operation("POST", "team/{team_id}/user", enterprise=True, required=("email", "admin"),
           body={"email": str, "admin": bool, "custom_role_id": int})  # fmt: skip
def invite_user(context: Context) -> Reply:
    """Invite a member: the id is final, `date_joined` is null until the person has accepted."""
    workspace, body = context.workspace, context.body
    email = body["email"] or ""
    if not ADDRESS.fullmatch(email):
        raise invalid("Email invalid")
    role = role_of(context, is_admin=bool(body["admin"]), custom=body.get("custom_role_id"))
    user = workspace.find_user(email)
    if user is not None and not user.is_guest:
        if context.mode("invite_again", "400") == "400":
            raise ClickUpError(400, "SANDBOX_ALREADY", "User is already in this workspace")
        return _team(context)
    if not count_seat(workspace, buys=context.mode("seats", "refuse") == "buy"):
        raise no_seat()
    if user is None:
        user = workspace.find_gone(email) or User(email=email)
        workspace.gone.pop(user.id, None)
        user.invited_at, user.joined_at, user.removed_at = context.call.at, None, None
        user.origin, user.flags, user.shares = "api", {}, {}
        user.invited_by = workspace.acting
        workspace.users[user.id] = user
    user.role, user.custom_role = role, body.get("custom_role_id")
    context.record("user.invite", email, user, {"role": role, "custom_role": user.custom_role})
    return _team(context)


def _team(context: Context) -> Reply:
    workspace = context.workspace
    members = [
        {"user": user_view(workspace, one), "invited_by": inviter_view(workspace, one)}
        for one in workspace.users.values()
    ]
    return ok({"team": team_view(workspace, members, with_roles=True)})


def role_of(context: Context, *, is_admin: bool, custom: int | None) -> int:
    """The role; a custom one must be of the same kind. 400 for one that the Workspace does not have."""
    role = ADMIN if is_admin else MEMBER
    if custom is None:
        return role
    known = context.workspace.roles.get(custom)
    if known is None:
        raise invalid("Custom role not found")
    if known.inherits == GUEST or (known.inherits == ADMIN) != is_admin:
        raise invalid("The custom role does not fit the role")
    return role


@operation("GET", _USER, enterprise=True, query=("include_shared",))
def get_user(context: Context) -> Reply:
    user = context.user(write=False)
    view = member_view(context.workspace, user)
    if context.query.get("include_shared") == "false":
        view.pop("shared")
    return ok({"member": view})


@operation("PUT", _USER, enterprise=True, required=("username", "admin", "custom_role_id"),
           body={"username": str, "admin": bool, "custom_role_id": int})  # fmt: skip
def update_user(context: Context) -> Reply:
    """Name and role; all three members are needed. A null custom role takes it away."""
    user, body = context.user(), context.body
    if user.is_guest:
        raise invalid("User is a guest")
    role = role_of(context, is_admin=bool(body["admin"]), custom=body["custom_role_id"])
    if user.role == OWNER:
        raise ClickUpError(403, "SANDBOX_OWNER", "The owner can not be changed")
    before = (user.username, user.role, user.custom_role)
    user.username = body["username"] or user.username
    user.role, user.custom_role = role, body["custom_role_id"]
    if before != (user.username, user.role, user.custom_role):
        context.record("user.update", user.email, user, {"role": role, "custom_role": user.custom_role})
    return ok({"member": member_view(context.workspace, user)})


@operation("DELETE", _USER, enterprise=True)
def remove_user(context: Context) -> Reply:
    """Out of the Workspace, the invitation too; 200 with the team."""
    user = context.user()
    if user.role == OWNER:
        raise ClickUpError(403, "SANDBOX_OWNER", "The owner can not be removed")
    if user.is_guest:
        raise invalid("User is a guest")
    context.record("user.remove", user.email, user)
    context.workspace.remove(user)
    return ok({"team": team_view(context.workspace, [])})
