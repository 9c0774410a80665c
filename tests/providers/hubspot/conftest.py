"""A harness over the sandbox's HubSpot, and the books of the person it is about."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.shared.sdk.suite import Books
from tests.fixtures.sandbox import Sandbox
from tests.providers.hubspot.harness import HubSpotHarness


@pytest.fixture
async def hubspot(sandbox: Sandbox) -> AsyncIterator[HubSpotHarness]:
    made = HubSpotHarness(sandbox)
    yield made
    await made.aclose()


@pytest.fixture
def books() -> Books:
    return Books()
