"""What the application says about itself, truthfully in every mode; it needs no credentials."""

from __future__ import annotations

from typing import Any

from services.sandbox.scim.errors import SCIM_HEADERS, ScimError, not_found, not_implemented
from services.sandbox.scim.operations import Context, operation
from services.sandbox.scim.schemas import CORE_USER, ENTERPRISE, GROUPS, SCHEMAS, ResourceType
from services.sandbox.scim.views import LIST_SCHEMA
from services.sandbox.wire.call import Reply, json_bytes

_CONFIG = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
_TYPE = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"


def _must_be_told(context: Context) -> None:
    if context.mode("discovery") != "on":
        raise ScimError(404, "Endpoint not found")


@operation("GET", "ServiceProviderConfig", is_open=True)
def service_provider_config(context: Context) -> Reply:
    _must_be_told(context)
    return _ok(
        {
            "schemas": [_CONFIG],
            "documentationUri": f"{context.call.base_url}/control/info",
            "patch": {"supported": context.mode("patch") == "on"},
            "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
            "filter": {
                "supported": context.mode("filter") == "on",
                "maxResults": context.max_results,
            },
            "changePassword": {"supported": True},
            "sort": {"supported": False},
            "etag": {"supported": context.has_etag},
            "authenticationSchemes": [
                _scheme("oauthbearertoken", "OAuth Bearer Token", primary=True),
                _scheme("oauth2", "OAuth 2.0 client credentials", primary=False),
            ],
            "meta": {
                "resourceType": "ServiceProviderConfig",
                "location": f"{context.base_url}/ServiceProviderConfig",
            },
        }
    )


def _scheme(kind: str, name: str, *, primary: bool) -> dict[str, Any]:
    return {
        "type": kind,
        "name": name,
        "description": name,
        "specUri": "https://www.rfc-editor.org/info/rfc6750",
        "primary": primary,
    }


@operation("GET", "ResourceTypes", is_open=True)
def resource_types(context: Context) -> Reply:
    _must_be_told(context)
    return _list([_type_view(context, kind) for kind in _types(context)])


@operation("GET", "ResourceTypes/{id}", is_open=True)
def resource_type(context: Context) -> Reply:
    _must_be_told(context)
    for kind in _types(context):
        if kind.name == context.args["id"]:
            return _ok(_type_view(context, kind))
    raise not_found(context.args["id"])


def _types(context: Context) -> list[ResourceType]:
    return [context.users_type, *([GROUPS] if context.mode("groups") == "on" else [])]


def _type_view(context: Context, kind: ResourceType) -> dict[str, Any]:
    body: dict[str, Any] = {
        "schemas": [_TYPE],
        "id": kind.name,
        "name": kind.name,
        "endpoint": kind.endpoint,
        "description": kind.name,
        "schema": kind.schema.id,
        "meta": {
            "resourceType": "ResourceType",
            "location": f"{context.base_url}/ResourceTypes/{kind.name}",
        },
    }
    if kind.extensions:
        body["schemaExtensions"] = [{"schema": one.id, "required": False} for one in kind.extensions]
    return body


@operation("GET", "Schemas", is_open=True)
def schemas(context: Context) -> Reply:
    _must_be_told(context)
    return _list([SCHEMAS[urn].as_json(context.base_url) for urn in _urns(context)])


@operation("GET", "Schemas/{id}", is_open=True)
def schema(context: Context) -> Reply:
    _must_be_told(context)
    if context.args["id"] not in _urns(context):
        raise not_found(context.args["id"])
    return _ok(SCHEMAS[context.args["id"]].as_json(context.base_url))


def _urns(context: Context) -> list[str]:
    left_out = set()
    if context.mode("groups") != "on":
        left_out.add(GROUPS.schema.id)
    if context.mode("enterprise") != "on":
        left_out.add(ENTERPRISE)
    return [CORE_USER, *(urn for urn in SCHEMAS if urn != CORE_USER and urn not in left_out)]


@operation("POST", "Bulk", body=True)
def bulk(context: Context) -> Reply:
    raise not_implemented(f"bulk operations ({len(context.body)} members sent)")


@operation("GET", "Me")
def me(context: Context) -> Reply:
    raise not_implemented(f"/Me in {context.company.name}")


def _ok(body: dict[str, Any]) -> Reply:
    return Reply(200, json_bytes(body), SCIM_HEADERS)


def _list(items: list[dict[str, Any]]) -> Reply:
    return _ok(
        {
            "schemas": [LIST_SCHEMA],
            "totalResults": len(items),
            "startIndex": 1,
            "itemsPerPage": len(items),
            "Resources": items,
        }
    )
