"""Who may call: private-app tokens, and OAuth access tokens with their refresh tokens.

Spec file: hubspot/oauth-v1.json. An access token lives 30 minutes; clients should go by `expires_in`.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from services.sandbox.faults.box import retry_after_headers
from services.sandbox.faults.models import FaultCreate, FaultKind
from services.sandbox.hubspot.errors import JSON_HEADERS, HubSpotError, not_found
from services.sandbox.hubspot.state import Portal
from services.sandbox.wire.call import Call, Reply, json_bytes

SCOPES = (
    "oauth",
    "settings.users.read",
    "settings.users.write",
    "settings.users.teams.read",
    "settings.billing.write",
    "crm.objects.owners.read",
)
CLIENT_ID, CLIENT_SECRET = "sandbox-hubspot-client", "sandbox-hubspot-secret"
_APP_ID = 771001
_LIFETIME = 1800


def private_token(domain: str) -> str:
    """The token of a company's private app."""
    return f"pat-eu1-sandbox-hubspot-{domain.partition('.')[0]}"


def refresh_token(domain: str) -> str:
    """The refresh token that a company's administrator gave by consenting."""
    return f"sandbox-hubspot-refresh-{domain.partition('.')[0]}"


@dataclass(slots=True)
class Token:
    portal: Portal
    expires_at: float | None
    """None: a private app's, which does not expire."""


@dataclass(slots=True)
class Tokens:
    access: dict[str, Token] = field(default_factory=dict)
    refresh: dict[str, Portal] = field(default_factory=dict)

    def seed(self, portals: list[Portal]) -> None:
        """Private apps and consents of the seed; access tokens issued before move to the reborn portals."""
        by_id = {portal.id: portal for portal in portals}
        for token in self.access.values():
            token.portal = by_id[token.portal.id]
        self.access |= {private_token(one.domain): Token(one, None) for one in portals}
        self.refresh = {refresh_token(one.domain): one for one in portals}

    def find(self, value: str | None) -> Token | None:
        return self.access.get(value or "")

    def answer(self, call: Call, lifetime: float, modes: dict[str, str]) -> Reply:
        """`POST /oauth/v1/token`, `GET /oauth/v1/access-tokens/{t}`, `GET`, `DELETE /oauth/v1/refresh-tokens/{t}`."""
        try:
            if call.segments[2:] == ("token",) and call.method == "POST":
                return self._issue(call, min(lifetime, _LIFETIME), modes)
            if len(call.segments) == 4:  # noqa: PLR2004 - oauth, v1, the kind and the token itself
                return self._describe(call)
        except HubSpotError as error:
            return error.reply()
        return not_found().reply()

    def _issue(self, call: Call, lifetime: float, modes: dict[str, str]) -> Reply:
        if call.content_type != "application/x-www-form-urlencoded":
            raise HubSpotError(415, "VALIDATION_ERROR", "HTTP 415 Unsupported Media Type")
        form = dict(parse_qsl(call.body.decode("utf-8", "replace")))
        if form.get("grant_type") != "refresh_token":
            raise _oauth_error("BAD_GRANT_TYPE", "missing or unknown grant_type")
        if form.get("client_id") != CLIENT_ID:
            raise _oauth_error("BAD_CLIENT_ID", "missing or unknown client id")
        if form.get("client_secret") != CLIENT_SECRET:
            raise _oauth_error("BAD_CLIENT_SECRET", "missing or invalid client secret")
        refresh = form.get("refresh_token", "")
        portal = self.refresh.get(refresh)
        if portal is None:
            raise _oauth_error("BAD_REFRESH_TOKEN", "missing or invalid refresh token")
        value = "sandbox-hubspot-" + secrets.token_urlsafe(32)
        self.access[value] = Token(portal, time.time() + lifetime)
        call.tenant = portal.domain
        body = {
            "token_type": "bearer",
            "refresh_token": refresh,
            "access_token": value,
            "expires_in": int(lifetime),
            "token_use": "access_token",
            "hub_id": portal.id,
            "scopes": granted(modes),
        }
        return Reply(200, json_bytes(body), JSON_HEADERS)

    def _describe(self, call: Call) -> Reply:
        kind, value = call.segments[2], call.segments[3]
        about: dict[str, Any] = {"client_id": CLIENT_ID, "scopes": list(SCOPES), "user_id": 1, "token": value}
        if kind == "refresh-tokens" and value in self.refresh:
            portal = self.refresh[value]
            if call.method == "DELETE":
                del self.refresh[value]
                return Reply(204)
            about |= {"token_type": "refresh"}
        elif kind == "access-tokens" and value in self.access and call.method == "GET":
            token = self.access[value]
            portal = token.portal
            left = int((token.expires_at or time.time() + _LIFETIME) - time.time())
            del about["client_id"]
            about |= {"token_type": "access", "app_id": _APP_ID, "expires_in": left}
        else:
            raise not_found("Token not found")
        about |= {"hub_id": portal.id, "hub_domain": f"{portal.domain}", "user": f"admin@{portal.domain}"}
        return Reply(200, json_bytes(about), JSON_HEADERS)

    @staticmethod
    def refuse(fault: FaultCreate) -> Reply:
        """A fault in this endpoint's words: the consent is gone, the secret is wrong, or trouble of its own."""
        extra = retry_after_headers(fault.retry_after)
        match fault.kind:
            case FaultKind.EXPIRED_TOKEN:
                return _oauth_error("BAD_REFRESH_TOKEN", "missing or invalid refresh token").reply()
            case FaultKind.FORBIDDEN:
                return _oauth_error("BAD_CLIENT_SECRET", "missing or invalid client secret").reply()
            case FaultKind.RATE_LIMIT:
                return HubSpotError(429, "RATE_LIMITS", "You have reached your limit.", headers=extra).reply()
            case _:
                status = fault.status or 500
                return HubSpotError(status, "INTERNAL_ERROR", "internal error", headers=extra).reply()


def granted(modes: dict[str, str]) -> list[str]:
    """The app's scopes; mode `scopes` replaces them."""
    return modes.get("scopes", " ".join(SCOPES)).split()


def _oauth_error(status: str, message: str) -> HubSpotError:
    error = HubSpotError(400, "VALIDATION_ERROR", message)
    error.more["status"] = status  # here the word stands where every other error says "error"
    return error
