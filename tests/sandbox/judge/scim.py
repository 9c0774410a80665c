"""Judges a SCIM exchange by the JSON Schemas of RFC 7643 and RFC 7644. Paths are below the base URL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema

from tests.sandbox.judge.specs import load
from tests.sandbox.judge.wire import Exchange

_USER, _LIST = (
    "scim/rfc7644-user-with-enterprise.jsonschema.json",
    "scim/rfc7644-list-response-user.jsonschema.json",
)
_PATCH, _ERROR = "scim/rfc7644-patchop.jsonschema.json", "scim/rfc7644-error.jsonschema.json"
_GROUP = "scim/rfc7643-core-group.schema.json"
_METHODS = {
    "ServiceProviderConfig": {"GET"},
    "ResourceTypes": {"GET"},
    "Schemas": {"GET"},
    "Users": {"GET", "POST"},
    "Groups": {"GET", "POST"},
    "Users/": {"GET", "PUT", "PATCH", "DELETE"},
    "Groups/": {"GET", "PUT", "PATCH", "DELETE"},
}
_QUERY = {"filter", "startIndex", "count", "sortBy", "sortOrder", "attributes", "excludedAttributes"}
_COMMON = {"schemas", "id", "externalId", "meta"}
_SUCCESS = {"GET": {200}, "POST": {201}, "PUT": {200}, "PATCH": {200, 204}, "DELETE": {204}}
_NO_CONTENT, _FIRST_ERROR = 204, 400


def judge(exchange: Exchange, mount: str) -> list[str]:
    """Return what is wrong with an exchange; an empty list when nothing is."""
    path = (exchange.below(mount) or "").strip("/")
    kind, _, rest = path.partition("/")
    template = f"{kind}/" if rest else kind
    if exchange.method not in _METHODS.get(template, ()):
        return [f"{exchange.method} /{path} is none of the standard's"]
    where = f"{exchange.method} /{template}"
    faults = [f"{where} request: {fault}" for fault in _judge_request(exchange, kind, template)]
    if exchange.status is not None:
        faults += [
            f"{where} answer {exchange.status}: {fault}" for fault in _judge_answer(exchange, kind, template)
        ]
    return faults


def _judge_request(exchange: Exchange, kind: str, template: str) -> Iterator[str]:
    for name, _ in exchange.query:
        if name not in _QUERY or template not in {"Users", "Groups"}:
            yield f"the query parameter {name} is unknown"
    if exchange.method in {"GET", "DELETE"}:
        if exchange.sent is not None:
            yield "takes no body"
    elif not isinstance(exchange.sent, dict):
        yield "the body is missing"
    elif exchange.method == "PATCH":
        yield from _by_schema(exchange.sent, _PATCH)
        if not exchange.sent.get("Operations"):
            yield "there are no Operations"
    else:
        yield from _judge_resource(exchange.sent, kind)
        for name in ("id", "meta"):
            if name in exchange.sent:
                yield f"{name} is the application's to write"


def _judge_answer(exchange: Exchange, kind: str, template: str) -> Iterator[str]:
    status, body = exchange.status or 0, exchange.answered
    if status >= _FIRST_ERROR:
        # The RFC writes the status as a text; the schema is that of a model which reads it as a number.
        if not isinstance(body, dict) or body.get("status") != str(status):
            yield f"the error's status is no text of {status}"
        else:
            yield from _by_schema({**body, "status": status}, _ERROR)
        return
    if status not in _SUCCESS[exchange.method]:
        yield "the status is none of the standard's"
    if body is None and status != _NO_CONTENT:
        yield "the body is missing"
    if body is not None and kind in {"Users", "Groups"}:
        yield from _judge_success(body, kind, is_list=template == kind and exchange.method == "GET")


def _judge_success(body: Any, kind: str, *, is_list: bool) -> Iterator[str]:
    if is_list:
        if kind == "Users":
            yield from _by_schema(body, _LIST)
        for one in body.get("Resources") or ():
            yield from _judge_resource(one, kind)
        return
    yield from _judge_resource(body, kind)
    if not isinstance(body.get("id"), str):
        yield "the resource has no id"


def _judge_resource(body: Any, kind: str) -> Iterator[str]:
    if kind == "Users":
        yield from _by_schema(body, _USER)
        return
    known = {one["name"] for one in load(_GROUP)["attributes"]}
    for name in body:
        if name not in known | _COMMON:
            yield f"{name} is undeclared"


def _by_schema(value: Any, name: str) -> Iterator[str]:
    for error in jsonschema.Draft202012Validator(load(name)).iter_errors(value):
        yield f"{error.json_path}: {error.message}"
