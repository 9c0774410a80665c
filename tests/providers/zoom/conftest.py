"""A harness over the sandbox's Zoom, and the books of the person it is about."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.shared.sdk.suite import Books
from tests.fixtures.sandbox import Sandbox
from tests.providers.zoom.harness import ZoomHarness


@pytest.fixture
async def zoom(sandbox: Sandbox) -> AsyncIterator[ZoomHarness]:
    made = ZoomHarness(sandbox)
    yield made
    await made.aclose()


@pytest.fixture
def books() -> Books:
    return Books()
