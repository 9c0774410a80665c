"""The contract's checks where an application leaves something out, or does it in another way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from services.shared.sdk import suite
from services.shared.sdk.suite import Check, check_name
from tests.fixtures.sandbox import Sandbox
from tests.providers.scim.harness import ScimHarness

_CHECKS = (
    *suite.planning.CHECKS,
    *suite.applying.CHECKS,
    *suite.leaving.CHECKS,
)
_VARIANTS: Mapping[str, Mapping[str, str]] = {
    "nothing is discovered": {"discovery": "off"},
    "PUT alone": {"patch": "off", "etag": "off"},
    "PUT alone, and nothing says so": {"patch": "off", "discovery": "off"},
    "lists alone, in small pages": {"filter": "off", "max_results": "3"},
    "PATCH answers 204": {"patch_reply": "204"},
    "no mark is kept": {"external_id": "dropped"},
}


class _Unmarked(ScimHarness):
    marks = False


@pytest.fixture(params=_VARIANTS)
async def harness(request: pytest.FixtureRequest, sandbox: Sandbox) -> AsyncIterator[ScimHarness]:
    modes: Mapping[str, str] = _VARIANTS[request.param]
    made: Any = ScimHarness(sandbox)
    if "external_id" in modes:
        made = _Unmarked(sandbox)
        made.settings = made.settings.model_copy(update={"keeps_external_id": False})
    sandbox.configure("scim", modes=dict(modes))
    yield made
    await made.aclose()


@pytest.mark.parametrize("check", _CHECKS, ids=check_name)
async def test_contract(check: Check, harness: ScimHarness) -> None:
    await check(harness)
