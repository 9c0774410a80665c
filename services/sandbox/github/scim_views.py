"""SCIM resources and lists as GitHub shows them, and the one filter it knows."""

from __future__ import annotations

import re
from typing import Any

from services.sandbox.github.errors import SCIM_HEADERS, ScimError
from services.sandbox.github.operations import Context
from services.sandbox.github.state import Enterprise, Identity, ScimGroup
from services.sandbox.github.views import stamp
from services.sandbox.wire.call import Reply, json_bytes

USER, GROUP = "urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:core:2.0:Group"
_LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
_FILTER = re.compile(r'\s*([\w.]+)\s+eq\s+"?([^"]*)"?\s*', re.IGNORECASE)
_MOST = 100


def scim(body: Any, status: int = 200) -> Reply:
    return Reply(status, json_bytes(body), SCIM_HEADERS)


def user_resource(identity: Identity, where: str) -> dict[str, Any]:
    given = identity.attributes
    return {
        "schemas": [USER],
        "id": identity.id,
        "externalId": given.get("externalId"),
        "userName": given.get("userName"),
        "displayName": given.get("displayName"),
        "name": given.get("name") or {},
        "emails": given.get("emails") or [],
        "active": identity.is_active,
        **({"roles": given["roles"]} if given.get("roles") else {}),
        "meta": {
            "resourceType": "User",
            "created": stamp(identity.created_at),
            "lastModified": stamp(identity.changed_at),
            "location": f"{where}/{identity.id}",
        },
    }


def group_resource(
    group: ScimGroup, enterprise: Enterprise, base: str, *, has_members: bool = True
) -> dict[str, Any]:
    where = f"{base}/scim/v2/enterprises/{enterprise.slug}"
    body: dict[str, Any] = {
        "schemas": [GROUP],
        "id": group.id,
        "externalId": group.external_id,
        "displayName": group.name,
        "meta": {
            "resourceType": "Group",
            "created": stamp(group.created_at),
            "lastModified": stamp(group.created_at),
            "location": f"{where}/Groups/{group.id}",
        },
    }
    if has_members:
        body["members"] = [
            {
                "value": member,
                "$ref": f"{where}/Users/{member}",
                "display": enterprise.identities[member].attributes.get("displayName") or "",
            }
            for member in group.members
        ]
    return body


def read_filter(context: Context, names: dict[str, str]) -> tuple[str, str] | None:
    """The attribute and the value of the one `eq` that GitHub takes; raise 400 for anything else."""
    text = context.query.get("filter")
    if text is None:
        return None
    match = _FILTER.fullmatch(text)
    if match is None or match[1].lower() not in names:
        raise ScimError(400, f"Unsupported filter: {text}", scim_type="invalidFilter")
    return names[match[1].lower()], match[2]


def listed(context: Context, resources: list[dict[str, Any]]) -> Reply:
    start = max(1, _integer(context, "startIndex", 1))
    count = min(_MOST, max(0, _integer(context, "count", _MOST)))
    page = resources[start - 1 : start - 1 + count]
    return scim(
        {
            "schemas": [_LIST],
            "totalResults": len(resources),
            "startIndex": start,
            "itemsPerPage": len(page),
            "Resources": page,
        }
    )


def _integer(context: Context, name: str, default: int) -> int:
    text = context.query.get(name, str(default))
    if not text.lstrip("-").isdigit():
        raise ScimError(400, f"{name} is not a number", scim_type="invalidValue")
    return int(text)
