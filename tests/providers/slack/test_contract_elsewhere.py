"""The contract suite over a Slack of another kind: an organisation, no filters, its other ways to say the same."""

from __future__ import annotations

import pytest

from services.shared.sdk.suite import CHECKS, Check, check_name
from tests.providers.slack.harness import SlackHarness

_MODES = {
    "workspaces": "organisation",
    "filters": "off",
    "count": "clip",
    "long_usernames": "refuse",
    "create_status": "200",
}


@pytest.mark.parametrize("check", CHECKS, ids=check_name)
async def test_contract(check: Check, slack: SlackHarness) -> None:
    slack.sandbox.configure("slack", modes=_MODES)
    await check(slack)
