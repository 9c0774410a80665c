"""Clients of the Zoom twin, judged by Zoom's published file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.judge.openapi import Exceptional
from tests.sandbox.judged import first_that_knows, judged_client

MOUNT = "/zoom/v2"
FILE = "zoom/zoom-users-v2.openapi.json"
BEYOND_THE_FILE = (
    Exceptional(r"\.(display_name|license_info_list)(\[\d+\])? is undeclared", "newer than the file: @zoom/rivet 0.4.0"),
    Exceptional(r"answer (401|429|404|400): the status is undeclared", "docs/api/errors: these come from any operation"),
    Exceptional(r"answer (400|404|409): the body should be empty", "the file describes error bodies in prose"),
    Exceptional(r"answer 200: \$\.email is missing|\$\.type is missing", "the file's own note: pending people have id and created_at"),
)  # fmt: skip


def account(sandbox: Sandbox, domain: str = "acme.example") -> dict[str, Any]:
    """An account of the seed as `/control/info` describes it."""
    found: dict[str, Any] = next(one for one in sandbox.info()["zoom"]["tenants"] if one["domain"] == domain)
    return found


async def fetch_token(sandbox: Sandbox, domain: str = "acme.example", **form: str) -> httpx.Response:
    """Ask for a token; `form` replaces members of the form."""
    mine = account(sandbox, domain)
    fields = {"grant_type": "account_credentials", "account_id": mine["account_id"], **form}
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.post(
            sandbox.info()["zoom"]["token_url"], data=fields, auth=(mine["client_id"], mine["client_secret"])
        )


@asynccontextmanager
async def zoom_client(sandbox: Sandbox, domain: str = "acme.example") -> AsyncIterator[httpx.AsyncClient]:
    """The API as the account's server-to-server app."""
    token = (await fetch_token(sandbox, domain)).json()["access_token"]
    headers = {"authorization": f"Bearer {token}"}
    async with judged_client(
        f"{sandbox.url}{MOUNT}/", headers, first_that_knows(FILE), BEYOND_THE_FILE, mount=MOUNT
    ) as client:
        yield client


async def create(
    client: httpx.AsyncClient, email: str, action: str = "create", **info: Any
) -> httpx.Response:
    """`POST /users` with a name and a type."""
    person = {"email": email, "type": 1, "first_name": "Grace", "last_name": "Hopper", **info}
    return await client.post("users", json={"action": action, "user_info": person})
