"""One authorised request, and the table of what this application answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from services.sandbox.behaviour import Behaviour
from services.sandbox.ledger import Ledger
from services.sandbox.scim.errors import (
    SCIM_HEADERS,
    ScimError,
    invalid_filter,
    invalid_syntax,
    invalid_value,
)
from services.sandbox.scim.filters import Test, compile_filter
from services.sandbox.scim.schemas import GROUPS, USERS, ResourceType
from services.sandbox.scim.state import Company, Resource
from services.sandbox.scim.views import LIST_SCHEMA, project, view
from services.sandbox.wire.call import Call, Headers, NotJsonError, Reply, json_bytes
from services.sandbox.wire.router import Router

_JSON = frozenset({"application/scim+json", "application/json"})
_DEFAULT_RESULTS = "200"


@dataclass(slots=True)
class Context:
    call: Call
    company: Company
    args: dict[str, str]
    query: dict[str, str]
    body: dict[str, Any]
    behaviour: Behaviour
    ledger: Ledger

    def mode(self, name: str, default: str = "on") -> str:
        return self.behaviour.modes.get(name, default)

    @property
    def base_url(self) -> str:
        return f"{self.call.base_url}/scim/{self.company.name}/v2"

    @property
    def max_results(self) -> int:
        return int(self.mode("max_results", _DEFAULT_RESULTS))

    @property
    def has_etag(self) -> bool:
        return self.mode("etag") == "on"

    @property
    def users_type(self) -> ResourceType:
        return USERS if self.mode("enterprise") == "on" else USERS.without_extensions()

    @property
    def groups_type(self) -> ResourceType:
        """Raises ScimError 404 where the application has no groups."""
        if self.mode("groups") != "on":
            raise ScimError(404, "Endpoint /Groups not found")
        return GROUPS

    def record(self, kind: str, obj: str, keys: list[str], detail: dict[str, Any] | None = None) -> None:
        self.ledger.record(
            self.call,
            tenant=self.company.domain,
            kind=kind,
            object=obj,
            keys=keys,
            detail=detail,
        )

    def show(self, resource: Resource, kind: ResourceType) -> dict[str, Any]:
        return view(self.company, resource, kind, self.base_url, has_etag=self.has_etag)

    def cut(self, body: dict[str, Any], kind: ResourceType) -> dict[str, Any]:
        return project(body, kind, self.query.get("attributes"), self.query.get("excludedAttributes"))

    def answer(self, resource: Resource, kind: ResourceType, status: int = 200) -> Reply:
        """The resource with its Location and, where the application has them, its ETag."""
        body = self.show(resource, kind)
        headers: Headers = (*SCIM_HEADERS, ("location", body["meta"]["location"]))
        if self.has_etag:
            headers += (("etag", resource.etag),)
        return Reply(status, json_bytes(self.cut(body, kind)), headers)

    def check_version(self, resource: Resource) -> None:
        """Raises 412 where If-Match names another version (RFC 7644 section 3.14)."""
        wanted = self.call.headers.get("if-match")
        if not self.has_etag or wanted is None or wanted.strip() == "*":
            return
        if resource.etag not in {one.strip() for one in wanted.split(",")}:
            raise ScimError(412, "Failed to update. Resource changed on the server.")

    def is_settling(self, resource: Resource) -> bool:
        age = self.call.at - resource.created_at
        return resource.origin == "api" and age < self.behaviour.settle_seconds

    def listed(self, resources: list[Resource], kind: ResourceType) -> Reply:
        """Filtered and paged as RFC 7644 section 3.4.2 has it; more than the maximum is clipped."""
        test = self._filter(kind)
        lags = self.behaviour.settle_lists
        shown = [self.show(one, kind) for one in resources if not (lags and self.is_settling(one))]
        found = [one for one in shown if test is None or test(one)]
        start = max(1, self._number("startIndex", 1))
        count = min(max(0, self._number("count", self.max_results)), self.max_results)
        page = [self.cut(one, kind) for one in found[start - 1 : start - 1 + count]]
        body: dict[str, Any] = {
            "schemas": [LIST_SCHEMA],
            "totalResults": len(found),
            "startIndex": start,
            "itemsPerPage": len(page),
            "Resources": page,
        }
        return Reply(200, json_bytes(body), SCIM_HEADERS)

    def _filter(self, kind: ResourceType) -> Test | None:
        text = self.query.get("filter")
        if text is None:
            return None
        if self.mode("filter") != "on":
            raise invalid_filter("Filtering is not supported")
        return compile_filter(text, kind)

    def _number(self, name: str, default: int) -> int:
        text = self.query.get(name)
        if text is None:
            return default
        if not text.lstrip("-").isdigit():
            raise invalid_value(f"{name} is no integer")
        return int(text)


Handler = Callable[[Context], Reply]


@dataclass(frozen=True, slots=True)
class Operation:
    handler: Handler
    query: frozenset[str]
    has_body: bool
    is_open: bool


ROUTER: Router[Operation] = Router()
PROJECTION = ("attributes", "excludedAttributes")
PAGING = ("filter", "startIndex", "count", "sortBy", "sortOrder", *PROJECTION)


def operation(
    method: str, template: str, *, query: tuple[str, ...] = (), body: bool = False, is_open: bool = False
) -> Callable[[Handler], Handler]:
    """Register a handler below `/scim/<company>/v2/`; an open one needs no credentials."""

    def register(handler: Handler) -> Handler:
        ROUTER.add(method, template, Operation(handler, frozenset(query), body, is_open))
        return handler

    return register


def read_query(call: Call, allowed: frozenset[str]) -> dict[str, str]:
    for name, _ in call.query:
        if name not in allowed:
            raise invalid_value(f"unknown parameter {name}")
    return dict(call.query)


def read_body(call: Call, entry: Operation) -> dict[str, Any]:
    if not entry.has_body:
        if call.body.strip():
            raise invalid_syntax("this operation takes no body")
        return {}
    if call.content_type not in _JSON:
        raise ScimError(415, "send application/scim+json")
    try:
        return call.json_object()
    except NotJsonError as error:
        raise invalid_syntax(str(error)) from error
