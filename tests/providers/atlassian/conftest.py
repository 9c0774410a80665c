"""Harnesses over the sandbox's Atlassian, and the books of the person they are about."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from services.shared.sdk.suite import Books
from tests.fixtures.sandbox import Sandbox
from tests.providers.atlassian.harness import AtlassianHarness, SiteHarness

MakeHarness = Callable[..., AtlassianHarness]


@pytest.fixture
async def make(sandbox: Sandbox) -> AsyncIterator[MakeHarness]:
    """Makes harnesses for one test: `make("jira")`, `make("jira", doors=("scim",))`, `make("jira", site=True)`."""
    made: list[AtlassianHarness] = []

    def build(app: str, *, site: bool = False, doors: tuple[str, ...] | None = None) -> AtlassianHarness:
        cls = SiteHarness if site else AtlassianHarness
        made.append(cls(sandbox, app, doors=doors) if doors else cls(sandbox, app))
        for one in made:  # one person, whichever app asks
            one.joiner = made[0].joiner
        return made[-1]

    yield build
    for one in made:
        await one.aclose()


@pytest.fixture
async def jira(make: MakeHarness) -> AtlassianHarness:
    return make("jira")


@pytest.fixture
async def confluence(make: MakeHarness, jira: AtlassianHarness) -> AtlassianHarness:
    """For the same person as `jira`."""
    return make("confluence")


@pytest.fixture
def books() -> Books:
    return Books()
