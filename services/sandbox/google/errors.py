"""Google's error envelope and the reason words that clients branch on."""

from __future__ import annotations

from typing import Any

from services.sandbox.wire.call import Headers, Reply, json_bytes

JSON_HEADERS: Headers = (("content-type", "application/json; charset=UTF-8"),)

_STATUS_WORDS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    503: "UNAVAILABLE",
}


class GoogleError(Exception):
    """An answer other than 2xx; `reason` is the word in `errors[0].reason`."""

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        *,
        domain: str = "global",
        location: str | None = None,
        details: list[dict[str, Any]] | None = None,
        headers: Headers = (),
        note: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.domain = domain
        self.location = location
        self.details = details
        self.headers = headers
        self.note = note

    def reply(self) -> Reply:
        item: dict[str, Any] = {"message": self.message, "domain": self.domain, "reason": self.reason}
        if self.location:
            item |= {"location": self.location, "locationType": "header"}
        error: dict[str, Any] = {"code": self.status, "message": self.message, "errors": [item]}
        if self.details is not None or self.status in {401, 403}:
            error["status"] = _STATUS_WORDS.get(self.status, "UNKNOWN")
        if self.details is not None:
            error["details"] = self.details
        headers = JSON_HEADERS + self.headers
        if self.note:
            headers += (("x-sandbox-note", self.note),)
        return Reply(self.status, json_bytes({"error": error}), headers)


def invalid(message: str) -> GoogleError:
    return GoogleError(400, "invalid", message)


def unknown_name(name: str, where: str, *, query: bool = False) -> GoogleError:
    """An unknown member of the body or of the query string: the whole request is refused."""
    reason = (
        f"Cannot bind query parameter. Field '{name}' could not be found in request message."
        if query
        else "Cannot find field."
    )
    at = f" at '{where}'" if where and not query else ""
    message = f'Invalid JSON payload received. Unknown name "{name}"{at}: {reason}'
    violation = {"field": where, "description": message} if where else {"description": message}
    return GoogleError(
        400,
        "invalid",
        message,
        details=[{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}],
    )


def wrong_type(where: str, type_name: str, value: object) -> GoogleError:
    shown = f'"{value}"' if isinstance(value, str) else value
    return GoogleError(400, "invalid", f"Invalid value at '{where}' ({type_name}), {shown}", details=[])


def not_found(what: str) -> GoogleError:
    return GoogleError(404, "notFound", f"Resource Not Found: {what}")


def duplicate(message: str = "Entity already exists.") -> GoogleError:
    return GoogleError(409, "duplicate", message)


def forbidden() -> GoogleError:
    return GoogleError(403, "forbidden", "Not Authorized to access this resource/api")


def not_complete() -> GoogleError:
    return GoogleError(412, "conditionNotMet", "User creation is not complete")


def login_required() -> GoogleError:
    return GoogleError(
        401,
        "required",
        "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or"
        " other valid authentication credential.",
        location="Authorization",
        headers=(("www-authenticate", 'Bearer realm="https://accounts.google.com/"'),),
    )


def invalid_credentials() -> GoogleError:
    return GoogleError(
        401,
        "authError",
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other"
        " valid authentication credential.",
        location="Authorization",
        headers=(("www-authenticate", 'Bearer realm="https://accounts.google.com/", error="invalid_token"'),),
    )


def insufficient_scope() -> GoogleError:
    return GoogleError(
        403,
        "insufficientPermissions",
        "Request had insufficient authentication scopes.",
        details=[
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
                "domain": "googleapis.com",
            }
        ],
    )
