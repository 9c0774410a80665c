"""Judges an answer of the Google twin by Google's discovery documents."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.sandbox.judge.specs import load

DOCUMENTS = ("google/admin.directory_v1.json", "google/licensing.v1.json")
_PYTHON: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "object": dict,
    "array": list,
    "any": object,
}


@dataclass(frozen=True)
class Method:
    id: str
    http: str
    template: str
    pattern: re.Pattern[str]
    parameters: frozenset[str]
    scopes: frozenset[str]
    response: str | None
    request: str | None
    document: str


@cache
def methods() -> tuple[Method, ...]:
    found: list[Method] = []
    for document in DOCUMENTS:
        _collect(load(document)["resources"], document, found)
    # The most literal template first: some of the API's other resources are reached by a bare `{+name}`.
    return tuple(sorted(found, key=lambda method: -len(re.sub(r"\{[^}]*\}", "", method.template))))


def _collect(resources: dict[str, Any], document: str, found: list[Method]) -> None:
    for resource in resources.values():
        for method in resource.get("methods", {}).values():
            template = method["path"]
            pattern = re.sub(r"\\\{\\\+[^}]*\\\}", ".+", re.escape(template))
            pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", pattern)
            query = {name for name, one in method["parameters"].items() if one["location"] == "query"}
            found.append(
                Method(
                    id=method["id"],
                    http=method["httpMethod"],
                    template=template,
                    pattern=re.compile(pattern),
                    parameters=frozenset(query),
                    scopes=frozenset(method.get("scopes", ())),
                    response=method.get("response", {}).get("$ref"),
                    request=method.get("request", {}).get("$ref"),
                    document=document,
                )
            )
        _collect(resource.get("resources", {}), document, found)


def find(http: str, path: str) -> Method | None:
    """Find the method of a request path below the base, e.g. `admin/directory/v1/users/x`."""
    for method in methods():
        if method.http == http and method.pattern.fullmatch(path):
            return method
    return None


def judge(http: str, path: str, status: int, body: Any) -> list[str]:
    """Return what is wrong with an answer; an empty list when nothing is."""
    method = find(http, path)
    if method is None:
        return (
            [] if status in {404, 405} else [f"{http} {path} is no method of the API but answered {status}"]
        )
    if status >= 400:
        return _judge_error(status, body)
    if method.response is None:
        return [] if body is None else [f"{method.id} has no response body, got {body}"]
    schemas = load(method.document)["schemas"]
    return [f"{method.id}: {fault}" for fault in _judge_value(body, {"$ref": method.response}, schemas, "$")]


def _judge_error(status: int, body: Any) -> list[str]:
    try:
        error = body["error"]
        item = error["errors"][0]
        fine = (
            error["code"] == status
            and isinstance(error["message"], str)
            and isinstance(item["reason"], str)
            and isinstance(item["domain"], str)
            and item["message"] == error["message"]
        )
    except (KeyError, TypeError, IndexError):
        fine = False
    return [] if fine else [f"not Google's error envelope: {status} {body}"]


def _judge_value(value: Any, schema: dict[str, Any], schemas: dict[str, Any], where: str) -> list[str]:
    if "$ref" in schema:
        schema = schemas[schema["$ref"]]
    expected = _PYTHON[schema.get("type", "any")]
    if not isinstance(value, expected) or (isinstance(value, bool) and schema.get("type") == "integer"):
        return [f"{where} should be {schema.get('type')}, is {value!r}"]
    faults: list[str] = []
    if isinstance(value, dict) and "properties" in schema:
        for name, inner in value.items():
            known = schema["properties"].get(name)
            if known is None:
                faults.append(f"{where}.{name} is unknown")
            else:
                faults += _judge_value(inner, known, schemas, f"{where}.{name}")
    if isinstance(value, list):
        for index, item in enumerate(value):
            faults += _judge_value(item, schema.get("items", {"type": "any"}), schemas, f"{where}[{index}]")
    return faults
