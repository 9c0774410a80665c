"""Bodies against their schema: canonical names, right types, nothing unknown, read-only members left out."""

from __future__ import annotations

from typing import Any

from services.sandbox.scim.errors import invalid_syntax, invalid_value
from services.sandbox.scim.schemas import Attribute, ResourceType, find

_KINDS: dict[str, type] = {"boolean": bool}


def read_resource(body: dict[str, Any], kind: ResourceType) -> dict[str, Any]:
    """Return the document that a client may write, in canonical names, without `schemas`.

    Raises:
        ScimError: `invalidSyntax` for what the schemas do not have, `invalidValue` for wrong or missing values.
    """
    urns = _read_schemas(body, kind)
    document: dict[str, Any] = {}
    for name, value in body.items():
        if name.lower() == "schemas":
            continue
        extension = kind.extension(name)
        if extension is not None:
            if extension.id not in urns:
                raise invalid_value(f"{extension.id} is used and not listed in schemas")
            if value is not None and not isinstance(value, dict):
                raise invalid_value(f"{extension.id} is no object")
            inner = _read_members(value or {}, extension.attributes, extension.id)
            if inner:
                document[extension.id] = inner
            continue
        document |= _read_members({name: value}, kind.core, "")
    for attribute in kind.schema.attributes:
        if attribute.required and not document.get(attribute.name):
            raise invalid_value(f"{attribute.name} is required")
    return document


def _read_schemas(body: dict[str, Any], kind: ResourceType) -> set[str]:
    listed = next((value for name, value in body.items() if name.lower() == "schemas"), None)
    if not isinstance(listed, list) or kind.schema.id not in listed:
        raise invalid_syntax(f"schemas must list {kind.schema.id}")
    known = {kind.schema.id, *(one.id for one in kind.extensions)}
    unknown = [one for one in listed if one not in known]
    if unknown:
        raise invalid_syntax(f"unknown schema {unknown[0]}")
    return set(listed)


def _read_members(body: dict[str, Any], attributes: tuple[Attribute, ...], where: str) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for name, value in body.items():
        attribute = find(attributes, name)
        if attribute is None:
            raise invalid_syntax(f"unknown attribute {where + '.' if where else ''}{name}")
        if attribute.mutability == "readOnly":
            continue  # RFC 7644 section 3.3: ignored, not refused
        value = read_value(attribute, value)  # noqa: PLW2901 - the same value, now known to be right
        if value is not None:
            read[attribute.name] = value
    return read


def read_value(attribute: Attribute, value: Any) -> Any:
    """The value in canonical form; None for what RFC 7643 section 2.5 calls unassigned (null, empty list)."""
    if value is None or value == []:
        return None
    if not attribute.multi:
        return read_single(attribute, value)
    if not isinstance(value, list):
        raise invalid_value(f"{attribute.name} is multi-valued")
    items = [read_single(attribute, item) for item in value]
    if sum(1 for item in items if isinstance(item, dict) and item.get("primary") is True) > 1:
        raise invalid_value(f"{attribute.name} has more than one primary value")
    return items


def read_single(attribute: Attribute, value: Any) -> Any:
    """One value of the attribute, whether or not it may have several."""
    if attribute.type == "complex":
        if not isinstance(value, dict):
            raise invalid_value(f"{attribute.name} is complex")
        inner = _read_members(value, attribute.sub, attribute.name)
        for sub in attribute.sub:
            if sub.required and not inner.get(sub.name):
                raise invalid_value(f"{attribute.name}.{sub.name} is required")
        return inner or None
    expected = _KINDS.get(attribute.type, str)
    if not isinstance(value, expected):
        raise invalid_value(f"{attribute.name} is of type {attribute.type}")
    return value
