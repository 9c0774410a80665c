"""Answers other than success, read once and explained once. The codes are those of RFC 7644 3.12."""

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
    Transient,
)
from services.shared.sdk.retry_after import parse_retry_after

_BAD_REQUEST, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _NO_METHOD = 400, 401, 403, 404, 405
_CONFLICT, _PRECONDITION, _TOO_LARGE, _TOO_MANY = 409, 412, 413, 429
_SERVER_ERROR, _NOT_IMPLEMENTED = 500, 501
_NO_SEAT = (
    *("no seat", "no license", "no licence", "seat limit", "license limit", "licence limit", "user limit"),
    *("seats available", "licenses available", "licences available", "out of seats"),
)
"""The standard has no word for it; these are the ones that applications use."""


class ScimAnswer(VendorAnswer):
    """One answer that is not the success that was asked for.

    Attributes:
        status: HTTP's number; 2xx when the body could not be read.
        word: the error's `scimType`, e.g. `uniqueness`; empty when it had none, `unreadable` for a strange body.
        message: the application's sentence.
    """

    @property
    def is_duplicate(self) -> bool:
        """The standard has 409 with `uniqueness`; some answer either without the other when something is made."""
        if self.word == "uniqueness":
            return True
        return self.status == _CONFLICT and not self.word and self.operation.startswith("POST")

    @property
    def is_not_offered(self) -> bool:
        """The application has no such endpoint or method."""
        return self.status in {_NOT_FOUND, _NO_METHOD, _NOT_IMPLEMENTED}

    @property
    def dislikes_the_filter(self) -> bool:
        if self.status == _BAD_REQUEST:
            return self.word in {"invalidFilter", "invalidPath"} or self.says("filter")
        return self.status in {_NO_METHOD, _NOT_IMPLEMENTED}

    @property
    def dislikes_the_path(self) -> bool:
        """A PATCH whose path this application does not read."""
        return self.status == _BAD_REQUEST and (
            self.word in {"invalidPath", "invalidFilter", "noTarget"} or self.says("path", "filter")
        )

    @property
    def has_moved(self) -> bool:
        """412: somebody else changed the resource since it was read."""
        return self.status == _PRECONDITION


def read_answer(operation: str, response: httpx.Response) -> ScimAnswer:
    """Read the error; a body in another language gives no keyword and its beginning."""
    body = read_object(response) or {}
    message = str(body.get("detail") or body.get("message") or body.get("error_description") or "")
    return ScimAnswer(
        operation,
        response.status_code,
        str(body.get("scimType") or ""),
        message or response.text[:KEPT],
        parse_retry_after(response.headers),
    )


def unreadable(operation: str, response: httpx.Response) -> ScimAnswer:
    """A success whose body is not what the operation answers."""
    return ScimAnswer(operation, response.status_code, UNREADABLE, response.text[:KEPT])


def explain_answer(answer: ScimAnswer) -> ProviderError:
    """Our error for an answer: named by what happens next."""
    said = answer.message or None
    if answer.status == _TOO_MANY or (answer.status == 503 and answer.retry_after is not None):  # noqa: PLR2004  # Service Unavailable
        return limited("The application", answer)
    if answer.word != "uniqueness" and answer.status >= _BAD_REQUEST and answer.says(*_NO_SEAT):
        return ActionRequired(
            "The application has no seat left.", code=ErrorCode.NO_SEATS, vendor_message=said
        )
    if answer.status in {_NO_METHOD, _NOT_IMPLEMENTED}:
        return Refused(
            "The application does not offer this.", code=ErrorCode.NOT_ENTITLED, vendor_message=said
        )
    if answer.status >= _SERVER_ERROR:
        return broken("The application", answer)
    if explain := _BY_STATUS.get(answer.status):
        return explain(answer)
    return unforeseen("The application", answer)


def _unauthorized(answer: ScimAnswer) -> ProviderError:
    return ConsentLost(
        "The application no longer accepts OneClick's token.",
        code=ErrorCode.AUTH_EXPIRED,
        vendor_message=answer.vendor_message,
    )


def _forbidden(answer: ScimAnswer) -> ProviderError:
    return ConsentLost(
        "The application does not permit this to OneClick's token.",
        code=ErrorCode.MISSING_SCOPE,
        vendor_message=answer.vendor_message,
    )


def _bad_request(answer: ScimAnswer) -> ProviderError:
    if answer.is_duplicate:
        return _conflict(answer)
    if answer.word == "mutability":
        return Refused(
            "The application does not let this attribute be changed. Leave it out of the attribute mapping.",
            code=ErrorCode.INVALID_FIELD,
            vendor_message=answer.vendor_message,
        )
    code = ErrorCode.INVALID_FIELD if answer.word == "invalidValue" else ErrorCode.UNKNOWN
    return Refused(
        "The application does not accept a value.", code=code, vendor_message=answer.vendor_message
    )


def _not_found(answer: ScimAnswer) -> ProviderError:
    return Refused(
        "The application does not have what this needs any more.",
        code=ErrorCode.NOT_FOUND,
        vendor_message=answer.vendor_message,
    )


def _conflict(answer: ScimAnswer) -> ProviderError:
    if answer.is_duplicate:
        return ActionRequired(
            "The user name is taken in the application.",
            code=ErrorCode.ALREADY_EXISTS,
            vendor_message=answer.vendor_message,
        )
    return Refused(
        "The application's state conflicts with this.",
        code=ErrorCode.CONFLICT,
        vendor_message=answer.vendor_message,
    )


def _moved(answer: ScimAnswer) -> ProviderError:
    return Transient(
        "Somebody else changed the same thing at the same time.", vendor_message=answer.vendor_message
    )


_BY_STATUS: Mapping[int, Callable[[ScimAnswer], ProviderError]] = {
    _BAD_REQUEST: _bad_request,
    _UNAUTHORIZED: _unauthorized,
    _FORBIDDEN: _forbidden,
    _NOT_FOUND: _not_found,
    _CONFLICT: _conflict,
    _PRECONDITION: _moved,
}


explained = explaining(ScimAnswer, explain_answer)
"""At the provider's boundary."""
