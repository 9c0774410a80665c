"""Errors named by what happens next, each carrying a code of the one catalogue.

ProviderError
├── Transient       try again later: throttled, timed out, vendor down, settling
├── ConsentLost     stop the connection until somebody reconnects it
├── ActionRequired  park until a person acts: no seat, an account that is not ours
├── Refused         the vendor said no, and will again
└── PlanStale       the remote moved: plan again
"""

from enum import StrEnum


class ErrorCode(StrEnum):
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"
    AUTH_EXPIRED = "auth_expired"
    MISSING_SCOPE = "missing_scope"
    NOT_ENTITLED = "not_entitled"
    NO_SEATS = "no_seats"
    INVALID_FIELD = "invalid_field"
    ALREADY_EXISTS = "already_exists"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    SETTLING = "settling"
    DOMAIN_NOT_VERIFIED = "domain_not_verified"
    UNKNOWN = "unknown"


class ProviderError(Exception):
    """`str(error)` is shown to people; the vendor's words travel in `vendor_message`.

    Attributes:
        code: the catalogue entry that gives cause and remedy.
        field: the form field at fault, where there is one.
        vendor_message: what the vendor answered, verbatim, without secrets.
    """

    default_code = ErrorCode.UNKNOWN

    def __init__(
        self,
        message: str,
        *,
        code: ErrorCode | None = None,
        field: str | None = None,
        vendor_message: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code or self.default_code
        self.field = field
        self.vendor_message = vendor_message


class Transient(ProviderError):
    """Try again later. `retry_after` is in seconds from now; None leaves it to the core's backoff.

    Raise it with `code=settling` for what the vendor takes time to show after a write,
    `rate_limited` for a throttled call (nothing happened at the vendor), `unavailable` or
    `timeout` otherwise.
    """

    default_code = ErrorCode.UNAVAILABLE

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        code: ErrorCode | None = None,
        field: str | None = None,
        vendor_message: str | None = None,
    ) -> None:
        super().__init__(message, code=code, field=field, vendor_message=vendor_message)
        self.retry_after = retry_after


class ConsentLost(ProviderError):
    """Token or scope is gone: `auth_expired` or `missing_scope`."""

    default_code = ErrorCode.AUTH_EXPIRED


class ActionRequired(ProviderError):
    """Park until a person acts at the vendor or decides here."""

    default_code = ErrorCode.CONFLICT


class Refused(ProviderError):
    """Fail this action, go on with the rest."""

    default_code = ErrorCode.UNKNOWN


class PlanStale(ProviderError):
    """The remote moved since the plan was made."""

    default_code = ErrorCode.CONFLICT


class WriteWhilePlanning(RuntimeError):
    """A provider tried to change something while it may only read. A defect, never a vendor's answer."""
