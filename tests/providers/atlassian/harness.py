"""Jira and Confluence over the sandbox's Atlassian: with a SCIM directory, and with the site alone."""

from __future__ import annotations

import base64
from typing import Any, ClassVar

from services.shared.providers.atlassian.form import AtlassianSettings
from services.shared.providers.atlassian.provider import AtlassianProvider, Confluence, Jira
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite import Throttle
from tests.fixtures.sandbox import Sandbox
from tests.providers.harness import SandboxHarness

APPS = ("jira", "confluence")
PROVIDERS: dict[str, type[AtlassianProvider]] = {"jira": Jira, "confluence": Confluence}
GIFT = "Sales"


def tenant(sandbox: Sandbox) -> dict[str, Any]:
    """Acme's organisation as `/control/info` describes it."""
    found: dict[str, Any] = sandbox.info()["atlassian"]["tenants"][0]
    return found


def basic(address: str, api_token: str) -> str:
    return "Basic " + base64.b64encode(f"{address}:{api_token}".encode()).decode()


class AtlassianHarness(SandboxHarness):
    """One app of an organisation with a SCIM directory, a site and an organisation key."""

    vendor = "atlassian"
    settings: AtlassianSettings
    throttles: ClassVar = (
        Throttle(vendor_form="bare"),
        Throttle(vendor_form="jira-burst-based", seconds=5),
        Throttle(vendor_form="jira-quota-global-based", retry_after=7, seconds=7),
        Throttle(vendor_form="jira-per-issue-on-write", retry_after=2.5, seconds=2.5),
        Throttle(vendor_form="bare", retry_after="http-date:+30", seconds=30),
    )
    checks_scopes = True

    def __init__(
        self, sandbox: Sandbox, app: str, *, doors: tuple[str, ...] = ("scim", "site", "admin")
    ) -> None:
        mine, info = tenant(sandbox), sandbox.info()["atlassian"]
        bases = {"scim": info["scim_url"], "site": mine["site_url"], "admin": info["admin_url"]}
        keys = {
            "scim": f"Bearer {mine['scim_key']}",
            "site": basic(mine["email"], mine["api_token"]),
            "admin": f"Bearer {mine['admin_key']}",
        }
        super().__init__(sandbox, doors={bases[name]: keys[name] for name in doors})
        names = {"scim": "atlassian_scim", "site": "site_url", "admin": "atlassian_admin"}
        self.endpoints = {names[name]: bases[name] for name in doors}
        self.provider = PROVIDERS[app]()
        self.settings = AtlassianSettings(
            org_id=mine["org_id"],
            directory_id=mine["directory_id"] if "scim" in doors else None,
            site_url=mine["site_url"],
            site_name=mine["site_name"],
        )
        self.wish = {"groups": ["Engineering"]}
        if app == "jira":
            self.wish |= {"products": ["jira-software", "jira-servicedesk"]}
        self.smaller_wish = {**self.wish, "groups": []}
        self.removed = ActionKind.REMOVE_FROM_GROUP

    async def scim(self, method: str, path: str, **more: Any) -> Any:
        """The directory behind the provider's back; the answer's JSON."""
        url = f"{self.endpoints['atlassian_scim']}/{self.settings.directory_id}/{path}"
        reply = await self.http.request(method, url, **more)
        assert reply.is_success, reply.text
        return reply.json() if reply.content else None

    def account(self) -> dict[str, Any] | None:
        """The record of the directory: an account without one is Atlassian's business."""
        found = super().account()
        return found if found and found["scim_id"] else None

    async def count_accounts(self) -> int:
        users = self.sandbox.state(self.vendor)["users"]
        address = self.joiner.work_email
        return sum(1 for one in users if one["scim_id"] and one["address"].lower() == address)

    async def give_by_hand(self) -> None:
        self.sandbox.act(self.vendor, "join", email=self.joiner.work_email, group=GIFT)


class SiteHarness(AtlassianHarness):
    """One app of a company without a directory: the site's API, and the organisation key for closing accounts."""

    marks = False

    def __init__(self, sandbox: Sandbox, app: str, *, doors: tuple[str, ...] = ("site", "admin")) -> None:
        super().__init__(sandbox, app, doors=doors)
        sandbox.configure("atlassian", modes={"scim": "off"})
        self.wish = {"groups": ["acme-reviewers"]}
        self.smaller_wish = {"groups": []}

    def account(self) -> dict[str, Any] | None:
        """The account, unless the site removed it and nobody has let it in again."""
        found = SandboxHarness.account(self)
        coming_and_going = [
            one["kind"]
            for one in self._ledger()
            if one["kind"] in {"user.invite", "member.add", "user.remove"}
        ]
        return None if coming_and_going[-1:] == ["user.remove"] else found

    async def count_accounts(self) -> int:
        return int(self.account() is not None)

    async def add_foreign_account(self) -> None:
        product = "confluence" if self.provider.manifest.key == "confluence" else "jira-software"
        self.sandbox.add_user(self.vendor, self.joiner.work_email, licenses=[product], fields={"scim": False})


def make_harness(sandbox: Sandbox, app: str) -> AtlassianHarness:
    return AtlassianHarness(sandbox, app)
