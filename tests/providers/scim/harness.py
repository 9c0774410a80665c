"""Any SCIM 2.0 application over the sandbox's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from services.shared.providers.scim.form import ScimSettings
from services.shared.providers.scim.provider import ScimApplication
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite import Effect, Throttle
from tests.fixtures.sandbox import Sandbox
from tests.providers.harness import SandboxHarness


class ScimHarness(SandboxHarness):
    vendor = "scim"
    throttles: ClassVar = (
        Throttle(vendor_form="429"),
        Throttle(vendor_form="429", retry_after=7, seconds=7),
        Throttle(vendor_form="429", retry_after=2.5, seconds=2.5),
        Throttle(vendor_form="429", retry_after="http-date:+30", seconds=30),
        Throttle(vendor_form="503", retry_after=4, seconds=4),
    )

    def __init__(self, sandbox: Sandbox) -> None:
        tenant = sandbox.info()["scim"]["tenants"][0]
        super().__init__(sandbox, tenant["token"])
        self.provider = ScimApplication()
        self.settings = ScimSettings(base_url=tenant["base_url"], title="Acme Desk")
        self.endpoints = {"base_url": tenant["base_url"]}
        self.group_ids: Mapping[str, str] = tenant["groups"]
        self.wish: dict[str, Any] = {
            "groups": [self.group_ids["Engineering"], "All Staff"],
            "roles": ["author"],
            "entitlements": ["edition-team"],
            "user_type": "Employee",
        }
        self.smaller_wish = {**self.wish, "groups": self.wish["groups"][:1]}
        self.removed = ActionKind.REMOVE_FROM_GROUP

    async def effects(self) -> Sequence[Effect]:
        """An update of one attribute is another effect than that of another one."""
        return [
            Effect(kind=one["kind"], object=" ".join([one["object"], *one["detail"].get("fields", ())]))
            for one in self._ledger()
            if one["seq"] not in self._gifts
        ]

    async def describe_account(self) -> Mapping[str, Any] | None:
        account, described = self.account(), await super().describe_account()
        if account is None or described is None:
            return None
        fields = account["fields"]
        return {
            **described,
            "licenses": sorted(one["value"] for one in fields.get("entitlements") or ()),
            "roles": sorted(one["value"] for one in fields.get("roles") or ()),
            "mark": account["external_id"],
        }

    async def give_by_hand(self) -> None:
        before = self._ledger()
        self.sandbox.act(self.vendor, "join", user=self.joiner.work_email, group="Sales")
        self.note_gifts(before)


def make_harness(sandbox: Sandbox) -> ScimHarness:
    return ScimHarness(sandbox)
