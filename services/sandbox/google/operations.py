"""How an operation of Google's is declared: path, scopes, query parameters, body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.sandbox.behaviour import Behaviour
from services.sandbox.google.errors import JSON_HEADERS, GoogleError, invalid, not_complete, unknown_name
from services.sandbox.google.masks import apply_mask
from services.sandbox.google.schema import Schema, read_body
from services.sandbox.google.state import Customer, User
from services.sandbox.google.tokens import SCOPE, Token
from services.sandbox.wire.call import Call, Reply, json_bytes
from services.sandbox.wire.router import Router

if TYPE_CHECKING:
    from services.sandbox.ledger import Ledger

DIRECTORY = "admin/directory/v1/"
LICENSING = "apps/licensing/v1/"

_STANDARD_PARAMETERS = frozenset(
    {
        "alt",
        "fields",
        "key",
        "prettyPrint",
        "quotaUser",
        "$.xgafv",
        "callback",
        "uploadType",
        "upload_protocol",
    }
)


@dataclass(slots=True)
class Context:
    """One authorised request: whose directory, who asks, with what."""

    call: Call
    token: Token
    args: dict[str, str]
    query: dict[str, str]
    body: dict[str, Any]
    behaviour: Behaviour
    ledger: Ledger

    @property
    def customer(self) -> Customer:
        return self.token.customer

    def record(self, kind: str, obj: str, user: User | None, detail: dict[str, Any] | None = None) -> None:
        self.ledger.record(
            self.call,
            tenant=self.customer.primary_domain,
            kind=kind,
            object=obj,
            keys=user.keys if user else [obj],
            detail=detail,
        )

    def ok(self, body: dict[str, Any]) -> Reply:
        """Return 200 with the body, cut to the partial response that `fields` asks for."""
        mask = self.query.get("fields")
        return Reply(200, json_bytes(apply_mask(body, mask) if mask else body), JSON_HEADERS)

    def is_settling(self, user: User) -> bool:
        return self.call.at - user.created_at < self.behaviour.settle_seconds and user.origin == "api"

    def must_have_settled(self, user: User) -> None:
        """Raise 412 for an account that was created a moment ago, 409 for one renamed a moment ago."""
        if self.is_settling(user):
            raise not_complete()
        if self.call.at - user.renamed_at < self.behaviour.rename_settle_seconds:
            raise GoogleError(409, "conflict", "Conflict")

    def boolean(self, name: str) -> bool:
        value = self.query.get(name, "false")
        if value not in {"true", "false"}:
            raise invalid(f"Invalid value at '{name}' (TYPE_BOOL), \"{value}\"")
        return value == "true"

    def integer(self, name: str, *, default: int, low: int, high: int) -> int:
        text = self.query.get(name)
        if text is None:
            return default
        if not text.isdigit() or not low <= int(text) <= high:
            raise invalid(f"Invalid value '{text}'. Values must be within the range: [{low}, {high}]")
        return int(text)

    def choice(self, name: str, choices: tuple[str, ...]) -> str | None:
        value = self.query.get(name)
        if value is not None and value not in choices:
            raise invalid(f"Invalid value at '{name}' (TYPE_ENUM), \"{value}\"")
        return value


Handler = Callable[[Context], Reply]


@dataclass(frozen=True, slots=True)
class Operation:
    handler: Handler
    scopes: frozenset[str]
    query: frozenset[str]
    body: Schema | None
    root: str


ROUTER: Router[Operation] = Router()


def operation(
    method: str,
    template: str,
    *,
    scopes: tuple[str, ...],
    query: tuple[str, ...] = (),
    body: Schema | None = None,
    root: str = "",
) -> Callable[[Handler], Handler]:
    """Register a handler; `scopes` are short names, any one of which suffices."""

    def register(handler: Handler) -> Handler:
        entry = Operation(handler, frozenset(SCOPE + name for name in scopes), frozenset(query), body, root)
        ROUTER.add(method, template, entry)
        return handler

    return register


def read_query(call: Call, allowed: frozenset[str]) -> dict[str, str]:
    """Return the query parameters; raise GoogleError on one that the operation does not have."""
    query: dict[str, str] = {}
    for name, value in call.query:
        if name not in allowed and name not in _STANDARD_PARAMETERS:
            raise unknown_name(name, "", query=True)
        query[name] = value
    if query.get("alt", "json") != "json":
        raise invalid(f"Invalid value '{query['alt']}' for alt")
    return query


def read_payload(call: Call, entry: Operation) -> dict[str, Any]:
    if entry.body is not None:
        return read_body(call, entry.body, entry.root)
    if call.body.strip() not in {b"", b"{}"}:
        raise GoogleError(400, "invalid", "Invalid JSON payload received. This method takes no body.")
    return {}


def paged(
    items: list[dict[str, Any]], *, token: str | None, size: int
) -> tuple[list[dict[str, Any]], str | None]:
    """Cut one page; raise 400 for a token that this service did not make."""
    start = 0
    if token:
        prefix, _, number = token.partition("~")
        if prefix != "page" or not number.isdigit():
            raise invalid("Invalid Input: pageToken")
        start = int(number)
    end = start + size
    return items[start:end], f"page~{end}" if end < len(items) else None


def without_none(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}
