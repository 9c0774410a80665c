"""Directory v1 members."""

from __future__ import annotations

from typing import Any

from services.sandbox.google.errors import GoogleError, duplicate, invalid, not_found
from services.sandbox.google.groups import need_group
from services.sandbox.google.operations import DIRECTORY, Context, operation, paged
from services.sandbox.google.schema import MEMBER
from services.sandbox.google.state import Group
from services.sandbox.google.views import etag, member_view
from services.sandbox.wire.call import Reply

WRITE_SCOPES = ("admin.directory.group", "admin.directory.group.member")
READ_SCOPES = (*WRITE_SCOPES, "admin.directory.group.readonly", "admin.directory.group.member.readonly")
_ROLES = frozenset({"MEMBER", "MANAGER", "OWNER"})
_MEMBERS = DIRECTORY + "groups/{groupKey}/members"


@operation(
    "GET",
    _MEMBERS,
    scopes=READ_SCOPES,
    query=("includeDerivedMembership", "maxResults", "pageToken", "roles"),
)
def list_members(context: Context) -> Reply:
    group = need_group(context)
    context.boolean("includeDerivedMembership")
    size = context.integer("maxResults", default=200, low=1, high=200)
    roles = set(filter(None, context.query.get("roles", "").split(",")))
    if not roles <= _ROLES:
        raise invalid("Invalid Input: roles")
    views = [
        member_view(context.customer, key, member)
        for key, member in group.members.items()
        if not roles or member["role"] in roles
    ]
    page, token = paged(views, token=context.query.get("pageToken"), size=size)
    body: dict[str, Any] = {"kind": "admin#directory#members", "etag": etag(group.id, len(views), token)}
    if page:
        body["members"] = page
    if token:
        body["nextPageToken"] = token
    return context.ok(body)


@operation("POST", _MEMBERS, scopes=WRITE_SCOPES, body=MEMBER, root="member")
def insert_member(context: Context) -> Reply:
    group, body = need_group(context), context.body
    name = body.get("email") or body.get("id")
    if not name:
        raise GoogleError(400, "required", "Missing required field: memberKey")
    role = body.get("role") or "MEMBER"
    if role not in _ROLES:
        raise invalid("Invalid Input: role")
    key, address = _resolve(context, name)
    if key in group.members:
        raise duplicate("Member already exists.")
    group.members[key] = {"email": address, "role": role, "delivery_settings": body.get("delivery_settings")}
    _record(context, "member.add", group, key, {"role": role})
    return context.ok(member_view(context.customer, key, group.members[key]))


def _resolve(context: Context, name: str) -> tuple[str, str]:
    customer = context.customer
    user = customer.find_user(name)
    if user is not None:
        if context.is_settling(user):
            raise not_found("memberKey")  # the group service has not heard of a fresh account yet
        return user.id, user.primary_email
    group = customer.find_group(name)
    if group is not None:
        return group.id, group.email
    if "@" not in name or customer.owns(name):
        raise not_found("memberKey")
    return name.lower(), name


@operation("GET", _MEMBERS + "/{memberKey}", scopes=READ_SCOPES)
def get_member(context: Context) -> Reply:
    group = need_group(context)
    key = _need_member(context, group)
    return context.ok(member_view(context.customer, key, group.members[key]))


@operation("PUT", _MEMBERS + "/{memberKey}", scopes=WRITE_SCOPES, body=MEMBER, root="member")
@operation("PATCH", _MEMBERS + "/{memberKey}", scopes=WRITE_SCOPES, body=MEMBER, root="member")
def update_member(context: Context) -> Reply:
    group = need_group(context)
    key = _need_member(context, group)
    role = context.body.get("role")
    if role is not None and role not in _ROLES:
        raise invalid("Invalid Input: role")
    group.members[key]["role"] = role or group.members[key]["role"]
    _record(context, "member.update", group, key, {"role": group.members[key]["role"]})
    return context.ok(member_view(context.customer, key, group.members[key]))


@operation("DELETE", _MEMBERS + "/{memberKey}", scopes=WRITE_SCOPES)
def delete_member(context: Context) -> Reply:
    group = need_group(context)
    key = _need_member(context, group)
    _record(context, "member.remove", group, key)
    del group.members[key]
    return Reply(context.behaviour.delete_status)


@operation("GET", DIRECTORY + "groups/{groupKey}/hasMember/{memberKey}", scopes=READ_SCOPES)
def has_member(context: Context) -> Reply:
    """Answer for members of the customer; Google refuses to say it of anybody else."""
    group = need_group(context)
    user = context.customer.find_user(context.args["memberKey"])
    nested = context.customer.find_group(context.args["memberKey"])
    if user is None and nested is None:
        raise invalid("Invalid Input: memberKey")
    key = user.id if user else nested.id if nested else ""
    return context.ok({"isMember": key in group.members})


def _need_member(context: Context, group: Group) -> str:
    name = context.args["memberKey"]
    user, nested = context.customer.find_user(name), context.customer.find_group(name)
    key = user.id if user else nested.id if nested else name.lower()
    if key not in group.members:
        raise not_found("memberKey")
    return key


def _record(
    context: Context, kind: str, group: Group, key: str, detail: dict[str, Any] | None = None
) -> None:
    user = context.customer.users.get(key)
    member = user.primary_email if user else group.members[key]["email"]
    context.record(kind, group.email, user, {"member": member, **(detail or {})})
