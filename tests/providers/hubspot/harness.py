"""HubSpot over the sandbox's HubSpot."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, ClassVar

from services.shared.providers.hubspot.form import HubSpotSettings
from services.shared.providers.hubspot.provider import HubSpot
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite import Effect, Throttle
from tests.fixtures.sandbox import Sandbox
from tests.providers.harness import SandboxHarness


class HubSpotHarness(SandboxHarness):
    vendor = "hubspot"
    marks = False
    throttles: ClassVar = (
        Throttle(vendor_form="TEN_SECONDLY_ROLLING"),
        Throttle(vendor_form="SECONDLY"),
        Throttle(vendor_form="DAILY", seconds=3600),
        Throttle(vendor_form="SECONDLY", retry_after=7, seconds=7),
        Throttle(vendor_form="SECONDLY", retry_after=2.5, seconds=2.5),
        Throttle(vendor_form="DAILY", retry_after="http-date:+30", seconds=30),
    )

    def __init__(self, sandbox: Sandbox, users_path: str = "/settings/users/2026-09-beta") -> None:
        portal = sandbox.info()["hubspot"]["tenants"][0]
        super().__init__(sandbox, portal["access_token"])
        self.provider = HubSpot()
        self.settings = HubSpotSettings(portal_id=str(portal["portal_id"]), users_path=users_path)
        self.endpoints = {"hubspot_api": f"{sandbox.url}/hubspot"}
        self.teams: dict[str, str] = portal["teams"]
        self.roles: dict[str, str] = portal["roles"]
        self.wish: dict[str, Any] = {
            "permission_set": self.roles["Sales Representative"],
            "primary_team": self.teams["Sales"],
            "teams": [self.teams["Customer Success"]],
            "seats": ["Core Seat"],
            "send_welcome_email": False,
        }
        self.smaller_wish = {**self.wish, "teams": []}
        self.removed = ActionKind.REMOVE_FROM_GROUP

    async def effects(self) -> Sequence[Effect]:
        """HubSpot writes a person's record as a whole: what makes an effect is what the record held after it."""
        return [
            Effect(kind=one["kind"], object=f"{one['object']} {json.dumps(one['detail'], sort_keys=True)}")
            for one in self._ledger()
            if one["seq"] not in self._gifts
        ]

    async def give_by_hand(self) -> None:
        before, account = self._ledger(), self.account()
        assert account is not None
        secondary = [one for one in account["groups"] if one != account["primary_team"]]
        reply = await self.http.put(
            f"{self.endpoints['hubspot_api']}/settings/v3/users/{account['id']}",
            json={"secondaryTeamIds": [*secondary, self.teams["Marketing"]]},
        )
        reply.raise_for_status()
        self.note_gifts(before)


def make_harness(sandbox: Sandbox) -> HubSpotHarness:
    return HubSpotHarness(sandbox)
