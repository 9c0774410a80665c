"""How an operation of Atlassian's is declared: method, path, door, query parameters, body."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.sandbox.atlassian.errors import (
    CONFLUENCE,
    JIRA,
    JSON_HEADERS,
    MANAGE,
    SCIM,
    AtlassianError,
    invalid,
    not_found,
)
from services.sandbox.atlassian.state import Account, Group, Organisation
from services.sandbox.behaviour import Behaviour
from services.sandbox.wire.call import Call, NotJsonError, Reply, json_bytes
from services.sandbox.wire.router import Router
from services.sandbox.wire.shape import Shape, find_misfit

if TYPE_CHECKING:
    from services.sandbox.ledger import Ledger

_JSON = "application/json"
_SCIM_JSON = "application/scim+json"


@dataclass(slots=True)
class Context:
    """One authorised request."""

    call: Call
    org: Organisation
    caller: Account | None
    """Whose API token it is, behind the site's doors."""
    args: dict[str, str]
    query: dict[str, str]
    body: dict[str, Any]
    behaviour: Behaviour
    ledger: Ledger

    def mode(self, name: str, default: str) -> str:
        return self.behaviour.modes.get(name, default)

    @property
    def has_scim(self) -> bool:
        return self.mode("scim", "on") == "on"

    def is_synced(self, group: Group) -> bool:
        """Whether the identity provider owns the group."""
        return self.has_scim and group.scim_id is not None

    def record(
        self,
        kind: str,
        obj: str,
        account: Account | None,
        detail: dict[str, Any] | None = None,
        *,
        keys: list[str] | None = None,
    ) -> None:
        names = account.keys if account else []
        if account is not None:
            scim = self.org.scim_of(account)
            names = [*names, *(scim.keys if scim else [])]
        self.ledger.record(
            self.call,
            tenant=self.org.domain,
            kind=kind,
            object=obj,
            keys=[*names, *(keys or [])] or [obj],
            detail=detail,
        )

    def is_settling(self, moment: float, origin: str) -> bool:
        return self.call.at - moment < self.behaviour.settle_seconds and origin == "api"

    def must_be_admin(self) -> None:
        """403 unless the API token is an organisation administrator's."""
        if self.caller is not None and not self.caller.is_admin:
            raise AtlassianError(403, "You do not have permission to perform this operation.")

    def integer(self, name: str, default: int, *, low: int = 0) -> int:
        text = self.query.get(name)
        if text is None:
            return default
        if not text.isdigit() or int(text) < low:
            raise invalid(f"The value '{text}' of {name} is not a valid number.")
        return int(text)

    def account(self, key: str | None, *, write: bool = True) -> Account:
        """An account of this organisation by its id; 404 also while a new one settles."""
        found = self.org.accounts.get(key or "")
        if found is None or (
            self.is_settling(found.created_at, found.origin) and (write or self.behaviour.settle_reads)
        ):
            raise not_found(f"Specified user does not exist or you do not have required permissions: {key}")
        return found


def ok(body: Any, status: int = 200) -> Reply:
    return Reply(status, json_bytes(body), JSON_HEADERS)


Handler = Callable[[Context], Reply]


@dataclass(frozen=True, slots=True)
class Operation:
    handler: Handler
    door: str
    query: frozenset[str]
    body: Shape | None
    reads_scim: bool
    """Its body is SCIM, read by the operation itself."""
    needs_json: bool
    """415 without the media type, although there is nothing to say (mode `empty_body` `refused`)."""


ROUTER: Router[Operation] = Router()


def operation(
    method: str,
    template: str,
    door: str,
    *,
    query: tuple[str, ...] = (),
    body: Shape | None = None,
    scim: bool = False,
    needs_json: bool = False,
) -> Callable[[Handler], Handler]:
    """Register a handler; `template` is the whole path behind `/atlassian`."""

    def register(handler: Handler) -> Handler:
        ROUTER.add(method, template, Operation(handler, door, frozenset(query), body, scim, needs_json))
        return handler

    return register


def door_of(segments: tuple[str, ...]) -> str:
    """Which API a path belongs to, also an unknown one."""
    match segments[:3]:
        case ("scim", *_):
            return SCIM
        case ("users", _, "manage"):
            return MANAGE
        case ("site", _, "wiki"):
            return CONFLUENCE
        case ("site", *_):
            return JIRA
        case _:
            return "admin"


def read_query(call: Call, entry: Operation) -> dict[str, str]:
    query: dict[str, str] = {}
    for name, value in call.query:
        if name not in entry.query:
            raise invalid(f"Unknown query parameter {name}")
        query[name] = f"{query[name]},{value}" if name in query else value
    return query


def read_body(call: Call, entry: Operation, *, empty_needs_type: bool) -> dict[str, Any]:
    """The JSON body; 415 for a wrong media type, 400 for an unknown member or a wrong type."""
    if entry.body is None and not entry.reads_scim:
        if entry.needs_json and empty_needs_type and call.content_type != _JSON:
            raise AtlassianError(415, "Unsupported Media Type")
        if call.body.strip() not in {b"", b"{}"}:
            raise invalid("This operation takes no body.")
        return {}
    known = {_JSON, _SCIM_JSON} if entry.reads_scim else {_JSON}
    if call.content_type not in known:
        raise AtlassianError(415, "Unsupported Media Type")
    try:
        body = call.json_object()
    except NotJsonError:
        raise invalid("Invalid request payload", "invalidSyntax" if entry.reads_scim else None) from None
    misfit = find_misfit(body, entry.body) if entry.body is not None else None
    if misfit is not None:
        what = "Unrecognized field" if misfit.is_unknown else "Invalid value of"
        raise invalid(f"{what} {misfit.path}")
    return body
