"""What Zoom posts to an account's webhook, signed, and the challenge by which it checks the address.

developers.zoom.us/docs/api/webhooks: `x-zm-signature: v0=HMAC_SHA256(secret, "v0:{timestamp}:{raw body}")`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from services.sandbox.delivery import Deliveries, Delivery
from services.sandbox.wire.call import json_bytes
from services.sandbox.zoom.state import Account, User

SECRET = "sandbox-zoom-webhook-secret"  # noqa: S105 - a constant of an imitated vendor


@dataclass(slots=True)
class Hook:
    url: str
    secret: str


@dataclass(slots=True)
class Webhooks:
    """One address for each account at most; without one, nothing is posted."""

    deliveries: Deliveries = field(default_factory=Deliveries)
    hooks: dict[str, Hook] = field(default_factory=dict)
    """Account id to hook."""

    def clear(self) -> None:
        self.hooks.clear()
        self.deliveries.clear()

    def announce(self, account: Account, event: str, user: User) -> Delivery | None:
        """Post an event about one person."""
        payload: dict[str, Any] = {"account_id": account.id, "object": _object(user)}
        if event != "user.invitation_accepted":  # what the person does names no operator
            payload |= {"operator": f"admin@{account.domain}"}
        return self.post(account, event, payload)

    def post(
        self,
        account: Account,
        event: str,
        payload: dict[str, Any],
        *,
        timestamp: int | None = None,
        signature: str | None = None,
    ) -> Delivery | None:
        """Post any event; `timestamp` and `signature` may be wrong on purpose."""
        hook = self.hooks.get(account.id)
        if hook is None:
            return None
        body = json_bytes({"event": event, "event_ts": int(time.time() * 1000), "payload": payload})
        headers = signed(hook.secret, body, timestamp)
        if signature is not None:
            headers["x-zm-signature"] = signature
        return self.deliveries.send(hook.url, body, headers, label=event)

    async def challenge(self, hook: Hook) -> bool:
        """Whether the address answers `endpoint.url_validation` with the token under the secret."""
        plain = secrets.token_urlsafe(16)
        body = json_bytes(
            {
                "payload": {"plainToken": plain},
                "event_ts": int(time.time() * 1000),
                "event": "endpoint.url_validation",
            }
        )
        attempt = await self.deliveries.ask(
            hook.url, body, signed(hook.secret, body), label="endpoint.url_validation"
        )
        expected = {"plainToken": plain, "encryptedToken": _hmac(hook.secret, plain.encode())}
        try:
            return attempt.status == 200 and json.loads(attempt.reply) == expected  # noqa: PLR2004 - HTTP's own number
        except ValueError:
            return False


def signed(secret: str, body: bytes, timestamp: int | None = None) -> dict[str, str]:
    """Headers of a delivery of these very bytes."""
    moment = str(timestamp if timestamp is not None else int(time.time()))
    return {
        "content-type": "application/json; charset=utf-8",
        "x-zm-request-timestamp": moment,
        "x-zm-signature": "v0=" + _hmac(secret, f"v0:{moment}:".encode() + body),
        "user-agent": "Zoom Marketplace/1.0a",
    }


def _hmac(secret: str, message: bytes) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def _object(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "type": user.type,
    }
