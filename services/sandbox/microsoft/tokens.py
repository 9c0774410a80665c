"""The Microsoft identity platform's token endpoint, for apps that sign in as themselves."""

from __future__ import annotations

import base64
import secrets
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from services.sandbox.faults.box import retry_after_headers
from services.sandbox.faults.models import FaultCreate, FaultKind
from services.sandbox.microsoft.state import App, Tenant
from services.sandbox.wire.call import Call, Reply, json_bytes

DEFAULT_SCOPE = "https://graph.microsoft.com/.default"
_JSON = (("content-type", "application/json; charset=utf-8"), ("cache-control", "no-store, no-cache"))


@dataclass(slots=True)
class Token:
    tenant: Tenant
    app: App
    expires_at: float


class TokenRefusedError(Exception):
    def __init__(self, error: str, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.error = error
        self.code = code
        self.message = message
        self.status = status


@dataclass(slots=True)
class TokenEndpoint:
    apps: dict[str, App] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)

    def find(self, access_token: str) -> Token | None:
        return self.tokens.get(access_token)

    @staticmethod
    def refuse(call: Call, fault: FaultCreate) -> Reply:
        """Say a fault as the token endpoint would: secret expired, app gone, or trouble of its own."""
        match fault.kind:
            case FaultKind.EXPIRED_TOKEN:
                words = (
                    "invalid_client",
                    7000222,
                    "The provided client secret keys for app are expired.",
                    401,
                )
            case FaultKind.FORBIDDEN:
                words = ("unauthorized_client", 700016, "Application was not found in the directory.", 400)
            case FaultKind.RATE_LIMIT:
                words = ("temporarily_unavailable", 50196, "The server terminated an operation.", 429)
            case _:
                words = (
                    "temporarily_unavailable",
                    90033,
                    "A transient error has occurred.",
                    fault.status or 503,
                )
        reply = _refusal(call, TokenRefusedError(*words))
        reply.headers += retry_after_headers(fault.retry_after)
        return reply

    def answer(self, call: Call, tenants: dict[str, Tenant], lifetime: float) -> Reply:
        try:
            return self._issue(call, tenants, lifetime)
        except TokenRefusedError as refused:
            return _refusal(call, refused)

    def _issue(self, call: Call, tenants: dict[str, Tenant], lifetime: float) -> Reply:
        if call.method != "POST":
            raise TokenRefusedError(
                "invalid_request", 900561, "The endpoint only accepts POST requests. Received a"
                f" {call.method} request.", 405,
            )  # fmt: skip
        tenant = _find_tenant(tenants, call.segments[0])
        is_form = call.content_type == "application/x-www-form-urlencoded"
        form = dict(parse_qsl(call.body.decode("utf-8", "replace"))) if is_form else {}
        client_id, secret = _credentials(call, form)
        grant = _need(form.get("grant_type"), "grant_type")
        if grant != "client_credentials":
            raise TokenRefusedError(
                "unsupported_grant_type", 70003, f"The app requested an unsupported grant type '{grant}'."
            )
        client_id = _need(client_id, "client_id")
        scope = _need(form.get("scope"), "scope")
        app = self.apps.get(client_id)
        if app is None or tenant.id not in app.tenants:
            raise TokenRefusedError(
                "unauthorized_client",
                700016,
                f"Application with identifier '{client_id}' was not found in the directory '{tenant.name}'. This"
                " can happen if the application has not been installed by the administrator of the tenant or"
                " consented to by any user in the tenant.",
            )
        if not secret:
            raise TokenRefusedError(
                "invalid_client",
                7000218,
                "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
                401,
            )
        if not secrets.compare_digest(secret.encode(), app.secret.encode()):
            raise TokenRefusedError(
                "invalid_client",
                7000215,
                "Invalid client secret provided. Ensure the secret being sent in the request is the client"
                f" secret value, not the client secret ID, for a secret added to app '{client_id}'.",
                401,
            )
        if scope != DEFAULT_SCOPE:
            raise TokenRefusedError(
                "invalid_scope",
                70011,
                "The provided request must include a 'scope' input parameter. The provided value for the input"
                f" parameter 'scope' is not valid. The scope {scope} is not valid.",
            )
        value = "EwB." + secrets.token_urlsafe(64)
        self.tokens[value] = Token(tenant, app, time.time() + lifetime)
        call.tenant = tenant.label
        body = {
            "token_type": "Bearer",
            "expires_in": int(lifetime),
            "ext_expires_in": int(lifetime),
            "access_token": value,
        }
        return Reply(200, json_bytes(body), _JSON)


def _need(value: str | None, name: str) -> str:
    if not value:
        raise TokenRefusedError(
            "invalid_request", 900144, f"The request body must contain the following parameter: '{name}'."
        )
    return value


def _find_tenant(tenants: dict[str, Tenant], name: str) -> Tenant:
    found = tenants.get(name.lower())
    if found is None:
        found = next((tenant for tenant in tenants.values() if name.lower() in tenant.verified), None)
    if found is None:
        raise TokenRefusedError(
            "invalid_request",
            90002,
            f"Tenant '{name}' not found. Check to make sure you have the correct tenant ID and are signing into"
            " the correct cloud.",
        )
    return found


def _credentials(call: Call, form: dict[str, str]) -> tuple[str | None, str | None]:
    """The credentials travel in the body or, form-encoded first, in HTTP Basic."""
    scheme, _, value = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id"), form.get("client_secret")
    try:
        name, _, secret = base64.b64decode(value).decode().partition(":")
    except ValueError:
        return None, None
    return unquote(name), unquote(secret)


def _refusal(call: Call, refused: TokenRefusedError) -> Reply:
    now, trace = datetime.now(UTC), str(uuid.uuid4())
    correlation = call.headers.get("client-request-id") or call.request_id
    stamp = now.strftime("%Y-%m-%d %H:%M:%SZ")
    body: dict[str, Any] = {
        "error": refused.error,
        "error_description": f"AADSTS{refused.code}: {refused.message} Trace ID: {trace}"
        f" Correlation ID: {correlation} Timestamp: {stamp}",
        "error_codes": [refused.code],
        "timestamp": stamp,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": f"https://login.microsoftonline.com/error?code={refused.code}",
    }
    return Reply(refused.status, json_bytes(body), _JSON)
