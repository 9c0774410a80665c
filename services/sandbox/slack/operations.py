"""How an operation of Slack's SCIM API is declared, and what one may ask of its request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from services.sandbox.behaviour import Behaviour
from services.sandbox.ledger import Ledger
from services.sandbox.slack.errors import JSON_HEADERS, SlackError
from services.sandbox.slack.state import Group, User, Workspace
from services.sandbox.slack.views import LIST_SCHEMA
from services.sandbox.wire.call import Call, NotJsonError, Reply, json_bytes
from services.sandbox.wire.router import Router

_JSON = frozenset({"application/json", "application/scim+json"})
_DEFAULT_COUNT = 10
_MOST = 1000


@dataclass(slots=True)
class Context:
    """One authorised request: whose workspace, with what, under which modes."""

    call: Call
    workspace: Workspace
    args: dict[str, str]
    query: dict[str, str]
    body: dict[str, Any]
    behaviour: Behaviour
    ledger: Ledger

    def mode(self, name: str, default: str) -> str:
        return self.behaviour.modes.get(name, default)

    @property
    def has_organisation(self) -> bool:
        """Whether SCIM makes people in an organisation of several workspaces, and in none of these."""
        return self.plan == "enterprise" and self.mode("workspaces", "one") == "organisation"

    @property
    def plan(self) -> str:
        return self.mode("plan", "enterprise")

    def record(self, kind: str, obj: str, keys: list[str], detail: dict[str, Any] | None = None) -> None:
        self.ledger.record(
            self.call,
            tenant=self.workspace.mail_domain,
            kind=kind,
            object=obj,
            keys=keys,
            detail=detail,
        )

    def ok(self, body: dict[str, Any], status: int = 200) -> Reply:
        return Reply(status, json_bytes(body), JSON_HEADERS)

    def need_user(self) -> User:
        user = self.workspace.users.get(self.args["id"])
        if user is None:
            raise SlackError("no_such_user")
        return user

    def need_group(self) -> Group:
        group = self.workspace.groups.get(self.args["id"])
        if group is None:
            raise SlackError("no_such_group")
        return group

    def paged(self, items: list[dict[str, Any]]) -> Reply:
        """One page as a ListResponse; ten where no count is asked for."""
        start = max(1, self._number("startIndex", 1))
        count = self._number("count", _DEFAULT_COUNT)
        if count > _MOST:
            if self.mode("count", "refuse") == "refuse":
                raise SlackError("invalid_query", note="count is above 1000")
            count = _MOST
        page = items[start - 1 : start - 1 + count]
        return self.ok(
            {
                "schemas": [LIST_SCHEMA],
                "Resources": page,
                "totalResults": len(items),
                "itemsPerPage": len(page),
                "startIndex": start,
            }
        )

    def _number(self, name: str, default: int) -> int:
        text = self.query.get(name)
        if text is None:
            return default
        if not text.isdigit():
            raise SlackError("invalid_query", note=f"{name} is no number")
        return int(text)


Handler = Callable[[Context], Reply]


@dataclass(frozen=True, slots=True)
class Operation:
    handler: Handler
    query: frozenset[str]
    has_body: bool


ROUTER: Router[Operation] = Router()


def operation(
    method: str, template: str, *, query: tuple[str, ...] = (), body: bool = False
) -> Callable[[Handler], Handler]:
    """Register a handler of the SCIM API; `template` is below `scim/v2/`."""

    def register(handler: Handler) -> Handler:
        ROUTER.add(method, "scim/v2/" + template, Operation(handler, frozenset(query), body))
        return handler

    return register


def read_query(call: Call, allowed: frozenset[str]) -> dict[str, str]:
    """Return the query parameters; raise SlackError for one that the operation does not have."""
    query = {}
    for name, value in call.query:
        if name not in allowed:
            raise SlackError("invalid_query", note=f"unknown parameter {name}")
        query[name] = value
    return query


def read_body(call: Call, entry: Operation) -> dict[str, Any]:
    if not entry.has_body:
        if call.body.strip():
            raise SlackError("invalid_request_payload", note="this operation takes no body")
        return {}
    if call.content_type not in _JSON:
        raise SlackError("invalid_request_payload", note="send application/json or application/scim+json")
    try:
        return call.json_object()
    except NotJsonError as error:
        raise SlackError("invalid_request_payload", note=str(error)) from error
