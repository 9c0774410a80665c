"""Atlassian's answers other than success, read once and explained once. Four APIs, four ways to say no.

Sources: the specifications of user provisioning (SCIM errors; `{error, traceId}` before it), of Jira
(`{errorMessages, errors}`) and of Confluence (`{statusCode, message}`);
developer.atlassian.com/cloud/jira/platform/rate-limiting for 429.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

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

BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_FOUND = 400, 401, 403, 404
CONFLICT, TOO_MANY, SERVER_ERROR = 409, 429, 500
_LONGEST_WAIT = 86_400.0
_NO_SEAT = ("license", "licence", "seat", "user limit", "number of users", "users is exceeded")
_UNVERIFIED = ("verified domain", "not verified", "unverified")
_SYNCED = ("external directory", "externaldirectory", "managed by an identity provider")
_CREDENTIALS = {
    "atlassian_scim": "The SCIM key",
    "atlassian_admin": "The organisation's API key",
    "site_url": "The API token",
}


class AtlassianAnswer(VendorAnswer):
    """One answer that is not the success that was asked for.

    Attributes:
        door: which API: the name of its base URL.
        status: HTTP's number; 2xx when the body could not be read.
        word: a keyword, e.g. SCIM's `uniqueness`; `unreadable` for a strange body; empty without one.
        message: Atlassian's sentences.
    """

    def __init__(
        self,
        door: str,
        operation: str,
        status: int,
        word: str,
        message: str,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(operation, status, word, message, retry_after)
        self.door = door

    @property
    def is_duplicate(self) -> bool:
        """409 of the directory; the site says 400 and that the account exists."""
        if self.status == CONFLICT:
            return True
        return self.status == BAD_REQUEST and (
            self.word == "uniqueness" or self.says("already exists", "user exists")
        )

    @property
    def is_not_permitted(self) -> bool:
        """Not for this credential, or not on this site: what an optional read may be refused with."""
        return self.status in {FORBIDDEN, NOT_FOUND}


def read_answer(door: str, operation: str, response: httpx.Response) -> AtlassianAnswer:
    """Read any of the envelopes; a body in another language gives no word and its beginning."""
    body = read_object(response) or {}
    word = str(body.get("scimType") or body.get("key") or body.get("code") or "")
    message = _sentences(body) or response.text[:KEPT]
    return AtlassianAnswer(door, operation, response.status_code, word, message, _wait_of(response.headers))


def _sentences(body: Mapping[str, Any]) -> str:
    found: list[str] = [str(body[name]) for name in ("detail", "message", "error") if body.get(name)]
    context = body.get("context")
    if isinstance(context, Mapping) and context.get("message"):
        found.append(str(context["message"]))
    messages, errors = body.get("errorMessages"), body.get("errors")
    if isinstance(messages, list):
        found += [str(one) for one in messages]
    if isinstance(errors, Mapping):
        found += [f"{field}: {text}" for field, text in errors.items()]
    elif isinstance(errors, list):
        found += [str(one.get("detail") or one.get("title") or one) if isinstance(one, Mapping) else str(one)
                  for one in errors]  # fmt: skip
    return " ".join(found)


def _wait_of(headers: Mapping[str, str]) -> float | None:
    """Retry-After is not always there; X-RateLimit-Reset then tells a time in ISO 8601."""
    told = parse_retry_after(headers)
    if told is not None:
        return told
    try:
        reset = datetime.fromisoformat(headers.get("x-ratelimit-reset", ""))
    except ValueError:
        return None
    if reset.tzinfo is None:
        reset = reset.replace(tzinfo=UTC)
    return min(max((reset - datetime.now(UTC)).total_seconds(), 0.0), _LONGEST_WAIT)


def unreadable(door: str, operation: str, status: int, shown: str) -> AtlassianAnswer:
    """A success whose body is not what the operation answers."""
    return AtlassianAnswer(door, operation, status, UNREADABLE, shown[:KEPT])


def explain_answer(answer: AtlassianAnswer) -> ProviderError:
    """Our error for an answer: named by what happens next."""
    if answer.status == TOO_MANY:
        return limited("Atlassian", answer)
    if answer.status >= SERVER_ERROR:
        return broken("Atlassian", answer)
    if explain := _BY_STATUS.get(answer.status):
        return explain(answer)
    return unforeseen("Atlassian", answer)


def _unauthorized(answer: AtlassianAnswer) -> ProviderError:
    which = _CREDENTIALS.get(answer.door, "A credential")
    return ConsentLost(
        f"{which} is no longer accepted by Atlassian.",
        code=ErrorCode.AUTH_EXPIRED,
        vendor_message=answer.vendor_message,
    )


def _forbidden(answer: AtlassianAnswer) -> ProviderError:
    if answer.says(*_UNVERIFIED):
        return _unverified(answer)
    which = _CREDENTIALS.get(answer.door, "A credential")
    return ConsentLost(
        f"{which} may not do this at Atlassian.",
        code=ErrorCode.MISSING_SCOPE,
        vendor_message=answer.vendor_message,
    )


def _bad_request(answer: AtlassianAnswer) -> ProviderError:
    said = answer.message or None
    if answer.is_duplicate:
        return _conflict(answer)
    if answer.says(*_UNVERIFIED):
        return _unverified(answer)
    if answer.says(*_SYNCED):
        return Refused(
            "The company's identity provider fills this: Atlassian lets nobody else change it. "
            "Connect the SCIM directory, or do it in the identity provider.",
            code=ErrorCode.CONFLICT,
            vendor_message=said,
        )
    if answer.says(*_NO_SEAT):
        return ActionRequired(
            "No seat of this product is free.", code=ErrorCode.NO_SEATS, vendor_message=said
        )
    code = ErrorCode.INVALID_FIELD if answer.word == "invalidValue" else ErrorCode.UNKNOWN
    return Refused("Atlassian does not accept a value.", code=code, vendor_message=said)


def _unverified(answer: AtlassianAnswer) -> ProviderError:
    return Refused(
        "The address's domain is not verified by the organisation.",
        code=ErrorCode.DOMAIN_NOT_VERIFIED,
        field="employee.work_email",
        vendor_message=answer.vendor_message,
    )


def _not_found(answer: AtlassianAnswer) -> ProviderError:
    return Refused(
        "Atlassian does not have what this needs any more.",
        code=ErrorCode.NOT_FOUND,
        vendor_message=answer.vendor_message,
    )


def _conflict(answer: AtlassianAnswer) -> ProviderError:
    return ActionRequired(
        "The address is taken at Atlassian.",
        code=ErrorCode.ALREADY_EXISTS,
        vendor_message=answer.vendor_message,
    )


_BY_STATUS: Mapping[int, Callable[[AtlassianAnswer], ProviderError]] = {
    BAD_REQUEST: _bad_request,
    UNAUTHORIZED: _unauthorized,
    FORBIDDEN: _forbidden,
    NOT_FOUND: _not_found,
    CONFLICT: _conflict,
}


explained = explaining(AtlassianAnswer, explain_answer)
"""At the provider's boundary."""
