"""Google Workspace over the sandbox's Google."""

from __future__ import annotations

from typing import ClassVar

from services.shared.providers.google.form import GoogleSettings
from services.shared.providers.google.provider import GoogleWorkspace
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite import Throttle
from tests.fixtures.sandbox import Sandbox
from tests.providers.harness import SandboxHarness

STARTER, STANDARD = "Google-Apps/1010020027", "Google-Apps/1010020028"
VOICE = "101033/1010330003"


class GoogleHarness(SandboxHarness):
    vendor = "google"
    throttles: ClassVar = (
        Throttle(vendor_form="userRateLimitExceeded"),
        Throttle(vendor_form="quotaExceeded"),
        Throttle(vendor_form="rateLimitExceeded"),
        Throttle(vendor_form="rateLimitExceeded", retry_after=7, seconds=7),
        Throttle(vendor_form="rateLimitExceeded", retry_after=2.5, seconds=2.5),
        Throttle(vendor_form="userRateLimitExceeded", retry_after="http-date:+30", seconds=30),
    )

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox, sandbox.google_token())
        self.provider = GoogleWorkspace()
        self.settings = GoogleSettings(
            customer_id="C0acme01", admin_subject="admin@acme.example", domain="acme.example"
        )
        self.endpoints = {"google_api": sandbox.google_url, "google_licensing": sandbox.google_url}
        groups = ["all-staff@acme.example", "engineering@acme.example"]
        self.wish = {"primary_org_unit": "/Engineering", "license_skus": [STANDARD, VOICE], "groups": groups}
        self.smaller_wish = {**self.wish, "license_skus": [STANDARD]}
        self.removed = ActionKind.REMOVE_LICENSE

    async def give_by_hand(self) -> None:
        before = self._ledger()
        reply = await self.http.post(
            f"{self.endpoints['google_api']}/admin/directory/v1/groups/sales@acme.example/members",
            json={"email": self.joiner.work_email, "role": "MEMBER"},
        )
        reply.raise_for_status()
        self.note_gifts(before)


def make_harness(sandbox: Sandbox) -> GoogleHarness:
    return GoogleHarness(sandbox)
