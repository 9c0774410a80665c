"""How an operation of GitHub's is declared: path, who may, query parameters, body."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.sandbox.behaviour import Behaviour
from services.sandbox.github.errors import (
    JSON_HEADERS,
    GitHubError,
    invalid_request,
    not_accessible,
    not_found,
)
from services.sandbox.github.state import Account, Enterprise, Organization, World
from services.sandbox.wire.call import Call, Headers, NotJsonError, Reply, json_bytes
from services.sandbox.wire.router import Router

if TYPE_CHECKING:
    from services.sandbox.github.tokens import Token, TokenStore
    from services.sandbox.ledger import Ledger

PAGING = ("page", "per_page")
_MAX_PAGE = 100
_LEVELS = {"read": 0, "write": 1, "admin": 2}

Announce = Callable[[Organization, str, dict[str, Any]], None]


@dataclass(slots=True)
class Context:
    """One authorised request: whose organisation, with what."""

    call: Call
    token: Token | None
    args: dict[str, str]
    query: dict[str, str]
    body: dict[str, Any]
    behaviour: Behaviour
    ledger: Ledger
    world: World
    tokens: TokenStore
    announce: Announce
    """Send a webhook: the organisation, the action, the members of the payload."""

    @property
    def base(self) -> str:
        return f"{self.call.base_url}/github"

    @property
    def is_managed(self) -> bool:
        return self.behaviour.modes.get("accounts") == "managed_users"

    @property
    def has_sso(self) -> bool:
        return self.behaviour.modes.get("sso") == "on"

    @property
    def org(self) -> Organization:
        """The organisation of the path, which must be the token's own; raise 404 otherwise."""
        own = self.own_org()
        if own is None or own.login.lower() != self.args["org"].lower():
            raise not_found("another organisation, or none")
        return own

    def own_org(self) -> Organization | None:
        login = self.token.org if self.token else None
        return self.world.organizations.get(login) if login else None

    @property
    def enterprise(self) -> Enterprise:
        slug = self.token.enterprise if self.token else None
        if slug is None or slug != self.args["enterprise"].lower() or not self.is_managed:
            raise not_found("no enterprise with managed users that this token opens")
        return self.world.enterprises[slug]

    def need_account(self, name: str = "username") -> Account:
        account = self.world.find_login(self.args[name])
        if account is None or not self.can_see(account):
            raise not_found()
        return account

    def can_see(self, account: Account) -> bool:
        """Managed users are visible to their own enterprise alone."""
        own = self.own_org()
        enterprise = own.enterprise.slug if own else self.token.enterprise if self.token else None
        return account.managed_by in {None, enterprise}

    def record(
        self,
        kind: str,
        obj: str,
        keys: Iterable[str],
        detail: Mapping[str, Any] | None = None,
        *,
        domain: str,
    ) -> None:
        self.ledger.record(
            self.call, tenant=domain, kind=kind, object=obj, keys=list(keys), detail=dict(detail or {})
        )

    def paged(self, items: list[dict[str, Any]]) -> Reply:
        """One page of a list, with the `Link` header that leads to the others."""
        page, links = self.cut(items)
        return Reply(200, json_bytes(page), JSON_HEADERS + links)

    def cut(self, items: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], Headers]:
        page, size = self._number("page", 1), min(self._number("per_page", 30), _MAX_PAGE)
        last = max(1, -(-len(items) // size))
        targets = []
        if page > 1:
            targets += [("prev", page - 1), ("first", 1)]
        if page < last:
            targets += [("next", page + 1), ("last", last)]
        query = "&".join(f"{name}={value}" for name, value in self.query.items() if name != "page")
        prefix = f"{self.call.base_url}{self.call.path}?" + (f"{query}&" if query else "")
        link = ", ".join(f'<{prefix}page={number}>; rel="{name}"' for name, number in targets)
        return items[(page - 1) * size : page * size], (("link", link),) if link else ()

    def _number(self, name: str, default: int) -> int:
        """GitHub takes nonsense in paging parameters as if nothing had been said."""
        text = self.query.get(name, "")
        return int(text) if text.isdigit() and int(text) > 0 else default

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        value = self.query.get(name, default)
        if value not in choices:
            raise invalid_request(f'"{value}" is not a possible value. Must be one of: {", ".join(choices)}.')
        return value


def ok(body: Any, status: int = 200) -> Reply:
    return Reply(status, json_bytes(body), JSON_HEADERS)


def no_content() -> Reply:
    return Reply(204)


Handler = Callable[[Context], Reply]


@dataclass(frozen=True, slots=True)
class Operation:
    handler: Handler
    permission: tuple[str, str] | None
    """A permission of the app and its level; None where any token does."""
    query: frozenset[str]
    body: Mapping[str, Any] | None
    required: frozenset[str]
    is_scim: bool = False
    is_for_app: bool = False
    """The caller is the app itself, with a JWT, not an installation with a token."""

    def check(self, token: Token) -> None:
        """Raise 403 unless the token has the permission."""
        if self.permission is None or token.is_enterprise:
            return
        name, level = self.permission
        held = token.permissions.get(name)
        if held is None or _LEVELS[held] < _LEVELS[level]:
            raise not_accessible()


ROUTER: Router[Operation] = Router()


def operation(
    method: str,
    template: str,
    *,
    permission: str | None = None,
    query: tuple[str, ...] = (),
    body: Mapping[str, Any] | None = None,
    required: tuple[str, ...] = (),
    is_scim: bool = False,
    is_for_app: bool = False,
) -> Callable[[Handler], Handler]:
    """Register a handler. `permission` is `members:write` or the like; `body` maps members to their types.

    A type is `string`, `integer`, `boolean`, `object`, `any`, a list with one of these, or a tuple of choices.
    """
    name, _, level = (permission or "").partition(":")

    def register(handler: Handler) -> Handler:
        entry = Operation(
            handler,
            (name, level) if name else None,
            frozenset(query),
            body,
            frozenset(required),
            is_scim,
            is_for_app,
        )
        ROUTER.add(method, template, entry)
        return handler

    return register


def read_query(call: Call, allowed: frozenset[str]) -> dict[str, str]:
    """Return the query parameters; raise 422 on one that the operation does not have."""
    query: dict[str, str] = {}
    for name, value in call.query:
        if name not in allowed:
            # The vendor ignores these: here a client's mistake must show.
            raise GitHubError(
                422, f'Invalid request.\n\n"{name}" is not a permitted key.', note="query parameter"
            )
        query[name] = value
    return query


def read_payload(call: Call, entry: Operation) -> dict[str, Any]:
    """Return the body; raise 400 or 422 when it is not what the operation takes."""
    if entry.body is None:
        if call.body.strip() not in {b"", b"{}"}:
            raise GitHubError(
                422, "Invalid request.\n\nNo body is permitted here.", note="body where none belongs"
            )
        return {}
    if not call.body.strip() and not entry.required:
        return {}
    try:
        body = call.json_object()
    except NotJsonError as error:
        parsed = str(error) == "the body is not an object"
        raise GitHubError(
            400, "Body should be a JSON object" if parsed else "Problems parsing JSON"
        ) from error
    for name in entry.required:
        if name not in body:
            raise invalid_request(f'"{name}" wasn\'t supplied.')
    for name, value in body.items():
        if name not in entry.body:
            raise invalid_request(f'"{name}" is not a permitted key.')
        _check(name, value, entry.body[name])
    return body


_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "object": dict,
    "any": object,
}


def _check(name: str, value: Any, kind: Any) -> None:
    where = f"For 'properties/{name}', "
    if isinstance(kind, tuple):
        if value not in kind:
            raise invalid_request(
                f"{where}{value!r} is not a possible value. Must be one of: {', '.join(kind)}."
            )
    elif isinstance(kind, list):
        if not isinstance(value, list):
            raise invalid_request(f"{where}{value!r} is not an array.")
        for item in value:
            _check(f"{name}/items", item, kind[0])
    elif not isinstance(value, _TYPES[kind]) or (kind == "integer" and isinstance(value, bool)):
        article = "an" if kind[0] in "aeiou" else "a"
        raise invalid_request(f"{where}{value!r} is not {article} {kind}.")
