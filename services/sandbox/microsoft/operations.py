"""How an operation of Graph's is declared: path, permissions, query options, body."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from services.sandbox.behaviour import Behaviour
from services.sandbox.microsoft.errors import (
    JSON_TYPE,
    GraphError,
    bad_request,
    not_found,
    unsupported_query,
)
from services.sandbox.microsoft.state import Group, Tenant, User
from services.sandbox.microsoft.tokens import Token
from services.sandbox.wire.call import Call, NotJsonError, Reply, json_bytes
from services.sandbox.wire.router import Router

if TYPE_CHECKING:
    from services.sandbox.ledger import Ledger

METADATA = "https://graph.microsoft.com/v1.0/$metadata"
_OPTIONS = frozenset(
    {
        "$count",
        "$deltatoken",
        "$expand",
        "$filter",
        "$format",
        "$orderby",
        "$search",
        "$select",
        "$skip",
        "$skiptoken",
        "$top",
    }
)


@dataclass(slots=True)
class Context:
    """One authorised request: whose directory, with what."""

    call: Call
    token: Token
    args: dict[str, str]
    query: dict[str, str]
    body: dict[str, Any]
    behaviour: Behaviour
    ledger: Ledger

    @property
    def tenant(self) -> Tenant:
        return self.token.tenant

    def record(self, kind: str, obj: str, user: User | None, detail: dict[str, Any] | None = None) -> None:
        self.ledger.record(
            self.call,
            tenant=self.tenant.label,
            kind=kind,
            object=obj,
            keys=user.keys if user else [obj],
            detail=detail,
        )

    def is_settling(self, user: User) -> bool:
        return user.origin == "api" and self.call.at - user.created_at < self.behaviour.settle_seconds

    def need_user(self, *, settled: bool = False, name: str = "user") -> User:
        """Return the user of the path; `settled` asks a replica that may not have heard of it yet."""
        key = self.args[name]
        user = self.tenant.find_user(key)
        if user is None or (settled and self.is_settling(user)):
            raise not_found(key)
        return user

    def need_group(self) -> Group:
        group = self.tenant.groups.get(self.args["group"].lower())
        if group is None:
            raise not_found(self.args["group"])
        return group

    @property
    def is_eventual(self) -> bool:
        return self.call.headers.get("consistencylevel", "").lower() == "eventual"

    @property
    def wants_immutable_ids(self) -> bool:
        return 'idtype="immutableid"' in self.call.headers.get("prefer", "").lower()

    def must_be_advanced(self) -> None:
        """Raise 400 unless the request says that it is an advanced query."""
        if not self.is_eventual or self.query.get("$count") != "true":
            raise unsupported_query(
                "Request with $filter, $orderby or this operator needs the header 'ConsistencyLevel: eventual'"
                " and the query parameter '$count=true'."
            )

    def selected(self, known: frozenset[str], default: Sequence[str], type_name: str) -> Sequence[str]:
        return self.chosen(self.query.get("$select"), known, default, type_name)

    @staticmethod
    def chosen(
        text: str | None, known: frozenset[str], default: Sequence[str], type_name: str
    ) -> Sequence[str]:
        """Return the properties that a `$select` names; raise GraphError for one that does not exist."""
        if text is None:
            return default
        names = [name.strip() for name in text.split(",") if name.strip()]
        for name in names:
            if name not in known and name != "*":
                raise bad_request(
                    "Parsing OData Select and Expand failed: Could not find a property named"
                    f" '{name}' on type 'microsoft.graph.{type_name}'.",
                    code="BadRequest",
                )
        return sorted(known) if "*" in names else names

    def entity(self, body: Mapping[str, Any], context: str, status: int = 200) -> Reply:
        shown = {"@odata.context": f"{METADATA}#{context}", **body}
        return Reply(status, json_bytes(shown), (JSON_TYPE,))

    def page(
        self,
        items: Sequence[Any],
        context: str,
        show: Callable[[Any], Any],
        *,
        high: int = 999,
        default: int = 100,
    ) -> Reply:
        """Answer one page of a collection with an absolute `@odata.nextLink` when there is more."""
        size = self._top(high, default)
        start = self._start()
        end = start + size
        body: dict[str, Any] = {"@odata.context": f"{METADATA}#{context}"}
        if self.query.get("$count") == "true" and self.is_eventual:
            body["@odata.count"] = len(items)
        if end < len(items):
            options = [pair for pair in self.call.query if pair[0] != "$skiptoken"]
            link = urlencode([*options, ("$skiptoken", f"p{end}")], safe="$,'")
            body["@odata.nextLink"] = f"{self.call.base_url}{self.call.path}?{link}"
        body["value"] = [show(item) for item in items[start:end]]
        return Reply(200, json_bytes(body), (JSON_TYPE,))

    def _top(self, high: int, default: int) -> int:
        text = self.query.get("$top", str(default))
        if not text.isdigit() or not 1 <= int(text) <= high:
            raise bad_request(
                f"Invalid page size specified: '{text}'. Must be between 1 and {high} inclusive."
            )
        return int(text)

    def _start(self) -> int:
        text = self.query.get("$skiptoken", "p0")
        if not text.startswith("p") or not text[1:].isdigit():
            raise bad_request("The specified page token value is invalid.", code="Directory_ExpiredPageToken")
        return int(text[1:])


Handler = Callable[[Context], Reply]


@dataclass(frozen=True, slots=True)
class Operation:
    handler: Handler
    permissions: frozenset[str]
    query: frozenset[str]
    has_body: bool
    own: bool = False
    """It changes nothing in the directory: whoever signed in may do it for themselves."""


ROUTER: Router[Operation] = Router(ignores_case=True)
"""Graph takes its words in any case, as notifications write them: `Users/{id}/Messages/{id}`."""


def operation(
    method: str,
    template: str,
    *,
    permissions: Iterable[str],
    query: tuple[str, ...] = (),
    body: bool = False,
    own: bool = False,
) -> Callable[[Handler], Handler]:
    """Register a handler; any one of the permissions suffices."""

    def register(handler: Handler) -> Handler:
        entry = Operation(handler, frozenset(permissions), frozenset(query), body, own)
        ROUTER.add(method, "v1.0/" + template, entry)
        return handler

    return register


def read_query(call: Call, allowed: frozenset[str]) -> dict[str, str]:
    """Return the query options; 400 for an option that the resource or OData does not have."""
    query: dict[str, str] = {}
    for raw, value in call.query:
        # Graph takes the options with and without the dollar sign; a function's own parameters have none.
        name = raw if raw.startswith("$") or raw in allowed else "$" + raw
        if name.lower() == "$deltatoken":  # the documentation writes it in two ways
            name = "$deltatoken"
        if name not in _OPTIONS | allowed:
            raise bad_request(
                f"The query parameter '{raw}' is not recognised.", code="BadRequest", target=None
            )
        if name not in allowed:
            raise unsupported_query(
                f"The query specified in the URI is not valid. '{name}' is not supported here."
            )
        if name in query:
            raise bad_request(f"Query option '{name}' was specified more than once.", code="BadRequest")
        query[name] = value
    return query


def read_body(call: Call, entry: Operation) -> dict[str, Any]:
    if not entry.has_body:
        if call.body.strip() in {b"", b"{}"}:
            return {}
        raise bad_request("The request takes no body.", code="BadRequest")
    if not call.content_type:
        raise bad_request(
            "Write requests (excluding DELETE) must contain the Content-Type header declaration.",
            code="BadRequest",
        )
    if call.content_type != "application/json":
        raise GraphError(
            415,
            "Request_BadRequest",
            f"A supported MIME type could not be found that matches the content type '{call.content_type}'.",
        )
    try:
        return call.json_object()
    except NotJsonError as error:
        raise bad_request("Unable to read JSON request payload. Please ensure Content-Type header is set and"
                          " payload is of valid JSON format.", code="BadRequest") from error  # fmt: skip
