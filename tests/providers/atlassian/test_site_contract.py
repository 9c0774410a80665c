"""The contract suite once more, over a company that has no SCIM directory: the site's API, no place for a mark."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.shared.sdk.suite import CHECKS, Check, check_name
from tests.fixtures.sandbox import Sandbox
from tests.providers.atlassian.harness import APPS, SiteHarness

# Confluence has no call that removes people: what OneClick gave is taken, and nothing is deleted.
_NOT_OF_CONFLUENCE = {"deleting_is_asked_for_and_final"}


@pytest.fixture(params=APPS)
async def site(request: pytest.FixtureRequest, sandbox: Sandbox) -> AsyncIterator[SiteHarness]:
    made = SiteHarness(sandbox, request.param)
    yield made
    await made.aclose()


@pytest.mark.parametrize("check", CHECKS, ids=check_name)
async def test_contract(check: Check, site: SiteHarness) -> None:
    if site.provider.manifest.key == "confluence" and check_name(check) in _NOT_OF_CONFLUENCE:
        return
    await check(site)
