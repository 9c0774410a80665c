"""PATCH of RFC 7644 section 3.5.2, and on request the leniency that clients of Microsoft Entra count on."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from services.sandbox.scim.errors import ScimError, invalid_path, invalid_syntax, invalid_value
from services.sandbox.scim.filters import compile_value_filter
from services.sandbox.scim.schemas import Attribute, ResourceType, find
from services.sandbox.scim.values import read_single, read_value

PATCH_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_OPS = frozenset({"add", "replace", "remove"})
_PATH = re.compile(r"([A-Za-z$][\w$-]*)(?:\[(.*)\])?(?:\.([A-Za-z$][\w$-]*))?", re.DOTALL)
_EQUALS = re.compile(r'\s*(\w+)\s+eq\s+"([^"]*)"\s*', re.IGNORECASE)


@dataclass(slots=True)
class _Target:
    extension: str | None
    attribute: Attribute | None
    """None: the extension as a whole."""
    fits: Callable[[dict[str, Any]], bool] | None = None
    sub: Attribute | None = None
    filter: str = ""


class Patcher:
    """Carries out the operations of one request on a copy of a document."""

    def __init__(self, kind: ResourceType, *, is_lenient: bool) -> None:
        self._kind = kind
        self._is_lenient = is_lenient

    def patched(self, document: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        """Return the new document; raise ScimError, in which case nothing has happened."""
        document = copy.deepcopy(document)
        for op, path, value in self._read(body):
            if path is None:
                self._without_path(document, op, value)
            else:
                self._at(document, op, path, value)
        return document

    def _read(self, body: dict[str, Any]) -> list[tuple[str, str | None, Any]]:
        schemas, operations = body.get("schemas"), body.get("Operations")
        if not isinstance(schemas, list) or PATCH_SCHEMA not in schemas:
            raise invalid_syntax(f"schemas must list {PATCH_SCHEMA}")
        if set(body) - {"schemas", "Operations"} or not isinstance(operations, list) or not operations:
            raise invalid_syntax("a PatchOp has schemas and Operations")
        return [self._operation(one) for one in operations]

    def _operation(self, one: Any) -> tuple[str, str | None, Any]:
        if not isinstance(one, dict) or set(one) - {"op", "path", "value"}:
            raise invalid_syntax("an operation has op, path and value")
        op, path = one.get("op"), one.get("path")
        if self._is_lenient and isinstance(op, str):
            op = op.lower()
        if op not in _OPS:
            raise invalid_syntax(f"op is add, remove or replace, not {op}")
        if path is not None and not isinstance(path, str):
            raise invalid_path("path is no text")
        if op != "remove" and "value" not in one:
            raise invalid_value(f"{op} needs a value")
        if op == "remove" and not path:
            raise ScimError(400, "remove needs a path", "noTarget")
        if op == "remove" and "value" in one and not self._is_lenient:
            raise invalid_syntax("remove takes no value: name the members in the path")
        return op, path or None, one.get("value")

    def _without_path(self, document: dict[str, Any], op: str, value: Any) -> None:
        if not isinstance(value, dict):
            raise invalid_value("without a path the value is an object")
        for name, part in value.items():
            if self._kind.extension(name) is None and "." in name and not self._is_lenient:
                raise invalid_syntax(f"unknown attribute {name}")
            if name.lower() == "schemas":
                continue
            self._at(document, op, name, part)

    def _at(self, document: dict[str, Any], op: str, path: str, value: Any) -> None:
        target = self._target(path)
        holder = document
        if target.extension is not None:
            holder = document.setdefault(target.extension, {})
        if target.attribute is None:
            self._whole_extension(document, target.extension or "", op, value)
        elif target.fits is not None:
            self._filtered(holder, op, target, value)
        elif target.sub is not None and not target.attribute.multi:
            inner = dict(holder.get(target.attribute.name) or {})
            _set(inner, target.sub, op, self._lenient(target.sub, value))
            _put(holder, target.attribute.name, inner)
        elif target.sub is not None:
            for item in holder.get(target.attribute.name) or []:
                _set(item, target.sub, op, self._lenient(target.sub, value))
        else:
            self._plain(holder, op, target.attribute, value)
        if target.extension is not None and not document.get(target.extension):
            document.pop(target.extension, None)

    def _whole_extension(self, document: dict[str, Any], urn: str, op: str, value: Any) -> None:
        if op == "remove":
            document.pop(urn, None)
            return
        if not isinstance(value, dict):
            raise invalid_value(f"{urn} is no object")
        for name, part in value.items():
            self._at(document, op, f"{urn}:{name}", part)

    def _plain(self, holder: dict[str, Any], op: str, attribute: Attribute, value: Any) -> None:
        value = self._lenient(attribute, value)
        if op == "remove" and attribute.multi and isinstance(value, list):
            gone = {item.get("value") for item in value if isinstance(item, dict)}
            kept = [item for item in holder.get(attribute.name) or [] if item.get("value") not in gone]
            _put(holder, attribute.name, kept)
        elif op != "remove" and attribute.type == "complex" and not attribute.multi:
            if not isinstance(value, dict):
                raise invalid_value(f"{attribute.name} is complex")
            inner = dict(holder.get(attribute.name) or {})
            for name, part in value.items():
                sub = attribute.find_sub(name)
                if sub is None:
                    raise invalid_syntax(f"unknown attribute {attribute.name}.{name}")
                if sub.mutability != "readOnly":
                    _set(inner, sub, op, part)
            _put(holder, attribute.name, inner)
        else:
            _set(holder, attribute, op, value)

    def _filtered(self, holder: dict[str, Any], op: str, target: _Target, value: Any) -> None:
        attribute, fits = target.attribute, target.fits
        if attribute is None or fits is None:  # the caller has looked; this tells the type checker
            return
        items: list[Any] = holder.get(attribute.name) or []
        chosen = [item for item in items if fits(item)]
        if not chosen and op == "remove":
            return
        if not chosen:
            chosen = [self._new_item(attribute, target)]
            items = [*items, *chosen]
        if op == "remove" and target.sub is None:
            _put(holder, attribute.name, [item for item in items if item not in chosen])
            return
        for item in chosen:
            if target.sub is not None:
                _set(item, target.sub, op, self._lenient(target.sub, value))
            else:
                item.update(read_single(attribute, value) or {})
        _put(holder, attribute.name, items)

    def _new_item(self, attribute: Attribute, target: _Target) -> dict[str, Any]:
        """Entra counts on `emails[type eq "work"].value` making the item that is missing; the RFC says noTarget."""
        match = _EQUALS.fullmatch(target.filter) if self._is_lenient else None
        sub = attribute.find_sub(match[1]) if match else None
        if match is None or sub is None:
            raise ScimError(400, "the filter of the path matches nothing", "noTarget")
        return {sub.name: match[2]}

    def _lenient(self, attribute: Attribute, value: Any) -> Any:
        """Entra also sends booleans as "True" and single values for multi-valued attributes."""
        if not self._is_lenient:
            return value
        if attribute.type == "boolean" and isinstance(value, str) and value.lower() in {"true", "false"}:
            return value.lower() == "true"
        if attribute.multi and isinstance(value, dict):
            return [value]
        return value

    def _target(self, path: str) -> _Target:
        extension, rest, attributes = self._split(path)
        if not rest:
            return _Target(extension, None)
        match = _PATH.fullmatch(rest)
        attribute = find(attributes, match[1]) if match else None
        if match is None or attribute is None:
            raise invalid_path(f"unknown path {path}")
        sub = attribute.find_sub(match[3]) if match[3] else None
        if match[3] and sub is None:
            raise invalid_path(f"unknown path {path}")
        for one in (attribute, sub):
            if one is not None and one.mutability == "readOnly":
                raise ScimError(400, f"{one.name} is read-only", "mutability")
        fits = None
        if match[2] is not None:
            if not attribute.multi:
                raise invalid_path(f"{attribute.name} has one value")
            fits = compile_value_filter(match[2], attribute)
        return _Target(extension, attribute, fits, sub, match[2] or "")

    def _split(self, path: str) -> tuple[str | None, str, tuple[Attribute, ...]]:
        lower = path.lower()
        for extension in self._kind.extensions:
            if lower == extension.id.lower():
                return extension.id, "", ()
            if lower.startswith(extension.id.lower() + ":"):
                return extension.id, path[len(extension.id) + 1 :], extension.attributes
        core = self._kind.schema.id
        if lower.startswith(core.lower() + ":"):
            path = path[len(core) + 1 :]
        return None, path, self._kind.core


def _set(holder: dict[str, Any], attribute: Attribute, op: str, value: Any) -> None:
    if op == "remove":
        holder.pop(attribute.name, None)
        return
    read = read_value(attribute, value)
    if op == "add" and attribute.multi:
        held = list(holder.get(attribute.name) or [])
        read = _merged(held, read or [])
    _put(holder, attribute.name, read)


def _merged(held: list[Any], added: list[Any]) -> list[Any]:
    """Adding what is there changes nothing; a new primary value takes the mark from the old one."""
    keys = {item.get("value") for item in held if isinstance(item, dict)}
    fresh = [
        item
        for item in added
        if item not in held and not (set(item) <= {"value", "$ref", "type"} and item.get("value") in keys)
    ]
    if any(item.get("primary") for item in fresh):
        held = [{name: one for name, one in item.items() if name != "primary"} for item in held]
    return [*held, *fresh]


def _put(holder: dict[str, Any], name: str, value: Any) -> None:
    if value is None or value in ([], {}):
        holder.pop(name, None)
    else:
        holder[name] = value
