"""What people do at the vendors in the demo: the new hire accepts invitations, an administrator does tasks.

The vendors then tell OneClick by themselves where they can: their webhooks are entered first, as an
administrator would enter them in the vendor's console.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from deploy.local.publicclient import PublicClient

_ACCEPTS = {"github": "accept", "zoom": "activate", "clickup": "join"}
"""By vendor: the word for somebody who accepts an invitation there."""
_SECRETS = {"github": "GITHUB_WEBHOOK_SECRET", "zoom": "ZOOM_WEBHOOK_SECRET"}


class VendorPeople:
    """The sandbox's people, moved through its control surface."""

    def __init__(self, client: PublicClient, sandbox: str, api: str) -> None:
        self._client = client
        self._control = f"{sandbox}/control"
        self._api = api
        self._done: set[str] = set()

    def enter_webhooks(self) -> list[str]:
        """Enter OneClick's address at each vendor that can tell; the vendors' names."""
        told = self._ask("GET", "info")
        entered = []
        for item in self._client.get("/api/webhooks")["items"]:
            vendor = item["vendor"]
            secret = told[vendor]["environment"]["auth"][_SECRETS[vendor]]
            self._act(vendor, "webhook", {"url": self._api + item["path"], "secret": secret})
            entered.append(vendor)
        return entered

    def open_account(self, email: str) -> None:
        """The new hire has a GitHub account of their own and shows the work address there."""
        login = email.partition("@")[0].replace(".", "-")
        self._act("github", "sign_up", {"email": email, "login": login, "public": True})

    def help(self, request: Mapping[str, Any]) -> list[str]:
        """Do what the request waits for, once each; what was done, in words."""
        did = []
        for result in request["results"]:
            for action in result["actions"]:
                if action["id"] in self._done:
                    continue
                if action["state"] == "awaiting_acceptance":
                    did.append(self._accept(request, result, action))
                elif action["state"] == "awaiting_person":
                    did.append(self._say_done(request, result, action))
                else:
                    continue
                self._done.add(action["id"])
        return did

    def _accept(
        self, request: Mapping[str, Any], result: Mapping[str, Any], action: Mapping[str, Any]
    ) -> str:
        vendor = result["app"]
        who = request["employee"]["work_email"]
        self._act(vendor, _ACCEPTS[vendor], {"email": who})
        if vendor in _SECRETS:
            return f"{who} accepts the invitation of {result['title']}; {result['title']} tells OneClick"
        self._client.post(f"/api/requests/{request['id']}/actions/{action['id']}/look", {})
        return f"{who} accepts the invitation of {result['title']}; OneClick is asked to look"

    def _say_done(
        self, request: Mapping[str, Any], result: Mapping[str, Any], action: Mapping[str, Any]
    ) -> str:
        self._client.post(f"/api/requests/{request['id']}/actions/{action['id']}/done", {})
        return f"Somebody did at {result['title']}: {action['title']}"

    def _act(self, vendor: str, verb: str, body: Mapping[str, Any]) -> None:
        self._ask("POST", f"{vendor}/act/{verb}", body)

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        with httpx.Client(trust_env=False, timeout=10) as client:
            reply = client.request(method, f"{self._control}/{path}", json=body).raise_for_status()
            answer: dict[str, Any] = reply.json()
            return answer
