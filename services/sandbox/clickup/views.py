"""ClickUp's representations. Moments are milliseconds as text."""

from __future__ import annotations

from typing import Any

from services.sandbox.clickup.state import GUEST_FLAGS, ROLE_NAMES, Group, User, Workspace

_COLORS = ("#827718", "#40BC86", "#FF8600", "#8D00D4")
_STATUSES = (
    {"status": "Open", "orderindex": 0, "color": "#d3d3d3", "type": "open"},
    {"status": "Closed", "orderindex": 1, "color": "#6bc950", "type": "closed"},
)


def stamp(moment: float | None) -> str | None:
    return None if moment is None else str(int(moment * 1000))


def initials(user: User) -> str:
    words = (user.username or user.email).split()
    return "".join(word[0] for word in words[:2]).upper()


def user_view(workspace: Workspace, user: User) -> dict[str, Any]:
    """A person with the membership: `date_joined` is null until the invitation is accepted."""
    role = workspace.roles.get(user.custom_role or 0)
    return {
        "id": user.id,
        "username": user.username,
        "email": user.email,
        "color": _COLORS[user.id % len(_COLORS)],
        "profilePicture": None,
        "initials": initials(user),
        "role": user.role,
        "custom_role": {"id": role.id, "name": role.name} if role else None,
        "last_active": stamp(user.joined_at),
        "date_joined": stamp(user.joined_at),
        "date_invited": stamp(user.invited_at),
    }


def short_view(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "username": user.username,
        "email": user.email,
        "color": _COLORS[user.id % len(_COLORS)],
        "initials": initials(user),
        "profilePicture": None,
    }


def inviter_view(workspace: Workspace, user: User) -> dict[str, Any]:
    inviter = workspace.users.get(user.invited_by or 0)
    return short_view(inviter) if inviter else {}


def member_view(workspace: Workspace, user: User) -> dict[str, Any]:
    return {
        "user": user_view(workspace, user),
        "invited_by": inviter_view(workspace, user),
        "shared": shared_view(workspace, user),
    }


def guest_view(workspace: Workspace, user: User) -> dict[str, Any]:
    return {
        **member_view(workspace, user),
        **{name: user.flags.get(name, False) for name in GUEST_FLAGS},
    }


def shared_view(workspace: Workspace, user: User) -> dict[str, Any]:
    shared: dict[str, list[dict[str, Any]]] = {"tasks": [], "lists": [], "folders": []}
    for place, level in user.shares.items():
        kind, _, key = place.partition("/")
        name = workspace.place_name(kind, key) or ""
        if kind == "list":
            shared["lists"].append({**_list(key, name), "permission_level": level})
        else:
            shared["folders"].append({**_folder(key, name), "permission_level": level})
    return shared


def _list(key: str, name: str) -> dict[str, Any]:
    return {
        "id": key,
        "name": name,
        "orderindex": 1,
        "status": None,
        "priority": None,
        "assignee": None,
        "task_count": "0",
        "due_date": None,
        "start_date": None,
        "archived": False,
        "override_statuses": False,
        "statuses": list(_STATUSES),
    }


def _folder(key: str, name: str) -> dict[str, Any]:
    return {
        "id": key,
        "name": name,
        "orderindex": 1,
        "override_statuses": False,
        "hidden": False,
        "task_count": "0",
        "archived": False,
        "statuses": list(_STATUSES),
        "lists": [],
    }


def team_view(
    workspace: Workspace, members: list[dict[str, Any]], *, with_roles: bool = False
) -> dict[str, Any]:
    view: dict[str, Any] = {
        "id": workspace.id,
        "name": workspace.name,
        "color": "#8D00D4",
        "avatar": None,
        "members": members,
    }
    if with_roles:
        built_in = [{"id": key, "name": name, "custom": False} for key, name in ROLE_NAMES.items()]
        custom = [
            {"id": role.id, "name": role.name, "inherited_role": role.inherits, "custom": True}
            for role in workspace.roles.values()
        ]
        view["roles"] = [*built_in, *custom]
    return view


def group_view(workspace: Workspace, group: Group) -> dict[str, Any]:
    return {
        "id": group.id,
        "team_id": workspace.id,
        "userid": group.owner,
        "name": group.name,
        "handle": group.handle,
        "date_created": stamp(group.created_at),
        "initials": group.name[:2].upper(),
        "members": [short_view(workspace.users[key]) for key in group.members],
        "avatar": {"attachment_id": None, "color": None, "source": None, "icon": None},
    }


def place_view(key: str, name: str, space: dict[str, Any], folder: dict[str, Any]) -> dict[str, Any]:
    """A list as the listings of spaces and folders show it."""
    return {
        "id": key,
        "name": name,
        "orderindex": 0,
        "content": "",
        "status": None,
        "priority": None,
        "assignee": None,
        "task_count": "0",
        "due_date": None,
        "start_date": None,
        "folder": folder,
        "space": space,
        "archived": False,
        "override_statuses": False,
        "permission_level": "create",
    }


def folder_view(key: str, name: str, space: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": key,
        "name": name,
        "orderindex": 0,
        "override_statuses": False,
        "hidden": False,
        "space": space,
        "task_count": "0",
        "lists": [],
    }


def space_view(key: str, name: str) -> dict[str, Any]:
    off: dict[str, Any] = {"enabled": False}
    return {
        "id": key,
        "name": name,
        "private": False,
        "color": "#8D00D4",
        "avatar": "",
        "admin_can_manage": True,
        "archived": False,
        "members": [],
        "statuses": list(_STATUSES),
        "multiple_assignees": False,
        "features": {
            "due_dates": {
                **off,
                "start_date": False,
                "remap_due_dates": False,
                "remap_closed_due_date": False,
            },
            "time_tracking": off,
            "tags": off,
            "time_estimates": off,
            "checklists": off,
        },
    }
