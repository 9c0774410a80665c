"""Who may call: private-app tokens, and OAuth access tokens with their refresh tokens.

Spec file: hubspot/oauth-v1.json. An access token lives 30 minutes; clients should go by `expires_in`. A refresh token is
not rotated and ends when it is deleted or the app is uninstalled; deleting it leaves access tokens alone.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from services.sandbox.consent.grants import Grant, GrantBook, GrantRefusedError, Rotation
from services.sandbox.faults.box import retry_after_headers
from services.sandbox.faults.models import FaultCreate, FaultKind
from services.sandbox.hubspot.authorizing import CLIENT_ID, CLIENT_SECRET
from services.sandbox.hubspot.errors import JSON_HEADERS, HubSpotError, bad_json, not_found
from services.sandbox.hubspot.state import Portal
from services.sandbox.wire.call import Call, NotJsonError, Reply, json_bytes

SCOPES = (
    "oauth",
    "settings.users.read",
    "settings.users.write",
    "settings.users.teams.read",
    "settings.billing.write",
    "crm.objects.owners.read",
)
_APP_ID = 771001
_LIFETIME = 1800
_CODE_WORDS = {
    "expired": ("EXPIRED_AUTH_CODE", "auth code is expired"),
    "unknown": ("BAD_AUTH_CODE", "missing or unknown auth code"),
}


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
    scopes: tuple[str, ...] = SCOPES
    person: str = ""

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= time.time()


@dataclass(slots=True)
class Tokens:
    book: GrantBook = field(default_factory=GrantBook)
    portals: dict[int, Portal] = field(default_factory=dict)

    def seed(self, portals: dict[int, Portal], *, forget_tokens: bool) -> None:
        """Private apps, and the consents of the seed; what was issued before goes on at the reborn portals."""
        self.portals = portals
        if forget_tokens:
            self.book.clear()
        for portal in portals.values():
            value = refresh_token(portal.domain)
            known = self.book.refresh.get(value)
            if known is None or not known.grant.is_live or known.is_expired:
                grant = Grant(
                    CLIENT_ID, portal.domain, f"admin@{portal.domain}", SCOPES, {"portal": portal.id}
                )
                self.book.issue_refresh(self.book.add_grant(grant), value, None)

    def find(self, value: str | None) -> Token | None:
        """The token, expired ones included."""
        for portal in self.portals.values():
            if value == private_token(portal.domain):
                return Token(portal, None, person=f"admin@{portal.domain}")
        issued = self.book.find_access(value)
        if issued is None:
            return None
        portal = self.portals[issued.grant.data["portal"]]
        return Token(portal, issued.expires_at, issued.scopes, issued.grant.person)

    def answer(self, call: Call, lifetime: float, modes: dict[str, str]) -> Reply:
        """Issue tokens and tell about them.

        `POST /oauth/v1/token`, `GET /oauth/v1/access-tokens/{t}`, `GET`, `DELETE /oauth/v1/refresh-tokens/{t}`,
        `POST /oauth/v2/private-apps/get/access-token-info`.
        """
        try:
            if call.segments[1:] == ("v1", "token") and call.method == "POST":
                return self._issue(call, min(lifetime, _LIFETIME), modes)
            if call.segments[1:] == ("v2", "private-apps", "get", "access-token-info"):
                return self._describe_private(call, modes)
            if len(call.segments) == 4:  # noqa: PLR2004 - oauth, v1, the kind and the token itself
                return self._describe(call, modes)
        except HubSpotError as error:
            return error.reply()
        return not_found().reply()

    def _issue(self, call: Call, lifetime: float, modes: dict[str, str]) -> Reply:
        if call.content_type != "application/x-www-form-urlencoded":
            raise HubSpotError(415, "VALIDATION_ERROR", "HTTP 415 Unsupported Media Type")
        form = dict(parse_qsl(call.body.decode("utf-8", "replace")))
        grant_type = form.get("grant_type")
        if grant_type not in {"authorization_code", "refresh_token"}:
            raise _oauth_error("BAD_GRANT_TYPE", "missing or unknown grant_type")
        if form.get("client_id") != CLIENT_ID:
            raise _oauth_error("BAD_CLIENT_ID", "missing or unknown client id")
        if form.get("client_secret") != CLIENT_SECRET:
            raise _oauth_error("BAD_CLIENT_SECRET", "missing or invalid client secret")
        if grant_type == "authorization_code":
            grant = self._redeem(form)
            refresh = "na1-" + secrets.token_urlsafe(32)
            self.book.issue_refresh(grant, refresh, None)
        else:
            refresh = form.get("refresh_token", "")
            try:
                grant = self.book.use_refresh(refresh, Rotation.OFF).grant
            except GrantRefusedError as refused:
                raise _oauth_error("BAD_REFRESH_TOKEN", "missing or invalid refresh token") from refused
        value = "sandbox-hubspot-" + secrets.token_urlsafe(32)
        self.book.issue_access(grant, value, lifetime)
        call.tenant = grant.tenant
        body = {
            "token_type": "bearer",
            "refresh_token": refresh,
            "access_token": value,
            "expires_in": int(lifetime),
            "token_use": "access_token",
            "hub_id": grant.data["portal"],
            "scopes": granted(modes, grant.scopes),
        }
        return Reply(200, json_bytes(body), JSON_HEADERS)

    def _redeem(self, form: dict[str, str]) -> Grant:
        if not form.get("redirect_uri"):
            raise _oauth_error("BAD_REDIRECT_URI", "missing or invalid redirect URI")
        try:
            code = self.book.peek(form.get("code", ""))
        except GrantRefusedError as refused:
            raise _oauth_error(*_CODE_WORDS.get(refused.why, _CODE_WORDS["unknown"])) from refused
        if form["redirect_uri"] != code.redirect_uri:
            raise _oauth_error(
                "MISMATCH_REDIRECT_URI_AUTH_CODE", "redirect URI does not match that of the auth code"
            )
        return self.book.redeem(code)

    def _describe(self, call: Call, modes: dict[str, str]) -> Reply:
        kind, value = call.segments[2], call.segments[3]
        about: dict[str, Any] = {"user_id": 1, "token": value}
        if kind == "refresh-tokens":
            known = self.book.refresh.get(value)
            if known is None or not known.grant.is_live or known.is_expired:
                raise not_found("Token not found")
            if call.method == "DELETE":
                del self.book.refresh[value]
                return Reply(204)
            portal, person = self.portals[known.grant.data["portal"]], known.grant.person
            scopes = granted(modes, known.grant.scopes)
            about |= {"client_id": CLIENT_ID, "token_type": "refresh"}
        else:
            token = self.find(value) if kind == "access-tokens" and call.method == "GET" else None
            if token is None or token.is_expired:
                raise not_found("Token not found")
            portal, person, scopes = token.portal, token.person, granted(modes, token.scopes)
            left = int((token.expires_at or time.time() + _LIFETIME) - time.time())
            about |= {"token_type": "access", "app_id": _APP_ID, "expires_in": left}
        about |= {"scopes": scopes, "hub_id": portal.id, "hub_domain": portal.domain, "user": person}
        return Reply(200, json_bytes(about), JSON_HEADERS)

    def _describe_private(self, call: Call, modes: dict[str, str]) -> Reply:
        """What a private app's token may do, `{"tokenKey": …}` in the body."""
        try:
            key = call.json_object().get("tokenKey") if call.method == "POST" else None
        except NotJsonError:
            raise bad_json("not an object") from None
        token = self.find(str(key)) if key else None
        if token is None or token.expires_at is not None:
            raise not_found("Token not found")
        scopes = [name for name in granted(modes, token.scopes) if name != "oauth"]
        body = {"userId": 1, "hubId": token.portal.id, "appId": _APP_ID, "scopes": scopes}
        return Reply(200, json_bytes(body), JSON_HEADERS)

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


def granted(modes: dict[str, str], scopes: tuple[str, ...] = SCOPES) -> list[str]:
    """The token's scopes; mode `scopes` replaces them."""
    return modes["scopes"].split() if "scopes" in modes else list(scopes)


def _oauth_error(status: str, message: str) -> HubSpotError:
    error = HubSpotError(400, "VALIDATION_ERROR", message)
    error.more["status"] = status  # here the word stands where every other error says "error"
    return error
