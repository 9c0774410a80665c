"""Clients of the HubSpot twin, judged by HubSpot's published files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.judge.openapi import Exceptional
from tests.sandbox.judged import first_that_knows, judged_client

MOUNT = "/hubspot"
_HEAD = "hubspot/user-provisioning-v3.json"
_CLASSIC = "hubspot/user-provisioning-v3.pre-2026-04.json"
FILES = (
    _HEAD,
    _CLASSIC,
    "hubspot/user-provisioning-2026-03.json",
    "hubspot/user-provisioning-2026-09-beta.json",
    "hubspot/oauth-v1.json",
    "hubspot/crm-owners-v3.json",
    "hubspot/account-info-v3.json",
)
BEYOND_THE_FILES = (
    Exceptional(r"\$\.status is undeclared", "live replies carry status: error beside the published members"),
    Exceptional(r"\$\.(errorType|policyName) is undeclared", "docs/developer-tooling/platform/usage-guidelines"),
    Exceptional(r"^GET /settings/v3/users/ answer 200: .*seatNames is undeclared", "the newer v3 file has them"),
    Exceptional(r"^POST /settings/v3/users/ answer 201: .*seatNames is undeclared", "the newer v3 file has them"),
    Exceptional(r"/oauth/v1/token answer 200", "the answer's schema is an empty interface"),
)  # fmt: skip


def portal(sandbox: Sandbox, domain: str = "acme.example") -> dict[str, Any]:
    """A portal of the seed as `/control/info` describes it."""
    tenants = sandbox.info()["hubspot"]["tenants"]
    found: dict[str, Any] = next(one for one in tenants if one["domain"] == domain)
    return found


@asynccontextmanager
async def hubspot_client(sandbox: Sandbox, domain: str = "acme.example") -> AsyncIterator[httpx.AsyncClient]:
    """The API as the company's private app."""
    headers = {"authorization": f"Bearer {portal(sandbox, domain)['access_token']}"}
    async with judged_client(
        f"{sandbox.url}{MOUNT}/", headers, first_that_knows(*FILES), BEYOND_THE_FILES, mount=MOUNT
    ) as client:
        yield client


async def create(
    client: httpx.AsyncClient, email: str, path: str = "settings/v3/users", **more: Any
) -> httpx.Response:
    """Add a person with a name and without a mail."""
    body = {"email": email, "sendWelcomeEmail": False, "firstName": "Grace", "lastName": "Hopper", **more}
    return await client.post(path, json=body)
