"""The contract suite over every provider that the registry finds."""

from __future__ import annotations

import pytest

from services.shared.sdk.suite import CHECKS, Check, check_name
from tests.providers.harness import SandboxHarness, has_harness, provider_folders


@pytest.mark.parametrize("folder", provider_folders())
def test_every_provider_brings_a_harness(folder: str) -> None:
    assert has_harness(folder), f"tests/providers/{folder}/harness.py is missing"


@pytest.mark.parametrize("check", CHECKS, ids=check_name)
async def test_contract(check: Check, harness: SandboxHarness) -> None:
    await check(harness)
