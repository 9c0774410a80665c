"""Clients of the Atlassian twin's doors, judged by the published files."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.judge.openapi import Exceptional
from tests.sandbox.judged import first_that_knows, judged_client

SCIM_FILE = "atlassian/user-provisioning-scim.openapi.json"
JIRA_FILE = "atlassian/jira-platform-v3.openapi.json"
CONFLUENCE_FILE = "atlassian/confluence-v1.openapi.json"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

_SCIM_BEYOND = (
    Exceptional(
        r"answer (405|415|429): the status is undeclared", "any operation of a gateway answers these"
    ),
    Exceptional(
        r"(ServiceProviderConfig|ResourceTypes) answer 200: .* is not of type 'string'",
        "the file calls the configuration pages a text",
    ),
    Exceptional(r"extension:atlassian-external:1\.0 is undeclared", "the other spelling of the extension"),
    Exceptional(r"PUT .*Groups/\{id\} answer 400", "the file shows a Java exception there"),
)
_SITE_BEYOND = (
    Exceptional(r"answer (400|401|403|404): the body should be empty", "the files describe errors in prose"),
    Exceptional(
        r"answer (400|401|404|405|415|429|500): the status is undeclared", "any operation answers these"
    ),
)


def organisation(sandbox: Sandbox, domain: str = "acme.example") -> dict[str, Any]:
    """An organisation of the seed as `/control/info` describes it."""
    found: dict[str, Any] = next(
        one for one in sandbox.info()["atlassian"]["tenants"] if one["domain"] == domain
    )
    return found


def basic(address: str, token: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{address}:{token}".encode()).decode()}


@asynccontextmanager
async def scim_client(sandbox: Sandbox, domain: str = "acme.example") -> AsyncIterator[httpx.AsyncClient]:
    """The SCIM directory by its own key."""
    mine = organisation(sandbox, domain)
    headers = {"authorization": f"Bearer {mine['scim_key']}", "content-type": "application/scim+json"}
    url = f"{sandbox.url}/atlassian/scim/directory/{mine['directory_id']}/"
    async with judged_client(
        url, headers, first_that_knows(SCIM_FILE), _SCIM_BEYOND, mount="/atlassian"
    ) as client:
        yield client


@asynccontextmanager
async def admin_client(sandbox: Sandbox, domain: str = "acme.example") -> AsyncIterator[httpx.AsyncClient]:
    """Administration and account management by the organisation's key; no file is published for them."""
    headers = {"authorization": f"Bearer {organisation(sandbox, domain)['admin_key']}"}
    async with httpx.AsyncClient(
        base_url=f"{sandbox.url}/atlassian/", headers=headers, trust_env=False
    ) as client:
        yield client


@asynccontextmanager
async def site_client(
    sandbox: Sandbox, domain: str = "acme.example", address: str | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """The site by an address and its API token, the administrator's unless said otherwise."""
    mine = organisation(sandbox, domain)
    email = address or mine["email"]
    mount = f"/atlassian/site/{mine['site_name']}"
    async with judged_client(
        f"{sandbox.url}{mount}/",
        basic(email, mine["api_tokens"][email]),
        first_that_knows(JIRA_FILE, CONFLUENCE_FILE),
        _SITE_BEYOND,
        mount=mount,
    ) as client:
        yield client


def person(address: str, **more: Any) -> dict[str, Any]:
    """A user as SCIM takes it."""
    return {
        "schemas": [USER],
        "userName": address,
        "emails": [{"value": address, "type": "work", "primary": True}],
        "name": {"givenName": "Grace", "familyName": "Hopper"},
        "displayName": "Grace Hopper",
        "active": True,
        **more,
    }


def patch(*operations: dict[str, Any]) -> dict[str, Any]:
    return {"schemas": [PATCH_OP], "Operations": list(operations)}
