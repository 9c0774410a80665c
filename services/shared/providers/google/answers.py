"""Google's answers other than success, read once and explained once."""

from collections.abc import Callable, Mapping
from typing import Any

import httpx

from services.shared.sdk.answer import KEPT, UNREADABLE, VendorAnswer, broken, explaining, limited, unforeseen
from services.shared.sdk.errors import (
    ActionRequired,
    ConsentLost,
    ErrorCode,
    ProviderError,
    Refused,
    Transient,
)
from services.shared.sdk.retry_after import parse_retry_after

NOT_FOUND, CONFLICT, PRECONDITION = 404, 409, 412
_FORBIDDEN, _TOO_MANY = 403, 429
_SERVER_ERROR = 500

_QUOTA = frozenset(
    {
        "userRateLimitExceeded",
        "rateLimitExceeded",
        "quotaExceeded",
        "dailyLimitExceeded",
        "RATE_LIMIT_EXCEEDED",
        "RESOURCE_EXHAUSTED",
    }
)
_FULL = frozenset({"limitExceeded", "domainUserLimitExceeded", "userLimitExceeded"})
_NO_API = frozenset({"accessNotConfigured", "SERVICE_DISABLED"})

# What a 400 blames, by a piece of its message in lower case; the first that fits decides.
_BLAMED = (
    ("invalid_ou_id", "primary_org_unit", "Google does not know this organisational unit."),
    ("invalid ou", "primary_org_unit", "Google does not know this organisational unit."),
    ("given/family name", "employee.full_name", "Google does not accept this name: 1 to 60 characters each."),
    ("primary_user_email", "employee.work_email", "Google does not accept this address."),
    ("primaryemail", "employee.work_email", "Google does not accept this address."),
    ("sku or product", "license_skus", "Google does not know this licence, or the company does not have it."),
    ("email not valid", "employee.work_email", "Google's licence service does not know this address."),
    ("memberkey", "groups", "Google does not accept this member."),
    ("groupkey", "groups", "Google does not know this group."),
    ("password", "password_mode", "Google does not accept the first password."),
)


class GoogleAnswer(VendorAnswer):
    """One answer that is not the success that was asked for.

    Attributes:
        status: HTTP's number; 2xx when the body could not be read.
        word: Google's word, e.g. `duplicate`; empty when the body had none.
        message: Google's sentence.
    """

    @property
    def is_duplicate(self) -> bool:
        """409 `duplicate`: the address or the membership exists."""
        return self.status == CONFLICT and (self.word == "duplicate" or self.says("already exists"))

    @property
    def is_settling(self) -> bool:
        """412 for an account that was just made, 409 for one that was just renamed."""
        if self.status == PRECONDITION:
            return self.says("creation is not complete", "not complete")
        return self.status == CONFLICT and self.word == "conflict"

    @property
    def is_plain_forbidden(self) -> bool:
        """403 that may mean the object rather than the permission."""
        return self.status == _FORBIDDEN and self.word in {"forbidden", "notAuthorized"}


def read_answer(operation: str, response: httpx.Response) -> GoogleAnswer:
    """Read Google's error envelope; a body in another language gives an empty reason and its beginning."""
    retry_after = parse_retry_after(response.headers)
    reason, message = "", ""
    try:
        error: Any = response.json()["error"]
        message = str(error["message"])
        items = error.get("errors") or [{}]
        reason = str(items[0].get("reason") or "")
        details = error.get("details") or []
        specific = next((str(one["reason"]) for one in details if "reason" in one), "")
        reason = reason or specific or str(error.get("status") or "")
        if "SCOPE_INSUFFICIENT" in specific:
            reason = "insufficientPermissions"
    except (ValueError, KeyError, TypeError, AttributeError):
        message = message or response.text[:KEPT]
    return GoogleAnswer(operation, response.status_code, reason, message, retry_after)


def unreadable(operation: str, response: httpx.Response) -> GoogleAnswer:
    """A success whose body is not what the operation answers."""
    return GoogleAnswer(operation, response.status_code, UNREADABLE, response.text[:KEPT])


def explain_answer(answer: GoogleAnswer) -> ProviderError:
    """Our error for Google's answer: named by what happens next.

    Sources: developers.google.com/workspace/admin/directory/v1/limits for quotas,
    .../admin/licensing/v1/how-tos/using for the 412s of licences.
    """
    said = answer.message or None
    if (early := _not_now(answer, said)) is not None:
        return early
    if explain := _BY_STATUS.get(answer.status):
        return explain(answer)
    return unforeseen("Google", answer)


def _not_now(answer: GoogleAnswer, said: str | None) -> ProviderError | None:
    """Settling, quotas, and a vendor that does not work: whatever the status says besides."""
    if answer.is_settling:
        return Transient(
            "Google has not finished making the account.", code=ErrorCode.SETTLING, vendor_message=said
        )
    if answer.status == _TOO_MANY or answer.word in _QUOTA:
        return limited("Google", answer)
    if answer.word in _FULL:
        return ActionRequired(
            "Google's limit of users is reached.", code=ErrorCode.NO_SEATS, vendor_message=said
        )
    if answer.status >= _SERVER_ERROR:
        return broken("Google", answer)
    return None


def _unauthorized(answer: GoogleAnswer) -> ProviderError:
    return ConsentLost(
        "Google no longer accepts OneClick's access.",
        code=ErrorCode.AUTH_EXPIRED,
        vendor_message=answer.vendor_message,
    )


def _forbidden(answer: GoogleAnswer) -> ProviderError:
    message = (
        "Google does not permit this to OneClick's access: a scope or an administrator's role is missing."
    )
    if answer.word in _NO_API:
        message = "The API is not switched on in the Google Cloud project of OneClick's access."
    return ConsentLost(message, code=ErrorCode.MISSING_SCOPE, vendor_message=answer.vendor_message)


def _bad_request(answer: GoogleAnswer) -> ProviderError:
    for piece, field, message in _BLAMED:
        if answer.says(piece):
            return Refused(message, code=ErrorCode.INVALID_FIELD, field=field, vendor_message=answer.message)
    code = (
        ErrorCode.INVALID_FIELD if answer.word in {"invalid", "required", "badRequest"} else ErrorCode.UNKNOWN
    )
    return Refused("Google does not accept a value.", code=code, vendor_message=answer.vendor_message)


def _not_found(answer: GoogleAnswer) -> ProviderError:
    if answer.says("domain not found"):
        return Refused(
            "The address's domain is not one of this Google customer's domains.",
            code=ErrorCode.DOMAIN_NOT_VERIFIED,
            field="employee.work_email",
            vendor_message=answer.message,
        )
    return Refused(
        "Google does not have what this needs any more.",
        code=ErrorCode.NOT_FOUND,
        vendor_message=answer.vendor_message,
    )


def _conflict(answer: GoogleAnswer) -> ProviderError:
    if answer.is_duplicate:
        return ActionRequired(
            "The address is taken at Google.", code=ErrorCode.ALREADY_EXISTS, vendor_message=answer.message
        )
    return Refused(
        "Google's state conflicts with this.", code=ErrorCode.CONFLICT, vendor_message=answer.message
    )


def _licence_rule(answer: GoogleAnswer) -> ProviderError:
    """The License Manager tells its rules apart by the message of a 412 alone."""
    if answer.says("enough available licenses", "insufficient licenses"):
        return ActionRequired(
            "No seat of this licence is free.", code=ErrorCode.NO_SEATS, vendor_message=answer.message
        )
    if answer.says("auto license", "automatic licens"):
        return ActionRequired(
            "Automatic licensing is on for this product: Google decides who has the licence.",
            code=ErrorCode.CONFLICT,
            vendor_message=answer.message,
        )
    if answer.says("different sku", "different products", "different users", "new sku should be different"):
        return Refused(
            "The licence at Google is not the one that OneClick expected. Plan again.",
            code=ErrorCode.CONFLICT,
            vendor_message=answer.message,
        )
    return Refused(
        "Google refuses for a reason that OneClick does not know.", vendor_message=answer.vendor_message
    )


_BY_STATUS: Mapping[int, Callable[[GoogleAnswer], ProviderError]] = {
    400: _bad_request,
    401: _unauthorized,
    403: _forbidden,
    404: _not_found,
    409: _conflict,
    412: _licence_rule,
}


explained = explaining(GoogleAnswer, explain_answer)
"""At the provider's boundary."""
