"""Answers other than success, read once and explained once. The codes are those of RFC 7644 3.12."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

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
_KEPT = 500
_NO_SEAT = (
    *("no seat", "no license", "no licence", "seat limit", "license limit", "licence limit", "user limit"),
    *("seats available", "licenses available", "licences available", "out of seats"),
)
"""The standard has no word for it; these are the ones that applications use."""


class ScimAnswer(Exception):
    """One answer that is not the success that was asked for.

    Attributes:
        status: HTTP's number; 2xx when the body could not be read.
        scim_type: the error's keyword, e.g. `uniqueness`; empty when it had none, `unreadable` for a strange body.
        message: the application's sentence.
    """

    def __init__(
        self, operation: str, status: int, scim_type: str, message: str, retry_after: float | None = None
    ) -> None:
        super().__init__(f"{operation}: {status} {scim_type} {message}")
        self.operation = operation
        self.status = status
        self.scim_type = scim_type
        self.message = message
        self.retry_after = retry_after

    def says(self, *words: str) -> bool:
        """Whether the message holds one of these, in any case."""
        message = self.message.lower()
        return any(word in message for word in words)

    @property
    def is_unreadable(self) -> bool:
        """A success whose body is not what the operation answers."""
        return self.scim_type == "unreadable"

    @property
    def is_missing(self) -> bool:
        return self.status == _NOT_FOUND

    @property
    def is_duplicate(self) -> bool:
        """The standard has 409 with `uniqueness`; some answer either without the other when something is made."""
        if self.scim_type == "uniqueness":
            return True
        return self.status == _CONFLICT and not self.scim_type and self.operation.startswith("POST")

    @property
    def is_not_offered(self) -> bool:
        """The application has no such endpoint or method."""
        return self.status in {_NOT_FOUND, _NO_METHOD, _NOT_IMPLEMENTED}

    @property
    def dislikes_the_filter(self) -> bool:
        if self.status == _BAD_REQUEST:
            return self.scim_type in {"invalidFilter", "invalidPath"} or self.says("filter")
        return self.status in {_NO_METHOD, _NOT_IMPLEMENTED}

    @property
    def dislikes_the_path(self) -> bool:
        """A PATCH whose path this application does not read."""
        return self.status == _BAD_REQUEST and (
            self.scim_type in {"invalidPath", "invalidFilter", "noTarget"} or self.says("path", "filter")
        )

    @property
    def has_moved(self) -> bool:
        """412: somebody else changed the resource since it was read."""
        return self.status == _PRECONDITION


def read_answer(operation: str, response: httpx.Response) -> ScimAnswer:
    """Read the error; a body in another language gives no keyword and its beginning."""
    retry_after = parse_retry_after(response.headers)
    scim_type, message = "", ""
    try:
        body: Any = response.json()
        scim_type = str(body.get("scimType") or "")
        message = str(body.get("detail") or body.get("message") or body.get("error_description") or "")
    except (ValueError, AttributeError):
        pass
    return ScimAnswer(
        operation, response.status_code, scim_type, message or response.text[:_KEPT], retry_after
    )


def unreadable(operation: str, response: httpx.Response) -> ScimAnswer:
    """A success whose body is not what the operation answers."""
    return ScimAnswer(operation, response.status_code, "unreadable", response.text[:_KEPT])


def explain_answer(answer: ScimAnswer) -> ProviderError:
    """Our error for an answer: named by what happens next."""
    said = answer.message or None
    if answer.status == _TOO_MANY or (answer.status == 503 and answer.retry_after is not None):  # noqa: PLR2004  # Service Unavailable
        return Transient(
            "The application limits how fast OneClick may work.",
            code=ErrorCode.RATE_LIMITED,
            retry_after=answer.retry_after,
            vendor_message=said,
        )
    if answer.scim_type != "uniqueness" and answer.status >= _BAD_REQUEST and answer.says(*_NO_SEAT):
        return ActionRequired(
            "The application has no seat left.", code=ErrorCode.NO_SEATS, vendor_message=said
        )
    if answer.status in {_NO_METHOD, _NOT_IMPLEMENTED}:
        return Refused(
            "The application does not offer this.", code=ErrorCode.NOT_ENTITLED, vendor_message=said
        )
    if answer.status >= _SERVER_ERROR:
        return Transient(
            f"The application answered {answer.status}.", retry_after=answer.retry_after, vendor_message=said
        )
    if explain := _BY_STATUS.get(answer.status):
        return explain(answer)
    return Refused(
        f"The application gave an answer to {answer.operation} that OneClick does not know.",
        vendor_message=said,
    )


def _unauthorized(answer: ScimAnswer) -> ProviderError:
    return ConsentLost(
        "The application no longer accepts OneClick's token.",
        code=ErrorCode.AUTH_EXPIRED,
        vendor_message=answer.message or None,
    )


def _forbidden(answer: ScimAnswer) -> ProviderError:
    return ConsentLost(
        "The application does not permit this to OneClick's token.",
        code=ErrorCode.MISSING_SCOPE,
        vendor_message=answer.message or None,
    )


def _bad_request(answer: ScimAnswer) -> ProviderError:
    if answer.is_duplicate:
        return _conflict(answer)
    if answer.scim_type == "mutability":
        return Refused(
            "The application does not let this attribute be changed. Leave it out of the attribute mapping.",
            code=ErrorCode.INVALID_FIELD,
            vendor_message=answer.message or None,
        )
    code = ErrorCode.INVALID_FIELD if answer.scim_type == "invalidValue" else ErrorCode.UNKNOWN
    return Refused(
        "The application does not accept a value.", code=code, vendor_message=answer.message or None
    )


def _not_found(answer: ScimAnswer) -> ProviderError:
    return Refused(
        "The application does not have what this needs any more.",
        code=ErrorCode.NOT_FOUND,
        vendor_message=answer.message or None,
    )


def _conflict(answer: ScimAnswer) -> ProviderError:
    if answer.is_duplicate:
        return ActionRequired(
            "The user name is taken in the application.",
            code=ErrorCode.ALREADY_EXISTS,
            vendor_message=answer.message or None,
        )
    return Refused(
        "The application's state conflicts with this.",
        code=ErrorCode.CONFLICT,
        vendor_message=answer.message or None,
    )


def _moved(answer: ScimAnswer) -> ProviderError:
    return Transient(
        "Somebody else changed the same thing at the same time.", vendor_message=answer.message or None
    )


_BY_STATUS: Mapping[int, Callable[[ScimAnswer], ProviderError]] = {
    _BAD_REQUEST: _bad_request,
    _UNAUTHORIZED: _unauthorized,
    _FORBIDDEN: _forbidden,
    _NOT_FOUND: _not_found,
    _CONFLICT: _conflict,
    _PRECONDITION: _moved,
}


@contextmanager
def explained() -> Iterator[None]:
    """Turn what is left of the application's answers into ours, at the provider's boundary."""
    try:
        yield
    except ScimAnswer as answer:
        raise explain_answer(answer) from answer
