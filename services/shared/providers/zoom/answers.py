"""Zoom's answers other than success, read once and explained once.

The envelope (Zoom's API specification): `{"code": 1001, "message": …}` under an HTTP status, validation adds
`errors: [{field, message}]`. The number decides, not the status: most refusals are 400.
"""

from collections.abc import Callable, Mapping
from typing import Any

import httpx

from services.shared.sdk.answer import (
    KEPT,
    UNREADABLE,
    VendorAnswer,
    broken,
    explaining,
    read_object,
    unforeseen,
)
from services.shared.sdk.errors import (
    ActionRequired,
    ConsentLost,
    ErrorCode,
    ProviderError,
    Refused,
    Transient,
)
from services.shared.sdk.retry_after import parse_retry_after

NO_RIGHT, NOT_VALID, NO_USER, TAKEN, ACTIVE_ELSEWHERE = 200, 300, 1001, 1005, 1009
NO_ROLE, DOMAIN, NOT_CHANGEABLE, NOT_PAID, ADMIN, LAPSED = 1034, 1107, 1108, 1109, 1117, 1120
NO_WEBINAR, NO_GROUP = 1122, 4130
_FULL = frozenset({2033, 2034, 3412})
_BAD_TOKEN, _NO_SCOPE = 124, 4711
_UNAUTHORIZED, _FORBIDDEN, _CONFLICT, _TOO_MANY, _SERVER_ERROR = 401, 403, 409, 429, 500
_DAILY_PAUSE = 3600.0
"""A day's budget comes back at midnight UTC for creating users, and nothing tells when for the rest: look every hour."""

# What a 300 blames, by the name of the field or a piece of the message; the first that fits decides.
_BLAMED = (
    ("email", "employee.work_email", "Zoom does not accept this address."),
    ("invalid word", "employee.full_name", "Zoom does not accept this name."),
    ("name", "employee.full_name", "Zoom does not accept this name."),
    ("password", "creation", "Zoom does not accept the first password."),
    ("capacity", "add_ons", "Zoom does not know this add-on."),
    ("webinar", "add_ons", "Zoom does not know this add-on."),
    ("large", "add_ons", "Zoom does not know this add-on."),
    ("group", "groups", "Zoom does not know this group."),
    ("role", "role", "Zoom does not accept this role."),
    ("type", "license_type", "Zoom does not accept this licence."),
)


class ZoomAnswer(VendorAnswer):
    """One answer that is not the success that was asked for.

    Attributes:
        status: HTTP's number; 2xx when the body could not be read.
        code: Zoom's number; 0 when the body had none.
        message: Zoom's sentence, with what it says of single fields.
    """

    def __init__(self, operation: str, response: httpx.Response, *, unread: bool = False) -> None:
        body = {} if unread else read_object(response) or {}
        code = body.get("code")
        self.code = code if isinstance(code, int) else 0
        told = [
            f"{one.get('field')}: {one.get('message')}"
            for one in _list(body.get("errors"))
            if isinstance(one, dict)
        ]
        message = " ".join([str(body.get("message") or response.text[:KEPT]), *told])
        limit = response.headers.get("x-ratelimit-type", "")
        self.is_daily = "daily" in f"{limit} {message}".lower()
        word = UNREADABLE if unread else str(self.code or "")
        super().__init__(operation, response.status_code, word, message, parse_retry_after(response.headers))

    @property
    def is_missing(self) -> bool:
        """No such user, or none yet. A 404 of a proxy's says nothing about users."""
        return self.code == NO_USER

    @property
    def has_lapsed(self) -> bool:
        """1120: the invitation ran out, the id names nobody any more."""
        return self.code == LAPSED

    @property
    def is_duplicate(self) -> bool:
        """Both forms: 409 with 1005, 400 with 1009."""
        return self.code in {TAKEN, ACTIVE_ELSEWHERE} or (self.status == _CONFLICT and not self.code)

    @property
    def is_full(self) -> bool:
        """No seat; add-ons say so by sentence alone, under 200 (specification, `PATCH /users/{id}/settings`)."""
        return self.code in _FULL or self.says("you can add max", "can't add paid users")

    @property
    def lacks_scope(self) -> bool:
        """4711, or a plain 403."""
        return self.code == _NO_SCOPE or self.says("does not contain scope") or self.status == _FORBIDDEN


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def explain_answer(answer: ZoomAnswer) -> ProviderError:
    """Our error for one of Zoom's, named by what happens next."""
    said = answer.message or None
    if (early := _not_now(answer, said)) is not None:
        return early
    if explain := _BY_CODE.get(answer.code):
        return explain(answer)
    return unforeseen("Zoom", answer)


def _not_now(answer: ZoomAnswer, said: str | None) -> ProviderError | None:
    """Rates, a vendor that does not work, access that is gone, seats: whatever the number says besides."""
    if _TOO_MANY in {answer.status, answer.code}:
        pause = _DAILY_PAUSE if answer.is_daily else None
        return Transient(
            "Zoom limits how fast OneClick may work.",
            code=ErrorCode.RATE_LIMITED,
            retry_after=pause if answer.retry_after is None else answer.retry_after,
            vendor_message=said,
        )
    if answer.status >= _SERVER_ERROR:
        return broken("Zoom", answer)
    if answer.lacks_scope:
        return ConsentLost(
            "Zoom does not permit this to OneClick's app: a scope is missing.",
            code=ErrorCode.MISSING_SCOPE,
            vendor_message=said,
        )
    if answer.status == _UNAUTHORIZED or answer.code == _BAD_TOKEN:
        return ConsentLost(
            "Zoom no longer accepts OneClick's access.", code=ErrorCode.AUTH_EXPIRED, vendor_message=said
        )
    return _taken_or_full(answer, said)


def _taken_or_full(answer: ZoomAnswer, said: str | None) -> ProviderError | None:
    if answer.is_full:
        return ActionRequired(
            "No seat of this kind is free at Zoom.", code=ErrorCode.NO_SEATS, vendor_message=said
        )
    if answer.is_duplicate:
        return ActionRequired(
            "The address is taken at Zoom.", code=ErrorCode.ALREADY_EXISTS, vendor_message=said
        )
    return None


def _no_right(answer: ZoomAnswer) -> ProviderError:
    if answer.says("admin", "zoom room", "owner"):
        return ActionRequired(
            "Zoom lets nobody change an administrator or a Zoom Room in this way: take the role away first.",
            code=ErrorCode.CONFLICT,
            vendor_message=answer.message,
        )
    if answer.says("deactivated user"):
        return ActionRequired(
            "Zoom does not delete this user while it is deactivated: activate it first, or ask Zoom's support.",
            code=ErrorCode.CONFLICT,
            vendor_message=answer.message,
        )
    return Refused(
        "Zoom does not permit this to this account.",
        code=ErrorCode.NOT_ENTITLED,
        vendor_message=answer.message,
    )


def _not_valid(answer: ZoomAnswer) -> ProviderError:
    for piece, field, message in _BLAMED:
        if answer.says(piece):
            return Refused(message, code=ErrorCode.INVALID_FIELD, field=field, vendor_message=answer.message)
    return Refused("Zoom does not accept a value.", vendor_message=answer.message)


def _domain(answer: ZoomAnswer) -> ProviderError:
    if answer.says("disassociate"):
        return ActionRequired(
            "Zoom does not unlink people of a managed domain: delete the user instead.",
            code=ErrorCode.CONFLICT,
            vendor_message=answer.message,
        )
    return Refused(
        "Zoom blocks the domain of this address.",
        code=ErrorCode.INVALID_FIELD,
        field="employee.work_email",
        vendor_message=answer.message,
    )


def _wrong_type(answer: ZoomAnswer) -> ProviderError:
    return Refused(
        "Zoom refuses this for a user of this kind: it has to be active, and add-ons need a Licensed user.",
        code=ErrorCode.CONFLICT,
        vendor_message=answer.message,
    )


def _gone(field: str | None, message: str) -> Callable[[ZoomAnswer], ProviderError]:
    def explain(answer: ZoomAnswer) -> ProviderError:
        return Refused(message, code=ErrorCode.NOT_FOUND, field=field, vendor_message=answer.message)

    return explain


_BY_CODE: Mapping[int, Callable[[ZoomAnswer], ProviderError]] = {
    NO_RIGHT: _no_right,
    NOT_VALID: _not_valid,
    DOMAIN: _domain,
    NOT_CHANGEABLE: _wrong_type,
    NOT_PAID: _wrong_type,
    NO_WEBINAR: _wrong_type,
    ADMIN: _no_right,
    LAPSED: _gone(None, "The invitation ran out: plan again to invite anew."),
    NO_USER: _gone(None, "The user is no longer in this Zoom account."),
    NO_GROUP: _gone("groups", "The group is no longer there."),
    NO_ROLE: _gone("role", "The role is no longer there, or the person does not have it."),
}


explained = explaining(ZoomAnswer, explain_answer)
"""At the provider's boundary."""
