"""Clients of the SCIM twin. Each answer is read by scim2-models and, where they are at hand, judged by the RFCs' files."""

from __future__ import annotations

import json
from typing import Any

import httpx
import jsonschema
from scim2_models import Context, EnterpriseUser, Error, Group, ListResponse, User

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.judge import specs

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
CORE_GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

NEW: dict[str, Any] = {
    "schemas": [CORE],
    "userName": "new.hire@acme.example",
    "name": {"givenName": "New", "familyName": "Hire"},
    "emails": [{"value": "new.hire@acme.example", "type": "work", "primary": True}],
}
_READERS: dict[str, Any] = {"Users": User[EnterpriseUser], "Groups": Group}


def judge(path: str, status: int, body: Any) -> None:
    """Raise where scim2-models cannot read the answer, or the published JSON Schema forbids it."""
    if status >= 400:
        Error.model_validate(body)
        assert str(status) == body["status"]
        return
    kind, _, rest = path.partition("/")
    reader = _READERS.get(kind)
    if reader is None or body is None:
        return
    if "Resources" in body or "totalResults" in body:
        listed: Any = ListResponse  # subscribed with a class that is known at run time only
        listed[reader].model_validate(body, scim_ctx=Context.RESOURCE_QUERY_RESPONSE)
        items = body.get("Resources", [])
    else:
        reader.model_validate(body, scim_ctx=Context.RESOURCE_QUERY_RESPONSE)
        items = [body]
    if kind == "Users" and specs.folder() is not None:
        schema = specs.load("scim/rfc7644-user-with-enterprise.jsonschema.json")
        for item in items:
            jsonschema.validate(item, schema)
    assert rest is not None


async def _judge(response: httpx.Response) -> None:
    await response.aread()
    if "attributes" in response.request.url.params or not response.content:
        return  # a resource cut to the attributes asked for is no whole resource
    path = response.request.url.path.partition("/v2/")[2]
    judge(path, response.status_code, json.loads(response.content))


def tenant(sandbox: Sandbox, domain: str = "acme.example") -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in sandbox.info()["scim"]["tenants"] if one["domain"] == domain)
    return found


def client(sandbox: Sandbox, domain: str = "acme.example", *, token: str | None = None) -> httpx.AsyncClient:
    company = tenant(sandbox, domain)
    return httpx.AsyncClient(
        base_url=company["base_url"] + "/",
        headers={
            "authorization": f"Bearer {token or company['token']}",
            "content-type": "application/scim+json",
        },
        event_hooks={"response": [_judge]},
        timeout=60,
        trust_env=False,
        verify=False,  # noqa: S501 - plain HTTP: there is nothing to verify, and loading CA files takes time
    )


def patch(*operations: dict[str, Any]) -> dict[str, Any]:
    return {"schemas": [PATCH], "Operations": list(operations)}


def refusal(reply: httpx.Response) -> tuple[int, str | None]:
    body = reply.json()
    assert body["status"] == str(reply.status_code), "the status is a text in RFC 7644"
    return reply.status_code, body.get("scimType")
