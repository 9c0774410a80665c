"""GitHub's answers other than success, read once and explained once."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from services.shared.sdk.answer import KEPT, UNREADABLE, VendorAnswer, explaining, limited, unforeseen
from services.shared.sdk.errors import (
    ActionRequired,
    ConsentLost,
    ErrorCode,
    ProviderError,
    Refused,
    Transient,
)
from services.shared.sdk.retry_after import parse_retry_after

NOT_FOUND, CONFLICT, UNPROCESSABLE = 404, 409, 422
_FORBIDDEN, _TOO_MANY, _SERVER_ERROR = 403, 429, 500
_A_MINUTE = 60.0
"""How long to wait after a secondary limit that names no time (docs.github.com, rate limits for the REST API)."""
_LONGEST = 3600.0

_NO_PERMISSION = (
    "not accessible by",
    "must have admin rights",
    "must be an organization owner",
    "must be an owner",
    "saml enforcement",
    "enable or disable",
    "personal access token",
)
_SYNCED = ("external group backed", "externally managed", "synchroniz", "managed by")


class GitHubAnswer(VendorAnswer):
    """One answer that is not the success that was asked for.

    Attributes:
        status: HTTP's number; 2xx when the body could not be read.
        message: GitHub's sentence with those of its `errors`; SCIM's `detail`.
        codes: the codes in `errors`, e.g. `no_seat`, or SCIM's `scimType`.
        is_rate: a limit was hit, whatever the status.
    """

    def __init__(
        self,
        operation: str,
        status: int,
        message: str,
        *,
        codes: frozenset[str] = frozenset(),
        retry_after: float | None = None,
        is_rate: bool = False,
        is_unreadable: bool = False,
    ) -> None:
        super().__init__(operation, status, UNREADABLE if is_unreadable else "", message, retry_after)
        self.codes = codes
        self.is_rate = is_rate

    @property
    def is_member_already(self) -> bool:
        """422: the login or the address belongs to a member. GitHub does not say to which."""
        return self.status == UNPROCESSABLE and self.says("already a part of this organi", "already a member")

    @property
    def is_invited_already(self) -> bool:
        """422: an invitation to the login or the address is out."""
        return self.status == UNPROCESSABLE and self.says("already been invited", "already invited")

    @property
    def is_synced(self) -> bool:
        """The team's members come from an identity provider."""
        return self.status in {_FORBIDDEN, UNPROCESSABLE} and self.says(*_SYNCED)


def read_answer(operation: str, response: httpx.Response) -> GitHubAnswer:
    """Read GitHub's error envelope or SCIM's; of a body in another language its beginning is kept."""
    message, codes = response.text[:KEPT], frozenset[str]()
    try:
        body: Any = response.json()
        errors = body.get("errors") or ()
        words = (one if isinstance(one, str) else one.get("message") for one in errors)
        parts = [body.get("message") or body.get("detail"), *words]
        found = {one.get("code") for one in errors if isinstance(one, dict)}
        codes = frozenset(str(code) for code in {*found, body.get("scimType")} if code)
        message = " ".join(dict.fromkeys(str(part) for part in parts if part)) or message
    except (ValueError, AttributeError, TypeError):
        pass
    is_rate = _is_rate(response, message)
    return GitHubAnswer(
        operation,
        response.status_code,
        message,
        codes=codes,
        retry_after=_wait(response) if is_rate else parse_retry_after(response.headers),
        is_rate=is_rate,
    )


def unreadable(operation: str, response: httpx.Response) -> GitHubAnswer:
    """A success whose body is not what the operation answers."""
    return GitHubAnswer(operation, response.status_code, response.text[:KEPT], is_unreadable=True)


def _is_rate(response: httpx.Response, message: str) -> bool:
    """Limits come as 429 or as 403; the hour's with `x-ratelimit-remaining: 0`, secondary ones with their words."""
    if response.status_code == _TOO_MANY:
        return True
    if response.status_code != _FORBIDDEN:
        return False
    spent = response.headers.get("x-ratelimit-remaining") == "0"
    words = ("rate limit", "abuse detection")
    return spent or any(word in message.lower() for word in words) or "retry-after" in response.headers


def _wait(response: httpx.Response) -> float:
    """What the answer asks for; a minute where a secondary limit says nothing."""
    named = parse_retry_after(response.headers)
    if named is not None:
        return named
    if response.headers.get("x-ratelimit-remaining") == "0":
        try:
            seconds = float(response.headers.get("x-ratelimit-reset", "")) - time.time()
        except ValueError:
            return _A_MINUTE
        return min(max(seconds, 1.0), _LONGEST)
    return _A_MINUTE


def explain_answer(answer: GitHubAnswer) -> ProviderError:
    """Our error for GitHub's answer: named by what happens next."""
    said = answer.message or None
    if answer.is_rate:
        return limited("GitHub", answer)
    if answer.status >= _SERVER_ERROR:
        return Transient("GitHub did not work.", retry_after=answer.retry_after, vendor_message=said)
    if explain := _BY_STATUS.get(answer.status):
        return explain(answer)
    return unforeseen("GitHub", answer)


def _unauthorized(answer: GitHubAnswer) -> ProviderError:
    return ConsentLost("GitHub no longer accepts the connection's token.", vendor_message=answer.message)


def _forbidden(answer: GitHubAnswer) -> ProviderError:
    if answer.is_synced:
        return _synced(answer)
    if answer.says("last owner"):
        return ActionRequired(
            "This is the organisation's last owner: make somebody else an owner first.",
            code=ErrorCode.CONFLICT,
            vendor_message=answer.message,
        )
    if answer.says(*_NO_PERMISSION):
        return ConsentLost(
            "The GitHub App lacks a permission that this needs.",
            code=ErrorCode.MISSING_SCOPE,
            vendor_message=answer.message,
        )
    return Refused(f"GitHub does not allow {answer.operation}.", vendor_message=answer.message)


def _synced(answer: GitHubAnswer) -> ProviderError:
    return Refused(
        "The members of this team come from your identity provider: add the person there, or leave the team out.",
        code=ErrorCode.CONFLICT,
        field="teams",
        vendor_message=answer.message,
    )


def _missing(answer: GitHubAnswer) -> ProviderError:
    return Refused(
        f"GitHub does not show what {answer.operation} is about: it is gone, or the connection does not reach it.",
        code=ErrorCode.NOT_FOUND,
        vendor_message=answer.message,
    )


def _conflict(answer: GitHubAnswer) -> ProviderError:
    return ActionRequired(
        "GitHub has this already, and OneClick did not make it.",
        code=ErrorCode.ALREADY_EXISTS,
        vendor_message=answer.message,
    )


def _unprocessable(answer: GitHubAnswer) -> ProviderError:
    said = answer.message
    if "no_seat" in answer.codes or answer.says("purchase at least one more seat", "no seats available"):
        return ActionRequired("No GitHub seat is free.", code=ErrorCode.NO_SEATS, vendor_message=said)
    if answer.says("invitation rate limit", "too many invitations"):
        return Transient(
            "The organisation has sent as many invitations as GitHub allows in a day.",
            code=ErrorCode.RATE_LIMITED,
            retry_after=_LONGEST,
            vendor_message=said,
        )
    if answer.is_synced:
        return _synced(answer)
    if answer.says("copilot business is not enabled", "copilot is not enabled", "assigned to selected users"):
        return ActionRequired(
            "The organisation does not give Copilot seats to selected people.",
            code=ErrorCode.NOT_ENTITLED,
            field="copilot",
            vendor_message=said,
        )
    if answer.is_member_already or answer.is_invited_already:
        return ActionRequired(
            "GitHub says that this address or login is in the organisation already.",
            code=ErrorCode.ALREADY_EXISTS,
            field="username",
            vendor_message=said,
        )
    field = next((name for word, name in _BLAMED if word in said.lower()), None)
    return Refused("GitHub refuses a value.", code=ErrorCode.INVALID_FIELD, field=field, vendor_message=said)


# What a 422 blames, by a piece of its message in lower case; the first that fits decides.
_BLAMED = (
    ("email is invalid", "employee.work_email"),
    ("invitee", "username"),
    ("team", "teams"),
    ("role", "role"),
    ("email", "employee.work_email"),
)


def _bad_request(answer: GitHubAnswer) -> ProviderError:
    return Refused("GitHub refuses a value.", code=ErrorCode.INVALID_FIELD, vendor_message=answer.message)


_BY_STATUS: Mapping[int, Callable[[GitHubAnswer], ProviderError]] = {
    400: _bad_request,
    401: _unauthorized,
    _FORBIDDEN: _forbidden,
    NOT_FOUND: _missing,
    CONFLICT: _conflict,
    UNPROCESSABLE: _unprocessable,
}


explained = explaining(GitHubAnswer, explain_answer)
"""At the provider's boundary."""
