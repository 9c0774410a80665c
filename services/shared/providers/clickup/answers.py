"""ClickUp's answers other than success, read once and explained once.

The envelope is `{"err": "…", "ECODE": "TEAM_001"}` (developer.clickup.com/docs/common_errors). The specification lists
successes alone, so what is not in that page is told apart by status and words.
"""

import re
import time
from collections.abc import Callable, Mapping

import httpx

from services.shared.sdk.answer import (
    KEPT,
    UNREADABLE,
    VendorAnswer,
    broken,
    explaining,
    limited,
    read_object,
    unforeseen,
)
from services.shared.sdk.errors import (
    ActionRequired,
    ConsentLost,
    ErrorCode,
    ProviderError,
    Refused,
)
from services.shared.sdk.retry_after import parse_retry_after

_BAD_REQUEST, _UNAUTHORIZED, _PAYMENT, _FORBIDDEN, _NOT_FOUND, _CONFLICT = 400, 401, 402, 403, 404, 409
_TOO_MANY, _SERVER_ERROR = 429, 500
_LONGEST = 86_400.0
_NOT_AUTHORIZED = re.compile(r"OAUTH_0(23|26|27|29|3\d|4[0-5])")
"""The Workspace is not authorised for this token; the page names 023, 026, 027 and 029 to 045."""
_PLAN_WORDS = ("enterprise", "your plan", "upgrade", "not available on")
_SEAT_WORDS = ("seat", "user limit", "member limit", "guest limit")
_MEMBER_WORDS = ("already", "exists")


class ClickUpAnswer(VendorAnswer):
    """One answer that is not the success that was asked for.

    Attributes:
        status: HTTP's number; 2xx when the body could not be read.
        word: ClickUp's `ECODE`; empty when it had none, `unreadable` for a strange body.
        message: ClickUp's sentence.
    """

    @property
    def is_refusal(self) -> bool:
        """A 4xx that may be about the person: the member list is read again before it is believed."""
        return _BAD_REQUEST <= self.status < _SERVER_ERROR and self.status not in {_UNAUTHORIZED, _TOO_MANY}

    @property
    def is_not_entitled(self) -> bool:
        """User and guest calls exist on the Enterprise plan alone. The answer to others is documented nowhere."""
        if self.status == _PAYMENT:
            return True
        return self.status in {_BAD_REQUEST, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND} and self.says(
            *_PLAN_WORDS
        )


def read_answer(operation: str, response: httpx.Response) -> ClickUpAnswer:
    """Read the envelope; a body in another language gives no code and its beginning."""
    body = read_object(response) or {}
    code, message = str(body.get("ECODE") or ""), str(body.get("err") or "")
    wait = parse_retry_after(response.headers)
    if wait is None and response.status_code == _TOO_MANY:
        wait = _until_reset(response.headers)
    return ClickUpAnswer(operation, response.status_code, code, message or response.text[:KEPT], wait)


def _until_reset(headers: Mapping[str, str]) -> float | None:
    """Seconds until `X-RateLimit-Reset`, which is in Unix seconds (developer.clickup.com/docs/rate-limits)."""
    try:
        seconds = float(headers.get("x-ratelimit-reset", "")) - time.time()
    except ValueError:
        return None
    return min(max(seconds, 0.0), _LONGEST)


def unreadable(operation: str, response: httpx.Response) -> ClickUpAnswer:
    """A success whose body is not what the operation answers."""
    return ClickUpAnswer(operation, response.status_code, UNREADABLE, response.text[:KEPT])


def explain_answer(answer: ClickUpAnswer) -> ProviderError:
    """Our error for one of ClickUp's: named by what happens next."""
    said = answer.message or None
    if answer.status == _TOO_MANY:
        return limited("ClickUp", answer)
    if answer.status >= _SERVER_ERROR:
        return broken("ClickUp", answer)
    if answer.status >= _BAD_REQUEST and answer.says(*_SEAT_WORDS):
        return ActionRequired(
            "The ClickUp Workspace has no seat left.", code=ErrorCode.NO_SEATS, vendor_message=said
        )
    if answer.is_not_entitled:
        return Refused(
            "ClickUp lets programs manage people on its Enterprise plan alone.",
            code=ErrorCode.NOT_ENTITLED,
            vendor_message=said,
        )
    if explain := _BY_STATUS.get(answer.status):
        return explain(answer)
    return unforeseen("ClickUp", answer)


def _unauthorized(answer: ClickUpAnswer) -> ProviderError:
    if _NOT_AUTHORIZED.fullmatch(answer.word):
        return _not_authorized(answer)
    return ConsentLost(
        "ClickUp no longer accepts OneClick's token.",
        code=ErrorCode.AUTH_EXPIRED,
        vendor_message=answer.vendor_message,
    )


def _forbidden(answer: ClickUpAnswer) -> ProviderError:
    """A 403 is often about the person or the thing, and must not stop the connection then."""
    if answer.says("authorized", "permission"):
        return _not_authorized(answer)
    return Refused("ClickUp refuses this.", code=ErrorCode.CONFLICT, vendor_message=answer.vendor_message)


def _not_authorized(answer: ClickUpAnswer) -> ProviderError:
    return ConsentLost(
        "ClickUp does not permit this to OneClick's token: its owner must be an owner or admin of the Workspace.",
        code=ErrorCode.MISSING_SCOPE,
        vendor_message=answer.vendor_message,
    )


def _bad_request(answer: ClickUpAnswer) -> ProviderError:
    if answer.says(*_MEMBER_WORDS):
        return _conflict(answer)
    if answer.says("email"):
        return Refused(
            "ClickUp does not accept this address.",
            code=ErrorCode.INVALID_FIELD,
            field="employee.work_email",
            vendor_message=answer.message,
        )
    if answer.says("role"):
        return Refused(
            "ClickUp does not accept this role.",
            code=ErrorCode.INVALID_FIELD,
            field="custom_role",
            vendor_message=answer.message,
        )
    return Refused("ClickUp does not accept a value.", vendor_message=answer.vendor_message)


def _not_found(answer: ClickUpAnswer) -> ProviderError:
    return Refused(
        "ClickUp does not have what this needs any more.",
        code=ErrorCode.NOT_FOUND,
        vendor_message=answer.vendor_message,
    )


def _conflict(answer: ClickUpAnswer) -> ProviderError:
    return ActionRequired(
        "Somebody with this address is in the ClickUp Workspace already.",
        code=ErrorCode.ALREADY_EXISTS,
        vendor_message=answer.vendor_message,
    )


_BY_STATUS: Mapping[int, Callable[[ClickUpAnswer], ProviderError]] = {
    _BAD_REQUEST: _bad_request,
    _UNAUTHORIZED: _unauthorized,
    _FORBIDDEN: _forbidden,
    _NOT_FOUND: _not_found,
    _CONFLICT: _conflict,
}


explained = explaining(ClickUpAnswer, explain_answer)
"""At the provider's boundary."""
