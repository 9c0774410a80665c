"""The provider over the sandbox's application."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.shared.sdk.suite import Books
from tests.fixtures.sandbox import Sandbox
from tests.providers.scim.harness import ScimHarness


@pytest.fixture
async def scim(sandbox: Sandbox) -> AsyncIterator[ScimHarness]:
    made = ScimHarness(sandbox)
    yield made
    await made.aclose()


@pytest.fixture
def books() -> Books:
    return Books()
