"""A harness over the sandbox's Google, and the books of the person it is about."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.shared.sdk.suite import Books
from tests.fixtures.sandbox import Sandbox
from tests.providers.google.harness import GoogleHarness


@pytest.fixture
async def google(sandbox: Sandbox) -> AsyncIterator[GoogleHarness]:
    made = GoogleHarness(sandbox)
    yield made
    await made.aclose()


@pytest.fixture
def books() -> Books:
    return Books()
