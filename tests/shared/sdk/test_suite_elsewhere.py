"""The contract suite runs over any vendor, with no sandbox of ours."""

from __future__ import annotations

import pytest

from services.shared.sdk.suite import CHECKS, Check, check_name
from tests.shared.sdk.hut import HutHarness


@pytest.mark.parametrize("check", CHECKS, ids=check_name)
async def test_the_suite_needs_a_harness_and_nothing_else(check: Check) -> None:
    await check(HutHarness())
