"""The contract suite over every provider that the registry finds."""

from __future__ import annotations

import pytest

from services.shared.sdk.registry import providers
from services.shared.sdk.suite import CHECKS, Check, check_name
from tests.providers.harness import SandboxHarness, has_harness


@pytest.mark.parametrize("app", list(providers()))
def test_every_provider_brings_a_harness(app: str) -> None:
    assert has_harness(app), f"{app} has no tests/providers/<folder>/harness.py"


@pytest.mark.parametrize("check", CHECKS, ids=check_name)
async def test_contract(check: Check, harness: SandboxHarness) -> None:
    await check(harness)
