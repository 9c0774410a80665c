"""Slack over the sandbox's Slack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from services.shared.providers.slack.form import SlackSettings
from services.shared.providers.slack.provider import Slack
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite import Throttle
from tests.fixtures.sandbox import Sandbox
from tests.providers.harness import SandboxHarness


class SlackHarness(SandboxHarness):
    vendor = "slack"
    throttles: ClassVar = (
        Throttle(),
        Throttle(retry_after=7, seconds=7),
        Throttle(retry_after=2.5, seconds=2.5),
        Throttle(retry_after="http-date:+30", seconds=30),
        Throttle(vendor_form="resource_locked", retry_after=1, seconds=1),
    )

    def __init__(self, sandbox: Sandbox) -> None:
        info = sandbox.info()["slack"]
        self.workspace: dict[str, Any] = info["tenants"][0]
        super().__init__(sandbox, str(self.workspace["token"]))
        self.provider = Slack()
        self.settings = SlackSettings(
            team_id=self.workspace["team_id"], team_domain=self.workspace["team_domain"]
        )
        self.endpoints = {"slack_scim": info["scim_url"], "slack_api": info["api_url"]}
        groups = self.workspace["groups"]
        self.wish = {
            "role": "admin",
            "groups": [groups["Engineering"], "it"],
            "channels": ["#engineering", "announcements"],
            "timezone": "Europe/London",
        }
        self.smaller_wish = {**self.wish, "groups": ["IT"]}
        self.removed = ActionKind.REMOVE_FROM_GROUP

    def account(self) -> dict[str, Any] | None:
        """The joiner's account; channels that OneClick handles count among the groups."""
        found = super().account()
        if found is None:
            return None
        channels = [f"#{name}" for name in found["channels"] if name != "general"]
        return {**found, "groups": [*found["groups"], *channels], "role": found["role"]}

    async def describe_account(self) -> Mapping[str, Any] | None:
        found, account = await super().describe_account(), self.account()
        return {**found, "role": account["role"]} if found and account else None

    async def give_by_hand(self) -> None:
        self.sandbox.act("slack", "join", user=self.joiner.work_email, group="Sales")


def make_harness(sandbox: Sandbox) -> SlackHarness:
    return SlackHarness(sandbox)
