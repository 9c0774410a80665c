"""Zoom's error envelope: an HTTP status, a number of its own and a sentence.

Numbers and sentences are those of Zoom's API specification (users, groups, roles, account plans).
"""

from __future__ import annotations

from typing import Any

from services.sandbox.wire.call import Headers, Reply, json_bytes

JSON_HEADERS: Headers = (("content-type", "application/json;charset=UTF-8"),)

NO_RIGHT, NOT_VALID, NO_USER, TAKEN, ACTIVE_ELSEWHERE = 200, 300, 1001, 1005, 1009
BLOCKED_DOMAIN, NOT_CHANGEABLE, NO_INVITATION, NO_GROUP = 1107, 1108, 1120, 4130
NO_LICENSED_SEAT, NO_BASIC_SEAT, NO_SEAT_OF_TYPE = 2034, 2033, 3412
BAD_TOKEN, NO_SCOPE, NO_ENDPOINT = 124, 4711, 2300


class ZoomError(Exception):
    """An answer other than 2xx."""

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        *,
        fields: list[tuple[str, str]] | None = None,
        headers: Headers = (),
        note: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields
        self.headers = headers
        self.note = note

    def reply(self) -> Reply:
        body: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.fields is not None:
            body["errors"] = [{"field": field, "message": message} for field, message in self.fields]
        headers = JSON_HEADERS + self.headers
        if self.note:
            headers += (("x-sandbox-note", self.note),)
        return Reply(self.status, json_bytes(body), headers)


def invalid(field: str, message: str = "Invalid field.") -> ZoomError:
    """A member or parameter with a wrong or unknown name, type or value."""
    return ZoomError(400, NOT_VALID, "Validation Failed.", fields=[(field, message)])


def refused(message: str) -> ZoomError:
    return ZoomError(400, NOT_VALID, message)


def no_right(message: str = "No permission, please contact Zoom customer support.") -> ZoomError:
    return ZoomError(400, NO_RIGHT, message)


def no_user(key: str) -> ZoomError:
    return ZoomError(404, NO_USER, f"User does not exist: {key}.")


def no_group(key: str) -> ZoomError:
    return ZoomError(404, NO_GROUP, f"A group with this {key} does not exist.")


def no_invitation() -> ZoomError:
    return ZoomError(
        400, NO_INVITATION, "A valid invitation to join the Zoom account was not found for this user."
    )


def bad_token(message: str = "Invalid access token.") -> ZoomError:
    return ZoomError(401, BAD_TOKEN, message)


def no_scope(scope: str) -> ZoomError:
    return ZoomError(400, NO_SCOPE, f"Invalid access token, does not contain scopes:[{scope}].")
