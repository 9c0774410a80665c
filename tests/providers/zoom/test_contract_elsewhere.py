"""The contract suite over Zooms of another kind: created at once, half-formed pending people, the vendor's other words."""

from __future__ import annotations

import pytest

from services.shared.sdk.suite import CHECKS, Check, check_name
from tests.fixtures.sandbox import Sandbox
from tests.providers.zoom.harness import ZoomHarness

_KINDS = {
    "half": ("create", {"pending_read": "half", "duplicate": "active", "paid_limit_code": "3412"}),
    "auto": ("autoCreate", {"auto_create": "on", "duplicate": "spec", "status_reply": "200"}),
    "sso": ("ssoCreate", {"sso_create": "on", "pending_ids": "absent", "pending_patch": "sticks"}),
}


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("check", CHECKS, ids=check_name)
async def test_contract(check: Check, sandbox: Sandbox, kind: str) -> None:
    creation, modes = _KINDS[kind]
    sandbox.configure("zoom", modes=modes)
    made = ZoomHarness(sandbox, creation=creation)
    try:
        await check(made)
    finally:
        await made.aclose()
