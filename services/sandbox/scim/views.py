"""Resources as a client sees them: meta, groups and managers filled in, cut to the attributes asked for."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

from services.sandbox.scim.errors import invalid_value
from services.sandbox.scim.schemas import ENTERPRISE, USERS, ResourceType, find
from services.sandbox.scim.state import Company, Resource

LIST_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
_ALWAYS = frozenset({"schemas", "id"})


def stamp(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def view(
    company: Company, resource: Resource, kind: ResourceType, base_url: str, *, has_etag: bool
) -> dict[str, Any]:
    """The whole resource; what is never returned has no way into it."""
    document = copy.deepcopy(resource.document)
    document.pop("password", None)
    urns = [one.id for one in kind.extensions if one.id in document]
    location = f"{base_url}{kind.endpoint}/{resource.id}"
    meta = {
        "resourceType": kind.name,
        "created": stamp(resource.created_at),
        "lastModified": stamp(resource.modified_at),
        "location": location,
    }
    if has_etag:
        meta["version"] = resource.etag
    if kind.name == USERS.name:
        document.setdefault("active", True)
        _fill_user(company, resource, document, base_url)
    else:
        for member in document.get("members") or []:
            _fill_member(company, member, base_url)
    return {"schemas": [kind.schema.id, *urns], "id": resource.id, **document, "meta": meta}


def _fill_user(company: Company, user: Resource, document: dict[str, Any], base_url: str) -> None:
    groups = [
        {"value": one.id, "$ref": f"{base_url}/Groups/{one.id}", "display": one.label, "type": "direct"}
        for one in company.groups_of(user.id)
    ]
    if groups:
        document["groups"] = groups
    manager = (document.get(ENTERPRISE) or {}).get("manager")
    boss = company.users.get(manager["value"]) if manager else None
    if manager and boss is not None:
        manager |= {"$ref": f"{base_url}/Users/{boss.id}", "displayName": boss.label}


def _fill_member(company: Company, member: dict[str, Any], base_url: str) -> None:
    key = member.get("value", "")
    found = company.users.get(key)
    place = "Users" if found else "Groups"
    found = found or company.groups.get(key)
    member |= {"type": place[:-1], "$ref": f"{base_url}/{place}/{key}"}
    if found is not None:
        member["display"] = found.label


def project(
    body: dict[str, Any], kind: ResourceType, wanted: str | None, unwanted: str | None
) -> dict[str, Any]:
    """Cut to `attributes`, or without `excludedAttributes` (RFC 7644 section 3.9); never both."""
    if wanted and unwanted:
        raise invalid_value("attributes and excludedAttributes exclude each other")
    if wanted:
        paths = [_split(path, kind) for path in wanted.split(",")]
        return {
            name: kept
            for name, value in body.items()
            if (kept := value if name in _ALWAYS else _keep(name, value, paths)) is not None
        }
    if unwanted:
        paths = [_split(path, kind) for path in unwanted.split(",")]
        return {
            name: kept
            for name, value in body.items()
            if (kept := value if name in _ALWAYS else _drop(name, value, paths)) is not None
        }
    return body


def _split(path: str, kind: ResourceType) -> list[str]:
    """`urn:…:department` and `name.givenName` as canonical parts; raise ScimError for what is unknown."""
    path = path.strip()
    parts: list[str] = []
    attributes = kind.core
    for schema in (kind.schema, *kind.extensions):
        if path.lower() == schema.id.lower():
            return [schema.id]
        if path.lower().startswith(schema.id.lower() + ":"):
            path = path[len(schema.id) + 1 :]
            if schema is not kind.schema:
                parts, attributes = [schema.id], schema.attributes
    for name in path.split("."):
        if name.lower() == "schemas":
            return ["schemas"]
        attribute = find(attributes, name)
        if attribute is None:
            raise invalid_value(f"unknown attribute {path}")
        parts.append(attribute.name)
        attributes = attribute.sub
    return parts


def _keep(name: str, value: Any, paths: list[list[str]]) -> Any:
    rests = [path[1:] for path in paths if path[0] == name]
    if not rests:
        return None
    if [] in rests:
        return value
    if isinstance(value, list):
        return [_keep_parts(item, rests) for item in value]
    return _keep_parts(value, rests)


def _keep_parts(value: dict[str, Any], rests: list[list[str]]) -> dict[str, Any]:
    kept = {name: _keep(name, one, rests) for name, one in value.items()}
    return {name: one for name, one in kept.items() if one is not None}


def _drop(name: str, value: Any, paths: list[list[str]]) -> Any:
    rests = [path[1:] for path in paths if path[0] == name]
    if not rests:
        return value
    if [] in rests:
        return None
    if isinstance(value, list):
        return [_drop_parts(item, rests) for item in value]
    return _drop_parts(value, rests)


def _drop_parts(value: dict[str, Any], rests: list[list[str]]) -> dict[str, Any]:
    kept = {name: _drop(name, one, rests) for name, one in value.items()}
    return {name: one for name, one in kept.items() if one is not None}
