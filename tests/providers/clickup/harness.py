"""ClickUp over the sandbox's ClickUp."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from services.shared.providers.clickup.form import ClickUpSettings
from services.shared.providers.clickup.provider import ClickUp
from services.shared.sdk.contract import PlannedAction
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite import Throttle
from tests.fixtures.sandbox import Sandbox
from tests.providers.harness import SandboxHarness


class ClickUpHarness(SandboxHarness):
    """A member on the Enterprise plan."""

    vendor = "clickup"
    marks = False
    throttles: ClassVar = (
        Throttle(vendor_form="bare"),
        Throttle(vendor_form="reset", seconds=60),
        Throttle(vendor_form="reset", retry_after=7, seconds=7),
        Throttle(vendor_form="reset", retry_after="http-date:+30", seconds=30),
        Throttle(vendor_form="retry_after", retry_after=2.5, seconds=2.5),
    )

    def __init__(self, sandbox: Sandbox) -> None:
        tenant = sandbox.info()["clickup"]["tenants"][0]
        super().__init__(sandbox, tenant["token"], scheme="Plain")
        self.provider = ClickUp()
        self.settings = ClickUpSettings(team_id=tenant["team_id"], team_name=tenant["name"])
        self.endpoints = {"clickup_api": f"{sandbox.url}/clickup/api/v2"}
        self.group_ids: Mapping[str, str] = tenant["groups"]
        self.roles: Mapping[str, str] = {name: str(key) for name, key in tenant["roles"].items()}
        self.places: Mapping[str, str] = {
            name: key.partition("/")[2] for name, key in tenant["places"].items()
        }
        self.wish: dict[str, Any] = {
            "custom_role": "Member without spaces",
            "groups": [self.group_ids["Engineering"], "Sales"],
        }
        self.smaller_wish = {**self.wish, "groups": self.wish["groups"][:1]}
        self.removed = ActionKind.REMOVE_FROM_GROUP

    async def describe_account(self) -> Mapping[str, Any] | None:
        account, described = self.account(), await super().describe_account()
        if account is None or described is None:
            return None
        more = {name: account[name] for name in ("role", "custom_role", "flags", "shares")}
        return {**described, **more}

    async def accept(self) -> None:
        self.sandbox.act(self.vendor, "join", email=self.joiner.work_email)

    async def do_by_hand(self, action: PlannedAction) -> None:
        """An administrator does in ClickUp's pages what the task says."""
        address = self.joiner.work_email
        match action.key:
            case "invite":
                if self.account() is not None:
                    return
                guest = bool(action.params["guest"])
                self.sandbox.add_user(self.vendor, address, fields={"pending": True, "guest": guest})
            case "remove":
                self.sandbox.act(self.vendor, "leave", email=address)
            case _:
                raise NotImplementedError(action.key)

    async def give_by_hand(self) -> None:
        before = self._ledger()
        self.sandbox.act(self.vendor, "group", email=self.joiner.work_email, group="IT")
        self.note_gifts(before)


def make_harness(sandbox: Sandbox) -> ClickUpHarness:
    return ClickUpHarness(sandbox)
