"""The static bearer token, and the client-credentials endpoint of RFC 6749 section 4.4."""

from __future__ import annotations

import base64
import binascii
import secrets
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote_plus

from services.sandbox.faults.box import retry_after_headers
from services.sandbox.faults.models import FaultCreate, FaultKind
from services.sandbox.scim.state import Company
from services.sandbox.wire.call import Call, Headers, Reply, json_bytes

READ, WRITE = "scim.read", "scim.write"
_HEADERS: Headers = (("content-type", "application/json"), ("cache-control", "no-store"))


@dataclass(frozen=True, slots=True)
class Token:
    company: str
    scopes: frozenset[str]
    expires_at: float | None


@dataclass(slots=True)
class TokenEndpoint:
    issued: dict[str, Token] = field(default_factory=dict)

    def find(self, value: str, companies: dict[str, Company]) -> Token | None:
        """The token behind a bearer value, expired ones included."""
        for company in companies.values():
            if value == company.token:
                return Token(company.name, frozenset({READ, WRITE}), None)
        return self.issued.get(value)

    def answer(self, call: Call, companies: dict[str, Company], lifetime: float) -> Reply:
        if call.method != "POST":
            return _refused("invalid_request", 405)
        if call.content_type != "application/x-www-form-urlencoded":
            return _refused("invalid_request", 400)
        form = dict(parse_qsl(call.body.decode("utf-8", "replace")))
        if form.get("grant_type") != "client_credentials":
            return _refused("unsupported_grant_type", 400)
        name, secret = _basic(call) or (form.get("client_id", ""), form.get("client_secret", ""))
        company = next((one for one in companies.values() if one.client_id == name), None)
        if company is None or not secrets.compare_digest(company.client_secret.encode(), secret.encode()):
            return _refused("invalid_client", 401)
        scopes = frozenset(form.get("scope", f"{READ} {WRITE}").split())
        if scopes - {READ, WRITE}:
            return _refused("invalid_scope", 400)
        value = f"sandbox-scim-{secrets.token_urlsafe(24)}"
        self.issued[value] = Token(company.name, scopes, time.time() + lifetime)
        call.tenant = company.domain
        body = {
            "access_token": value,
            "token_type": "Bearer",
            "expires_in": int(lifetime),
            "scope": " ".join(sorted(scopes)),
        }
        return Reply(200, json_bytes(body), _HEADERS)

    @staticmethod
    def refuse(fault: FaultCreate) -> Reply:
        extra = retry_after_headers(fault.retry_after)
        match fault.kind:
            case FaultKind.EXPIRED_TOKEN:
                return _refused("invalid_client", 401)
            case FaultKind.FORBIDDEN | FaultKind.NO_SEATS:
                return _refused("unauthorized_client", 400)
            case FaultKind.RATE_LIMIT:
                return _refused("temporarily_unavailable", 429, extra)
            case _:
                return _refused("server_error", fault.status or 500, extra)


def _basic(call: Call) -> tuple[str, str] | None:
    """The client's name and secret from the header, each form-decoded (RFC 6749 section 2.3.1)."""
    scheme, _, value = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return unquote_plus(name), unquote_plus(secret)


def _refused(error: str, status: int, extra: Headers = ()) -> Reply:
    if status == 401:  # noqa: PLR2004 - HTTP's own number
        extra += (("www-authenticate", 'Basic realm="scim"'),)
    return Reply(status, json_bytes({"error": error, "error_description": error}), _HEADERS + extra)
