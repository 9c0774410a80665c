"""Graph users as a collection: filter, search, order, pages, the recycle bin."""

from __future__ import annotations

import re
from collections.abc import Callable

from services.sandbox.microsoft import filters
from services.sandbox.microsoft.errors import bad_request, conflict, not_found, unsupported_query
from services.sandbox.microsoft.operations import Context, operation
from services.sandbox.microsoft.properties import USER_DEFAULT, USER_PROPERTIES
from services.sandbox.microsoft.state import User
from services.sandbox.microsoft.users import READ, WRITE
from services.sandbox.microsoft.views import user_view
from services.sandbox.wire.call import Reply

_LIST_OPTIONS = ("$count", "$filter", "$orderby", "$search", "$select", "$skiptoken", "$top")
_SEARCH = re.compile(r'"(displayName|mail|userPrincipalName|givenName|surname):([^"]+)"')
_ORDER = re.compile(r"(displayName|userPrincipalName|createdDateTime)(?: (asc|desc))?")


@operation("GET", "users", permissions=READ, query=_LIST_OPTIONS)
def list_users(context: Context) -> Reply:
    tenant = context.tenant
    names = context.selected(USER_PROPERTIES, USER_DEFAULT, "user")
    users = list(tenant.users.values())
    text, search, order = (context.query.get(name) for name in ("$filter", "$search", "$orderby"))
    if text:
        wanted = filters.parse(text, filters.USER_RULES)
        if wanted.is_advanced or order:
            context.must_be_advanced()
        if wanted.keys is not None:  # one look-up instead of a walk through everybody
            users = tenant.candidates(wanted.keys)
        users = [user for user in users if wanted.test({**user.fields, "id": user.id})]
    if context.behaviour.settle_lists:
        users = [user for user in users if not context.is_settling(user)]
    if search:
        matches = _searcher(context, search)
        users = [user for user in users if matches(user)]
    if order:
        _sort(context, users, order)
    suffix = f"users({context.query['$select']})" if "$select" in context.query else "users"
    return context.page(users, suffix, lambda user: user_view(tenant, user, names))


def _searcher(context: Context, text: str) -> Callable[[User], bool]:
    if not context.is_eventual:
        raise unsupported_query(
            "Request with $search query parameter only works through MSGraph with a special request header:"
            " 'ConsistencyLevel: eventual'"
        )
    clauses = re.split(r"\s+(?:OR)\s+", text)
    parsed = [_SEARCH.fullmatch(clause.strip()) for clause in clauses]
    if not all(parsed):
        raise bad_request(
            f"Syntax error: character ':' is not valid at position 0 in '{text}'.", code="BadRequest"
        )
    pairs = [(match[1], match[2].lower()) for match in parsed if match]
    return lambda user: any(word in str(user.fields.get(name) or "").lower() for name, word in pairs)


def _sort(context: Context, users: list[User], order: str) -> None:
    match = _ORDER.fullmatch(order)
    if match is None:
        raise unsupported_query(f"Sorting by '{order}' is not supported.")
    name = match[1]
    if name == "createdDateTime":
        context.must_be_advanced()
        users.sort(key=lambda user: user.created_at, reverse=match[2] == "desc")
        return
    users.sort(key=lambda user: str(user.fields.get(name) or "").lower(), reverse=match[2] == "desc")


@operation("GET", "directory/deletedItems/microsoft.graph.user", permissions=READ, query=_LIST_OPTIONS)
def list_deleted(context: Context) -> Reply:
    tenant = context.tenant
    names = context.selected(USER_PROPERTIES, (*USER_DEFAULT, "deletedDateTime"), "user")
    users = list(tenant.deleted.values())
    text = context.query.get("$filter")
    if text:
        wanted = filters.parse(text, filters.USER_RULES)
        if wanted.is_advanced:
            context.must_be_advanced()
        users = [user for user in users if wanted.test({**user.fields, "id": user.id})]
    return context.page(users, "users", lambda user: user_view(tenant, user, names))


@operation("GET", "directory/deletedItems/{object}", permissions=READ, query=("$select",))
def get_deleted(context: Context) -> Reply:
    names = context.selected(USER_PROPERTIES, (*USER_DEFAULT, "deletedDateTime"), "user")
    body = user_view(context.tenant, _need_deleted(context), names)
    return context.entity({"@odata.type": "#microsoft.graph.user", **body}, "directoryObjects/$entity")


@operation("POST", "directory/deletedItems/{object}/restore", permissions=WRITE)
@operation("POST", "directory/deletedItems/{object}/microsoft.graph.restore", permissions=WRITE)
def restore(context: Context) -> Reply:
    """Bring back, licences included."""
    tenant, user = context.tenant, _need_deleted(context)
    taken = tenant.find_conflict(user.fields, own=user)
    if taken is not None:
        raise conflict(taken)
    tenant.restore(user)
    context.record("user.restore", user.upn, user)
    body = user_view(tenant, user, USER_DEFAULT)
    return context.entity({"@odata.type": "#microsoft.graph.user", **body}, "directoryObjects/$entity")


@operation("DELETE", "directory/deletedItems/{object}", permissions=WRITE)
def purge(context: Context) -> Reply:
    user = _need_deleted(context)
    context.tenant.purge(user)
    context.record("user.purge", user.upn, user)
    return Reply(204)


def _need_deleted(context: Context) -> User:
    user = context.tenant.deleted.get(context.args["object"].lower())
    if user is None:
        raise not_found(context.args["object"])
    return user
