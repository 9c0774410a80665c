"""The part of OData's `$filter` that clients of user and group directories use.

Graph answers some operators only as "advanced queries" (header `ConsistencyLevel: eventual` with
`$count=true`); `parse` says whether a filter holds one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from services.sandbox.microsoft.errors import bad_request, unsupported_query

Object = Mapping[str, Any]
Test = Callable[[Object], bool]

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:[^']|'')*')|(?P<punct>[(),:])|(?P<word>[A-Za-z0-9_@.$/\-]+))""",
)
_ANY = re.compile(r"([A-Za-z]+)/any")


Keys = frozenset[tuple[str, str]]
_INDEXED = frozenset({"userPrincipalName", "mailNickname", "mail"})


@dataclass(frozen=True, slots=True)
class Node:
    """A parsed part. `keys`: whatever fits has one of these values, so an index may offer the candidates."""

    test: Test
    keys: Keys | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    test: Test
    keys: Keys | None
    is_advanced: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """`plain` properties filter with eq, in and startswith; `advanced` ones only as advanced queries."""

    resource: str
    plain: frozenset[str]
    advanced: frozenset[str]
    collections: frozenset[str]


USER_RULES = Rules(
    "User",
    plain=frozenset(
        {
            "accountEnabled",
            "city",
            "country",
            "department",
            "displayName",
            "employeeId",
            "givenName",
            "id",
            "jobTitle",
            "mail",
            "mailNickname",
            "state",
            "surname",
            "usageLocation",
            "userPrincipalName",
            "userType",
        }
    ),
    advanced=frozenset(
        {"companyName", "mobilePhone", "officeLocation", "postalCode", "streetAddress", "employeeType"}
        | {f"onPremisesExtensionAttributes/extensionAttribute{number}" for number in range(1, 16)}
    ),
    collections=frozenset({"proxyAddresses", "otherMails", "businessPhones"}),
)
GROUP_RULES = Rules(
    "Group",
    plain=frozenset({"displayName", "id", "mail", "mailEnabled", "mailNickname", "securityEnabled"}),
    advanced=frozenset({"description", "visibility"}),
    collections=frozenset({"groupTypes", "proxyAddresses"}),
)


def parse(text: str, rules: Rules) -> Filter:
    """Parse a filter; raise GraphError 400 for a syntax or property that the resource does not have."""
    parser = _Parser(_tokens(text), rules)
    node = parser.expression()
    if parser.peek() is not None:
        _syntax(parser.peek() or "")
    return Filter(node.test, node.keys, parser.is_advanced)


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None:
            _syntax(text[at:])
        tokens.append(match[match.lastgroup or "word"])
        at = match.end()
    return tokens


def _syntax(token: str) -> NoReturn:
    raise bad_request(f"Invalid filter clause: Syntax error at '{token}'.", code="BadRequest")


class _Parser:
    def __init__(self, tokens: list[str], rules: Rules) -> None:
        self._tokens = tokens
        self._at = 0
        self._rules = rules
        self.is_advanced = False

    def peek(self) -> str | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def take(self, wanted: str | None = None) -> str:
        token = self.peek()
        if token is None or (wanted is not None and token != wanted):
            _syntax(token or "end of filter")
        self._at += 1
        return token

    def expression(self) -> Node:
        left = self.conjunction()
        while self.peek() == "or":
            self.take()
            left = _either(left, self.conjunction())
        return left

    def conjunction(self) -> Node:
        left = self.term()
        while self.peek() == "and":
            self.take()
            left = _both(left, self.term())
        return left

    def term(self) -> Node:
        word = self.peek()
        if word == "not":
            self.take()
            self.is_advanced = True
            inner = self.term()
            return Node(lambda item: not inner.test(item))
        if word == "(":
            self.take()
            inner = self.expression()
            self.take(")")
            return inner
        if word in {"startswith", "startsWith", "endswith", "endsWith"}:
            return Node(self.affix())
        match = _ANY.fullmatch(word or "")
        return self.any_of(match[1]) if match else self.comparison(self.property())

    def affix(self) -> Test:
        function = self.take().lower()
        self.take("(")
        name = self.property()
        self.take(",")
        value = self.text()
        self.take(")")
        if function == "endswith":
            if name not in {"mail", "userPrincipalName", "proxyAddresses"}:
                raise unsupported_query(f"Unsupported filter operator endsWith for property '{name}'.")
            self.is_advanced = True
            return lambda item: _text(_read(item, name)).endswith(value)
        return lambda item: _text(_read(item, name)).startswith(value)

    def comparison(self, name: str) -> Node:
        operator = self.take()
        if operator == "in":
            return Node(self.in_list(name))
        if operator not in {"eq", "ne"}:
            raise unsupported_query(f"Unsupported Query: operator '{operator}' on property '{name}'.")
        value = self.value()
        if operator == "ne":
            self.is_advanced = True
            return Node(lambda item: _folded(_read(item, name)) != value)
        keys = frozenset({(name, value)}) if name in _INDEXED and isinstance(value, str) else None
        return Node(lambda item: _folded(_read(item, name)) == value, keys)

    def in_list(self, name: str) -> Test:
        self.take("(")
        values = [self.value()]
        while self.peek() == ",":
            self.take()
            values.append(self.value())
        self.take(")")
        return lambda item: _folded(_read(item, name)) in values

    def any_of(self, name: str) -> Node:
        if name not in self._rules.collections:
            self.unknown(name)
        self.take()
        self.take("(")
        variable = self.take()
        self.take(":")
        if self.peek() in {"startswith", "startsWith"}:
            self.take()
            self.take("(")
            self.take(variable)
            self.take(",")
            start = self.text()
            self.take(")")
            self.take(")")
            return Node(lambda item: any(_text(one).startswith(start) for one in item.get(name) or ()))
        self.take(variable)
        self.take("eq")
        value = self.value()
        self.take(")")
        return Node(lambda item: any(_folded(one) == value for one in item.get(name) or ()))

    def property(self) -> str:
        name = self.take()
        if name in self._rules.advanced:
            self.is_advanced = True
        elif name not in self._rules.plain:
            self.unknown(name)
        return name

    def unknown(self, name: str) -> NoReturn:
        raise bad_request(
            f"Invalid filter clause: Could not find a property named '{name}' on type"
            f" 'microsoft.graph.{self._rules.resource.lower()}', or it cannot be filtered.",
            code="BadRequest",
        )

    def text(self) -> str:
        token = self.take()
        if not token.startswith("'"):
            _syntax(token)
        return _unquote(token)

    def value(self) -> Any:
        token = self.take()
        if token.startswith("'"):
            return _unquote(token)
        literals: dict[str, bool | None] = {"true": True, "false": False, "null": None}
        if token not in literals:
            _syntax(token)
        return literals[token]


def _either(left: Node, right: Node) -> Node:
    keys = left.keys | right.keys if left.keys is not None and right.keys is not None else None
    return Node(lambda item: left.test(item) or right.test(item), keys)


def _both(left: Node, right: Node) -> Node:
    keys = left.keys if left.keys is not None else right.keys
    return Node(lambda item: left.test(item) and right.test(item), keys)


def _unquote(token: str) -> str:
    return token[1:-1].replace("''", "'").lower()


def _read(item: Object, name: str) -> Any:
    value: Any = item
    for part in name.split("/"):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _folded(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _text(value: Any) -> str:
    return value.lower() if isinstance(value, str) else ""
