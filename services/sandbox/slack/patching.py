"""PATCH of a user: RFC 7644's operations with the paths that Slack's page shows."""

from __future__ import annotations

import copy
import re
from typing import Any

from services.sandbox.slack.bodies import ENTERPRISE, GUEST, LISTS, PROFILE, is_true
from services.sandbox.slack.errors import SlackError

PATCH_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_OPS = frozenset({"add", "replace", "remove"})
_EXTENSIONS = (ENTERPRISE, GUEST, PROFILE)
_LISTS = frozenset({*LISTS, "emails"})
_ITEM = re.compile(r'(\w+)\[(primary|value) eq "?([^"\]]*)"?\](?:\.(\w+))?')


def read_operations(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the operations with `op` in lower case; raise SlackError for what is no PatchOp."""
    schemas = body.get("schemas")
    if not isinstance(schemas, list) or PATCH_SCHEMA not in schemas:
        raise SlackError("missing_schema_element")
    operations = body.get("Operations")
    if set(body) - {"schemas", "Operations"} or not isinstance(operations, list) or not operations:
        raise SlackError("invalid_request_payload", note="a PatchOp has schemas and Operations")
    read = []
    for one in operations:
        op = str(one.get("op", "")).lower() if isinstance(one, dict) else ""
        if op not in _OPS or set(one) - {"op", "path", "value"}:
            raise SlackError("invalid_request_payload", note="an operation has op, path and value")
        if op != "remove" and "value" not in one:
            raise SlackError("invalid_request_payload", note=f"{op} needs a value")
        read.append({**one, "op": op})
    return read


def patched(document: dict[str, Any], operations: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a copy of the document with the operations carried out."""
    body = copy.deepcopy(document)
    for one in operations:
        path = one.get("path")
        if path is not None and not isinstance(path, str):
            raise SlackError("invalid_request_payload", note="path is no text")
        if path:
            _at(body, one["op"], path, one.get("value"))
        else:
            _without_path(body, one)
    return body


def _without_path(body: dict[str, Any], one: dict[str, Any]) -> None:
    value = one.get("value")
    if one["op"] == "remove" or not isinstance(value, dict):
        raise SlackError("invalid_request_payload", note="without a path the value is an object")
    for name, part in value.items():
        _at(body, one["op"], name, part)


def _at(body: dict[str, Any], op: str, path: str, value: Any) -> None:
    for urn in _EXTENSIONS:
        if path == urn:
            _set(body, op, urn, value)
            return
        if path.startswith(urn + ":"):
            _nested(body, op, urn, path.removeprefix(urn + ":"), value)
            return
    match = _ITEM.fullmatch(path)
    if match and match[1] in _LISTS:
        _item(body, op, match, value)
    elif path.partition(".")[0] == "name" and "." in path:
        _nested(body, op, "name", path.partition(".")[2], value)
    elif "[" in path or "." in path:
        raise SlackError("invalid_query", note=f"the path {path} is not understood")
    else:
        _set(body, op, path, value)


def _set(body: dict[str, Any], op: str, name: str, value: Any) -> None:
    if op == "remove":
        body.pop(name, None)
    elif op == "add" and name in _LISTS:
        items = value if isinstance(value, list) else [value]
        body[name] = [*(body.get(name) or []), *items]
    elif isinstance(value, dict) and isinstance(body.get(name), dict):
        body[name] = {**body[name], **value}
    else:
        body[name] = value


def _nested(body: dict[str, Any], op: str, name: str, rest: str, value: Any) -> None:
    inner = dict(body.get(name) or {})
    head, _, tail = rest.partition(".")
    if tail:
        _nested(inner, op, head, tail, value)
    elif op == "remove":
        inner.pop(head, None)
    else:
        inner[head] = value
    body[name] = inner


def _item(body: dict[str, Any], op: str, match: re.Match[str], value: Any) -> None:
    name, attribute, wanted, part = match[1], match[2], match[3], match[4]
    items = [dict(item) for item in body.get(name) or [] if isinstance(item, dict)]
    chosen = [item for item in items if _fits(item, attribute, wanted)]
    if op == "remove" and not part:
        body[name] = [item for item in items if item not in chosen]
        return
    if not chosen and op != "remove":
        chosen = [{attribute: True if wanted.lower() == "true" else wanted}]
        items += chosen
    for item in chosen:
        if op == "remove":
            item.pop(part, None)
        elif part:
            item[part] = value
        elif isinstance(value, dict):
            item.update(value)
        else:
            raise SlackError("invalid_request_payload", note=f"an item of {name} is an object")
    body[name] = items


def _fits(item: dict[str, Any], attribute: str, wanted: str) -> bool:
    if attribute == "primary":
        return is_true(item.get("primary")) == (wanted.lower() == "true")
    return str(item.get("value", "")).lower() == wanted.lower()
