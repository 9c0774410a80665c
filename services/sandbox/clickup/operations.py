"""How an operation of ClickUp's is declared: path, query parameters, body, whether the plan must be Enterprise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.sandbox.behaviour import Behaviour
from services.sandbox.clickup.errors import JSON_HEADERS, ClickUpError, invalid, not_found
from services.sandbox.clickup.state import User, Workspace
from services.sandbox.wire.call import Call, NotJsonError, Reply, json_bytes
from services.sandbox.wire.router import Router
from services.sandbox.wire.shape import Shape, find_misfit

if TYPE_CHECKING:
    from services.sandbox.ledger import Ledger


@dataclass(slots=True)
class Context:
    """One authorised request."""

    call: Call
    workspace: Workspace
    args: dict[str, str]
    query: dict[str, str]
    body: dict[str, Any]
    behaviour: Behaviour
    ledger: Ledger

    def mode(self, name: str, default: str) -> str:
        return self.behaviour.modes.get(name, default)

    def record(self, kind: str, obj: str, user: User | None, detail: dict[str, Any] | None = None) -> None:
        self.ledger.record(
            self.call,
            tenant=self.workspace.domain,
            kind=kind,
            object=obj,
            keys=user.keys if user else [obj],
            detail=detail,
        )

    def is_settling(self, user: User) -> bool:
        return self.call.at - user.invited_at < self.behaviour.settle_seconds and user.origin == "api"

    def user(self, name: str = "user_id", *, write: bool = True) -> User:
        """The member or guest whom the path names; 404 also while a new one settles."""
        key = self.args[name]
        if not key.isdigit():
            raise invalid(f"{name} must be a number")
        user = self.workspace.users.get(int(key))
        if user is None or (self.is_settling(user) and (write or self.behaviour.settle_reads)):
            raise not_found("User")
        return user

    def flag(self, name: str) -> bool:
        value = self.query.get(name, "false")
        if value not in {"true", "false"}:
            raise invalid(f"{name} must be a boolean")
        return value == "true"


def ok(body: Any) -> Reply:
    return Reply(200, json_bytes(body), JSON_HEADERS)


Handler = Callable[[Context], Reply]


@dataclass(frozen=True, slots=True)
class Operation:
    handler: Handler
    query: frozenset[str]
    body: Shape | None
    required: tuple[str, ...]
    is_enterprise: bool


ROUTER: Router[Operation] = Router()


def operation(
    method: str,
    template: str,
    *,
    query: tuple[str, ...] = (),
    body: Shape | None = None,
    required: tuple[str, ...] = (),
    enterprise: bool = False,
) -> Callable[[Handler], Handler]:
    """Register a handler below `/api/v2`; `required` are the members that a body must have."""

    def register(handler: Handler) -> Handler:
        ROUTER.add(
            method, "api/v2/" + template, Operation(handler, frozenset(query), body, required, enterprise)
        )
        return handler

    return register


def read_query(call: Call, allowed: frozenset[str]) -> dict[str, str]:
    query = {name.removesuffix("[]"): value for name, value in call.query}
    unknown = next((name for name in query if name not in allowed), None)
    if unknown is not None:
        raise invalid(f"Unknown query parameter {unknown}")
    return query


def read_body(call: Call, entry: Operation) -> dict[str, Any]:
    """The JSON body; 400 for a wrong media type, an unknown or missing member, a wrong type."""
    if entry.body is None:
        if call.body.strip() not in {b"", b"{}"}:
            raise invalid("This operation takes no body")
        return {}
    if call.content_type != "application/json":
        raise ClickUpError(400, "SANDBOX_INPUT", "Content-Type must be application/json")
    try:
        body = call.json_object()
    except NotJsonError:
        raise invalid("Invalid JSON") from None
    misfit = find_misfit(body, entry.body)
    if misfit is not None:
        raise invalid(f"{misfit.path} is {'unknown' if misfit.is_unknown else 'invalid'}")
    missing = next((name for name in entry.required if name not in body), None)
    if missing is not None:
        raise invalid(f"{missing} is required")
    return body
