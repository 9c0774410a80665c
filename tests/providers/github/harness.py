"""GitHub over the sandbox's GitHub, three ways: invited by address, invited by login, managed by the enterprise."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey

from services.shared.providers.github.form import GitHubSettings
from services.shared.providers.github.provider import GitHub
from services.shared.sdk.contract import Person
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite import Throttle
from tests.fixtures.sandbox import Sandbox
from tests.providers.harness import SandboxHarness

APPS = ("github", "github-by-login", "github-managed")
UNCONNECTED = ("github-managed",)
"""Needs another connection than the one that the sandbox's environment describes."""
LOGIN = "grace-hopper"
ORG, ENTERPRISE = "acme-example", "acme-enterprise"


def installation_token(sandbox: Sandbox) -> str:
    """A token of the App's installation in acme's organisation."""
    info, now = sandbox.info()["github"], int(time.time())
    claims = {"iss": str(info["app_id"]), "iat": now - 10, "exp": now + 540}
    signed = jwt.encode({"alg": "RS256"}, claims, RSAKey.import_key(info["private_key"]))
    number = info["tenants"][0]["installation_id"]
    reply = httpx.post(
        f"{sandbox.url}/github/app/installations/{number}/access_tokens",
        headers={"authorization": f"Bearer {signed}", "user-agent": "tests"},
        trust_env=False,
    )
    reply.raise_for_status()
    return str(reply.json()["token"])


class _GitHubHarness(SandboxHarness):
    vendor = "github"
    throttles: ClassVar = (
        Throttle(vendor_form="secondary_429", retry_after=7, seconds=7),
        Throttle(vendor_form="secondary_403", retry_after=7, seconds=7),
        Throttle(vendor_form="secondary_429", retry_after="http-date:+30", seconds=30),
        Throttle(vendor_form="secondary_403", seconds=60),
        Throttle(vendor_form="primary_403", retry_after=40, seconds=40),
        Throttle(vendor_form="primary_429", retry_after=40, seconds=40),
    )

    def __init__(self, sandbox: Sandbox, token: str) -> None:
        super().__init__(sandbox, token)
        self.provider = GitHub()
        self.endpoints = {"github_api": f"{sandbox.url}/github"}

    async def answer_by(self, answer: Callable[[httpx.Request], httpx.Response]) -> None:
        """From now on this answers in place of the sandbox, for what the sandbox cannot show."""
        await self.aclose()
        self.http = self._reading = httpx.AsyncClient(transport=httpx.MockTransport(answer))

    async def call(self, method: str, path: str, **kwargs: Any) -> Any:
        """As somebody else with the same token."""
        url = self.endpoints["github_api"] + path
        reply = await self.http.request(method, url, headers={"user-agent": "tests"}, **kwargs)
        reply.raise_for_status()
        return reply.json() if reply.content else None


class OrganizationHarness(_GitHubHarness):
    """People's own logins. The joiner shows the work address at GitHub, which tells who accepted."""

    wish: dict[str, Any]

    marks = False

    def __init__(self, sandbox: Sandbox, *, by_login: bool = False) -> None:
        self._by_login = by_login
        self.wish = {}
        super().__init__(sandbox, installation_token(sandbox))
        self.settings = GitHubSettings(org=ORG, installation_id="5150001")
        teams = ["engineering", "platform"]
        self.wish = {"teams": teams, "copilot": True, "role": "member"}
        if by_login:
            self.wish["username"] = self.login
        self.smaller_wish = {**self.wish, "teams": teams[:1]}
        self.removed = ActionKind.REMOVE_FROM_GROUP

    @property
    def login(self) -> str:
        """The joiner's own."""
        return self.joiner.work_email.partition("@")[0].replace(".", "-")

    @property
    def joiner(self) -> Person:
        return self._joiner

    @joiner.setter
    def joiner(self, person: Person) -> None:
        """Whoever joins has an account at GitHub already."""
        self._joiner = person
        email, is_public = person.work_email, not self._by_login
        self.sandbox.act("github", "sign_up", email=email, login=self.login, public=is_public)
        if "username" in self.wish:
            self.wish["username"] = self.login

    @property
    def kinds(self) -> frozenset[ActionKind]:
        return super().kinds - {ActionKind.CREATE, ActionKind.UPDATE, ActionKind.SUSPEND}

    async def accept(self) -> None:
        found = self.account()
        if found is not None and found["state"] == "pending":
            self.sandbox.act("github", "accept", email=self.joiner.work_email, tenant="acme.example")

    async def lapse(self) -> None:
        self.sandbox.act("github", "expire", email=self.joiner.work_email, tenant="acme.example")

    async def add_foreign_account(self) -> None:
        """The joiner becomes a member by somebody else's hand."""
        email = self.joiner.work_email
        self.sandbox.act("github", "invite", email=email, tenant="acme.example")
        self.sandbox.act("github", "accept", email=email, tenant="acme.example")

    async def give_by_hand(self) -> None:
        before = self._ledger()
        await self.call("PUT", f"/orgs/{ORG}/teams/it/memberships/{self.login}", json={"role": "member"})
        self.note_gifts(before)


class ManagedHarness(_GitHubHarness):
    """The enterprise's own logins, by SCIM."""

    def __init__(self, sandbox: Sandbox) -> None:
        tenant = sandbox.info()["github"]["tenants"][0]
        super().__init__(sandbox, tenant["scim_token"])
        sandbox.configure("github", modes={"accounts": "managed_users"})
        self.settings = GitHubSettings(org=ORG, enterprise=ENTERPRISE, mode="managed_users")
        self.wish = {"teams": ["Security"], "sso": True}
        self.smaller_wish = {"teams": []}
        self.removed = ActionKind.REMOVE_FROM_GROUP

    @property
    def kinds(self) -> frozenset[ActionKind]:
        return super().kinds - {ActionKind.INVITE, ActionKind.ASSIGN_LICENSE, ActionKind.REMOVE_LICENSE}

    async def _groups(self) -> list[dict[str, Any]]:
        body = await self.call("GET", f"/scim/v2/enterprises/{ENTERPRISE}/Groups")
        found: list[dict[str, Any]] = body["Resources"]
        return found

    async def describe_account(self) -> Mapping[str, Any] | None:
        """Groups are the enterprise's: a group that no team is linked to counts as well."""
        shown = await super().describe_account()
        if shown is None:
            return None
        held = [
            one["displayName"]
            for one in await self._groups()
            if shown["id"] in {member["value"] for member in one["members"]}
        ]
        return {**shown, "groups": sorted(held)}

    async def give_by_hand(self) -> None:
        before, account = self._ledger(), self.account()
        assert account is not None
        wish = {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "externalId": "idp-gift",
            "displayName": "Gift",
            "members": [{"value": account["id"]}],
        }
        made = await self.call("POST", f"/scim/v2/enterprises/{ENTERPRISE}/Groups", json=wish)
        assert made["members"]
        self.note_gifts(before)


def make_harness(sandbox: Sandbox, app: str) -> SandboxHarness:
    if app == "github-managed":
        return ManagedHarness(sandbox)
    return OrganizationHarness(sandbox, by_login=app == "github-by-login")
