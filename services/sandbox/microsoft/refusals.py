"""What the identity platform says no with: AADSTS numbers, as JSON at the token endpoint and as parameters elsewhere."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from services.sandbox.wire.call import Call, Headers, Reply, json_bytes

JSON: Headers = (("content-type", "application/json; charset=utf-8"), ("cache-control", "no-store, no-cache"))


class TokenRefusedError(Exception):
    def __init__(
        self, error: str, code: int, message: str, status: int = 400, *, suberror: str | None = None
    ) -> None:
        super().__init__(message)
        self.error = error
        self.code = code
        self.message = message
        self.status = status
        self.suberror = suberror


def invalid_grant(code: int, message: str, *, suberror: str | None = None) -> TokenRefusedError:
    return TokenRefusedError("invalid_grant", code, message, suberror=suberror)


def described(call: Call, refused: TokenRefusedError) -> dict[str, Any]:
    """The error as every endpoint says it; the trace ends the description."""
    now, trace = datetime.now(UTC), str(uuid.uuid4())
    correlation = call.headers.get("client-request-id") or call.request_id
    stamp = now.strftime("%Y-%m-%d %H:%M:%SZ")
    return {
        "error": refused.error,
        "error_description": f"AADSTS{refused.code}: {refused.message} Trace ID: {trace}"
        f" Correlation ID: {correlation} Timestamp: {stamp}",
        "error_codes": [refused.code],
        "timestamp": stamp,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": f"https://login.microsoftonline.com/error?code={refused.code}",
    }


def refusal(call: Call, refused: TokenRefusedError) -> Reply:
    body = described(call, refused)
    if refused.suberror is not None:
        body["suberror"] = refused.suberror
    return Reply(refused.status, json_bytes(body), JSON)


def unknown_app(client_id: str, place: str) -> TokenRefusedError:
    return TokenRefusedError(
        "unauthorized_client",
        700016,
        f"Application with identifier '{client_id}' was not found in the directory '{place}'. This"
        " can happen if the application has not been installed by the administrator of the tenant or"
        " consented to by any user in the tenant.",
    )


def unknown_tenant(name: str) -> TokenRefusedError:
    return TokenRefusedError(
        "invalid_request",
        90002,
        f"Tenant '{name}' not found. Check to make sure you have the correct tenant ID and are signing into"
        " the correct cloud.",
    )


def missing(name: str) -> TokenRefusedError:
    return TokenRefusedError(
        "invalid_request", 900144, f"The request body must contain the following parameter: '{name}'."
    )
