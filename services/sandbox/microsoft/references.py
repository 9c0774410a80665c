"""Graph's `$ref` links: managers and group members."""

from __future__ import annotations

import re
from typing import Any

from services.sandbox.microsoft.errors import bad_request, not_found
from services.sandbox.microsoft.operations import Context, operation
from services.sandbox.microsoft.properties import GROUP_PROPERTIES, USER_DEFAULT, USER_PROPERTIES
from services.sandbox.microsoft.state import Group, User
from services.sandbox.microsoft.users import READ, WRITE, remove_user
from services.sandbox.microsoft.views import GROUP_DEFAULT, group_view, user_view
from services.sandbox.wire.call import Reply

_LINK = re.compile(
    r"https?://(?P<host>[^/]+)(?:/microsoft)?/(?:v1\.0|beta)/(?P<kind>[A-Za-z]+)/(?P<key>[^/?]+)"
)
MEMBER_WRITE = ("GroupMember.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All")
MEMBER_READ = (*MEMBER_WRITE, "GroupMember.Read.All", "Group.Read.All", "Directory.Read.All")
_PAGE = ("$count", "$select", "$skiptoken", "$top")


def _linked_user(context: Context, kinds: frozenset[str]) -> User:
    """Return the user that `@odata.id` points at; a fresh account is not there yet."""
    body = context.body
    extra = set(body) - {"@odata.id"}
    link = body.get("@odata.id")
    if extra or not isinstance(link, str):
        raise bad_request(
            "An unexpected property was found on the payload. The only property expected is '@odata.id'.",
            code="BadRequest",
        )
    match = _LINK.fullmatch(link)
    own_host = context.call.headers.get("host", "")
    if match is None or match["host"] not in {"graph.microsoft.com", own_host} or match["kind"] not in kinds:
        raise bad_request("Invalid URL format specified in payload.", code="BadRequest")
    user = context.tenant.find_user(match["key"].replace("%40", "@"))
    if user is None or context.is_settling(user):
        raise not_found(match["key"])
    return user


@operation("GET", "users/{user}/manager", permissions=READ, query=("$select",))
def get_manager(context: Context) -> Reply:
    user = context.need_user(settled=True)
    names = context.selected(USER_PROPERTIES, USER_DEFAULT, "user")
    manager = context.tenant.users.get(user.manager or "")
    if manager is None:
        raise not_found("manager")
    body = user_view(context.tenant, manager, names)
    return context.entity({"@odata.type": "#microsoft.graph.user", **body}, "directoryObjects/$entity")


@operation("GET", "users/{user}/manager/$ref", permissions=READ)
def get_manager_ref(context: Context) -> Reply:
    user = context.need_user(settled=True)
    if user.manager not in context.tenant.users:
        raise not_found("manager")
    link = f"https://graph.microsoft.com/v2/{context.tenant.id}/directoryObjects/{user.manager}"
    return context.entity({"@odata.id": link}, "$ref")


@operation("PUT", "users/{user}/manager/$ref", permissions=WRITE, body=True)
def set_manager(context: Context) -> Reply:
    user = context.need_user(settled=True)
    manager = _linked_user(context, frozenset({"users", "directoryObjects"}))
    if manager is user:
        raise bad_request("A user cannot be their own manager.")
    user.manager = manager.id
    context.record("manager.set", manager.upn, user, {"user": user.upn})
    return Reply(204)


@operation("DELETE", "users/{user}/manager/$ref", permissions=WRITE)
def remove_manager(context: Context) -> Reply:
    user = context.need_user(settled=True)
    if user.manager is None:
        raise not_found("manager")
    context.record("manager.remove", user.manager, user, {"user": user.upn})
    user.manager = None
    return Reply(204)


@operation("GET", "users/{user}/directReports", permissions=READ, query=_PAGE)
def list_direct_reports(context: Context) -> Reply:
    user = context.need_user()
    names = context.selected(USER_PROPERTIES, USER_DEFAULT, "user")
    reports = [other for other in context.tenant.users.values() if other.manager == user.id]
    return context.page(reports, "directoryObjects", lambda other: _typed(context, other, names))


@operation("GET", "users/{user}/memberOf", permissions=READ, query=_PAGE)
def list_member_of(context: Context) -> Reply:
    user = context.need_user(settled=context.behaviour.settle_reads)
    names = context.selected(GROUP_PROPERTIES, GROUP_DEFAULT, "directoryObject")
    return context.page(
        groups_of(context, user),
        "directoryObjects",
        lambda group: {"@odata.type": "#microsoft.graph.group", **group_view(group, names)},
    )


@operation("GET", "users/{user}/memberOf/microsoft.graph.group", permissions=READ, query=_PAGE)
def list_groups_of(context: Context) -> Reply:
    user = context.need_user(settled=context.behaviour.settle_reads)
    names = context.selected(GROUP_PROPERTIES, GROUP_DEFAULT, "group")
    return context.page(groups_of(context, user), "groups", lambda group: group_view(group, names))


def groups_of(context: Context, user: User) -> list[Group]:
    """Return the groups; a dynamic group takes in every account that may sign in."""
    return [group for group in context.tenant.groups.values() if _is_member(group, user)]


def _is_member(group: Group, user: User) -> bool:
    if group.is_dynamic:
        return bool(user.fields.get("accountEnabled"))
    return user.id in group.members


@operation("POST", "users/{user}/checkMemberGroups", permissions=READ, body=True)
def check_member_groups(context: Context) -> Reply:
    wanted = context.body.get("groupIds")
    if not isinstance(wanted, list) or set(context.body) != {"groupIds"}:
        raise bad_request("The parameter 'groupIds' is missing.", code="BadRequest")
    held = {group.id for group in groups_of(context, context.need_user())}
    return context.entity({"value": [one for one in wanted if one in held]}, "Collection(Edm.String)")


@operation("POST", "users/{user}/getMemberGroups", permissions=READ, body=True)
def get_member_groups(context: Context) -> Reply:
    if not set(context.body) <= {"securityEnabledOnly"}:
        raise bad_request("An unexpected parameter was found.", code="BadRequest")
    only_security = bool(context.body.get("securityEnabledOnly"))
    groups = groups_of(context, context.need_user())
    ids = [group.id for group in groups if not only_security or group.kind != "unified"]
    return context.entity({"value": ids}, "Collection(Edm.String)")


@operation("GET", "groups/{group}/members", permissions=MEMBER_READ, query=_PAGE)
def list_members(context: Context) -> Reply:
    group, tenant = context.need_group(), context.tenant
    names = context.selected(USER_PROPERTIES, USER_DEFAULT, "directoryObject")
    members = [user for user in tenant.users.values() if _is_member(group, user)]
    return context.page(members, "directoryObjects", lambda user: _typed(context, user, names))


def _typed(context: Context, user: User, names: Any) -> dict[str, Any]:
    return {"@odata.type": "#microsoft.graph.user", **user_view(context.tenant, user, names)}


@operation("POST", "groups/{group}/members/$ref", permissions=MEMBER_WRITE, body=True)
def add_member(context: Context) -> Reply:
    group = context.need_group()
    user = _linked_user(context, frozenset({"directoryObjects", "users"}))
    _must_be_assigned(group)
    if user.id in group.members:
        raise bad_request(
            "One or more added object references already exist for the following modified properties: 'members'."
        )
    group.members[user.id] = None
    context.record("member.add", group.id, user, {"group": group.display_name, "member": user.upn})
    return Reply(204)


def _must_be_assigned(group: Group) -> None:
    if group.is_dynamic:
        raise bad_request(
            "Insufficient privileges or the group has a membership rule: members of a dynamic group cannot be"
            " added or removed by hand."
        )


@operation("DELETE", "groups/{group}/members/{user}/$ref", permissions=MEMBER_WRITE)
def remove_member(context: Context) -> Reply:
    group = context.need_group()
    key = context.args["user"].lower()
    _must_be_assigned(group)
    if key not in group.members:
        raise not_found(context.args["user"])
    del group.members[key]
    user = context.tenant.users.get(key) or context.tenant.deleted.get(key)
    context.record(
        "member.remove", group.id, user, {"group": group.display_name, "member": user.upn if user else key}
    )
    return Reply(204)


@operation("DELETE", "groups/{group}/members/{user}", permissions=WRITE)
def delete_through_group(context: Context) -> Reply:
    """The trap: without `/$ref` the request addresses the user object itself, and deletes it."""
    group = context.need_group()
    key = context.args["user"].lower()
    user = context.tenant.users.get(key)
    if user is None or not _is_member(group, user):
        raise not_found(context.args["user"])
    remove_user(context, user)
    return Reply(204)
