"""Groups of the SCIM directory, and the pages about itself. Membership of a group that grants a product is access.

Mode `scim_seats`: `refuse` (400 when a product has no seat left) or `silent` (a member, but without access).
"""

from __future__ import annotations

import re
from typing import Any

from services.sandbox.atlassian.errors import SCIM, AtlassianError, invalid, not_found
from services.sandbox.atlassian.operations import Context, operation
from services.sandbox.atlassian.scim_bodies import (
    ENTERPRISE,
    GROUP,
    USER,
    member_ids,
    read_group,
    read_operations,
)
from services.sandbox.atlassian.scim_views import LIST, group_view, paged, read_filter, scim
from services.sandbox.atlassian.state import Account, Group, make_id
from services.sandbox.wire.call import Reply

_DIRECTORY = "scim/directory/{directoryId}"
_GROUPS = _DIRECTORY + "/Groups"
_ONE_MEMBER = re.compile(r'members\[value eq "([^"]+)"\]')


@operation("GET", _GROUPS, SCIM, query=("filter", "startIndex", "count"))
def list_groups(context: Context) -> Reply:
    wanted = read_filter(context, ("displayName",))
    found = [group for group in context.org.groups.values() if group.scim_id is not None]
    views = [group_view(context, group) for group in found if wanted is None or group.name == wanted[1]]
    return paged(context, views)


@operation("POST", _GROUPS, SCIM, scim=True)
def create_group(context: Context) -> Reply:
    name, external, members = read_group(context.body)
    if any(group.name == name for group in context.org.groups.values()):
        raise AtlassianError(409, f"Group {name} already exists", word="uniqueness")
    group = Group(name, scim_id=make_id(), created_at=context.call.at, external_id=external)
    accounts = [_member(context, one, status=400) for one in members]
    context.org.groups[group.id] = group
    context.record("group.create", name, None, keys=[group.id, name])
    for account in accounts:
        _join(context, group, account)
    return scim(group_view(context, group), 201)


@operation("GET", _GROUPS + "/{id}", SCIM)
def get_group(context: Context) -> Reply:
    return scim(group_view(context, _need(context)))


@operation("PUT", _GROUPS + "/{id}", SCIM, scim=True)
def replace_group(context: Context) -> Reply:
    group = _need(context)
    name, external, members = read_group(context.body)
    if name != group.name:
        raise invalid("displayName is immutable", "mutability")
    accounts = [_member(context, one, status=400) for one in members]
    group.external_id = external
    _replace(context, group, accounts)
    return scim(group_view(context, group))


@operation("PATCH", _GROUPS + "/{id}", SCIM, scim=True)
def patch_group(context: Context) -> Reply:
    """Members by `add`, `remove` and `replace`; a member already there, or gone already, is no error."""
    group = _need(context)
    changes = [_read_change(context, group, *one) for one in read_operations(context.body)]
    for op, accounts in changes:
        if op == "replace":
            _replace(context, group, accounts)
        for account in accounts if op == "add" else ():
            _join(context, group, account)
        for account in accounts if op == "remove" else ():
            _leave(context, group, account)
    return scim(group_view(context, group))


def _read_change(
    context: Context, group: Group, op: str, path: str | None, value: Any
) -> tuple[str, list[Account]]:
    if path is None:
        extra = set(value) - {"members"}
        if extra - {"displayName", "id", "schemas"} or value.get("displayName", group.name) != group.name:
            raise invalid("Only members can be changed", "mutability")
        path, value = "members", value.get("members", [])
    one = _ONE_MEMBER.fullmatch(path)
    if one is not None and op == "remove":
        return op, [_member(context, one[1])]
    if path != "members":
        raise invalid(
            f"Path {path} can not be changed", "mutability" if path == "displayName" else "invalidPath"
        )
    if op == "remove" and value is None:
        return "replace", []
    return op, [_member(context, one) for one in member_ids(value)]


@operation("DELETE", _GROUPS + "/{id}", SCIM)
def delete_group(context: Context) -> Reply:
    group = _need(context)
    del context.org.groups[group.id]
    context.org.settle_seats()
    context.record("group.delete", group.name, None, keys=[group.id, group.name])
    return Reply(204)


def _need(context: Context) -> Group:
    wanted = context.args["id"]
    for group in context.org.groups.values():
        if group.scim_id == wanted:
            return group
    raise not_found(f"Resource {wanted} not found")


def _member(context: Context, key: str, *, status: int = 404) -> Account:
    user = context.org.scim.get(key)
    if user is None or context.is_settling(user.created_at, user.origin):
        raise AtlassianError(status, f"User {key} not found", word="invalidValue" if status == 400 else None)  # noqa: PLR2004 - HTTP's own number
    return context.org.accounts[user.account_id]


def _replace(context: Context, group: Group, accounts: list[Account]) -> None:
    wanted = {account.id for account in accounts}
    provisioned = {user.account_id for user in context.org.scim.values()}
    for key in [key for key in group.members if key in provisioned - wanted]:
        _leave(context, group, context.org.accounts[key])
    for account in accounts:
        _join(context, group, account)


def _join(context: Context, group: Group, account: Account) -> None:
    if account.id in group.members:
        return
    lacking = context.org.lacking(account, group.products)
    if lacking and context.mode("scim_seats", "refuse") == "refuse":
        raise invalid(f"The user limit of {lacking} is exceeded", "invalidValue")
    group.members[account.id] = None
    context.org.settle_seats()
    context.record("member.add", group.name, account, {"group": group.name, "products": list(group.products)})


def _leave(context: Context, group: Group, account: Account) -> None:
    if account.id not in group.members:
        return
    del group.members[account.id]
    context.org.settle_seats()
    context.record("member.remove", group.name, account, {"group": group.name})


@operation("GET", _DIRECTORY + "/ServiceProviderConfig", SCIM)
def service_provider_config(context: Context) -> Reply:  # noqa: ARG001 - the handler's shape
    """What the directory supports."""
    return scim(
        {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
            "patch": {"supported": True},
            "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
            "filter": {"supported": True, "maxResults": 100},
            "changePassword": {"supported": False},
            "sort": {"supported": False},
            "etag": {"supported": False},
            "authenticationSchemes": [
                {"type": "oauthbearertoken", "name": "OAuth Bearer Token", "primary": True}
            ],
        }
    )


@operation("GET", _DIRECTORY + "/ResourceTypes", SCIM)
def resource_types(context: Context) -> Reply:  # noqa: ARG001 - the handler's shape
    kinds = (("User", "/Users", USER), ("Group", "/Groups", GROUP))
    types = [
        {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
            "id": name,
            "name": name,
            "endpoint": endpoint,
            "schema": schema,
            **({"schemaExtensions": [{"schema": ENTERPRISE, "required": False}]} if name == "User" else {}),
        }
        for name, endpoint, schema in kinds
    ]
    return scim(
        {"schemas": [LIST], "totalResults": 2, "startIndex": 1, "itemsPerPage": 2, "Resources": types}
    )
