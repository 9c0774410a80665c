"""HubSpot's answers other than success, read once and explained once.

The envelope (HubSpot's published file, schema Error): `category`, `correlationId`, `message`; live replies
carry `status: "error"`, throttled ones `errorType` and `policyName`.
"""

import httpx

from services.shared.sdk.answer import KEPT, VendorAnswer, explaining, read_object
from services.shared.sdk.errors import (
    ActionRequired,
    ConsentLost,
    ErrorCode,
    ProviderError,
    Refused,
    Transient,
)
from services.shared.sdk.retry_after import parse_retry_after

BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, CONFLICT, TOO_MANY = 400, 401, 403, 404, 409, 429
_SERVER_ERROR = 500
_DAILY_PAUSE = 3600.0
"""HubSpot's day ends at midnight of the account's time zone, which it does not tell: look again every hour."""

# What a 400 blames, by a piece of its message in lower case; the first that fits decides.
_BLAMED = (
    ("email", "employee.work_email", "HubSpot does not accept this address."),
    ("role", "permission_set", "HubSpot does not know this permission set."),
    ("team", "teams", "HubSpot does not know this team."),
    ("seat", "seats", "HubSpot does not know this seat."),
)


class HubSpotAnswer(VendorAnswer):
    """One answer that is not the success that was asked for.

    Attributes:
        status: HTTP's number; 2xx when the body could not be read.
        word: HubSpot's category, e.g. `VALIDATION_ERROR`; empty when the body had none.
        message: HubSpot's sentence.
    """

    def __init__(self, operation: str, response: httpx.Response) -> None:
        body = read_object(response) or {}
        self.sub_category = str(body.get("subCategory") or "")
        self.policy = str(body.get("policyName") or "")
        message = str(body.get("message") or response.text[:KEPT])
        category = str(body.get("category") or "")
        super().__init__(
            operation, response.status_code, category, message, parse_retry_after(response.headers)
        )

    def says(self, *words: str) -> bool:
        """Whether message or sub-category hold one of these, in any case."""
        text = f"{self.message} {self.sub_category}".lower()
        return any(word in text for word in words)

    @property
    def is_duplicate(self) -> bool:
        """The address is taken. The user API's own answer is published nowhere: 409, or a 400 that says so."""
        taken = self.says("already exists", "already in use", "already a user")
        return self.status == CONFLICT or (self.status == BAD_REQUEST and taken)


def explain_answer(answer: HubSpotAnswer) -> ProviderError:  # noqa: PLR0911  # one line for each thing HubSpot says
    """Our error for one of HubSpot's."""
    said = answer.message or None
    if answer.status == TOO_MANY:
        daily = answer.retry_after is None and answer.policy == "DAILY"
        return Transient(
            "HubSpot limits how fast OneClick may work.",
            code=ErrorCode.RATE_LIMITED,
            retry_after=_DAILY_PAUSE if daily else answer.retry_after,
            vendor_message=said,
        )
    if answer.status >= _SERVER_ERROR:
        return Transient("HubSpot does not work now.", retry_after=answer.retry_after, vendor_message=said)
    if answer.status == UNAUTHORIZED:
        return ConsentLost(
            "HubSpot no longer accepts OneClick's access.", code=ErrorCode.AUTH_EXPIRED, vendor_message=said
        )
    if answer.status == FORBIDDEN:
        return ConsentLost(
            "HubSpot does not permit this to OneClick's app: a scope is missing.",
            code=ErrorCode.MISSING_SCOPE,
            vendor_message=said,
        )
    if answer.is_duplicate:
        return ActionRequired(
            "The address is taken in this HubSpot account.",
            code=ErrorCode.ALREADY_EXISTS,
            vendor_message=said,
        )
    if answer.is_missing:
        return Refused(
            "HubSpot does not have what this needs any more.", code=ErrorCode.NOT_FOUND, vendor_message=said
        )
    if answer.status == BAD_REQUEST:
        return _bad_request(answer)
    return Refused("HubSpot answered something that OneClick does not know.", vendor_message=said)


def _bad_request(answer: HubSpotAnswer) -> ProviderError:
    if answer.says("no_seats_remaining", "seats left", "seats remaining", "no seat"):
        return ActionRequired(
            "No seat of this kind is free.", code=ErrorCode.NO_SEATS, vendor_message=answer.message
        )
    if answer.says("super admin"):
        return Refused(
            "HubSpot lets nobody but a person change a super admin.",
            code=ErrorCode.CONFLICT,
            vendor_message=answer.message,
        )
    for piece, field, message in _BLAMED:
        if answer.says(piece):
            return Refused(message, code=ErrorCode.INVALID_FIELD, field=field, vendor_message=answer.message)
    return Refused("HubSpot does not accept a value.", vendor_message=answer.vendor_message)


explained = explaining(HubSpotAnswer, explain_answer)
"""At the provider's boundary."""
