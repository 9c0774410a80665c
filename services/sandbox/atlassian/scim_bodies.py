"""What a client may write into a record of the directory, and what PATCH does to it."""

from __future__ import annotations

import copy
import re
from typing import Any

from services.sandbox.atlassian.errors import invalid

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

_TEXTS = frozenset(
    {
        "externalId",
        "displayName",
        "nickName",
        "title",
        "preferredLanguage",
        "department",
        "organization",
        "timezone",
    }
)
_NAME = frozenset(
    {"formatted", "familyName", "givenName", "middleName", "honorificPrefix", "honorificSuffix"}
)
_ENTERPRISE = frozenset({"organization", "department"})
_READ_ONLY = frozenset({"id", "meta", "groups"})
_VALUE = frozenset({"value", "type", "primary"})
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_GROUP_MEMBERS = frozenset({"schemas", "displayName", "externalId", "members"}) | _READ_ONLY


def read_user(body: dict[str, Any]) -> tuple[str, dict[str, Any], bool | None]:
    """Return userName, the cleaned fields, and `active` (None when not said).

    Raises:
        AtlassianError: an unknown member, a wrong type, no userName, no single primary address.
    """
    _check_schemas(body, USER)
    for name in body:
        if name not in _TEXTS | _READ_ONLY | {
            "schemas",
            "userName",
            "emails",
            "name",
            "active",
            "phoneNumbers",
            ENTERPRISE,
        }:
            raise invalid(f"Attribute {name} is not supported", "invalidSyntax")
    user_name = body.get("userName")
    if not isinstance(user_name, str) or not user_name.strip():
        raise invalid("Attribute userName is required", "invalidValue")
    active = body.get("active")
    if active is not None and not isinstance(active, bool):
        raise invalid("Attribute active must be a boolean", "invalidValue")
    fields: dict[str, Any] = {name: _text(name, body[name]) for name in _TEXTS if body.get(name) is not None}
    fields["emails"] = _emails(body.get("emails"))
    if body.get("name") is not None:
        fields["name"] = _complex("name", body["name"], _NAME)
    if body.get("phoneNumbers"):
        fields["phoneNumbers"] = [_complex("phoneNumbers", one, _VALUE) for one in body["phoneNumbers"]]
    if body.get(ENTERPRISE) is not None:
        fields[ENTERPRISE] = _complex(ENTERPRISE, body[ENTERPRISE], _ENTERPRISE)
    return user_name, fields, active


def read_group(body: dict[str, Any]) -> tuple[str, str | None, list[str]]:
    """Return displayName, externalId and the ids of the members."""
    _check_schemas(body, GROUP)
    unknown = next((name for name in body if name not in _GROUP_MEMBERS), None)
    if unknown:
        raise invalid(f"Attribute {unknown} is not supported", "invalidSyntax")
    name = body.get("displayName")
    if not isinstance(name, str) or not name.strip():
        raise invalid("Attribute displayName is required", "invalidValue")
    external = body.get("externalId")
    return name, None if external is None else _text("externalId", external), member_ids(body.get("members"))


def member_ids(value: Any) -> list[str]:
    """Ids of a `members` value: a list of objects with `value`, or one such object."""
    items = value if isinstance(value, list) else [value] if value is not None else []
    for item in items:
        if not isinstance(item, dict) or not isinstance(item.get("value"), str):
            raise invalid("members must be objects with a value", "invalidValue")
    return [str(item["value"]) for item in items]


def read_operations(body: dict[str, Any]) -> list[tuple[str, str | None, Any]]:
    """The operations of a PATCH as (op, path, value), op in lower case."""
    _check_schemas(body, PATCH_OP)
    if "operations" in body or set(body) - {"schemas", "Operations"}:
        raise invalid("The payload must have Operations", "invalidSyntax")
    items = body.get("Operations")
    if not isinstance(items, list) or not items:
        raise invalid("The payload must have Operations", "invalidSyntax")
    return [_operation(item) for item in items]


def _operation(item: Any) -> tuple[str, str | None, Any]:
    if not isinstance(item, dict) or set(item) - {"op", "path", "value"}:
        raise invalid("An operation has op, path and value", "invalidSyntax")
    op = str(item.get("op", "")).lower()
    if op not in {"add", "replace", "remove"}:
        raise invalid(f"Unknown operation {item.get('op')}", "invalidSyntax")
    path = item.get("path")
    if op == "remove" and not path:
        raise invalid("remove needs a path", "noTarget")
    if path is None and not isinstance(item.get("value"), dict):
        raise invalid("an operation without a path needs an object", "invalidValue")
    return op, path, item.get("value")


def patched_user(document: dict[str, Any], operations: list[tuple[str, str | None, Any]]) -> dict[str, Any]:
    """The user's document after the operations. Paths: an attribute, `a.b`, `emails[type eq "x"].value`."""
    result = copy.deepcopy(document)
    for op, path, value in operations:
        if path is None:
            for name, item in value.items():
                _set(result, op, name, item)
        else:
            _set(result, op, path, value)
    return result


_FILTERED = re.compile(r"(\w+)\[(\w+) eq (.+)\](?:\.(\w+))?")


def _set(document: dict[str, Any], op: str, path: str, value: Any) -> None:
    match = _FILTERED.fullmatch(path)
    if match is not None:
        _set_in_list(document, op, match, value)
        return
    target, name = _target(document, path)
    if name in {"id", "meta", "groups"}:
        raise invalid(f"Attribute {name} is read-only", "mutability")
    if op == "remove":
        target.pop(name, None)
    elif isinstance(value, dict) and isinstance(target.get(name), dict):
        target[name] |= value
    elif op == "add" and isinstance(value, list) and isinstance(target.get(name), list):
        target[name] = [*target[name], *(one for one in value if one not in target[name])]
    else:
        target[name] = value


def _target(document: dict[str, Any], path: str) -> tuple[dict[str, Any], str]:
    if path.startswith("urn:"):
        schema, _, name = path.rpartition(":")
        if path in {ENTERPRISE, USER} or not name:
            return document, path
        if schema == USER:
            return document, name
        return document.setdefault(schema, {}), name
    head, _, rest = path.partition(".")
    if not rest:
        return document, head
    inner = document.setdefault(head, {})
    if not isinstance(inner, dict):
        raise invalid(f"Invalid path {path}", "invalidPath")
    return inner, rest


def _set_in_list(document: dict[str, Any], op: str, match: re.Match[str], value: Any) -> None:
    name, key, wanted, member = match[1], match[2], match[3].strip('"'), match[4]
    items = document.get(name) or []
    found = [one for one in items if str(one.get(key)).lower() == wanted.lower()]
    if not found:
        raise invalid(f"No {name} with {key} {wanted}", "noTarget")
    if op == "remove" and member is None:
        document[name] = [one for one in items if one not in found]
        return
    for one in found:
        if member is None:
            one.update(value)
        elif op == "remove":
            one.pop(member, None)
        else:
            one[member] = value


def _check_schemas(body: dict[str, Any], needed: str) -> None:
    schemas = body.get("schemas")
    if not isinstance(schemas, list) or needed not in schemas:
        raise invalid(f"schemas must contain {needed}", "invalidSyntax")
    if ENTERPRISE in body and ENTERPRISE not in schemas:
        raise invalid(f"schemas must contain {ENTERPRISE}", "invalidSyntax")


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise invalid(f"Attribute {name} must be a string", "invalidValue")
    return value


def _complex(name: str, value: Any, known: frozenset[str]) -> dict[str, Any]:
    if not isinstance(value, dict) or set(value) - known:
        raise invalid(f"Attribute {name} is invalid", "invalidValue")
    return {key: item for key, item in value.items() if item is not None}


def _emails(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not value:
        raise invalid("Attribute emails is required", "invalidValue")
    emails = [_complex("emails", one, _VALUE) for one in value]
    if any(not _ADDRESS.fullmatch(str(one.get("value", ""))) for one in emails):
        raise invalid("Email is invalid", "invalidValue")
    if sum(1 for one in emails if one.get("primary") is True) != 1:
        raise invalid("One email must be marked as primary", "invalidValue")
    return emails
