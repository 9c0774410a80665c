"""Judges requests and answers by a published OpenAPI 3.0, 3.1 or Swagger 2 file.

    judge_request("github/ghec-user-admin.openapi.json", "GET", "/orgs/acme/members", [("per_page", "100")], None)
    judge_answer("clickup/clickup-v2.openapi.json", "GET", "/v2/team", 200, body)

Paths are the file's own: without the server's address and its base path. Every fault is one sentence that begins with
the operation as the file spells it, so that an exception can name it:

    GET /orgs/{org}/members request: the query parameter since is unknown
    GET /v2/team answer 200: $.teams[0].color is undeclared

What a vendor is known to do beside its file is an `Exceptional`, a pattern of such a sentence and the reason.
See `doors.py` for how a provider's whole journey is judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any
from urllib.parse import unquote

from tests.sandbox.judge.schemas import Resolver, Schema, judge_value
from tests.sandbox.judge.specs import load

Query = Mapping[str, str] | Iterable[tuple[str, str]]

_VERBS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")
_FIRST_ERROR = 400
_NOTHING = (None, "", b"")
_TRUTHS = {"true": True, "false": False}


@dataclass(frozen=True)
class Exceptional:
    """Something that a vendor does beside its published file, and why we know.

    `pattern` is searched in each fault. `seldom`: not every journey meets it, so it is not missed when unused.
    """

    pattern: str
    reason: str
    seldom: bool = False

    def covers(self, fault: str) -> bool:
        return re.search(self.pattern, fault) is not None


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    verb: str
    template: str
    parameters: Sequence[Mapping[str, Any]]
    body: Schema | None
    """None: takes no body. An empty schema takes anything."""
    needs_body: bool
    answers: Mapping[str, Mapping[str, Any]]
    """By status, `2XX` or `default`."""

    def __str__(self) -> str:
        return f"{self.verb} {self.template}"

    @property
    def literal_length(self) -> int:
        """How specific the template is: the literal one of two that fit decides."""
        return len(re.sub(r"\{[^}]*\}", "", self.template))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        parts = re.split(r"\{([^}]*)\}", self.template)
        pieces = [re.escape(one) if index % 2 == 0 else "([^/]+)" for index, one in enumerate(parts)]
        return re.compile("".join(pieces))

    @property
    def names(self) -> list[str]:
        return re.findall(r"\{([^}]*)\}", self.template)

    def find_answer(self, status: int) -> Mapping[str, Any] | None:
        for word in (str(status), f"{status // 100}XX", f"{status // 100}xx", "default"):
            if word in self.answers:
                return self.answers[word]
        return None


class Specification:
    """One parsed file."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.resolver = Resolver(document)
        self.is_swagger = "swagger" in document
        found = list(self._operations())
        self.operations = sorted(found, key=lambda one: -one.literal_length)

    def find(self, method: str, path: str) -> Operation | None:
        """The operation that answers this path, `path` without the query."""
        for operation in self.operations:
            if operation.verb == method.upper() and operation.pattern.fullmatch(path):
                return operation
        return None

    def has_path(self, path: str) -> bool:
        return any(operation.pattern.fullmatch(path) for operation in self.operations)

    def _operations(self) -> Iterator[Operation]:
        for template, listed in self.document["paths"].items():
            item = self.resolver.resolve(listed)
            for verb in _VERBS:
                if verb in item:
                    yield self._operation(template, verb, item[verb], item.get("parameters", ()))

    def _operation(
        self, template: str, verb: str, node: Mapping[str, Any], shared: Sequence[Mapping[str, Any]]
    ) -> Operation:
        by_key: dict[tuple[str, str], Mapping[str, Any]] = {}
        for listed in (*shared, *node.get("parameters", ())):
            one = self.resolver.resolve(listed)
            by_key[one["in"], one["name"]] = one
        body, needs_body = self._body(node, by_key.values())
        answers = {str(status): self.resolver.resolve(one) for status, one in node["responses"].items()}
        return Operation(verb.upper(), template, tuple(by_key.values()), body, needs_body, answers)

    def _body(
        self, node: Mapping[str, Any], parameters: Iterable[Mapping[str, Any]]
    ) -> tuple[Schema | None, bool]:
        if not self.is_swagger:
            if "requestBody" not in node:
                return None, False
            body = self.resolver.resolve(node["requestBody"])
            return content_schema(body) or {}, body.get("required") is True
        form: dict[str, Any] = {}
        for one in parameters:
            if one["in"] == "body":
                return one.get("schema", {}), one.get("required") is True
            if one["in"] == "formData":
                form[one["name"]] = one
        if not form:
            return None, False
        required = [name for name, one in form.items() if one.get("required") is True]
        plain = {name: {**one, "required": None} for name, one in form.items()}
        return {"type": "object", "properties": plain, "required": required}, bool(required)


def content_schema(node: Mapping[str, Any]) -> Schema | None:
    """The schema of a 3.x request body or answer, JSON first; None when it declares no content."""
    content: Mapping[str, Mapping[str, Any]] = node.get("content") or {}
    ordered = sorted(content, key=lambda kind: 0 if "json" in kind or kind == "*/*" else 1)
    return content[ordered[0]].get("schema", {}) if ordered else None


@cache
def read_specification(name: str) -> Specification:
    """The file with this path inside the specs folder, e.g. `hubspot/oauth-v1.json`."""
    return Specification(load(name))


def _specification(spec: str | Specification) -> Specification:
    return read_specification(spec) if isinstance(spec, str) else spec


def knows(spec: str | Specification, method: str, path: str) -> bool:
    """Whether the file lists this operation."""
    return _specification(spec).find(method, path) is not None


def judge_request(
    spec: str | Specification,
    method: str,
    path: str,
    query: Query,
    body: Any,
    *,
    exceptions: Sequence[Exceptional] = (),
) -> list[str]:
    """Return what is wrong with a request; an empty list when nothing is.

    `body` is the parsed JSON, or a form as a mapping of strings; None when there is none.
    """
    file = _specification(spec)
    operation = file.find(method, path)
    if operation is None:
        word = "has no such method" if file.has_path(path) else "is no published path"
        return without([f"{method.upper()} {path} request: {word}"], exceptions)
    faults = [*_judge_path(operation, path, file.resolver)]
    faults += _judge_query(operation, query, file)
    faults += _judge_body(operation, body, file)
    return without([f"{operation} request: {fault}" for fault in faults], exceptions)


def judge_answer(
    spec: str | Specification,
    method: str,
    path: str,
    status: int,
    body: Any,
    *,
    exceptions: Sequence[Exceptional] = (),
) -> list[str]:
    """Return what is wrong with an answer; an empty list when nothing is. `body` is the parsed JSON or None.

    What is no operation of the file may answer 404 or 405 and nothing else.
    """
    file = _specification(spec)
    operation = file.find(method, path)
    if operation is None:
        fault = f"{method.upper()} {path} answer {status}: no operation of the file answers this"
        return [] if status in {404, 405} else without([fault], exceptions)
    declared = operation.find_answer(status)
    if declared is None:
        faults = ["the status is undeclared"]
    else:
        schema = declared.get("schema") if file.is_swagger else content_schema(declared)
        faults = list(_judge_content(schema, body, file.resolver))
    return without([f"{operation} answer {status}: {fault}" for fault in faults], exceptions)


def without(faults: list[str], exceptions: Sequence[Exceptional]) -> list[str]:
    """The faults that no exception covers."""
    return [fault for fault in faults if not any(one.covers(fault) for one in exceptions)]


def _judge_content(schema: Schema | None, body: Any, resolver: Resolver) -> Iterator[str]:
    if schema is None:
        if body not in _NOTHING:
            yield "the body should be empty"
    elif body in _NOTHING and schema:
        if judge_value(body, (schema,), resolver, "answer"):
            yield "the body is missing"
    elif schema:
        yield from judge_value(body, (schema,), resolver, "answer")


def _judge_path(operation: Operation, path: str, resolver: Resolver) -> Iterator[str]:
    match = operation.pattern.fullmatch(path)
    declared = {one["name"]: one for one in operation.parameters if one["in"] == "path"}
    for name, text in zip(operation.names, match.groups() if match else (), strict=True):
        if name in declared:
            yield from _judge_text(f"the path's {name}", [unquote(text)], declared[name], resolver)


def _judge_query(operation: Operation, query: Query, file: Specification) -> Iterator[str]:
    given: dict[str, list[str]] = {}
    for name, value in query.items() if isinstance(query, Mapping) else query:
        given.setdefault(name, []).append(value)
    declared = {one["name"]: one for one in operation.parameters if one["in"] == "query"}
    for name, values in given.items():
        known = declared.get(name) or declared.get(f"{name.removesuffix('[]')}[]")
        if known is None:
            yield f"the query parameter {name} is unknown"
        else:
            yield from _judge_text(f"the query parameter {name}", values, known, file.resolver)
    for name, one in declared.items():
        if one.get("required") is True and name not in given and name.removesuffix("[]") not in given:
            yield f"the query parameter {name} is missing"


def _judge_text(
    what: str, texts: Sequence[str], parameter: Mapping[str, Any], resolver: Resolver
) -> Iterator[str]:
    """A parameter travels as text: what it means depends on its schema."""
    schema = parameter.get("schema") or {
        name: value for name, value in parameter.items() if name not in {"required", "name", "in"}
    }
    if "content" in parameter:
        return
    kinds = _kinds(schema, resolver)
    value: Any
    if "array" in kinds:
        items = resolver.resolve(schema).get("items", {})
        parts = [part for text in texts for part in text.split(",")]
        value = [_parse(part, _kinds(items, resolver)) for part in parts]
    elif len(texts) > 1:
        yield f"{what} is given {len(texts)} times"
        return
    else:
        value = _parse(texts[0], kinds)
    for fault in judge_value(value, (schema,), resolver, "request"):
        yield f"{what}: {fault}"


def _kinds(schema: Schema, resolver: Resolver) -> set[str]:
    found: set[str] = set()
    for shape in resolver.list_shapes(schema):
        for check in shape.checks:
            kind = check.get("type", ())
            found |= {kind} if isinstance(kind, str) else set(kind)
    return found


def _parse(text: str, kinds: set[str]) -> Any:
    """The number or truth that a text means where its schema has no place for texts; else the text."""
    if "string" in kinds:
        return text
    if "boolean" in kinds and text in _TRUTHS:
        return _TRUTHS[text]
    if kinds & {"integer", "number"}:
        for read in (int, float):
            try:
                return read(text)
            except ValueError:
                continue
    return text


def _judge_body(operation: Operation, body: Any, file: Specification) -> Iterator[str]:
    if operation.body is None:
        if body not in _NOTHING:
            yield "takes no body"
    elif body in _NOTHING:
        if operation.needs_body:
            yield "the body is missing"
    elif operation.body:
        yield from judge_value(body, (operation.body,), file.resolver, "request")
