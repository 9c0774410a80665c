"""Directory v1 users.list: filters, order, pages, the recycle bin."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from services.sandbox.google.errors import GoogleError, forbidden, invalid
from services.sandbox.google.operations import DIRECTORY, Context, operation, paged
from services.sandbox.google.state import Customer, User
from services.sandbox.google.users import READ_SCOPES, show
from services.sandbox.google.views import etag
from services.sandbox.wire.call import Reply

_CLAUSE = re.compile(r"""\s*([A-Za-z.]+)\s*(>=|<=|[:=<>])\s*(?:'((?:[^'\\]|\\.)*)'|"([^"]*)"|(\S+))\s*""")
_EXACT_ADDRESS = re.compile(r"""email=['"]?([^\s'"*]+@[^\s'"*]+)['"]?""")
_PARAMETERS = (
    "customFieldMask",
    "customer",
    "domain",
    "event",
    "maxResults",
    "orderBy",
    "pageToken",
    "projection",
    "query",
    "showDeleted",
    "sortOrder",
    "viewType",
)


def _name(user: User, part: str) -> list[str]:
    return [str((user.fields.get("name") or {}).get(part, ""))]


def _of(user: User, field: str, member: str) -> list[str]:
    items = user.fields.get(field) or []
    return [str(item.get(member, "")) for item in items if isinstance(item, dict)]


_VALUES: dict[str, Callable[[User], list[str]]] = {
    "email": lambda user: user.addresses,
    "givenName": lambda user: _name(user, "givenName"),
    "familyName": lambda user: _name(user, "familyName"),
    "name": lambda user: [
        *_name(user, "givenName"),
        *_name(user, "familyName"),
        " ".join(_name(user, "givenName") + _name(user, "familyName")),
    ],
    "orgUnitPath": lambda user: [user.org_unit],
    "isAdmin": lambda user: [str(user.is_admin).lower()],
    "isSuspended": lambda user: [str(user.is_suspended).lower()],
    "isArchived": lambda user: [str(bool(user.fields.get("archived"))).lower()],
    "externalId": lambda user: _of(user, "externalIds", "value"),
    "orgTitle": lambda user: _of(user, "organizations", "title"),
    "orgDepartment": lambda user: _of(user, "organizations", "department"),
    "orgName": lambda user: _of(user, "organizations", "name"),
    "manager": lambda user: _of(user, "relations", "value"),
    "phone": lambda user: _of(user, "phones", "value"),
}


@operation("GET", DIRECTORY + "users", scopes=READ_SCOPES, query=_PARAMETERS)
def list_users(context: Context) -> Reply:
    customer = context.customer
    domain = check_reach(context)
    deleted = context.boolean("showDeleted")
    projection = context.choice("projection", ("basic", "custom", "full")) or "basic"
    context.choice("viewType", ("admin_view", "domain_public"))
    size = context.integer("maxResults", default=100, low=1, high=500)
    users = customer.list_deleted() if deleted else list(customer.users.values())
    if domain:
        users = [user for user in users if user.primary_email.endswith("@" + domain)]
    if not deleted and context.behaviour.settle_lists:
        users = [user for user in users if not context.is_settling(user)]
    text = context.query.get("query")
    if text:
        matches = _parse_query(text)
        exact = _EXACT_ADDRESS.fullmatch(text)
        if exact and not deleted:  # one look-up instead of a walk through everybody
            known = customer.find_user(exact[1])
            users = [user for user in users if user is known]
        users = [user for user in users if all(match(user) for match in matches)]
    _sort(context, users)
    page, token = paged([{"id": user.id} for user in users], token=context.query.get("pageToken"), size=size)
    pool = customer.deleted if deleted else customer.users
    body: dict[str, Any] = {"kind": "admin#directory#users", "etag": etag(customer.id, len(users), token)}
    if page:  # Google leaves the member out of an empty page
        body["users"] = [show(context, pool[item["id"]], projection) for item in page]
    if token:
        body["nextPageToken"] = token
    return context.ok(body)


def check_reach(context: Context, *, needed: bool = True) -> str | None:
    """Check `customer`/`domain`: one is needed, only the caller's own is allowed. Return the domain, if given."""
    customer, wanted = context.customer, context.query.get("customer")
    domain = context.query.get("domain")
    if wanted is None and domain is None:
        if needed:
            raise GoogleError(400, "badRequest", "Bad Request")
        return None
    if wanted is not None and not is_own_customer(customer, wanted):
        raise forbidden()
    if domain is not None and domain.lower() not in customer.domains:
        raise GoogleError(404, "notFound", "Domain not found.")
    return domain.lower() if domain else None


def is_own_customer(customer: Customer, name: str) -> bool:
    return name in {"my_customer", customer.id}


def _sort(context: Context, users: list[User]) -> None:
    order = context.choice("orderBy", ("email", "familyName", "givenName"))
    descending = context.choice("sortOrder", ("ASCENDING", "DESCENDING")) == "DESCENDING"
    if order is not None:
        users.sort(key=lambda user: _VALUES[order](user)[0].lower(), reverse=descending)


def _parse_query(text: str) -> list[Callable[[User], bool]]:
    matches: list[Callable[[User], bool]] = []
    at = 0
    while at < len(text):
        clause = _CLAUSE.match(text, at)
        if clause is None or clause[1] not in _VALUES:
            raise invalid("Invalid Input: query")
        at = clause.end()
        value = next(group for group in clause.groups()[2:] if group is not None)
        matches.append(_matcher(clause[1], clause[2], value.replace("\\'", "'").lower()))
    return matches


def _matcher(field: str, operator: str, value: str) -> Callable[[User], bool]:
    values = _VALUES[field]
    if operator not in {":", "="}:
        raise invalid("Invalid Input: query")
    if operator == ":" and value.endswith("*"):
        start = value[:-1]
        return lambda user: any(one.lower().startswith(start) for one in values(user))
    if operator == ":":
        return lambda user: any(value in one.lower() for one in values(user))
    if field == "orgUnitPath":
        # An organisational unit's query takes its children in.
        return lambda user: (user.org_unit.lower() + "/").startswith(value.rstrip("/") + "/")
    return lambda user: any(value == one.lower() for one in values(user))
