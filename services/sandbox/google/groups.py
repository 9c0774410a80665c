"""Directory v1 groups."""

from __future__ import annotations

import re
from typing import Any

from services.sandbox.google.errors import GoogleError, duplicate, invalid, not_found
from services.sandbox.google.operations import DIRECTORY, Context, operation, paged
from services.sandbox.google.schema import GROUP
from services.sandbox.google.state import Group
from services.sandbox.google.user_lists import check_reach
from services.sandbox.google.users import check_address
from services.sandbox.google.views import etag, group_view
from services.sandbox.wire.call import Reply

GROUP_SCOPE = "admin.directory.group"
READ_SCOPES = (GROUP_SCOPE, "admin.directory.group.readonly")

_QUERY = re.compile(r"\s*(email|name|memberKey)\s*([:=])\s*'?([^']*?)'?\s*")
_PARAMETERS = ("customer", "domain", "maxResults", "orderBy", "pageToken", "query", "sortOrder", "userKey")


@operation("GET", DIRECTORY + "groups", scopes=READ_SCOPES, query=_PARAMETERS)
def list_groups(context: Context) -> Reply:
    customer, key = context.customer, context.query.get("userKey")
    domain = check_reach(context, needed=key is None)
    context.choice("orderBy", ("email",))
    descending = context.choice("sortOrder", ("ASCENDING", "DESCENDING")) == "DESCENDING"
    size = context.integer("maxResults", default=200, low=1, high=200)
    groups = list(customer.groups.values())
    if domain:
        groups = [group for group in groups if group.email.endswith("@" + domain)]
    if key is not None:
        groups = [group for group in groups if _member_key(context, key) in group.members]
    if context.query.get("query"):
        groups = _filtered(context, groups, context.query["query"])
    groups.sort(key=lambda group: group.email, reverse=descending)
    page, token = paged(
        [group_view(group) for group in groups], token=context.query.get("pageToken"), size=size
    )
    body: dict[str, Any] = {"kind": "admin#directory#groups", "etag": etag(customer.id, len(groups), token)}
    if page:
        body["groups"] = page
    if token:
        body["nextPageToken"] = token
    return context.ok(body)


def _filtered(context: Context, groups: list[Group], text: str) -> list[Group]:
    clause = _QUERY.fullmatch(text)
    if clause is None:
        raise invalid("Invalid Input: query")
    field, operator, value = clause.groups()
    wanted = value.lower()
    if field == "memberKey":
        return [group for group in groups if _member_key(context, value) in group.members]
    if operator == "=":
        return [group for group in groups if str(getattr(group, field)).lower() == wanted]
    start = wanted.rstrip("*")
    return [group for group in groups if str(getattr(group, field)).lower().startswith(start)]


def _member_key(context: Context, key: str) -> str:
    user = context.customer.find_user(key)
    if user is not None:
        return user.id
    if "@" not in key or context.customer.owns(key):
        raise not_found("userKey")
    return key.lower()


@operation("GET", DIRECTORY + "groups/{groupKey}", scopes=READ_SCOPES)
def get_group(context: Context) -> Reply:
    return context.ok(group_view(need_group(context)))


@operation("POST", DIRECTORY + "groups", scopes=(GROUP_SCOPE,), body=GROUP, root="group")
def insert_group(context: Context) -> Reply:
    customer, body = context.customer, context.body
    if not body.get("email"):
        raise GoogleError(400, "required", "Missing required field: email")
    address = check_address(customer, body["email"])
    if customer.is_taken(address):
        raise duplicate()
    group = Group(
        email=address,
        name=body.get("name") or address.partition("@")[0],
        description=body.get("description") or "",
        external_ids=body.get("externalIds") or [],
    )
    customer.add_group(group)
    context.record("group.create", address, None)
    return context.ok(group_view(group))


@operation("PUT", DIRECTORY + "groups/{groupKey}", scopes=(GROUP_SCOPE,), body=GROUP, root="group")
@operation("PATCH", DIRECTORY + "groups/{groupKey}", scopes=(GROUP_SCOPE,), body=GROUP, root="group")
def update_group(context: Context) -> Reply:
    group, body = need_group(context), context.body
    address = body.get("email")
    if address is not None and address.lower() != group.email:
        address = check_address(context.customer, address)
        if context.customer.is_taken(address):
            raise duplicate()
        group.aliases.append(group.email)
        group.email = address
        context.customer.by_address[address] = group
    group.name = body.get("name") or group.name
    group.description = body.get("description", group.description) or ""
    group.version += 1
    context.record("group.update", group.email, None, {"fields": sorted(body)})
    return context.ok(group_view(group))


@operation("DELETE", DIRECTORY + "groups/{groupKey}", scopes=(GROUP_SCOPE,))
def delete_group(context: Context) -> Reply:
    group = need_group(context)
    customer = context.customer
    del customer.groups[group.id]
    for address in (group.email, *group.aliases):
        customer.by_address.pop(address, None)
    for other in customer.groups.values():
        other.members.pop(group.id, None)
    context.record("group.delete", group.email, None)
    return Reply(context.behaviour.delete_status)


def need_group(context: Context) -> Group:
    group = context.customer.find_group(context.args["groupKey"])
    if group is None:
        raise not_found("groupKey")
    return group
