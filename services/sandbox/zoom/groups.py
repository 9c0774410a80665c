"""Groups and roles with their members.

Modes: `pending_groups` (`patch`: a pending person joins by `group_id` of PATCH alone, `any`: also here).
"""

from __future__ import annotations

from typing import Any

from services.sandbox.wire.call import Reply
from services.sandbox.zoom.errors import ZoomError, invalid, no_group, refused
from services.sandbox.zoom.operations import LIGHT, MEDIUM, Context, ok, operation, page
from services.sandbox.zoom.schema import GROUP, MEMBERS, MOVE
from services.sandbox.zoom.state import MEMBER_ROLE, OWNER_ROLE, Group, Role, User
from services.sandbox.zoom.views import stamp

_READ, _WRITE = "group:read:admin", "group:write:admin"
_PAGE = ("page_size", "page_number", "next_page_token")
_GROUP_LIMIT = 5000


@operation("GET", "groups", label=MEDIUM, scopes=(_READ, "group:read:list_groups:admin"))
def list_groups(context: Context) -> Reply:
    groups = [_group_view(group) for group in context.account.groups.values()]
    return ok({"groups": groups, "total_records": len(groups)})


@operation("POST", "groups", label=LIGHT, scopes=(_WRITE, "group:write:group:admin"), body=GROUP)
def create_group(context: Context) -> Reply:
    name = context.body.get("name")
    if not name:
        raise refused("Missing field: name.")
    _must_be_free(context, name)
    group = Group(name)
    context.account.groups[group.id] = group
    context.record("group.create", group.id, None, {"name": name})
    return ok(_group_view(group), 201)


@operation("GET", "groups/{groupId}", label=LIGHT, scopes=(_READ, "group:read:group:admin"))
def get_group(context: Context) -> Reply:
    return ok(_group_view(_need_group(context)))


@operation("PATCH", "groups/{groupId}", label=LIGHT, scopes=(_WRITE, "group:update:group:admin"), body=GROUP)
def rename_group(context: Context) -> Reply:
    group, name = _need_group(context), context.body.get("name")
    if name and name != group.name:
        _must_be_free(context, name)
        group.name = name
        context.record("group.update", group.id, None)
    return Reply(204)


@operation("DELETE", "groups/{groupId}", label=LIGHT, scopes=(_WRITE, "group:delete:group:admin"))
def delete_group(context: Context) -> Reply:
    group = _need_group(context)
    del context.account.groups[group.id]
    context.record("group.delete", group.id, None)
    return Reply(204)


@operation("GET", "groups/{groupId}/members", label=MEDIUM, query=_PAGE,
           scopes=(_READ, "group:read:list_members:admin"))  # fmt: skip
def list_members(context: Context) -> Reply:
    group = _need_group(context)
    found = [context.account.users[key] for key in group.members]
    items, about = page([_member_view(user) for user in found], context, f"members-{group.id}")
    return ok({**about, "members": items})


@operation("POST", "groups/{groupId}/members", label=MEDIUM, body=MEMBERS,
           scopes=(_WRITE, "group:write:member:admin"))  # fmt: skip
def add_members(context: Context) -> Reply:
    """201 with the ids of those that are members now; whom the account does not have is left out silently."""
    group, added = _need_group(context), []
    for user in _named(context):
        if user.is_pending and context.mode("pending_groups", "patch") == "patch":
            continue
        if user.id not in group.members:
            group.members[user.id] = context.call.at
            context.record("member.add", group.id, user, {"group": group.name})
        added.append(user.id)
    return ok({"ids": ",".join(added), "added_at": stamp(context.call.at)}, 201)


@operation("DELETE", "groups/{groupId}/members/{memberId}", label=LIGHT,
           scopes=(_WRITE, "group:delete:member:admin"))  # fmt: skip
def remove_member(context: Context) -> Reply:
    group = _need_group(context)
    user = _member_of(context, group)
    del group.members[user.id]
    context.record("member.remove", group.id, user, {"group": group.name})
    return Reply(204)


@operation("PATCH", "groups/{groupId}/members/{memberId}", label=LIGHT, body=MOVE,
           scopes=(_WRITE, "group:update:member:admin"))  # fmt: skip
def move_member(context: Context) -> Reply:
    group, action = _need_group(context), context.body.get("action")
    user = _member_of(context, group)
    if action == "set_primary":
        user.primary_group = group.id
        context.record("member.update", group.id, user, {"primary": group.name})
        return Reply(204)
    if action != "move":
        raise invalid("action")
    target = context.account.groups.get(context.body.get("target_group_id") or "")
    if target is None:
        raise refused("The target_group_id can not be empty.")
    del group.members[user.id]
    target.members[user.id] = context.call.at
    context.record("member.remove", group.id, user, {"group": group.name})
    context.record("member.add", target.id, user, {"group": target.name})
    return Reply(204)


@operation("GET", "roles", label=MEDIUM, scopes=("role:read:admin", "role:read:list_roles:admin"))
def list_roles(context: Context) -> Reply:
    roles = [_role_view(context, role) for role in context.account.roles.values()]
    return ok({"roles": roles, "total_records": len(roles)})


@operation("GET", "roles/{roleId}/members", label=MEDIUM, query=(*_PAGE, "page_count"),
           scopes=("role:read:admin", "role:read:list_members:admin"))  # fmt: skip
def list_role_members(context: Context) -> Reply:
    role = _need_role(context)
    found = [_member_view(user) for user in context.account.users.values() if user.role == role.id]
    items, about = page(found, context, f"role-{role.id}")
    return ok({**about, "members": items})


@operation("POST", "roles/{roleId}/members", label=MEDIUM, body=MEMBERS,
           scopes=("role:write:admin", "role:write:member:admin"))  # fmt: skip
def assign_role(context: Context) -> Reply:
    """Everybody has one role: assigning another replaces it."""
    role = context.account.roles.get(context.args["roleId"])
    if role is None:
        raise ZoomError(400, 1034, "Role does not exist.")
    if role.id in {OWNER_ROLE, MEMBER_ROLE}:
        raise refused("Can't delete or add members for Normal/Owner roles.")
    users = [user for user in _named(context) if user.role != OWNER_ROLE and not user.is_pending]
    for user in users:
        if user.role != role.id:
            user.role = role.id
            context.record("role.assign", role.id, user, {"role": role.name})
    return ok({"ids": ",".join(user.id for user in users), "add_at": stamp(context.call.at)}, 201)


@operation("DELETE", "roles/{roleId}/members/{memberId}", label=LIGHT,
           scopes=("role:write:admin", "role:delete:member:admin"))  # fmt: skip
def withdraw_role(context: Context) -> Reply:
    role = _need_role(context)
    user = context.account.find_user(context.args["memberId"])
    if user is None or user.role != role.id or role.id in {OWNER_ROLE, MEMBER_ROLE}:
        raise ZoomError(404, 1034, "Role or Member not found")
    user.role = MEMBER_ROLE
    context.record("role.withdraw", role.id, user, {"role": role.name})
    return Reply(204)


def _need_group(context: Context) -> Group:
    group = context.account.groups.get(context.args["groupId"])
    if group is None:
        raise no_group(context.args["groupId"])
    return group


def _need_role(context: Context) -> Role:
    role = context.account.roles.get(context.args["roleId"])
    if role is None:
        raise ZoomError(404, 1034, "Role not found")
    return role


def _member_of(context: Context, group: Group) -> User:
    user = context.account.find_user(context.args["memberId"])
    if user is None or user.id not in group.members:
        raise refused("Group member not found.")
    return user


def _named(context: Context) -> list[User]:
    """The people whom a body's `members` names, by id or address."""
    members = context.body.get("members")
    if not members:
        raise invalid("members")
    keys = [member.get("id") or member.get("email") or "" for member in members]
    found = [context.account.find_user(key) for key in keys]
    return [user for user in found if user is not None and not user.lapsed and not context.is_settling(user)]


def _must_be_free(context: Context, name: str) -> None:
    if any(group.name == name for group in context.account.groups.values()):
        raise ZoomError(409, 4132, f"Group name {name} is already in use.")
    if len(context.account.groups) >= _GROUP_LIMIT:
        raise refused("The account has reached its maximum number of groups.")


def _group_view(group: Group) -> dict[str, Any]:
    return {"id": group.id, "name": group.name, "total_members": len(group.members)}


def _role_view(context: Context, role: Role) -> dict[str, Any]:
    total = sum(1 for user in context.account.users.values() if user.role == role.id)
    return {"id": role.id, "name": role.name, "description": role.description, "total_members": total}


def _member_view(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "type": user.type,
    }
