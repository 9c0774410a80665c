"""Filters of RFC 7644 section 3.4.2.2: every operator, `and`, `or`, `not`, brackets, `attr[…]`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from services.sandbox.scim.errors import invalid_filter
from services.sandbox.scim.schemas import Attribute, ResourceType, find

Test = Callable[[dict[str, Any]], bool]

_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[()\[\]]|[^\s()\[\]"]+)')
_TEXT_TESTS: dict[str, Callable[[str, str], bool]] = {
    "co": lambda held, goal: goal in held,
    "sw": lambda held, goal: held.startswith(goal),
    "ew": lambda held, goal: held.endswith(goal),
    "gt": lambda held, goal: held > goal,
    "ge": lambda held, goal: held >= goal,
    "lt": lambda held, goal: held < goal,
    "le": lambda held, goal: held <= goal,
}
_OPERATORS = _TEXT_TESTS.keys() | {"eq", "ne"}
_MISSING = object()


@dataclass(slots=True)
class _Scope:
    """Where names are looked up: a resource, or the sub-attributes of one of its attributes."""

    kind: ResourceType | None
    attributes: tuple[Attribute, ...]


def compile_filter(text: str, kind: ResourceType) -> Test:
    """Return the test for documents of this resource type; raise ScimError `invalidFilter`."""
    return _compile(text, _Scope(kind, kind.core))


def compile_value_filter(text: str, attribute: Attribute) -> Test:
    """The test for one value of a multi-valued attribute, as in `emails[type eq "work"]`."""
    return _compile(text, _Scope(None, attribute.sub))


def _compile(text: str, scope: _Scope) -> Test:
    parser = _Parser(_tokens(text), scope)
    test = parser.either()
    if parser.peek() is not None:
        raise invalid_filter(f"unexpected {parser.peek()}")
    return test


def _tokens(text: str) -> list[str]:
    found, at, text = [], 0, text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise invalid_filter("the filter cannot be read")
        found.append(match[1])
        at = match.end()
    return found


class _Parser:
    def __init__(self, tokens: list[str], scope: _Scope) -> None:
        self._tokens = tokens
        self._at = 0
        self._scope = scope

    def peek(self) -> str | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _next(self) -> str:
        token = self.peek()
        if token is None:
            raise invalid_filter("the filter ends too early")
        self._at += 1
        return token

    def _is(self, word: str) -> bool:
        return (self.peek() or "").lower() == word

    def either(self) -> Test:
        tests = [self._both()]
        while self._is("or"):
            self._next()
            tests.append(self._both())
        return lambda document: any(test(document) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._is("and"):
            self._next()
            tests.append(self._one())
        return lambda document: all(test(document) for test in tests)

    def _one(self) -> Test:
        if self._is("not"):
            self._next()
            inner = self._bracketed()
            return lambda document: not inner(document)
        if self._is("("):
            return self._bracketed()
        path = self._next()
        return self._grouped(path) if self._is("[") else self._compared(path)

    def _bracketed(self) -> Test:
        if self._next() != "(":
            raise invalid_filter("a bracket is missing")
        test = self.either()
        if self._next() != ")":
            raise invalid_filter("a bracket is missing")
        return test

    def _grouped(self, path: str) -> Test:
        read, attribute = _resolve(path, self._scope)
        if not attribute.sub:
            raise invalid_filter(f"{path} has no parts")
        self._next()
        outer, self._scope = self._scope, _Scope(None, attribute.sub)
        test = self.either()
        self._scope = outer
        if self._next() != "]":
            raise invalid_filter("a bracket is missing")
        return lambda document: any(isinstance(one, dict) and test(one) for one in read(document))

    def _compared(self, path: str) -> Test:
        read, attribute = _resolve(path, self._scope)
        operator = self._next().lower()
        if operator == "pr":
            return lambda document: any(value not in (None, "", {}) for value in read(document))
        if operator not in _OPERATORS:
            raise invalid_filter(f"unknown operator {operator}")
        wanted = _literal(self._next())
        if attribute.type == "boolean" and operator in _TEXT_TESTS:
            raise invalid_filter(f"{operator} does not apply to {attribute.name}")
        if attribute.type == "complex":
            attribute, read = _value_of(attribute, read)
        return _comparison(read, attribute, operator, wanted)


def _value_of(
    attribute: Attribute, read: Callable[[dict[str, Any]], Iterator[Any]]
) -> tuple[Attribute, Callable[[dict[str, Any]], Iterator[Any]]]:
    """`emails eq "x"` compares `emails.value`."""
    value = attribute.find_sub("value")
    if value is None:
        raise invalid_filter(f"{attribute.name} has no value to compare")

    def read_values(document: dict[str, Any]) -> Iterator[Any]:
        return (one["value"] for one in read(document) if isinstance(one, dict) and "value" in one)

    return value, read_values


def _literal(token: str) -> Any:
    try:
        return json.loads(token)
    except ValueError as error:
        raise invalid_filter(f"{token} is no JSON value") from error


def _resolve(path: str, scope: _Scope) -> tuple[Callable[[dict[str, Any]], Iterator[Any]], Attribute]:
    extension, rest, attributes = None, path, scope.attributes
    if scope.kind is not None and path.lower().startswith("urn:"):
        extension, rest, attributes = _within_urn(path, scope.kind)
    head, _, tail = rest.partition(".")
    attribute = find(attributes, head)
    sub = attribute.find_sub(tail) if attribute is not None and tail else None
    if attribute is None or (tail and sub is None):
        raise invalid_filter(f"unknown attribute {path}")

    def read(document: dict[str, Any]) -> Iterator[Any]:
        held = document.get(extension, {}) if extension else document
        value = held.get(attribute.name, _MISSING)
        items = value if isinstance(value, list) else [value]
        for item in items:
            one = item.get(sub.name, _MISSING) if sub is not None and isinstance(item, dict) else item
            if one is not _MISSING:
                yield one

    return read, sub or attribute


def _within_urn(path: str, kind: ResourceType) -> tuple[str | None, str, tuple[Attribute, ...]]:
    for schema in (kind.schema, *kind.extensions):
        prefix = schema.id.lower() + ":"
        if path.lower().startswith(prefix):
            is_core = schema is kind.schema
            attributes = kind.core if is_core else schema.attributes
            return None if is_core else schema.id, path[len(prefix) :], attributes
    raise invalid_filter(f"unknown schema in {path}")


def _comparison(
    read: Callable[[dict[str, Any]], Iterator[Any]], attribute: Attribute, operator: str, wanted: Any
) -> Test:
    def fold(value: Any) -> Any:
        return value if attribute.case_exact or not isinstance(value, str) else value.lower()

    goal = fold(wanted)

    def test(value: Any) -> bool:
        held = fold(value)
        if operator == "eq":
            return bool(held == goal)
        return isinstance(held, str) and isinstance(goal, str) and _TEXT_TESTS[operator](held, goal)

    if operator == "ne":
        return lambda document: all(fold(value) != goal for value in read(document))
    return lambda document: any(test(value) for value in read(document))
