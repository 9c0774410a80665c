"""Users."""

from __future__ import annotations

import re
from typing import Any

from services.sandbox.scim.errors import ScimError, invalid_value, not_found, not_implemented
from services.sandbox.scim.operations import PAGING, PROJECTION, Context, operation
from services.sandbox.scim.patching import Patcher
from services.sandbox.scim.schemas import ENTERPRISE
from services.sandbox.scim.state import Resource, digest
from services.sandbox.scim.values import read_resource
from services.sandbox.wire.call import Reply

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


@operation("GET", "Users", query=PAGING)
def list_users(context: Context) -> Reply:
    return context.listed(list(context.company.users.values()), context.users_type)


@operation("GET", "Users/{id}", query=PROJECTION)
def get_user(context: Context) -> Reply:
    user = _need(context)
    if context.behaviour.settle_reads and context.is_settling(user):
        raise not_found(user.id)
    if context.has_etag and context.call.headers.get("if-none-match") == user.etag:
        return Reply(304, b"", (("etag", user.etag),))
    return context.answer(user, context.users_type)


@operation("POST", "Users", query=PROJECTION, body=True)
def create_user(context: Context) -> Reply:
    document = _read(context, context.body, None)
    user = Resource({}, created_at=context.call.at, origin="api")
    _keep(user, document)
    context.company.users[user.id] = user
    context.record("user.create", user.address, user.keys)
    return context.answer(user, context.users_type, 201)


@operation("PUT", "Users/{id}", query=PROJECTION, body=True)
def replace_user(context: Context) -> Reply:
    """What the body leaves out is cleared (RFC 7644 section 3.5.1)."""
    user = _need(context)
    context.check_version(user)
    return _store(context, user, _read(context, context.body, user))


@operation("PATCH", "Users/{id}", query=PROJECTION, body=True)
def patch_user(context: Context) -> Reply:
    need_patch(context)
    user, kind = _need(context), context.users_type
    context.check_version(user)
    patcher = Patcher(kind, is_lenient=context.mode("patch_style", "rfc") == "azure")
    document = patcher.patched(user.document, context.body)
    urns = [kind.schema.id, *(one.id for one in kind.extensions if one.id in document)]
    reply = _store(context, user, _read(context, {"schemas": urns, **document}, user))
    return patch_reply(context, reply)


@operation("DELETE", "Users/{id}")
def delete_user(context: Context) -> Reply:
    if context.mode("delete") != "on":
        raise ScimError(405, "Users are deactivated, not deleted", headers=(("allow", "GET, PUT, PATCH"),))
    user = _need(context)
    context.check_version(user)
    context.company.remove_user(user)
    context.record("user.delete", user.address, user.keys)
    return Reply(204)


def need_patch(context: Context) -> None:
    if context.mode("patch") != "on":
        raise not_implemented("PATCH")


def patch_reply(context: Context, reply: Reply) -> Reply:
    """RFC 7644 section 3.5.2 leaves it to the provider: 200 with the resource, or 204 with nothing."""
    if context.mode("patch_reply", "200") == "204" and not context.query.get("attributes"):
        return Reply(204, b"", tuple(pair for pair in reply.headers if pair[0] == "etag"))
    return reply


def _need(context: Context) -> Resource:
    user = context.company.users.get(context.args["id"])
    if user is None:
        raise not_found(context.args["id"])
    return user


def _read(context: Context, body: dict[str, Any], user: Resource | None) -> dict[str, Any]:
    document = read_resource(body, context.users_type)
    name = document["userName"]
    if context.mode("user_name", "free") == "email" and not _ADDRESS.fullmatch(name):
        raise invalid_value("userName must be an e-mail address")
    if context.company.find_user_name(name, apart=user) is not None:
        raise ScimError(409, f"userName {name} is taken", "uniqueness")
    if context.mode("emails", "free") == "unique":
        for one in document.get("emails") or []:
            if context.company.find_address(str(one.get("value")), apart=user) is not None:
                raise ScimError(409, f"{one['value']} is taken", "uniqueness")
    manager = (document.get(ENTERPRISE) or {}).get("manager")
    if manager is not None and manager["value"] not in context.company.users:
        raise invalid_value("the manager is unknown")
    if context.mode("external_id", "kept") == "dropped":
        document.pop("externalId", None)
    return document


def _keep(user: Resource, document: dict[str, Any]) -> None:
    password = document.pop("password", None)
    if password is not None:
        user.password = digest(password)
    user.document = document


def _store(context: Context, user: Resource, document: dict[str, Any]) -> Reply:
    was_active, before = user.is_active, user.document
    _keep(user, document)
    user.version += 1
    user.modified_at = context.call.at
    kind = "user.update"
    if was_active != user.is_active:
        kind = "user.activate" if user.is_active else "user.deactivate"
    names = {*before, *document}
    changed = sorted(name for name in names if before.get(name) != document.get(name))
    context.record(kind, user.address, user.keys, {"fields": changed})
    return context.answer(user, context.users_type)
