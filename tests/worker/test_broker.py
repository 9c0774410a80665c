"""Released tokens are kept for a moment and no longer: an account may be disconnected, or replaced by another."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from pydantic import SecretStr

from services.worker import broker as worker_broker
from services.worker.broker import Broker

TENANT, OTHER = uuid4(), uuid4()


class Auth:
    """The auth service's token endpoint: whatever is connected now."""

    def __init__(self) -> None:
        self.connected = uuid4()
        self.asked: list[UUID] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(UUID(json.loads(request.content)["tenant_id"]))
        return httpx.Response(
            200,
            json={
                "access_token": f"token-of-{self.connected}",
                "token_type": "Bearer",
                "expires_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
                "connection_id": str(self.connected),
                "settings": {},
            },
        )


@pytest.fixture
def auth() -> Auth:
    return Auth()


@pytest.fixture
def broker(auth: Auth) -> Broker:
    client = httpx.AsyncClient(transport=httpx.MockTransport(auth))
    return Broker(client, "http://auth.test", SecretStr("service"))


async def test_a_token_is_kept_for_a_moment(broker: Broker, auth: Auth) -> None:
    first = await broker.access(TENANT, "google", "test")
    again = await broker.access(TENANT, "google", "test")
    assert first is again
    assert len(auth.asked) == 1


async def test_the_account_that_was_connected_instead_is_used_soon(
    broker: Broker, auth: Auth, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert worker_broker.LONGEST_SECONDS <= 10, "nobody works for longer in an account that was replaced"
    monkeypatch.setattr(worker_broker, "LONGEST_SECONDS", 0.0)
    before = await broker.access(TENANT, "google", "test")
    auth.connected = uuid4()
    after = await broker.access(TENANT, "google", "test")
    assert before.connection_id != after.connection_id == auth.connected


async def test_what_is_forgotten_is_asked_for_anew_and_nothing_else(broker: Broker, auth: Auth) -> None:
    for tenant, vendor in ((TENANT, "google"), (TENANT, "slack"), (OTHER, "google")):
        await broker.access(tenant, vendor, "test")
    auth.asked.clear()
    broker.forget(TENANT, "google")
    for tenant, vendor in ((TENANT, "slack"), (OTHER, "google"), (TENANT, "google")):
        await broker.access(tenant, vendor, "test")
    assert auth.asked == [TENANT]
