"""A JSON value against one schema of an OpenAPI or Swagger file, stricter than the files are about themselves.

Objects that declare members are closed unless the file opens them with `additionalProperties`: what a vendor does not
publish is a fault until somebody lists it as an exception with its reason. `oneOf` is read as `anyOf`, because the
vendors' alternatives overlap.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from typing import Any, Literal
from uuid import UUID

import jsonschema

Schema = Mapping[str, Any]
Direction = Literal["request", "answer"]

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:?\d\d)")
_SCALAR = frozenset(
    {
        *("type", "enum", "const", "format", "pattern", "minLength", "maxLength", "multipleOf"),
        *(
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "minItems",
            "maxItems",
            "uniqueItems",
        ),
    }
)
_OLD_EXCLUSIVE = ("exclusiveMinimum", "exclusiveMaximum")
_TOO_MANY_SHAPES = 512


def _is_moment(text: str) -> bool:
    return _MOMENT.fullmatch(text) is not None


def _is_date(text: str) -> bool:
    return bool(datetime.strptime(text, "%Y-%m-%d"))  # noqa: DTZ007 - a day has no zone


def _is_uuid(text: str) -> bool:
    return bool(UUID(text))


def _is_address(text: str) -> bool:
    return "@" in text


_TEXTS = {"date-time": _is_moment, "date": _is_date, "uuid": _is_uuid, "email": _is_address}
_BITS = {"int32": 31, "int64": 63}


def _make_formats() -> jsonschema.FormatChecker:
    """Those that vendors keep to. Everything that is not of the format's type is left to `type`."""
    formats = jsonschema.FormatChecker(formats=())
    for name, fits in _TEXTS.items():
        formats.checks(name, raises=ValueError)(
            lambda value, fits=fits: not isinstance(value, str) or fits(value)
        )
    for name, bits in _BITS.items():
        formats.checks(name)(lambda value, bits=bits: not isinstance(value, int) or abs(value) < 1 << bits)
    return formats


_FORMATS = _make_formats()


@dataclass(frozen=True)
class Shape:
    """One way to fulfil a schema, with every reference and composition resolved."""

    checks: tuple[Schema, ...] = ()
    """The keywords that `jsonschema` judges."""
    members: Mapping[str, tuple[Schema, ...]] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    extras: tuple[Schema, ...] = ()
    """What further members must be."""
    is_open: bool = False
    is_sealed: bool = False
    """Says itself that there are no further members, even where it declares none."""
    items: tuple[Schema, ...] = ()
    nullable: bool = False

    def merged_with(self, other: Shape) -> Shape:
        """Both at once, as `allOf` and siblings of a `$ref` mean it."""
        members = dict(self.members)
        for name, schemas in other.members.items():
            members[name] = members.get(name, ()) + schemas
        return Shape(
            checks=self.checks + other.checks,
            members=members,
            required=self.required | other.required,
            extras=self.extras + other.extras,
            is_open=self.is_open or other.is_open,
            is_sealed=self.is_sealed or other.is_sealed,
            items=self.items + other.items,
            nullable=self.nullable or other.nullable,
        )


class Resolver:
    """Follows the references inside one document, into array positions too."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def resolve(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """Follow a reference, and those that it leads to; what is none is returned as it is."""
        while isinstance(node.get("$ref"), str):
            node = self._follow(node["$ref"])
        return node

    def _follow(self, reference: str) -> Mapping[str, Any]:
        if not reference.startswith("#/"):
            raise ValueError(f"{reference} leads out of the file")
        found: Any = self._document
        for part in reference[2:].split("/"):
            name = re.sub(r"%([0-9A-Fa-f]{2})", lambda match: chr(int(match[1], 16)), part)
            name = name.replace("~1", "/").replace("~0", "~")
            found = found[int(name)] if isinstance(found, list) else found[name]
        if not isinstance(found, dict):
            raise ValueError(f"{reference} leads to no object")  # noqa: TRY004 - a wrong file, not a wrong type
        return found

    def list_shapes(self, schema: Schema) -> list[Shape]:
        """Every way to fulfil a schema.

        Raises:
            ValueError: a reference cannot be followed, or the alternatives are too many to try.
        """
        groups = [[_own_shape(schema)]]
        if "$ref" in schema:
            groups.append(self.list_shapes(self._follow(schema["$ref"])))
        groups += [self.list_shapes(part) for part in schema.get("allOf", ())]
        for word in ("oneOf", "anyOf"):
            if schema.get(word):
                groups.append([shape for part in schema[word] for shape in self.list_shapes(part)])
        shapes = []
        for combination in product(*groups):
            merged = combination[0]
            for shape in combination[1:]:
                merged = merged.merged_with(shape)
            shapes.append(merged)
            if len(shapes) > _TOO_MANY_SHAPES:
                raise ValueError("a schema has more alternatives than can be tried")
        return shapes


def _own_shape(schema: Schema) -> Shape:
    """What a schema says beside its references and compositions."""
    extra = schema.get("additionalProperties")
    items = schema.get("items")
    if isinstance(items, list):  # Slack's way to say: each is one of these
        items = {"anyOf": items} if items else None
    required = schema.get("required")
    kinds = schema.get("type")
    return Shape(
        checks=tuple(_checks(schema)),
        members={name: (one,) for name, one in schema.get("properties", {}).items()},
        required=frozenset(required) if isinstance(required, list) else frozenset(),
        extras=(extra,) if isinstance(extra, dict) and extra else (),
        is_open=extra is not None and extra is not False,
        is_sealed=extra is False,
        items=(items,) if items else (),
        nullable=schema.get("nullable") is True
        or schema.get("x-nullable") is True
        or (kinds is None and "type" in schema)
        or kinds == "null"
        or (isinstance(kinds, list) and "null" in kinds),
    )


def _checks(schema: Schema) -> Iterator[Schema]:
    found = {name: value for name, value in schema.items() if name in _SCALAR and value is not None}
    if found.get("type") == "file":
        del found["type"]
    for name in _OLD_EXCLUSIVE:
        if isinstance(found.get(name), bool):  # OpenAPI 3.0 and Swagger 2: a flag on the bound
            bound = name.removeprefix("exclusive").lower()
            if found.pop(name) and bound in found:
                found[name] = found.pop(bound)
    if found:
        yield found


def judge_value(
    value: Any, schemas: Sequence[Schema], resolver: Resolver, direction: Direction, where: str = "$"
) -> list[str]:
    """What is wrong with a value that must fulfil all these schemas; the least faulty alternative speaks."""
    best: list[str] | None = None
    for shape in resolver.list_shapes({"allOf": list(schemas)}):
        faults = _judge_shape(value, shape, resolver, direction, where)
        if best is None or len(faults) < len(best):
            best = faults
        if not best:
            break
    return best or []


def _judge_shape(value: Any, shape: Shape, resolver: Resolver, direction: Direction, where: str) -> list[str]:
    if value is None and shape.nullable:
        return []
    faults = [fault for check in shape.checks for fault in _judge_scalar(value, check, where)]
    if faults:
        return faults
    if isinstance(value, dict):
        return _judge_object(value, shape, resolver, direction, where)
    if isinstance(value, list) and shape.items:
        for index, item in enumerate(value):
            faults += judge_value(item, shape.items, resolver, direction, f"{where}[{index}]")
    return faults


def _judge_scalar(value: Any, check: Schema, where: str) -> Iterator[str]:
    validator = jsonschema.Draft202012Validator(check, format_checker=_FORMATS)
    for error in validator.iter_errors(value):
        yield f"{where}: {error.message}"


def _judge_object(
    value: Mapping[str, Any], shape: Shape, resolver: Resolver, direction: Direction, where: str
) -> list[str]:
    faults = [
        f"{where}.{name} is missing"
        for name in sorted(shape.required - value.keys())
        if not _is_for_the_other_side(shape.members.get(name, ()), resolver, direction)
    ]
    is_closed = shape.is_sealed or (bool(shape.members) and not shape.is_open)
    for name, inner in value.items():
        schemas = shape.members.get(name)
        if schemas is None:
            if is_closed:
                faults.append(f"{where}.{name} is undeclared")
            elif shape.extras:
                faults += judge_value(inner, shape.extras, resolver, direction, f"{where}.{name}")
        elif _is_for_the_other_side(schemas, resolver, direction):
            faults.append(f"{where}.{name} does not belong into this {direction}")
        else:
            faults += judge_value(inner, schemas, resolver, direction, f"{where}.{name}")
    return faults


def _is_for_the_other_side(schemas: Sequence[Schema], resolver: Resolver, direction: Direction) -> bool:
    word = "readOnly" if direction == "request" else "writeOnly"
    return any(schema.get(word) is True or resolver.resolve(schema).get(word) is True for schema in schemas)
