"""ClickUp's error envelope: `{"err": "Team not found", "ECODE": "TEAM_001"}` under an HTTP status.

The published codes are those of signing in (developer.clickup.com/docs/common_errors); the specification lists none
for the operations, so those of ours that begin with `SANDBOX` are inventions that no client may rest upon.
"""

from __future__ import annotations

import math
import time

from services.sandbox.wire.call import Headers, Reply, json_bytes

JSON_HEADERS: Headers = (("content-type", "application/json; charset=utf-8"),)
PLAN_LIMITS = {"free": 100, "unlimited": 100, "business": 100, "business_plus": 1_000, "enterprise": 10_000}
"""Calls a minute for each token (developer.clickup.com/docs/rate-limits)."""
FORMS = ("reset", "retry_after", "bare")


class ClickUpError(Exception):
    """An answer other than 200."""

    def __init__(
        self, status: int, code: str, message: str, *, headers: Headers = (), note: str | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers
        self.note = note

    def reply(self) -> Reply:
        headers = JSON_HEADERS + self.headers
        if self.note:
            headers += (("x-sandbox-note", self.note),)
        return Reply(self.status, json_bytes({"err": self.message, "ECODE": self.code}), headers)


def invalid(message: str, code: str = "SANDBOX_INPUT") -> ClickUpError:
    return ClickUpError(400, code, message)


def not_found(what: str) -> ClickUpError:
    return ClickUpError(404, "SANDBOX_NOT_FOUND", f"{what} not found")


def no_seat() -> ClickUpError:
    return ClickUpError(403, "SANDBOX_SEATS", "There are no seats available. Please upgrade your plan.")


def limited(form: str, seconds: float | None, retry_after: Headers, limit: int) -> ClickUpError:
    """429. The documented form tells the moment in epoch seconds and has no `Retry-After`."""
    headers: Headers = ()
    if form != "bare":
        headers = rate_headers(limit, left=0, seconds=60 if seconds is None else seconds)
    if form == "retry_after":
        headers += retry_after
    return ClickUpError(429, "APP_002", "Rate limit reached", headers=headers)


def rate_headers(limit: int, *, left: int, seconds: float = 60) -> Headers:
    return (
        ("x-ratelimit-limit", str(limit)),
        ("x-ratelimit-remaining", str(left)),
        ("x-ratelimit-reset", str(math.ceil(time.time() + seconds))),
    )
