"""What GitHub tells a webhook: the `organization` event, signed over the raw body.

Invited, added and removed members are told; that an invitation was declined or lapsed is not
(docs.github.com, webhook events and payloads, `organization`).
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from dataclasses import dataclass
from typing import Any

from services.sandbox.delivery import Deliveries, Delivery
from services.sandbox.github.state import Account, Organization
from services.sandbox.github.views import hook_membership, invitation_view, node_id, org_simple, user_view
from services.sandbox.wire.call import json_bytes

API = "https://api.github.com"
_AGENT = "GitHub-Hookshot/044aadd"


@dataclass(slots=True)
class Webhook:
    """The app's webhook; `times` above one sends each event so often, as a vendor that retries may."""

    url: str
    secret: str
    times: int = 1


class Webhooks:
    def __init__(self, app_id: int) -> None:
        self._app_id = app_id
        self.hook: Webhook | None = None
        self.deliveries = Deliveries()

    def announce(self, org: Organization, action: str, parts: dict[str, Any]) -> None:
        """Send the `organization` event, when a webhook is set."""
        if self.hook is None:
            return
        self._send("organization", organization_event(org, action, parts))

    def ping(self) -> None:
        """Send the event with which GitHub greets a new webhook."""
        self._send("ping", {"zen": "Speak like a human.", "hook_id": 314_159, "hook": {"type": "App"}})

    def redeliver(self, id: str | None, times: int) -> Delivery | None:
        """Send the last delivery, or the one with this id, again: same id, same bytes, same signature."""
        delivery = self.deliveries.last(id=id)
        if delivery is not None:
            self.deliveries.resend(delivery, times)
        return delivery

    def _send(self, event: str, payload: dict[str, Any]) -> None:
        hook = self.hook
        if hook is None:
            return
        body, delivery_id = json_bytes(payload), str(uuid.uuid4())
        label = f"{event}.{payload['action']}" if "action" in payload else event
        headers = self._headers(event, delivery_id, body, hook.secret)
        self.deliveries.send(hook.url, body, headers, label=label, id=delivery_id, times=hook.times)

    def _headers(self, event: str, delivery_id: str, body: bytes, secret: str) -> dict[str, str]:
        headers = {
            "accept": "*/*",
            "content-type": "application/json",
            "user-agent": _AGENT,
            "x-github-event": event,
            "x-github-delivery": delivery_id,
            "x-github-hook-id": "314159",
            "x-github-hook-installation-target-id": str(self._app_id),
            "x-github-hook-installation-target-type": "integration",
        }
        if secret:
            for name, algorithm in (("x-hub-signature", "sha1"), ("x-hub-signature-256", "sha256")):
                digest = hmac.new(secret.encode(), body, getattr(hashlib, algorithm)).hexdigest()
                headers[name] = f"{algorithm}={digest}"
        return headers


def organization_event(org: Organization, action: str, parts: dict[str, Any]) -> dict[str, Any]:
    """The payload: `invitation` (and `user`, where GitHub knows whom) for an invitation, else `membership`."""
    payload: dict[str, Any] = {"action": action}
    sender: Account = parts.get("sender", org.owner)
    if "invitation" in parts:
        invitation = parts["invitation"]
        payload["invitation"] = invitation_view(invitation, org, API)
        if invitation.account is not None:
            payload["user"] = user_view(invitation.account, API)
    else:
        payload["membership"] = hook_membership(org, parts["membership"], API)
    installation = {
        "id": org.installation_id,
        "node_id": node_id("IntegrationInstallation", org.installation_id),
    }
    return {
        **payload,
        "organization": org_simple(org, API),
        "sender": user_view(sender, API),
        "installation": installation,
    }
