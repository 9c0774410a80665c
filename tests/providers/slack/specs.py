"""Slack by its SCIM samples, the RFC's schema and the Web API's file. See tests/sandbox/judge/doors.py."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.sandbox.judge import specs
from tests.sandbox.judge.doors import Door
from tests.sandbox.judge.openapi import Exceptional
from tests.sandbox.judge.slack import judge_scim, judge_web, published_arguments
from tests.sandbox.judge.wire import Exchange

_PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_LIST = {"filter", "startIndex", "count"}
_OF_SLACK = {"timezone", "schemas", "externalId"}
"""`timezone` is Slack's own (docs.slack.dev/reference/scim-api); the other two are common to all resources."""
_EXTENSIONS = (
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    "urn:ietf:params:scim:schemas:extension:slack:guest:2.0:User",
)


def _judge_scim(exchange: Exchange) -> list[str]:
    path = (exchange.below("/slack/scim/v2") or "").lstrip("/")
    kind, _, key = path.partition("/")
    verbs = {"GET", "PATCH", "PUT", "DELETE"} if key else {"GET", "POST"}
    if kind not in {"Users", "Groups"} or exchange.method not in verbs:
        return [f"{exchange.method} {path} is no operation of Slack's"]
    faults = [f"{path} has no parameter {name}" for name, _ in exchange.query if key or name not in _LIST]
    if exchange.method == "PATCH":
        faults += _judge_patch(exchange.sent)
    elif exchange.method == "POST":
        faults += _judge_user(exchange.sent)
    return faults + judge_scim(exchange.method, path, exchange.status or 0, exchange.answered)


def _judge_patch(body: Any) -> Iterator[str]:
    published = specs.load("scim/rfc7644-patchop.jsonschema.json")["properties"]
    if body.get("schemas") != [_PATCH] or set(body) - set(published):
        yield f"no PatchOp: {body}"
    for one in body["Operations"]:
        if one.get("op") not in {"add", "replace", "remove"} or set(one) - {"op", "path", "value"}:
            yield f"no operation of a PatchOp: {one}"
        if "displayName" in str(one.get("path")):
            yield "the display name is the person's own"


def _judge_user(body: Any) -> Iterator[str]:
    core = {one["name"] for one in specs.load("scim/rfc7643-core-user.schema.json")["attributes"]}
    for name in body:
        if name not in core | _OF_SLACK and name not in _EXTENSIONS:
            yield f"a user has no member {name}"
    work = {one["name"] for one in specs.load("scim/rfc7643-enterprise-user.schema.json")["attributes"]}
    if set(body.get(_EXTENSIONS[0]) or {}) - work:
        yield f"the enterprise extension has no such member: {body[_EXTENSIONS[0]]}"


def _judge_web(exchange: Exchange) -> list[str]:
    method = (exchange.below("/slack/api") or "").lstrip("/")
    published = published_arguments(method)
    if published is None:
        return [f"{method} is not in the file"]
    sent = {name for name, _ in exchange.query} | set(exchange.sent or {})
    faults = [f"{method} has no argument {name}" for name in sorted(sent - published)]
    return faults + judge_web(method, exchange.method, exchange.answered)


DOORS = (
    Door(mount="/slack/scim/v2", judge=_judge_scim),
    Door(
        mount="/slack/api",
        judge=_judge_web,
        exceptions=(
            Exceptional(
                r"^(users\.conversations|admin\.conversations\.invite|conversations\.kick) is not in the file",
                "the file is cut to a few methods: docs.slack.dev/reference/methods",
            ),
            Exceptional(
                r"has no argument team_id", "newer than the file of 2021: needed with organisation tokens"
            ),
        ),
    ),
)
