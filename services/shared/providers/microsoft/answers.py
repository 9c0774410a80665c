"""Graph's answers other than success, read once and explained once.

Sources: learn.microsoft.com/graph/errors for the envelope, /graph/throttling for 429, 503 and 509,
/graph/api/user-assignlicense, user-post-users and group-post-members for the operations; the texts
of the 400s are as services answer them, Microsoft documents few.
"""

from typing import Any

import httpx

from services.shared.sdk.answer import KEPT, VendorAnswer, broken, explaining, limited
from services.shared.sdk.errors import (
    ActionRequired,
    ConsentLost,
    ErrorCode,
    ProviderError,
    Refused,
)
from services.shared.sdk.retry_after import parse_retry_after

_BAD, _UNAUTHORIZED, _FORBIDDEN, _MISSING, _CONFLICT = 400, 401, 403, 404, 409
_SERVER_ERROR, _UNAVAILABLE, _TOO_MUCH_BANDWIDTH = 500, 503, 509
_THROTTLED = frozenset({429, _TOO_MUCH_BANDWIDTH})
_PASSING = frozenset({408, 423, 425})
_PASSING_CODES = ("ConcurrencyViolation", "ServiceUnavailable", "RetryLater")

# What a 400 blames, by a piece of its message in lower case; the first that fits decides.
_BLAMED: tuple[tuple[str, ErrorCode, str | None, str], ...] = (
    ("verified domain", ErrorCode.DOMAIN_NOT_VERIFIED, "employee.work_email",
     "The address's domain is not verified in this Microsoft 365 tenant."),
    ("invalid usage location", ErrorCode.INVALID_FIELD, "usage_location",
     "Microsoft gives no licence to an account with this usage location."),
    ("'usagelocation'", ErrorCode.INVALID_FIELD, "usage_location", "Microsoft does not know this country."),
    ("'userprincipalname'", ErrorCode.INVALID_FIELD, "employee.work_email",
     "Microsoft does not accept this address as a sign-in name."),
    ("'mailnickname'", ErrorCode.INVALID_FIELD, "employee.work_email",
     "Microsoft does not accept this address as a mail nickname."),
    ("'displayname'", ErrorCode.INVALID_FIELD, "employee.full_name", "Microsoft does not accept this name."),
    ("'jobtitle'", ErrorCode.INVALID_FIELD, "employee.job_title", "Microsoft does not accept this job title."),
    ("'department'", ErrorCode.INVALID_FIELD, "employee.department",
     "Microsoft does not accept this department."),
    ("password complexity", ErrorCode.INVALID_FIELD, None,
     "The tenant's password rules refuse the first password."),
    ("does not correspond to a valid company license", ErrorCode.INVALID_FIELD, "licenses",
     "This tenant does not have that licence."),
    ("not part of the license", ErrorCode.INVALID_FIELD, "licenses",
     "A service to switch off is not part of the licence."),
    ("mutually exclusive", ErrorCode.CONFLICT, "licenses",
     "Two licences hold services that exclude each other: the account can have one of them."),
    ("depends on the service plan", ErrorCode.CONFLICT, "licenses",
     "A service of this licence needs another service that the account would not have."),
    ("depend on", ErrorCode.CONFLICT, "licenses",
     "Other services of the account need a service of this licence."),
    ("inherited from a group", ErrorCode.CONFLICT, "licenses",
     "The licence comes through a group: it goes when the account leaves the group."),
    ("on-premises mastered", ErrorCode.CONFLICT, None,
     "The account is synchronised from an on-premises directory: change it there."),
    ("membership rule", ErrorCode.CONFLICT, "groups",
     "The group is dynamic: Microsoft keeps its members by a rule, nobody adds or removes them."),
    ("dynamic", ErrorCode.CONFLICT, "groups",
     "The group is dynamic: Microsoft keeps its members by a rule, nobody adds or removes them."),
    ("mail-enabled security group", ErrorCode.CONFLICT, "groups",
     "Members of this kind of group are kept in Exchange, not in Microsoft Graph."),
)  # fmt: skip


class GraphAnswer(VendorAnswer):
    """One answer that is not the success that was asked for.

    Attributes:
        status: HTTP's number; 2xx when the body could not be read.
        word: Graph's word, e.g. `Request_BadRequest`; empty when the body had none.
        message: Graph's sentence, or the beginning of a body in another language.
        request_id: by which Microsoft's support finds the call.
        retry_after: in seconds from now.
    """

    def __init__(
        self,
        operation: str,
        status: int,
        code: str,
        message: str,
        *,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(operation, status, code, message, retry_after)
        self.request_id = request_id

    @property
    def vendor_message(self) -> str:
        """What is kept for people who look closer: Graph's code, sentence and request id."""
        said = f"{self.word}: {self.message}" if self.word else self.message or f"HTTP {self.status}"
        return f"{said} (request-id {self.request_id})" if self.request_id else said

    @property
    def is_unreadable(self) -> bool:
        """A success that does not speak Graph's language."""
        return self.status < _BAD

    @property
    def is_missing(self) -> bool:
        """404: no such object, or none yet."""
        return self.status == _MISSING

    @property
    def is_duplicate(self) -> bool:
        """Another user has the name or address: 400 with a sentence, where others answer 409."""
        return self.status in {_BAD, _CONFLICT} and self.says(
            "another object with the same value", "already exists", "conflicting object"
        )

    @property
    def is_member_already(self) -> bool:
        """400 on adding somebody who is in the group."""
        return self.status == _BAD and self.says("added object references already exist")

    @property
    def is_license_absent(self) -> bool:
        """400 on removing a licence that the account does not have."""
        return self.status == _BAD and self.says("does not have a corresponding license")

    @property
    def is_location_unknown(self) -> bool:
        """400 on assigning to an account whose usage location is absent, or not seen yet."""
        return self.status == _BAD and self.says("invalid usage location")

    @property
    def is_denied(self) -> bool:
        """403 for want of a permission."""
        return self.status == _FORBIDDEN and "quota" not in self.word.lower()


def read_answer(operation: str, response: httpx.Response) -> GraphAnswer:
    """Read Graph's error envelope; its inner error is spelled `innerError` or `innererror`."""
    code, message, request_id = "", "", response.headers.get("request-id")
    try:
        error: Any = response.json()["error"]
        code, message = str(error.get("code") or ""), str(error.get("message") or "")
        inner = error.get("innerError") or error.get("innererror") or {}
        request_id = str(inner.get("request-id") or request_id or "") or None
    except (ValueError, KeyError, TypeError, AttributeError):
        message = message or response.text[:KEPT]
    return GraphAnswer(
        operation,
        response.status_code,
        code,
        message,
        request_id=request_id,
        retry_after=parse_retry_after(response.headers),
    )


def unreadable(operation: str, response: httpx.Response) -> GraphAnswer:
    """A success whose body is not what the operation answers."""
    return GraphAnswer(
        operation,
        response.status_code,
        "",
        response.text[:KEPT],
        request_id=response.headers.get("request-id"),
    )


def explain_answer(answer: GraphAnswer) -> ProviderError:
    """Our error for Graph's answer: named by what happens next."""
    said = answer.vendor_message
    if answer.status in _THROTTLED or (answer.status == _UNAVAILABLE and answer.retry_after is not None):
        return limited("Microsoft", answer)
    if _passes(answer):
        return broken("Microsoft", answer)
    if answer.status == _UNAUTHORIZED:
        return ConsentLost("Microsoft no longer accepts the connection's token.", vendor_message=said)
    if answer.is_denied:
        return ConsentLost(
            "The connected app lacks a permission in Microsoft Entra that this needs.",
            code=ErrorCode.MISSING_SCOPE,
            vendor_message=said,
        )
    return _explain_refusal(answer, said)


def _passes(answer: GraphAnswer) -> bool:
    return (
        answer.status >= _SERVER_ERROR
        or answer.status in _PASSING
        or any(word in answer.word for word in _PASSING_CODES)
    )


def _explain_refusal(answer: GraphAnswer, said: str) -> ProviderError:
    if answer.is_missing:
        return Refused(
            "Something that this needs is not in Microsoft 365.",
            code=ErrorCode.NOT_FOUND,
            vendor_message=said,
        )
    if answer.says("does not have any available licenses"):
        return ActionRequired(
            "No seat of this licence is free.",
            code=ErrorCode.NO_SEATS,
            field="licenses",
            vendor_message=said,
        )
    if "quota" in answer.word.lower():
        return ActionRequired(
            "The Microsoft 365 tenant is full.", code=ErrorCode.NOT_ENTITLED, vendor_message=said
        )
    if answer.is_duplicate:
        return ActionRequired(
            "Another object in Microsoft 365 has this name or address.",
            code=ErrorCode.ALREADY_EXISTS,
            field="employee.work_email",
            vendor_message=said,
        )
    for piece, code, field, message in _BLAMED:
        if answer.status in {_BAD, _CONFLICT} and answer.says(piece):
            return Refused(message, code=code, field=field, vendor_message=said)
    what = "something that OneClick cannot read" if answer.is_unreadable else "something unforeseen"
    return Refused(f"Microsoft answered {what}.", code=ErrorCode.UNKNOWN, vendor_message=said)


explained = explaining(GraphAnswer, explain_answer)
"""At the provider's boundary."""
