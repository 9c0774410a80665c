"""Graph's error envelope. `request-id` headers and `innerError` are filled in by the twin, which knows the call."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.sandbox.wire.call import Call, Headers, Reply, json_bytes

JSON_TYPE = (
    "content-type",
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8",
)


class GraphError(Exception):
    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: list[dict[str, str]] | None = None,
        headers: Headers = (),
        note: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.headers = headers
        self.note = note

    def reply(self, call: Call) -> Reply:
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.details:
            error["details"] = self.details
        error["innerError"] = {
            "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "request-id": call.request_id,
            "client-request-id": client_request_id(call),
        }
        headers = (JSON_TYPE, *self.headers)
        if self.note:
            headers += (("x-sandbox-note", self.note),)
        return Reply(self.status, json_bytes({"error": error}), headers)


def client_request_id(call: Call) -> str:
    """Return what the client sent, or the service's own id when it sent none."""
    return call.headers.get("client-request-id") or call.request_id


def bad_request(
    message: str, *, code: str = "Request_BadRequest", target: str | None = None, detail: str = "GenericError"
) -> GraphError:
    details = [{"code": detail, "message": message, "target": target}] if target else None
    return GraphError(400, code, message, details=details)


def conflict(name: str) -> GraphError:
    """A duplicate: Graph answers 400 here where others answer 409."""
    return bad_request(
        f"Another object with the same value for property {name} already exists.",
        target=name,
        detail="ObjectConflict",
    )


def not_found(key: str) -> GraphError:
    return GraphError(
        404,
        "Request_ResourceNotFound",
        f"Resource '{key}' does not exist or one of its queried reference-property objects are not present.",
    )


def denied() -> GraphError:
    return GraphError(
        403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
    )


def unauthenticated(message: str) -> GraphError:
    return GraphError(
        401,
        "InvalidAuthenticationToken",
        message,
        headers=(("www-authenticate", 'Bearer realm="", error="invalid_token"'),),
    )


def unsupported_query(message: str) -> GraphError:
    return GraphError(400, "Request_UnsupportedQuery", message)
