"""Domain errors are facts with a kind and a code; only the edge knows HTTP."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar


class Kind(StrEnum):
    INVALID = "invalid"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    GONE = "gone"
    UNAVAILABLE = "unavailable"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field. `field` is the dotted path as the client sent it."""

    field: str
    message: str
    code: str = "invalid"


class DomainError(Exception):
    """`str(error)` is a sentence for the person who asked.

    `extra` members are added to the problem details as they are.
    """

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "conflict"

    def __init__(
        self,
        message: str,
        *,
        errors: Sequence[FieldError] = (),
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.errors = tuple(errors)
        self.extra = dict(extra or {})


class InvalidInput(DomainError):
    """One or more fields are wrong; nothing was changed."""

    kind = Kind.INVALID
    code = "invalid_input"

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("; ".join(f"{e.field}: {e.message}" for e in errors), errors=errors)


class NotFound(DomainError):
    kind = Kind.NOT_FOUND
    code = "not_found"


class Conflict(DomainError):
    """It does not fit what is there now."""


class Unauthenticated(DomainError):
    kind = Kind.UNAUTHENTICATED
    code = "unauthenticated"


class Forbidden(DomainError):
    kind = Kind.FORBIDDEN
    code = "forbidden"


class Unavailable(DomainError):
    """Something that we depend on is away; the same call may succeed later."""

    kind = Kind.UNAVAILABLE
    code = "unavailable"


class TooMany(DomainError):
    """Too many calls; the same call may succeed after `retry_after` seconds."""

    kind = Kind.TOO_MANY
    code = "too_many_calls"

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after
