"""The token broker against the sandbox's token endpoints."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid4

from tests.auth.conftest import Auth, Running
from tests.fixtures.postgres import Database
from tests.fixtures.sandbox import Sandbox

TenantId = Callable[..., UUID]


def token_calls(sandbox: Sandbox, vendor: str) -> int:
    """How often the vendor's token endpoint was called."""
    return len([call for call in sandbox.requests(vendor) if "token" in call["path"]])


async def test_a_worker_gets_a_token_that_the_vendor_accepts(
    auth: Auth, sandbox: Sandbox, tenant_id: TenantId
) -> None:
    for provider, vendor in (("google", "google"), ("microsoft-365", "microsoft")):
        answer = await auth.call(
            "worker", "POST", "tenant-token", {"tenant_id": str(tenant_id()), "provider": provider, "purpose": "test"}
        )
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert body["token_type"] == "Bearer"
        assert datetime.fromisoformat(body["expires_at"]).tzinfo is not None
        assert body["settings"]["domain"] == "acme.example"
        assert token_calls(sandbox, vendor) == 1
