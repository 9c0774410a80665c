"""Judges an answer of the Microsoft twin by the CSDL of Graph v1.0."""

from __future__ import annotations

import re
from typing import Any

from tests.sandbox.judge.specs import load

CSDL = "microsoft/graph-v1.0-csdl-extract.json"
OPENAPI = "microsoft/graph-v1.0.openapi.json"
_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_BY_PATH: tuple[tuple[str, str], ...] = (
    (r"users", "user"),
    (r"users/[^/]+", "user"),
    (r"users/[^/]+/(microsoft\.graph\.)?assignLicense", "user"),
    (r"users/[^/]+/(manager|directReports|memberOf)", "directoryObject"),
    (r"users/[^/]+/memberOf/microsoft\.graph\.group", "group"),
    (r"users/[^/]+/licenseDetails", "licenseDetails"),
    (r"groups", "group"),
    (r"groups/[^/]+", "group"),
    (r"groups/[^/]+/members", "directoryObject"),
    (r"directory/deletedItems/microsoft\.graph\.user", "user"),
    (r"directory/deletedItems/[^/]+(/restore)?", "directoryObject"),
    (r"subscribedSkus(/[^/]+)?", "subscribedSku"),
    (r"organization(/[^/]+)?", "organization"),
    (r"domains(/[^/]+)?", "domain"),
    (r"subscriptions(/[^/]+)?", "subscription"),
    (r"[Uu]sers/[^/]+/[Mm]essages/[^/]+", "message"),
    (r"users/[^/]+/mailFolders/[^/]+/messages/delta", "message"),
    (r"[Uu]sers/[^/]+/[Ee]vents/[^/]+", "event"),
    (r"users/[^/]+/calendarView/delta", "event"),
    (r"users/delta", "user"),
    (r"groups/delta", "group"),
)


def properties(type_name: str) -> dict[str, dict[str, Any]]:
    """Return the properties of an entity or complex type with those of its bases."""
    csdl = load(CSDL)
    known: dict[str, dict[str, Any]] = {}
    name: str | None = type_name
    while name:
        kind = csdl["entityTypes"].get(name) or csdl["complexTypes"].get(name)
        if kind is None:
            break
        known = {**kind.get("properties", {}), **known}
        name = (kind.get("baseType") or "").rpartition(".")[2] or None
    return known


def navigations(type_name: str) -> frozenset[str]:
    return frozenset(load(CSDL)["entityTypes"].get(type_name, {}).get("navigationProperties", {}))


def judge(path: str, status: int, headers: dict[str, str], body: Any) -> list[str]:
    """Return what is wrong with an answer to `path` (below /v1.0/); an empty list when nothing is."""
    faults = [] if _GUID.fullmatch(headers.get("request-id", "")) else ["no request-id header"]
    if "client-request-id" not in headers:
        faults.append("no client-request-id header")
    if status >= 400:
        return faults + _judge_error(headers, body)
    if body is None:
        return faults
    if "@odata.context" not in body:
        faults.append("no @odata.context")
    type_name = next((name for pattern, name in _BY_PATH if re.fullmatch(pattern, path)), None)
    if type_name is None:
        return faults
    items = body["value"] if isinstance(body.get("value"), list) else [body]
    for item in items:
        faults += _judge_entity(item, type_name, path)
    return faults


def _judge_error(headers: dict[str, str], body: Any) -> list[str]:
    try:
        error = body["error"]
        inner = error["innerError"]
        fine = (
            isinstance(error["code"], str)
            and isinstance(error["message"], str)
            and inner["request-id"] == headers["request-id"]
            and inner["client-request-id"] == headers["client-request-id"]
            and bool(inner["date"])
        )
    except (KeyError, TypeError):
        fine = False
    return [] if fine else [f"not Graph's error envelope: {body}"]


def _judge_entity(item: dict[str, Any], type_name: str, where: str) -> list[str]:
    declared = item.get("@odata.type", "").rpartition(".")[2]
    type_name = declared or type_name
    known = properties(type_name)
    faults = []
    for name, value in item.items():
        if name.startswith(("@odata.", "@removed")) or name in navigations(type_name):
            continue
        if name not in known:
            faults.append(f"{where}: {type_name} has no property {name}")
        else:
            faults += judge_value(value, known[name]["type"], f"{where}:{name}")
    return faults


def judge_value(value: Any, edm: str, where: str) -> list[str]:
    collection = re.fullmatch(r"Collection\((.+)\)", edm)
    if collection:
        if not isinstance(value, list):
            return [f"{where} should be a list, is {value!r}"]
        return [fault for item in value for fault in judge_value(item, collection[1], where)]
    if value is None:
        return []
    name = edm.rpartition(".")[2]
    if not edm.startswith("Edm."):
        if isinstance(value, str):  # an enumeration
            return []
        inner = properties(name)
        faults = [f"{where}: {name} has no member {member}" for member in value if member not in inner]
        for member, one in value.items():
            if member in inner:
                faults += judge_value(one, inner[member]["type"], f"{where}.{member}")
        return faults
    fits = {
        "String": isinstance(value, str),
        "Boolean": isinstance(value, bool),
        "Int32": isinstance(value, int) and not isinstance(value, bool),
        "Guid": isinstance(value, str) and _GUID.fullmatch(value) is not None,
        "DateTimeOffset": isinstance(value, str) and _MOMENT.fullmatch(value) is not None,
    }
    return [] if fits.get(name, True) else [f"{where} should be {edm}, is {value!r}"]
