"""A harness over the sandbox's Slack, and the books of the person it is about."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.shared.sdk.suite import Books
from tests.fixtures.sandbox import Sandbox
from tests.providers.slack.harness import SlackHarness


@pytest.fixture
async def slack(sandbox: Sandbox) -> AsyncIterator[SlackHarness]:
    made = SlackHarness(sandbox)
    yield made
    await made.aclose()


@pytest.fixture
def books() -> Books:
    return Books()
