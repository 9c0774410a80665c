"""Zoom's token endpoint: server-to-server OAuth, grant `account_credentials`. There is no refresh token.

developers.zoom.us/docs/internal-apps/s2s-oauth, …/docs/integrations/oauth-error-messages
"""

from __future__ import annotations

import base64
import binascii
import secrets
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from services.sandbox.faults.box import retry_after_headers
from services.sandbox.faults.models import FaultCreate, FaultKind
from services.sandbox.wire.call import Call, Reply, json_bytes
from services.sandbox.zoom.errors import JSON_HEADERS
from services.sandbox.zoom.state import Account

SCOPES = (
    "account:read:admin",
    "group:read:admin",
    "group:write:admin",
    "role:read:admin",
    "role:write:admin",
    "user:read:admin",
    "user:write:admin",
)


@dataclass(slots=True)
class Token:
    account: Account
    scopes: frozenset[str]
    expires_at: float


class TokenRefusedError(Exception):
    def __init__(self, error: str, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.error = error
        self.reason = reason
        self.status = status

    def reply(self) -> Reply:
        return Reply(self.status, json_bytes({"reason": self.reason, "error": self.error}), JSON_HEADERS)


@dataclass(slots=True)
class TokenEndpoint:
    tokens: dict[str, Token] = field(default_factory=dict)

    def find(self, access_token: str | None) -> Token | None:
        return self.tokens.get(access_token or "")

    @staticmethod
    def refuse(fault: FaultCreate) -> Reply:
        """A fault in this endpoint's words: the secret is dead, the app deactivated, or trouble of its own."""
        match fault.kind:
            case FaultKind.EXPIRED_TOKEN:
                return _bad_client(401).reply()
            case FaultKind.FORBIDDEN:
                return TokenRefusedError("invalid_client", "The app has been disabled", 401).reply()
            case FaultKind.RATE_LIMIT:
                body, status = {"reason": "Too many requests", "error": "temporarily_unavailable"}, 429
            case _:
                body, status = {"reason": "Internal error", "error": "server_error"}, fault.status or 500
        return Reply(status, json_bytes(body), JSON_HEADERS + retry_after_headers(fault.retry_after))

    def answer(
        self, call: Call, accounts: dict[str, Account], lifetime: float, modes: dict[str, str]
    ) -> Reply:
        """Issue a token. Modes: `client_error_status` (400, else 401), `scopes` (a list with spaces)."""
        try:
            return self._issue(call, accounts, lifetime, modes)
        except TokenRefusedError as error:
            return error.reply()

    def _issue(
        self, call: Call, accounts: dict[str, Account], lifetime: float, modes: dict[str, str]
    ) -> Reply:
        if call.method != "POST":
            raise TokenRefusedError("invalid_request", "Request method must be POST", 405)
        # Zoom's own page prints the parameters in the query string; clients send a form. Both work.
        form = dict(parse_qsl(call.body.decode("utf-8", "replace")))
        if form and call.content_type != "application/x-www-form-urlencoded":
            raise TokenRefusedError("invalid_request", "Bad Request")
        form |= dict(call.query)
        account = _client(call, accounts, int(modes.get("client_error_status", "400")))
        if form.get("grant_type") != "account_credentials":
            raise TokenRefusedError("unsupported_grant_type", "unsupported grant type")
        if form.get("account_id") != account.id or set(form) - {"grant_type", "account_id"}:
            raise TokenRefusedError("invalid_request", "Bad Request")
        scopes = modes.get("scopes", " ".join(SCOPES)).split()
        value = "sandbox." + secrets.token_urlsafe(48)
        self.tokens[value] = Token(account, frozenset(scopes), time.time() + lifetime)
        call.tenant = account.domain
        body = {
            "access_token": value,
            "token_type": "bearer",
            "expires_in": int(lifetime),
            "scope": " ".join(scopes),
            "api_url": f"{call.base_url}/zoom",
        }
        return Reply(200, json_bytes(body), JSON_HEADERS)


def _client(call: Call, accounts: dict[str, Account], status: int) -> Account:
    scheme, _, value = call.headers.get("authorization", "").partition(" ")
    try:
        client_id, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise _bad_client(status) from None
    for account in accounts.values():
        if scheme.lower() == "basic" and client_id == account.client_id:
            if secret == account.client_secret:
                return account
            break
    raise _bad_client(status)


def _bad_client(status: int) -> TokenRefusedError:
    return TokenRefusedError("invalid_client", "Invalid client_id or client_secret", status)
