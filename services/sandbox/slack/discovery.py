"""What Slack's SCIM says about itself."""

from __future__ import annotations

from typing import Any

from services.sandbox.slack.bodies import CORE_GROUP, CORE_USER, ENTERPRISE, GUEST, PROFILE
from services.sandbox.slack.operations import Context, operation
from services.sandbox.slack.views import LIST_SCHEMA
from services.sandbox.wire.call import Reply

_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Schema"
_TYPE = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
_USER_ATTRIBUTES = (
    ("userName", "string"),
    ("nickName", "string"),
    ("name", "complex"),
    ("displayName", "string"),
    ("profileUrl", "string"),
    ("title", "string"),
    ("timezone", "string"),
    ("active", "boolean"),
    ("emails", "complex"),
    ("photos", "complex"),
    ("addresses", "complex"),
    ("phoneNumbers", "complex"),
    ("roles", "complex"),
    ("groups", "complex"),
)
_GROUP_ATTRIBUTES = (("displayName", "string"), ("members", "complex"))


@operation("GET", "ServiceProviderConfig")
@operation("GET", "ServiceProviderConfigs")
def service_provider_config(context: Context) -> Reply:
    return context.ok(
        {
            "authenticationSchemes": [
                {
                    "type": "oauthbearertoken",
                    "name": "OAuth Bearer Token",
                    "description": "A user token with the scope admin",
                    "specUrl": "https://tools.ietf.org/html/rfc6750",
                    "primary": True,
                }
            ],
            "patch": {"supported": True},
            "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
            "filter": {"supported": context.mode("filters", "on") == "on", "maxResults": 1000},
            "changePassword": {"supported": False},
            "sort": {"supported": False},
            "etag": {"supported": False},
            "xmlDataFormat": {"supported": False},
        }
    )


@operation("GET", "ResourceTypes")
def resource_types(context: Context) -> Reply:
    extensions = [{"schema": urn, "required": False} for urn in (ENTERPRISE, GUEST, PROFILE)]
    return _list(
        context,
        [
            _resource_type(context, "User", "/Users", CORE_USER, extensions),
            _resource_type(context, "Group", "/Groups", CORE_GROUP, []),
        ],
    )


def _resource_type(
    context: Context, name: str, endpoint: str, schema: str, extensions: list[dict[str, Any]]
) -> dict[str, Any]:
    location = f"{context.call.base_url}/slack/scim/v2/ResourceTypes/{name}"
    return {
        "schemas": [_TYPE],
        "id": name,
        "name": name,
        "endpoint": endpoint,
        "description": f"{name} resource",
        "schema": schema,
        "schemaExtensions": extensions,
        "meta": {"location": location, "resourceType": "ResourceType"},
    }


@operation("GET", "Schemas")
def schemas(context: Context) -> Reply:
    return _list(context, [_users_schema(), _groups_schema()])


@operation("GET", "Schemas/Users")
def users_schema(context: Context) -> Reply:
    return context.ok(_users_schema())


@operation("GET", "Schemas/Groups")
def groups_schema(context: Context) -> Reply:
    return context.ok(_groups_schema())


def _users_schema() -> dict[str, Any]:
    return _schema(CORE_USER, "User", _USER_ATTRIBUTES)


def _groups_schema() -> dict[str, Any]:
    return _schema(CORE_GROUP, "Group", _GROUP_ATTRIBUTES)


def _schema(id: str, name: str, attributes: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    shown = [{"name": one, "type": kind, "multiValued": one.endswith("s")} for one, kind in attributes]
    return {
        "schemas": [_SCHEMA],
        "id": id,
        "name": name,
        "description": f"Core {name}",
        "attributes": shown,
    }


def _list(context: Context, items: list[dict[str, Any]]) -> Reply:
    return context.ok({"schemas": [LIST_SCHEMA], "Resources": items, "totalResults": len(items)})
