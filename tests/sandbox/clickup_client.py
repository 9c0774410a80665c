"""A client of the ClickUp twin, judged by ClickUp's published file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.judge.openapi import Exceptional
from tests.sandbox.judged import first_that_knows, judged_client

MOUNT = "/clickup/api"
FILE = "clickup/clickup-v2.openapi.json"
BEYOND_THE_FILE = (
    Exceptional(r"answer (400|401|403|404|429|500): the status is undeclared", "the file lists 200 alone"),
    Exceptional(r"\.(role|custom_role|last_active|date_joined|date_invited|invited_by|timezone)(\.[a-z_]+)? is undeclared",
                "the file lists less of GET /team than it shows; its /user says timezeone"),
    Exceptional(r"\.(custom_role|username|avatar|profilePicture): None is not of type", "nobody has set it yet"),
    Exceptional(r"\.folders: \[.*is not of type 'object'", "the file forgot that there are several"),
    Exceptional(r"answer 200: .*\.shared\.(lists|folders)\[\d+\]: .* is not of type 'string'", "its own example has objects"),
    Exceptional(r"guest/\{guest_id\} answer 200: \$\.guest is undeclared", "an empty schema for a body that is not"),
)  # fmt: skip


def workspace(sandbox: Sandbox, domain: str = "acme.example") -> dict[str, Any]:
    """A Workspace of the seed as `/control/info` describes it."""
    found: dict[str, Any] = next(
        one for one in sandbox.info()["clickup"]["tenants"] if one["domain"] == domain
    )
    return found


@asynccontextmanager
async def clickup_client(sandbox: Sandbox, domain: str = "acme.example") -> AsyncIterator[httpx.AsyncClient]:
    """The API by a personal token, which stands alone in the header."""
    headers = {"authorization": workspace(sandbox, domain)["token"]}
    async with judged_client(
        f"{sandbox.url}{MOUNT}/v2/", headers, first_that_knows(FILE), BEYOND_THE_FILE, mount=MOUNT
    ) as client:
        yield client
