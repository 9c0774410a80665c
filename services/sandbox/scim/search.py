"""Querying by POST, RFC 7644 section 3.4.3, so that what is sought stands in no log of addresses."""

from __future__ import annotations

from services.sandbox.scim.errors import invalid_syntax, invalid_value
from services.sandbox.scim.operations import PAGING, Context, operation
from services.sandbox.wire.call import Reply

_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
_LISTS = frozenset({"attributes", "excludedAttributes"})


@operation("POST", "Users/.search", body=True)
def search_users(context: Context) -> Reply:
    _read(context)
    return context.listed(list(context.company.users.values()), context.users_type)


@operation("POST", "Groups/.search", body=True)
def search_groups(context: Context) -> Reply:
    _read(context)
    return context.listed(list(context.company.groups.values()), context.groups_type)


def _read(context: Context) -> None:
    """Turn the body into the query that a GET would have had."""
    body = dict(context.body)
    if body.pop("schemas", None) != [_SCHEMA]:
        raise invalid_syntax(f"schemas must be [{_SCHEMA}]")
    for name, value in body.items():
        if name not in PAGING:
            raise invalid_syntax(f"unknown attribute {name}")
        if (name in _LISTS) != isinstance(value, list):
            raise invalid_value(f"{name} has the wrong type")
        context.query[name] = ",".join(map(str, value)) if isinstance(value, list) else str(value)
