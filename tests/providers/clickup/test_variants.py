"""The contract's checks for guests, for lists that tell little, and for plans that let people alone manage people."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import pytest

from services.shared.sdk import suite
from services.shared.sdk.suite import Check, check_name
from tests.fixtures.sandbox import Sandbox
from tests.providers.clickup.harness import ClickUpHarness

_CHECKS = (*suite.planning.CHECKS, *suite.applying.CHECKS, *suite.adoption.CHECKS, *suite.leaving.CHECKS)
_NOT_ON_A_SMALLER_PLAN = {
    "the_account_comes_first": "A person makes it: the task comes first.",
    "deleting_is_asked_for_and_final": "A person removes: there is no delete of ours.",
    "a_foreign_account_is_never_taken_by_a_race": "A task is never applied.",
}
_MODES: Mapping[str, Mapping[str, str]] = {
    "guest": {},
    "member, GET /team as published": {"team_members": "published"},
    "member on the Business plan": {"plan": "business"},
}


class _Guest(ClickUpHarness):
    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self.wish = {
            "role": "guest",
            "custom_role": self.roles["Reviewing guest"],
            "lists": [self.places["Inbox"]],
            "folders": [self.places["Launch"]],
            "permission": "comment",
            "guest_rights": ["edit_tags"],
            "groups": ["Engineering"],
        }
        self.smaller_wish = {**self.wish, "groups": []}

    async def add_foreign_account(self) -> None:
        self.sandbox.add_user(self.vendor, self.joiner.work_email, fields={"guest": True})


@pytest.fixture(params=_MODES)
async def harness(request: pytest.FixtureRequest, sandbox: Sandbox) -> AsyncIterator[ClickUpHarness]:
    made = _Guest(sandbox) if request.param == "guest" else ClickUpHarness(sandbox)
    sandbox.configure("clickup", modes=dict(_MODES[request.param]))
    if "plan" in _MODES[request.param]:
        made.wish = {name: value for name, value in made.wish.items() if name != "custom_role"}
        made.smaller_wish = {**made.wish, "groups": made.wish["groups"][:1]}
    yield made
    await made.aclose()


@pytest.mark.parametrize("check", _CHECKS, ids=check_name)
async def test_contract(check: Check, harness: ClickUpHarness, request: pytest.FixtureRequest) -> None:
    if "plan" in request.node.name and check_name(check) in _NOT_ON_A_SMALLER_PLAN:
        pytest.skip(_NOT_ON_A_SMALLER_PLAN[check_name(check)])
    await check(harness)
