"""Clients of the Slack twin whose answers go before the judge."""

from __future__ import annotations

import json
from typing import Any

import httpx

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.judge import slack as judge
from tests.sandbox.judge import specs

HAS_SPECS = specs.folder() is not None
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
CORE_GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
GUEST = "urn:ietf:params:scim:schemas:extension:slack:guest:2.0:User"
PROFILE = "urn:ietf:params:scim:schemas:extension:slack:profile:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

NEW: dict[str, Any] = {
    "schemas": [CORE],
    "userName": "new.hire",
    "name": {"givenName": "New", "familyName": "Hire"},
    "emails": [{"value": "new.hire@acme.example", "type": "work", "primary": True}],
}


async def _judge(response: httpx.Response) -> None:
    await response.aread()
    body = json.loads(response.content) if response.content else None
    path = response.request.url.path
    if path.startswith("/slack/scim/v2/"):
        verb, below = response.request.method, path.removeprefix("/slack/scim/v2/")
        faults = judge.judge_scim(verb, below, response.status_code, body)
    else:
        faults = judge.judge_web(path.removeprefix("/slack/api/"), response.request.method, body)
    assert not faults, faults


def tenant(sandbox: Sandbox, domain: str = "acme.example") -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in sandbox.info()["slack"]["tenants"] if one["domain"] == domain)
    return found


def client(
    sandbox: Sandbox, door: str = "scim/v2", *, domain: str = "acme.example", judged: bool = True
) -> httpx.AsyncClient:
    """Signed in with the company's token; `door` is `scim/v2` or `api`."""
    return httpx.AsyncClient(
        base_url=f"{sandbox.url}/slack/{door}/",
        headers={"authorization": f"Bearer {tenant(sandbox, domain)['token']}"},
        event_hooks={"response": [_judge]} if HAS_SPECS and judged else {},
        timeout=60,
        trust_env=False,
        verify=False,  # noqa: S501 - plain HTTP: there is nothing to verify, and loading CA files takes time
    )


def patch(*operations: dict[str, Any]) -> dict[str, Any]:
    return {"schemas": [PATCH], "Operations": list(operations)}


def word(reply: httpx.Response) -> tuple[int, str]:
    """The status and the word, after checking that the envelope repeats the status as a number."""
    body = reply.json()
    assert body["status"] == reply.status_code
    assert "scimType" not in body
    return reply.status_code, body["detail"]
