"""Guests, and the folders and lists that are shared with them. Enterprise alone."""

from __future__ import annotations

from services.sandbox.clickup.errors import ClickUpError, invalid, no_seat, not_found
from services.sandbox.clickup.operations import Context, ok, operation
from services.sandbox.clickup.state import GUEST, GUEST_FLAGS, LEVELS, READ, User
from services.sandbox.clickup.users import ADDRESS
from services.sandbox.clickup.views import guest_view, inviter_view, team_view, user_view
from services.sandbox.wire.call import Reply

_FLAGS = {**dict.fromkeys(GUEST_FLAGS, bool), "custom_role_id": int}
_GUEST = "team/{team_id}/guest/{guest_id}"
_SHARE = {"permission_level": str}
_PUBLISHED_FLAGS = ("can_see_time_spent", "can_see_time_estimated", "can_edit_tags")


@operation(
    "POST", "team/{team_id}/guest", enterprise=True, required=("email",), body={"email": str, **_FLAGS}
)
def invite_guest(context: Context) -> Reply:
    """Invite a guest, who sees nothing until something is shared."""
    workspace, email = context.workspace, context.body["email"] or ""
    if not ADDRESS.fullmatch(email):
        raise invalid("Email invalid")
    if workspace.find_user(email) is not None:
        raise ClickUpError(400, "SANDBOX_ALREADY", "User is already in this workspace")
    _check_role(context)
    user = workspace.find_gone(email) or User(email=email)
    workspace.gone.pop(user.id, None)
    user.role, user.origin, user.invited_by = GUEST, "api", workspace.acting
    user.invited_at, user.joined_at, user.removed_at = context.call.at, None, None
    user.custom_role, user.shares = context.body.get("custom_role_id"), {}
    user.flags = _flags(context)
    workspace.users[user.id] = user
    context.record("guest.invite", email, user, {"flags": sorted(user.flags)})
    members = [
        {
            "user": user_view(workspace, one),
            "invited_by": inviter_view(workspace, one),
            **{name: one.flags.get(name, False) for name in GUEST_FLAGS},
        }
        for one in workspace.users.values()
        if one.is_guest
    ]
    return ok({"team": team_view(workspace, members, with_roles=True)})


def _flags(context: Context) -> dict[str, bool]:
    return {name: bool(context.body[name]) for name in GUEST_FLAGS if context.body.get(name) is not None}


def _check_role(context: Context) -> None:
    wanted = context.body.get("custom_role_id")
    role = context.workspace.roles.get(wanted or 0)
    if wanted is not None and (role is None or role.inherits != GUEST):
        raise invalid("Custom role not found")


@operation("GET", _GUEST, enterprise=True)
def get_guest(context: Context) -> Reply:
    return ok({"guest": guest_view(context.workspace, _guest(context, write=False))})


@operation("PUT", _GUEST, enterprise=True, body=_FLAGS)
def update_guest(context: Context) -> Reply:
    user = _guest(context)
    _check_role(context)
    before = (dict(user.flags), user.custom_role)
    user.flags |= _flags(context)
    user.custom_role = context.body.get("custom_role_id", user.custom_role)
    if before != (user.flags, user.custom_role):
        context.record("guest.update", user.email, user, {"flags": sorted(user.flags)})
    return ok({"guest": guest_view(context.workspace, user)})


@operation("DELETE", _GUEST, enterprise=True)
def remove_guest(context: Context) -> Reply:
    user = _guest(context)
    context.record("guest.remove", user.email, user)
    context.workspace.remove(user)
    return ok({"team": team_view(context.workspace, [])})


@operation("POST", "list/{list_id}/guest/{guest_id}", enterprise=True, query=("include_shared",), body=_SHARE,
           required=("permission_level",))  # fmt: skip
def share_list(context: Context) -> Reply:
    return _share(context, "list")


@operation("POST", "folder/{folder_id}/guest/{guest_id}", enterprise=True, query=("include_shared",), body=_SHARE,
           required=("permission_level",))  # fmt: skip
def share_folder(context: Context) -> Reply:
    return _share(context, "folder")


@operation("DELETE", "list/{list_id}/guest/{guest_id}", enterprise=True, query=("include_shared",))
def unshare_list(context: Context) -> Reply:
    return _unshare(context, "list")


@operation("DELETE", "folder/{folder_id}/guest/{guest_id}", enterprise=True, query=("include_shared",))
def unshare_folder(context: Context) -> Reply:
    return _unshare(context, "folder")


def _share(context: Context, kind: str) -> Reply:
    workspace, user, place = context.workspace, _guest(context), _place(context, kind)
    level = context.body["permission_level"]
    if level not in LEVELS:
        raise invalid("permission_level invalid")
    before = user.shares.get(place)
    is_new_seat = level != READ and not workspace.is_paid(user)
    if is_new_seat and workspace.filled_guests >= workspace.guest_seats:
        raise no_seat()
    user.shares[place] = level
    if before != level:
        context.record("share.add", place, user, {"level": level})
    return ok({"guest": _published(context, user)})


def _unshare(context: Context, kind: str) -> Reply:
    user, place = _guest(context), _place(context, kind)
    if user.shares.pop(place, None) is not None:
        context.record("share.remove", place, user)
    return ok({"guest": _published(context, user)})


def _published(context: Context, user: User) -> dict[str, object]:
    """The narrower form of a guest that sharing answers with."""
    view = guest_view(context.workspace, user)
    view["user"].pop("custom_role")
    left_out = {name for name in GUEST_FLAGS if name not in _PUBLISHED_FLAGS}
    return {name: value for name, value in view.items() if name not in left_out}


def _place(context: Context, kind: str) -> str:
    key = context.args[f"{kind}_id"]
    if context.workspace.place_name(kind, key) is None:
        raise not_found(kind.capitalize())
    return f"{kind}/{key}"


def _guest(context: Context, *, write: bool = True) -> User:
    user = context.user("guest_id", write=write)
    if not user.is_guest:
        raise not_found("Guest")
    return user
