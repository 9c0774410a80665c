"""How an operation of HubSpot's is declared, and the families of paths under which the same thing answers.

- `classic`: `/settings/v3/users` for everything (documentation, and the file before 2026-04)
- `split`: list and create at `/settings/users/v3`, the rest as before (the published v3 file since 2026-04)
- `dated`: `/settings/users/2026-03`
- `beta`: `/settings/users/2026-09-beta`, which adds seats
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.sandbox.behaviour import Behaviour
from services.sandbox.hubspot.errors import JSON_HEADERS, bad_json, invalid, missing_scopes, not_found
from services.sandbox.hubspot.state import Portal, User
from services.sandbox.wire.call import Call, NotJsonError, Reply, json_bytes
from services.sandbox.wire.router import Router
from services.sandbox.wire.shape import Shape, find_misfit

if TYPE_CHECKING:
    from services.sandbox.ledger import Ledger

CLASSIC, SPLIT, DATED, BETA, OTHER = "classic", "split", "dated", "beta", "other"
COLLECTIONS = {
    CLASSIC: "settings/v3/users",
    SPLIT: "settings/users/v3",
    DATED: "settings/users/2026-03",
    BETA: "settings/users/2026-09-beta",
}
MEMBERS = {family: path for family, path in COLLECTIONS.items() if family != SPLIT}
"""Families with a path of their own for one person, roles and teams; `split` shares the classic ones."""
READ_USERS = ("settings.users.read", "crm.objects.users.read")
WRITE_USERS = ("settings.users.write", "crm.objects.users.write")


@dataclass(slots=True)
class Context:
    """One authorised request."""

    call: Call
    portal: Portal
    family: str
    scopes: frozenset[str]
    args: dict[str, str]
    query: dict[str, str]
    body: dict[str, Any]
    behaviour: Behaviour
    ledger: Ledger

    def mode(self, name: str, default: str) -> str:
        return self.behaviour.modes.get(name, default)

    def record(self, kind: str, user: User, detail: dict[str, Any] | None = None) -> None:
        self.ledger.record(
            self.call,
            tenant=self.portal.domain,
            kind=kind,
            object=user.email,
            keys=user.keys,
            detail=detail,
        )

    def need_scope(self, name: str) -> None:
        """Raise 403 where what is asked for needs one more scope."""
        if name not in self.scopes:
            raise missing_scopes([name])

    def is_settling(self, user: User) -> bool:
        return self.call.at - user.created_at < self.behaviour.settle_seconds and user.origin == "api"

    def user(self, *, write: bool = True) -> User:
        """Whom the path names, by id or with `idProperty=EMAIL` by address; 404 otherwise."""
        by = self.query.get("idProperty", "USER_ID")
        if by not in {"USER_ID", "EMAIL"}:
            raise invalid(f"idProperty is one of EMAIL, USER_ID, not {by}")
        user = self.portal.find_user(self.args["userId"], by_email=by == "EMAIL")
        if user is None or (self.is_settling(user) and (write or self.behaviour.settle_reads)):
            raise not_found("user does not exist")
        return user

    def integer(self, name: str, *, default: int, high: int) -> int:
        text = self.query.get(name, str(default))
        if not text.isdigit() or not 1 <= int(text) <= high:
            raise invalid(f"{name} must be between 1 and {high}")
        return int(text)


def ok(body: dict[str, Any], status: int = 200) -> Reply:
    return Reply(status, json_bytes(body), JSON_HEADERS)


Handler = Callable[[Context], Reply]


@dataclass(frozen=True, slots=True)
class Operation:
    handler: Handler
    family: str
    scopes: tuple[str, ...]
    query: frozenset[str]
    body: Shape | None


ROUTER: Router[Operation] = Router()


def operation(
    method: str,
    template: str,
    *,
    scopes: tuple[str, ...],
    family: str = OTHER,
    query: tuple[str, ...] = (),
    body: Shape | None = None,
) -> Callable[[Handler], Handler]:
    """Register a handler; any one of the scopes suffices."""

    def register(handler: Handler) -> Handler:
        ROUTER.add(method, template, Operation(handler, family, scopes, frozenset(query), body))
        return handler

    return register


def read_query(call: Call, allowed: frozenset[str]) -> dict[str, str]:
    query = dict(call.query)
    unknown = next((name for name in query if name not in allowed), None)
    if unknown is not None:
        raise invalid(f"Unknown query parameter: {unknown}")
    return query


def read_body(call: Call, shape: Shape | None) -> dict[str, Any]:
    if shape is None:
        if call.body.strip() not in {b"", b"{}"}:
            raise invalid("This method takes no body.")
        return {}
    if call.content_type != "application/json":
        raise invalid("Unable to parse the request: the content type must be application/json.")
    try:
        body = call.json_object()
    except NotJsonError as error:
        raise bad_json(str(error)) from error
    misfit = find_misfit(body, shape)
    if misfit is not None:
        what = "Unrecognized field" if misfit.is_unknown else "Cannot deserialize field"
        raise bad_json(f"{what} '{misfit.path}'")
    return body


def page(items: list[Any], context: Context, *, high: int = 100) -> tuple[list[Any], dict[str, Any]]:
    """One page, and `paging` where there is more."""
    size, after = context.integer("limit", default=high, high=high), context.query.get("after", "0")
    if not after.isdigit():
        raise invalid(f"after is not a cursor: {after}")
    start, end = int(after), int(after) + size
    if end >= len(items):
        return items[start:end], {}
    link = f"{context.call.base_url}{context.call.path}?limit={size}&after={end}"
    return items[start:end], {"paging": {"next": {"after": str(end), "link": link}}}
