"""How an operation of Zoom's is declared: path, rate-limit label, scopes, query parameters, body."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.sandbox.behaviour import Behaviour
from services.sandbox.wire.call import Call, NotJsonError, Reply, json_bytes
from services.sandbox.wire.router import Router
from services.sandbox.wire.shape import Shape, find_misfit
from services.sandbox.zoom.errors import JSON_HEADERS, invalid, no_invitation, no_user
from services.sandbox.zoom.state import Account, User
from services.sandbox.zoom.tokens import Token

if TYPE_CHECKING:
    from services.sandbox.ledger import Ledger

LIGHT, MEDIUM, HEAVY = "light", "medium", "heavy"


@dataclass(slots=True)
class Context:
    """One authorised request."""

    call: Call
    token: Token
    args: dict[str, str]
    query: dict[str, str]
    body: dict[str, Any]
    behaviour: Behaviour
    ledger: Ledger
    announce: Callable[[str, User], object]
    """Post an event about the person to the account's webhook, if there is one."""

    @property
    def account(self) -> Account:
        return self.token.account

    def mode(self, name: str, default: str) -> str:
        return self.behaviour.modes.get(name, default)

    def record(self, kind: str, obj: str, user: User | None, detail: dict[str, Any] | None = None) -> None:
        self.ledger.record(
            self.call,
            tenant=self.account.domain,
            kind=kind,
            object=obj,
            keys=user.keys if user else [obj],
            detail=detail,
        )

    def is_settling(self, user: User) -> bool:
        return self.call.at - user.created_at < self.behaviour.settle_seconds and user.origin == "api"

    def user(self, *, write: bool = True) -> User:
        """Whom the path names; 404 code 1001, or 400 code 1120 where the invitation lapsed."""
        key = self.args["userId"]
        user = self.account.find_user(key)
        if user is None:
            raise no_user(key)
        if user.lapsed:
            raise no_invitation()
        if self.is_settling(user) and (write or self.behaviour.settle_reads):
            raise no_user(key)
        return user

    def integer(self, name: str, *, default: int, high: int) -> int:
        text = self.query.get(name)
        if text is None:
            return default
        if not text.isdigit() or not 1 <= int(text) <= high:
            raise invalid(name, f"The value must be between 1 and {high}.")
        return int(text)

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        value = self.query.get(name, default)
        if value not in choices:
            raise invalid(name)
        return value


def ok(body: dict[str, Any], status: int = 200) -> Reply:
    return Reply(status, json_bytes(body), JSON_HEADERS)


Handler = Callable[[Context], Reply]


@dataclass(frozen=True, slots=True)
class Operation:
    handler: Handler
    label: str
    scopes: frozenset[str]
    """Any one suffices; the first is the one that a refusal names."""
    scope: str
    query: frozenset[str]
    body: Shape | None


ROUTER: Router[Operation] = Router()


def operation(
    method: str,
    template: str,
    *,
    label: str,
    scopes: tuple[str, ...],
    query: tuple[str, ...] = (),
    body: Shape | None = None,
) -> Callable[[Handler], Handler]:
    """Register a handler below `/v2`; classic scopes come first, then the granular names."""

    def register(handler: Handler) -> Handler:
        entry = Operation(handler, label, frozenset(scopes), scopes[0], frozenset(query), body)
        ROUTER.add(method, "v2/" + template, entry)
        return handler

    return register


def read_query(call: Call, allowed: frozenset[str]) -> dict[str, str]:
    """The query parameters; a name that the operation does not have is refused."""
    query = dict(call.query)
    unknown = next((name for name in query if name not in allowed), None)
    if unknown is not None:
        raise invalid(unknown)
    return query


def read_body(call: Call, shape: Shape | None) -> dict[str, Any]:
    """The JSON body; 300 for a wrong media type, no JSON, an unknown member or a wrong type."""
    if shape is None:
        if call.body.strip() not in {b"", b"{}"}:
            raise invalid("body", "This method takes no body.")
        return {}
    if call.content_type != "application/json":
        raise invalid("Content-Type", "Unsupported media type.")
    try:
        body = call.json_object()
    except NotJsonError:
        raise invalid("body", "Request Body should be a valid JSON object.") from None
    misfit = find_misfit(body, shape)
    if misfit is not None:
        raise invalid(misfit.path)
    return body


def page(items: list[Any], context: Context, prefix: str) -> tuple[list[Any], dict[str, Any]]:
    """One page and its members; a token of another query or older than 15 minutes is refused."""
    size = context.integer("page_size", default=30, high=300)
    number = context.integer("page_number", default=1, high=1_000_000)
    start = (number - 1) * size
    token = context.query.get("next_page_token")
    if token:
        start = _read_token(token, prefix, context.call.at)
    end = start + size
    following = f"{prefix}~{end}~{int(context.call.at)}" if end < len(items) else ""
    about = {
        "page_count": -(-len(items) // size),
        "page_size": size,
        "total_records": len(items),
        "next_page_token": following,
    }
    if not token:
        about["page_number"] = number
    return items[start:end], about


_TOKEN_SECONDS = 15 * 60


def _read_token(token: str, prefix: str, now: float) -> int:
    parts = token.split("~")
    if len(parts) != 3 or parts[0] != prefix or not (parts[1] + parts[2]).isdigit():  # noqa: PLR2004 - as made above
        raise invalid("next_page_token", "The next page token is invalid or expired.")
    if now - int(parts[2]) > _TOKEN_SECONDS:
        raise invalid("next_page_token", "The next page token is invalid or expired.")
    return int(parts[1])
