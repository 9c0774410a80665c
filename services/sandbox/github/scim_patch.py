"""PatchOp as GitHub reads it: no filters in paths, values with or without a path."""

from __future__ import annotations

from typing import Any

from services.sandbox.github.errors import ScimError

_VERBS = ("add", "replace", "remove")
_NESTED = frozenset({"name"})
USER_ATTRIBUTES = frozenset(
    {"active", "userName", "externalId", "displayName", "name", "emails", "roles", "givenName", "familyName"}
)
PATCH_BODY = {"schemas": ["string"], "Operations": ["object"]}


def patched(attributes: dict[str, Any], operations: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the attributes of a user after the operations; raise ScimError on what GitHub does not take."""
    result = {**attributes}
    for verb, path, value in read_operations(operations):
        changes = {path: value} if path else value
        if not isinstance(changes, dict):
            raise ScimError(400, "value must be an object where no path is given", scim_type="invalidValue")
        for name, new in changes.items():
            _apply(result, verb, name, new)
    return result


def read_operations(operations: list[dict[str, Any]]) -> list[tuple[str, str | None, Any]]:
    """Check the operations' form and return verb, path and value of each."""
    if not operations:
        raise ScimError(400, "Operations must not be empty", scim_type="invalidSyntax")
    found = []
    for one in operations:
        unknown = set(one) - {"op", "path", "value"}
        verb = str(one.get("op", "")).lower()
        if unknown or verb not in _VERBS:
            raise ScimError(
                400, f"Invalid operation: {sorted(unknown) or one.get('op')}", scim_type="invalidSyntax"
            )
        path = one.get("path")
        if path is not None and (not isinstance(path, str) or "[" in path):
            raise ScimError(400, f"Unsupported path: {path}", scim_type="invalidPath")
        found.append((verb, path, one.get("value")))
    return found


def _apply(result: dict[str, Any], verb: str, name: str, value: Any) -> None:
    head, _, rest = name.partition(".")
    if head not in USER_ATTRIBUTES:
        raise ScimError(400, f"Unknown attribute: {name}", scim_type="invalidPath")
    if head in {"givenName", "familyName"}:
        head, rest = "name", head
    if head == "active" and not isinstance(value, bool):
        if str(value).lower() not in {"true", "false"}:
            raise ScimError(400, "active must be a boolean", scim_type="invalidValue")
        value = str(value).lower() == "true"
    if verb == "remove":
        result.pop(head, None)
    elif head in _NESTED:
        result[head] = {**(result.get(head) or {}), **({rest: value} if rest else value)}
    else:
        result[head] = value
