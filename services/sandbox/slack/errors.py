"""Slack's two envelopes: SCIM's with a numeric status and a word, the Web API's 200 with `ok: false`."""

from __future__ import annotations

from services.sandbox.wire.call import Headers, Reply, json_bytes

JSON_HEADERS: Headers = (("content-type", "application/json; charset=utf-8"),)
ERROR_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:Error"

_STATUS = {
    "username_taken": 409,
    "email_taken": 409,
    "invalid_authentication": 401,
    "missing_authentication": 401,
    "permission_denied": 403,
    "plus_teams_only": 403,
    "no_such_user": 404,
    "no_such_group": 404,
    "unknown_endpoint": 404,
    "too_many_requests": 429,
    "resource_locked": 429,
    "internal_error": 500,
}
"""Slack lists the words, not the codes: taken is 409, sign-in 401, missing 404, what is not here 400."""


class SlackError(Exception):
    """A refusal of the SCIM API; `word` is what `detail` says."""

    def __init__(self, word: str, *, headers: Headers = (), note: str | None = None) -> None:
        super().__init__(word)
        self.word = word
        self.headers = headers
        self.note = note

    def reply(self, *, old: bool = False, status: int | None = None) -> Reply:
        """The answer; `old` is the envelope that Slack's Java SDK still models."""
        code = status or _STATUS.get(self.word, 400)
        body: dict[str, object] = {"schemas": [ERROR_SCHEMA], "detail": self.word, "status": code}
        if old:
            body = {"Errors": {"description": self.word, "code": code}}
        headers = JSON_HEADERS + self.headers
        if self.note:
            headers += (("x-sandbox-note", self.note),)
        return Reply(code, json_bytes(body), headers)


class WebError(Exception):
    """A refusal of the Web API: 200 with `ok: false`, except for throttling."""

    def __init__(
        self,
        word: str,
        *,
        status: int = 200,
        headers: Headers = (),
        needed: str | None = None,
        provided: str | None = None,
        note: str | None = None,
    ) -> None:
        super().__init__(word)
        self.word = word
        self.status = status
        self.headers = headers
        self.needed = needed
        self.provided = provided
        self.note = note

    def reply(self) -> Reply:
        body: dict[str, object] = {"ok": False, "error": self.word}
        if self.needed is not None:
            body |= {"needed": self.needed, "provided": self.provided or ""}
        headers = JSON_HEADERS + self.headers
        if self.note:
            headers += (("x-sandbox-note", self.note),)
        return Reply(self.status, json_bytes(body), headers)
