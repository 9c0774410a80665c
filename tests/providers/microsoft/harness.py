"""Microsoft 365 over the sandbox's Microsoft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from services.shared.providers.microsoft.form import Microsoft365Settings
from services.shared.providers.microsoft.provider import Microsoft365
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite import Throttle
from tests.fixtures.sandbox import Sandbox
from tests.providers.harness import SandboxHarness

E3, POWER_BI = "05e9a617-0261-4cee-bb44-138d3ef5d965", "f8a1db68-be16-40ed-86d5-cb42ce701560"


class MicrosoftHarness(SandboxHarness):
    vendor = "microsoft"
    throttles: ClassVar = (
        Throttle(vendor_form="429"),
        Throttle(vendor_form="429", retry_after=7, seconds=7),
        Throttle(vendor_form="429", retry_after=2.128, seconds=2.128),
        Throttle(vendor_form="429", retry_after="http-date:+30", seconds=30),
        Throttle(vendor_form="503", retry_after=4, seconds=4),
        Throttle(vendor_form="509"),
        Throttle(vendor_form="509", retry_after=9, seconds=9),
    )

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox, sandbox.microsoft_token())
        self.provider = Microsoft365()
        tenant = sandbox.info()["microsoft"]["tenants"][0]
        self.group_ids: Mapping[str, str] = tenant["groups"]
        self.settings = Microsoft365Settings(directory_id=tenant["directory_id"], domain="acme.example")
        self.endpoints = {"ms_graph": sandbox.microsoft_url}
        self.wish: dict[str, Any] = {
            "usage_location": "GB",
            "licenses": [{"sku_id": "SPE_E3", "disabled_plans": ["TEAMS1"]}, POWER_BI],
            "groups": [self.group_ids["Engineering"], self.group_ids["VPN Users"]],
            "manager": "priya.raman@acme.example",
        }
        self.smaller_wish = {**self.wish, "licenses": self.wish["licenses"][:1]}
        self.removed = ActionKind.REMOVE_LICENSE

    async def describe_account(self) -> Mapping[str, Any] | None:
        account, described = self.account(), await super().describe_account()
        if account is None or described is None:
            return None
        # A dynamic group takes in and lets go by itself.
        mine = [name for name in account["groups"] if name != "All Employees"]
        return {
            **described,
            "groups": sorted(mine),
            "manager": account["manager"],
            "location": account["usage_location"],
            "services_off": account["license_ids"],
        }

    async def give_by_hand(self) -> None:
        before = self._ledger()
        account = self.account()
        assert account is not None
        reply = await self.http.post(
            f"{self.endpoints['ms_graph']}/v1.0/groups/{self.group_ids['Sales']}/members/$ref",
            json={"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{account['id']}"},
        )
        reply.raise_for_status()
        self.note_gifts(before)


def make_harness(sandbox: Sandbox) -> MicrosoftHarness:
    return MicrosoftHarness(sandbox)
