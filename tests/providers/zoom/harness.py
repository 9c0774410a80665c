"""Zoom over the sandbox's Zoom."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, ClassVar

import httpx

from services.shared.providers.zoom.form import ZoomSettings
from services.shared.providers.zoom.provider import Zoom
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite import Effect, Throttle
from tests.fixtures.sandbox import Sandbox
from tests.providers.harness import SandboxHarness


def fetch_token(sandbox: Sandbox) -> tuple[dict[str, Any], dict[str, Any]]:
    """Acme's account as `/control/info` describes it, and what its token endpoint answered."""
    info = sandbox.info()["zoom"]
    account = next(one for one in info["tenants"] if one["domain"] == "acme.example")
    reply = httpx.post(
        info["token_url"],
        data={"grant_type": "account_credentials", "account_id": account["account_id"]},
        auth=(account["client_id"], account["client_secret"]),
        trust_env=False,
    )
    reply.raise_for_status()
    return account, reply.json()


class ZoomHarness(SandboxHarness):
    vendor = "zoom"
    marks = False
    throttles: ClassVar = (
        Throttle(vendor_form="per_second"),
        Throttle(vendor_form="per_second", retry_after=7, seconds=7),
        Throttle(vendor_form="per_second", retry_after=2.5, seconds=2.5),
        Throttle(vendor_form="daily", seconds=3600),
        Throttle(vendor_form="daily", retry_after="http-date:+30", seconds=30),
    )

    def __init__(self, sandbox: Sandbox, *, creation: str = "create") -> None:
        account, token = fetch_token(sandbox)
        super().__init__(sandbox, token["access_token"])
        self.provider = Zoom()
        self.settings = ZoomSettings(account_id=account["account_id"], domain="acme.example")
        self.endpoints = {"zoom_api": f"{sandbox.url}/zoom/v2"}
        self.groups: dict[str, str] = account["groups"]
        self.roles: dict[str, str] = account["roles"]
        self.wish: dict[str, Any] = {
            "license_type": "licensed",
            "add_ons": ["webinar500", "large500"],
            "groups": [self.groups["Engineering"], "Sales"],
            "role": self.roles["Meeting Support"],
            "creation": creation,
        }
        self.smaller_wish = {**self.wish, "add_ons": ["large500"]}
        self.removed = ActionKind.REMOVE_LICENSE

    async def effects(self) -> Sequence[Effect]:
        """Two add-ons are given to one object: what makes an effect is what was changed, too."""
        return [
            Effect(kind=one["kind"], object=f"{one['object']} {json.dumps(one['detail'], sort_keys=True)}")
            for one in self._ledger()
            if one["seq"] not in self._gifts
        ]

    async def accept(self) -> None:
        self.sandbox.act("zoom", "activate", email=self.joiner.work_email)

    async def lapse(self) -> None:
        self.sandbox.act("zoom", "expire", email=self.joiner.work_email)

    async def give_by_hand(self) -> None:
        before = self._ledger()
        reply = await self.http.post(
            f"{self.endpoints['zoom_api']}/groups/{self.groups['Webinar Hosts']}/members",
            json={"members": [{"email": self.joiner.work_email}]},
        )
        reply.raise_for_status()
        self.note_gifts(before)


def make_harness(sandbox: Sandbox) -> ZoomHarness:
    return ZoomHarness(sandbox)
