"""HubSpot's error envelope: `category`, `correlationId` and `message` always, `status: "error"` on the wire."""

from __future__ import annotations

import uuid
from typing import Any

from services.sandbox.wire.call import Headers, Reply, json_bytes

JSON_HEADERS: Headers = (("content-type", "application/json;charset=utf-8"),)

VALIDATION, CONFLICT, NOT_FOUND = "VALIDATION_ERROR", "CONFLICT", "OBJECT_NOT_FOUND"
_SCOPES_PAGE = "https://developers.hubspot.com/scopes"


class HubSpotError(Exception):
    """An answer other than 2xx."""

    def __init__(
        self,
        status: int,
        category: str,
        message: str,
        *,
        headers: Headers = (),
        note: str | None = None,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.category = category
        self.message = message
        self.headers = headers
        self.note = note
        self.more = more

    def reply(self) -> Reply:
        body = {
            "status": "error",
            "message": self.message,
            "correlationId": str(uuid.uuid4()),
            "category": self.category,
            **self.more,
        }
        headers = JSON_HEADERS + self.headers
        if self.note:
            headers += (("x-sandbox-note", self.note),)
        return Reply(self.status, json_bytes(body), headers)


def invalid(message: str, **more: Any) -> HubSpotError:
    return HubSpotError(400, VALIDATION, message, **more)


def bad_json(message: str) -> HubSpotError:
    """How HubSpot says that a body does not fit: with the place in the text."""
    return invalid(f"Invalid input JSON on line 1, column 1: {message}")


def not_found(message: str = "resource not found") -> HubSpotError:
    return HubSpotError(404, NOT_FOUND, message)


def unauthenticated() -> HubSpotError:
    return HubSpotError(
        401,
        "INVALID_AUTHENTICATION",
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more"
        " details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
    )


def expired() -> HubSpotError:
    return HubSpotError(
        401,
        "EXPIRED_AUTHENTICATION",
        "The OAuth token used to make this call expired 5 minute(s) ago.",
    )


def missing_scopes(scopes: list[str]) -> HubSpotError:
    return HubSpotError(
        403,
        "MISSING_SCOPES",
        "This app hasn't been granted all required scopes to make this call. Read more about required scopes here:"
        f" {_SCOPES_PAGE}.",
        errors=[
            {
                "message": "One or more of the following scopes are required.",
                "context": {"requiredScopes": scopes},
            }
        ],
        links={"scopes": _SCOPES_PAGE},
    )
