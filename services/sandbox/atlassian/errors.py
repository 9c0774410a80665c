"""Atlassian's envelopes, one for each door, and the headers of its rate limits.

SCIM: RFC 7644's error with `status` as text, and `{error, traceId}` where the request never reached the directory.
Administration: `{errors: […]}` of the application, `{code, message}` of the gateway. Managing an account:
`{key, context}`. Jira: `{errorMessages, errors}`. Confluence: `{statusCode, data, message}`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from services.sandbox.atlassian.state import token
from services.sandbox.wire.call import Headers, Reply, json_bytes

SCIM, ADMIN, MANAGE, JIRA, CONFLUENCE = "scim", "admin", "manage", "jira", "confluence"

JSON_HEADERS: Headers = (("content-type", "application/json;charset=UTF-8"),)
SCIM_HEADERS: Headers = (("content-type", "application/scim+json"),)
ERROR_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:Error"
_GATEWAY = (401, 403, 415, 429)
"""Where SCIM's answer is the gateway's `{error, traceId}`."""


class AtlassianError(Exception):
    """An answer other than 2xx; the door decides the envelope. `word` is SCIM's scimType or Jira's field."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        word: str | None = None,
        headers: Headers = (),
        note: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.word = word
        self.headers = headers
        self.note = note

    def reply(self, door: str) -> Reply:
        """The refusal as the door says it."""
        headers = SCIM_HEADERS if door == SCIM and self.status not in _GATEWAY else JSON_HEADERS
        headers += self.headers
        if self.note:
            headers += (("x-sandbox-note", self.note),)
        return Reply(self.status, json_bytes(self._body(door)), headers)

    def _body(self, door: str) -> dict[str, Any]:
        match door:
            case "scim":
                return self._scim()
            case "manage":
                return {"key": self.word or _key(self.status), "context": {"message": self.message}}
            case "jira":
                fields = {self.word: self.message} if self.word else {}
                return {"errorMessages": [] if fields else [self.message], "errors": fields}
            case "confluence":
                data = {"authorized": self.status != 403, "valid": True, "errors": [], "successful": False}  # noqa: PLR2004 - HTTP's own number
                return {"statusCode": self.status, "data": data, "message": self.message}
            case _:
                return self._admin()

    def _scim(self) -> dict[str, Any]:
        if self.status in _GATEWAY:
            return {"error": self.message, "traceId": token()}
        body: dict[str, Any] = {"schemas": [ERROR_SCHEMA], "status": str(self.status), "detail": self.message}
        return body | ({"scimType": self.word} if self.word else {})

    def _admin(self) -> dict[str, Any]:
        if self.status in {401, 429}:
            return {"code": self.status, "message": self.message}
        error = {
            "id": token(),
            "status": str(self.status),
            "code": self.word or f"ADMIN-{self.status}-1",
            "title": _key(self.status),
            "detail": self.message,
        }
        return {"errors": [error]}


def _key(status: int) -> str:
    return {400: "badRequest", 403: "forbidden", 404: "notFound", 409: "conflict"}.get(
        status, "internalError"
    )


def invalid(message: str, word: str | None = None, *, note: str | None = None) -> AtlassianError:
    return AtlassianError(400, message, word=word, note=note)


def not_found(message: str) -> AtlassianError:
    return AtlassianError(404, message)


FORMS: dict[str, str | None] = {
    "jira-burst-based": "jira-burst-based",
    "jira-quota-global-based": "jira-quota-global-based",
    "jira-per-issue-on-write": "jira-per-issue-on-write",
    "bare": None,
}
"""Form of a refusal to its `RateLimit-Reason`; `bare` has no header of its own at all."""


def limited(form: str, retry_after: Headers) -> AtlassianError:
    """429. The reset is a moment in ISO 8601 and comes also where no `Retry-After` is sent."""
    reason = FORMS[form]
    headers: Headers = retry_after
    if reason is not None:
        headers += (*rate_headers(left=0), ("ratelimit-reason", reason))
    return AtlassianError(429, "Rate limit exceeded", headers=headers)


def rate_headers(*, left: int, limit: int = 350) -> Headers:
    """What each answer of a site tells of its limit."""
    reset = datetime.now(UTC) + timedelta(seconds=1 if left else 5)
    return (
        ("x-ratelimit-limit", str(limit)),
        ("x-ratelimit-remaining", str(left)),
        ("x-ratelimit-reset", reset.strftime("%Y-%m-%dT%H:%M:%SZ")),
        ("x-ratelimit-nearlimit", "true" if left * 5 < limit else "false"),
    )
