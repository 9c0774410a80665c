"""SCIM's representations, lists and the one filter."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from services.sandbox.atlassian.errors import SCIM_HEADERS, invalid
from services.sandbox.atlassian.operations import Context
from services.sandbox.atlassian.scim_bodies import ENTERPRISE, GROUP, USER
from services.sandbox.atlassian.state import Group, ScimUser
from services.sandbox.wire.call import Reply, json_bytes

LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
_EXTENSIONS = {
    "published": "urn:scim:schemas:extension:atlassian-external:1.0",
    "ietf": "urn:ietf:params:scim:schemas:extension:atlassian-external:1.0",
}
_FILTER = re.compile(r'\s*(\w+)\s+eq\s+"((?:[^"\\]|\\.)*)"\s*', re.IGNORECASE)
_MOST = 100


def stamp(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def scim(body: Any, status: int = 200) -> Reply:
    return Reply(status, json_bytes(body), SCIM_HEADERS)


def document(user: ScimUser) -> dict[str, Any]:
    """The record as a client wrote it, for PATCH to work on."""
    schemas = [USER, ENTERPRISE] if ENTERPRISE in user.fields else [USER]
    return {"schemas": schemas, "userName": user.user_name, "active": user.active, **user.fields}


def user_view(context: Context, user: ScimUser) -> dict[str, Any]:
    org = context.org
    extension = _EXTENSIONS[context.mode("extension", "published")]
    groups = [group for group in org.groups.values() if group.scim_id and user.account_id in group.members]
    base = f"{context.call.base_url}/atlassian/scim/directory/{org.directory_id}"
    view = {
        **document(user),
        "id": user.id,
        "meta": {
            "resourceType": "USER",
            "location": f"{base}/Users/{user.id}",
            "created": stamp(user.created_at),
            "lastModified": stamp(user.modified_at),
        },
        "groups": [
            {
                "type": "GROUP",
                "value": group.scim_id,
                "display": group.name,
                "$ref": f"{base}/Groups/{group.scim_id}",
            }
            for group in groups
        ],
    }
    late = context.mode("account_id", "at_once") == "late"
    if not (late and context.is_settling(user.created_at, user.origin)):
        view[extension] = {"atlassianAccountId": user.account_id}
        view["schemas"] = [*view["schemas"], extension]
    return view


def group_view(context: Context, group: Group) -> dict[str, Any]:
    org = context.org
    base = f"{context.call.base_url}/atlassian/scim/directory/{org.directory_id}"
    records = [one for one in org.scim.values() if one.account_id in group.members]
    view = {
        "schemas": [GROUP],
        "id": group.scim_id,
        "displayName": group.name,
        "members": [
            {
                "type": "USER",
                "value": one.id,
                "display": one.user_name,
                "$ref": f"{base}/Users/{one.id}",
            }
            for one in records
        ],
        "meta": {
            "resourceType": "GROUP",
            "location": f"{base}/Groups/{group.scim_id}",
            "created": stamp(group.created_at),
            "lastModified": stamp(group.created_at),
        },
    }
    return view | ({"externalId": group.external_id} if group.external_id else {})


def read_filter(context: Context, known: tuple[str, ...]) -> tuple[str, str] | None:
    """Attribute (as `known` spells it) and value; None without a filter; 400 for any but one `eq`."""
    text = context.query.get("filter")
    if text is None:
        return None
    match = _FILTER.fullmatch(text)
    names = {name.lower(): name for name in known}
    if match is None or match[1].lower() not in names:
        raise invalid(f"Filter {text} is not supported", "invalidFilter")
    return names[match[1].lower()], match[2].replace('\\"', '"')


def paged(context: Context, views: list[dict[str, Any]]) -> Reply:
    """At most a hundred at a time, from a 1-based index."""
    start = max(1, context.integer("startIndex", 1))
    count = min(context.integer("count", _MOST), _MOST)
    part = views[start - 1 : start - 1 + count]
    return scim(
        {
            "schemas": [LIST],
            "totalResults": len(views),
            "startIndex": start,
            "itemsPerPage": len(part),
            "Resources": part,
        }
    )


def picked(context: Context, view: dict[str, Any]) -> dict[str, Any]:
    """Only what `attributes` names, or all but what `excludedAttributes` names; top level, id always."""
    wanted, left_out = context.query.get("attributes"), context.query.get("excludedAttributes")
    if wanted and left_out:
        raise invalid("attributes and excludedAttributes are mutually exclusive", "invalidSyntax")
    if wanted:
        names = {one.strip().partition(".")[0] for one in wanted.split(",")} | {"id", "schemas"}
        return {name: value for name, value in view.items() if name in names}
    if left_out:
        names = {one.strip() for one in left_out.split(",")} - {"id", "schemas"}
        return {name: value for name, value in view.items() if name not in names}
    return view
