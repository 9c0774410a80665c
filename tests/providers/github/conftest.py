"""Harnesses over the sandbox's GitHub, and the books of the person they are about."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.shared.sdk.suite import Books
from tests.fixtures.sandbox import Sandbox
from tests.providers.github.harness import ManagedHarness, OrganizationHarness


@pytest.fixture
async def github(sandbox: Sandbox) -> AsyncIterator[OrganizationHarness]:
    """The joiner shows the work address at GitHub and is invited by it."""
    made = OrganizationHarness(sandbox)
    yield made
    await made.aclose()


@pytest.fixture
async def by_login(sandbox: Sandbox) -> AsyncIterator[OrganizationHarness]:
    """The request names the joiner's login."""
    made = OrganizationHarness(sandbox, by_login=True)
    yield made
    await made.aclose()


@pytest.fixture
async def shy(sandbox: Sandbox) -> AsyncIterator[OrganizationHarness]:
    """The joiner has a login, shows no address, and nobody told us the login: what most people are like."""
    made = OrganizationHarness(sandbox, by_login=True)
    made.wish = {name: value for name, value in made.wish.items() if name != "username"}
    yield made
    await made.aclose()


@pytest.fixture
async def managed(sandbox: Sandbox) -> AsyncIterator[ManagedHarness]:
    made = ManagedHarness(sandbox)
    yield made
    await made.aclose()


@pytest.fixture
def books() -> Books:
    return Books()
