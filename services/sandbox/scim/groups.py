"""Groups."""

from __future__ import annotations

from typing import Any

from services.sandbox.scim.errors import invalid_value, not_found
from services.sandbox.scim.operations import PAGING, PROJECTION, Context, operation
from services.sandbox.scim.patching import Patcher
from services.sandbox.scim.state import Resource
from services.sandbox.scim.users import need_patch, patch_reply
from services.sandbox.scim.values import read_resource
from services.sandbox.wire.call import Reply


@operation("GET", "Groups", query=PAGING)
def list_groups(context: Context) -> Reply:
    kind = context.groups_type
    return context.listed(list(context.company.groups.values()), kind)


@operation("GET", "Groups/{id}", query=PROJECTION)
def get_group(context: Context) -> Reply:
    group = _need(context)
    if context.has_etag and context.call.headers.get("if-none-match") == group.etag:
        return Reply(304, b"", (("etag", group.etag),))
    return context.answer(group, context.groups_type)


@operation("POST", "Groups", query=PROJECTION, body=True)
def create_group(context: Context) -> Reply:
    document = _read(context, context.body)
    group = Resource({"displayName": document["displayName"]}, created_at=context.call.at)
    group.origin = "api"
    context.company.groups[group.id] = group
    context.record("group.create", group.label, [group.id, group.label])
    _store(context, group, document)
    return context.answer(group, context.groups_type, 201)


@operation("PUT", "Groups/{id}", query=PROJECTION, body=True)
def replace_group(context: Context) -> Reply:
    group = _need(context)
    context.check_version(group)
    _store(context, group, _read(context, context.body))
    return context.answer(group, context.groups_type)


@operation("PATCH", "Groups/{id}", query=PROJECTION, body=True)
def patch_group(context: Context) -> Reply:
    need_patch(context)
    group, kind = _need(context), context.groups_type
    context.check_version(group)
    patcher = Patcher(kind, is_lenient=context.mode("patch_style", "rfc") == "azure")
    document = patcher.patched(group.document, context.body)
    _store(context, group, _read(context, {"schemas": [kind.schema.id], **document}))
    return patch_reply(context, context.answer(group, kind))


@operation("DELETE", "Groups/{id}")
def delete_group(context: Context) -> Reply:
    group = _need(context)
    context.check_version(group)
    del context.company.groups[group.id]
    context.record("group.delete", group.label, [group.id, group.label])
    return Reply(204)


def _need(context: Context) -> Resource:
    if context.groups_type and context.args["id"] in context.company.groups:
        return context.company.groups[context.args["id"]]
    raise not_found(context.args["id"])


def _read(context: Context, body: dict[str, Any]) -> dict[str, Any]:
    document = read_resource(body, context.groups_type)
    members: dict[str, dict[str, Any]] = {}
    for one in document.get("members") or []:
        key = one.get("value", "")
        if key not in context.company.users and key not in context.company.groups:
            raise invalid_value(f"the member {key} is unknown")
        members[key] = {"value": key}
    if members:
        document["members"] = list(members.values())
    return document


def _store(context: Context, group: Resource, document: dict[str, Any]) -> None:
    """Keep it, and write one effect for each member who came or went."""
    before = _ids(group)
    renamed = group.document.get("displayName") != document["displayName"]
    group.document = document
    group.version += 1
    group.modified_at = context.call.at
    if renamed:
        context.record("group.update", group.label, [group.id, group.label])
    after = _ids(group)
    for key in before:
        if key not in after:
            _record_member(context, "member.remove", group, key)
    for key in after:
        if key not in before:
            _record_member(context, "member.add", group, key)


def _ids(group: Resource) -> list[str]:
    return [str(one["value"]) for one in group.document.get("members") or []]


def _record_member(context: Context, kind: str, group: Resource, key: str) -> None:
    user = context.company.users.get(key)
    name = user.address if user else key
    keys = [group.id, group.label, *(user.keys if user else [key])]
    context.record(kind, f"{group.label}/{name}", keys)
