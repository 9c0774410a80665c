"""SCIM groups: Slack's user groups, with ids that begin with S."""

from __future__ import annotations

import re
from typing import Any

from services.sandbox.slack.bodies import CORE_GROUP
from services.sandbox.slack.errors import SlackError
from services.sandbox.slack.filters import chooser
from services.sandbox.slack.operations import Context, operation
from services.sandbox.slack.patching import read_operations
from services.sandbox.slack.state import Group, User
from services.sandbox.slack.views import group_view
from services.sandbox.wire.call import Reply

_MEMBER = re.compile(r'members\[value eq "?([A-Za-z0-9]+)"?\]')
"""Slack's own example leaves the quotes out."""
_MOST_MEMBERS = 15_000
_MEMBERS_OF_A_GROUP = frozenset({"schemas", "id", "meta", "displayName", "members", "externalId"})


@operation("GET", "Groups", query=("startIndex", "count", "filter"))
def list_groups(context: Context) -> Reply:
    fits = chooser(context.query.get("filter"), context.mode("filters", "on"), {"displayname": "name"})
    views = [
        group_view(context.workspace, group, context.call.base_url)
        for group in context.workspace.groups.values()
        if fits({"name": group.name})
    ]
    return context.paged(views)


@operation("GET", "Groups/{id}")
def get_group(context: Context) -> Reply:
    return context.ok(group_view(context.workspace, context.need_group(), context.call.base_url))


@operation("POST", "Groups", body=True)
def create_group(context: Context) -> Reply:
    name, members = _read_group(context)
    if _is_taken(context, name, None):
        raise SlackError("invalid_request_payload", note="the name is taken")
    group = Group(name=name, created_at=context.call.at)
    context.workspace.groups[group.id] = group
    context.record("group.create", name, [group.id, name])
    for user in members:
        _join(context, group, user)
    return context.ok(group_view(context.workspace, group, context.call.base_url), 201)


@operation("PUT", "Groups/{id}", body=True)
def replace_group(context: Context) -> Reply:
    group = context.need_group()
    name, members = _read_group(context)
    _rename(context, group, name)
    _replace_members(context, group, members)
    return context.ok(group_view(context.workspace, group, context.call.base_url))


@operation("PATCH", "Groups/{id}", body=True)
def patch_group(context: Context) -> Reply:
    """All operations or none: everything is read before the first one takes effect."""
    group = context.need_group()
    steps = [_read_step(context, one) for one in read_operations(context.body)]
    for verb, value in steps:
        match verb:
            case "rename":
                _rename(context, group, value)
            case "replace":
                _replace_members(context, group, value)
            case "add":
                for user in value:
                    _join(context, group, user)
            case _:
                for user in value if value is not None else _members(context, group):
                    _leave(context, group, user)
    return context.ok(group_view(context.workspace, group, context.call.base_url))


@operation("DELETE", "Groups/{id}")
def delete_group(context: Context) -> Reply:
    group = context.need_group()
    del context.workspace.groups[group.id]
    context.record("group.delete", group.name, [group.id, group.name])
    return Reply(204)


def _read_group(context: Context) -> tuple[str, list[User]]:
    body = context.body
    schemas = body.get("schemas")
    if not isinstance(schemas, list) or CORE_GROUP not in schemas:
        raise SlackError("missing_schema_element")
    if set(body) - _MEMBERS_OF_A_GROUP:
        raise SlackError("invalid_request_payload", note="unknown member of a group")
    return _name(body.get("displayName")), _read_members(context, body.get("members") or [])


def _name(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise SlackError("invalid_request_payload", note="displayName is required")
    return value


def _read_members(context: Context, value: Any, *, joining: bool = True) -> list[User]:
    items = value if isinstance(value, list) else [value]
    if len(items) > _MOST_MEMBERS:
        raise SlackError("too_many_users")
    found = []
    for item in items:
        key = item.get("value") if isinstance(item, dict) else None
        if not isinstance(key, str) or set(item) - {"value", "display", "$ref", "type"}:
            raise SlackError("invalid_request_payload", note="a member is an object with value")
        user = context.workspace.users.get(key)
        if user is None:
            raise SlackError("no_such_user")
        if joining and (not user.active or user.guest is not None):
            raise SlackError("unable_to_add_deleted_or_guest_to_group")
        found.append(user)
    return found


def _read_step(context: Context, one: dict[str, Any]) -> tuple[str, Any]:
    op, path, value = one["op"], one.get("path"), one.get("value")
    match = _MEMBER.fullmatch(path or "")
    if op == "remove" and match:
        return "remove", _read_members(context, [{"value": match[1]}], joining=False)
    if op == "remove" and path == "members":
        return "remove", None if value is None else _read_members(context, value, joining=False)
    if op != "remove" and path == "members":
        return ("replace" if op == "replace" else "add"), _read_members(context, value)
    if op != "remove" and path == "displayName":
        return "rename", _name(value)
    if op == "replace" and path is None and isinstance(value, dict) and set(value) <= {"displayName", "id"}:
        return "rename", _name(value.get("displayName"))
    raise SlackError("invalid_query", note=f"{op} at {path} is not understood")


def _is_taken(context: Context, name: str, group: Group | None) -> bool:
    return any(
        one.name.lower() == name.lower() and one is not group for one in context.workspace.groups.values()
    )


def _rename(context: Context, group: Group, name: str) -> None:
    if name == group.name:
        return
    if _is_taken(context, name, group):
        raise SlackError("invalid_request_payload", note="the name is taken")
    group.name = name
    context.record("group.update", name, [group.id, name])


def _members(context: Context, group: Group) -> list[User]:
    return [context.workspace.users[key] for key in group.members if key in context.workspace.users]


def _replace_members(context: Context, group: Group, wanted: list[User]) -> None:
    for user in _members(context, group):
        if user not in wanted:
            _leave(context, group, user)
    for user in wanted:
        _join(context, group, user)


def _join(context: Context, group: Group, user: User) -> None:
    """Adding somebody who is in is accepted and changes nothing."""
    if user.id not in group.members:
        group.members.append(user.id)
        context.record("member.add", f"{group.name}/{user.address}", [group.id, *user.keys])


def _leave(context: Context, group: Group, user: User) -> None:
    if user.id in group.members:
        group.members.remove(user.id)
        context.record("member.remove", f"{group.name}/{user.address}", [group.id, *user.keys])
