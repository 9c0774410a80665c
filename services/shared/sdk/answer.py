"""A vendor's answer that is not the success that was asked for: what all vendors' have in common.

A provider derives its own class, reads its vendor's envelope into it, and explains it once, at its boundary.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar

import httpx

from services.shared.sdk.errors import ErrorCode, ProviderError, Refused, Transient

KEPT = 500
"""Characters of an unforeseen body that are kept."""
UNREADABLE = "unreadable"
BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, CONFLICT = 400, 401, 403, 404, 409
TOO_MANY, SERVER_ERROR = 429, 500


class VendorAnswer(Exception):
    """One answer that is not the success that was asked for.

    Attributes:
        operation: what was asked, e.g. `POST /Users`.
        status: HTTP's number; 2xx when the body could not be read.
        word: the vendor's keyword, e.g. `uniqueness`; empty when it gave none, `unreadable` for a strange body.
        message: the vendor's sentence, or the beginning of a body in another language.
        retry_after: in seconds from now, where the vendor says so.
    """

    def __init__(
        self, operation: str, status: int, word: str, message: str, retry_after: float | None = None
    ) -> None:
        super().__init__(" ".join(part for part in (f"{operation}: {status}", word, message) if part))
        self.operation = operation
        self.status = status
        self.word = word
        self.message = message
        self.retry_after = retry_after

    @property
    def vendor_message(self) -> str | None:
        """What is kept for people who look closer."""
        return self.message or None

    def says(self, *words: str) -> bool:
        """Whether the message holds one of these, in any case."""
        message = self.message.lower()
        return any(word in message for word in words)

    @property
    def is_unreadable(self) -> bool:
        """A success whose body is not what the operation answers."""
        return self.word == UNREADABLE

    @property
    def is_missing(self) -> bool:
        """404: no such object, or none yet."""
        return self.status == NOT_FOUND


def read_object(response: httpx.Response) -> dict[str, Any] | None:
    """The JSON object of an answer; None when it is none."""
    try:
        body = response.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def limited(vendor: str, answer: VendorAnswer) -> Transient:
    """The vendor counts calls, and these were too many."""
    return Transient(
        f"{vendor} limits how fast OneClick may work.",
        code=ErrorCode.RATE_LIMITED,
        retry_after=answer.retry_after,
        vendor_message=answer.vendor_message,
    )


def broken(vendor: str, answer: VendorAnswer) -> Transient:
    """The vendor does not work now."""
    return Transient(
        f"{vendor} answered {answer.status}.",
        retry_after=answer.retry_after,
        vendor_message=answer.vendor_message,
    )


def unforeseen(vendor: str, answer: VendorAnswer) -> Refused:
    """Nothing that OneClick knows: never taken for a success."""
    return Refused(
        f"{vendor} gave an answer to {answer.operation} that OneClick does not know.",
        vendor_message=answer.vendor_message,
    )


_Answer = TypeVar("_Answer", bound=VendorAnswer)


def explaining(
    kind: type[_Answer], explain: Callable[[_Answer], ProviderError]
) -> Callable[[], AbstractContextManager[None]]:
    """What a provider puts around its work: its vendor's answers leave as errors of the contract, all else passes."""

    @contextmanager
    def explained() -> Iterator[None]:
        try:
            yield
        except kind as answer:
            raise explain(answer) from answer

    return explained
