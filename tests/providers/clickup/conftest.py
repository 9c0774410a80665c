"""A harness over the sandbox's ClickUp, and the books of the person it is about."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.shared.sdk.suite import Books
from tests.fixtures.sandbox import Sandbox
from tests.providers.clickup.harness import ClickUpHarness


@pytest.fixture
async def clickup(sandbox: Sandbox) -> AsyncIterator[ClickUpHarness]:
    made = ClickUpHarness(sandbox)
    yield made
    await made.aclose()


@pytest.fixture
def books() -> Books:
    return Books()
