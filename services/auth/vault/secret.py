"""A secret is a type: it prints as stars, and revealing it is one visible call."""

import hmac
from typing import NoReturn

STARS = "********"


class Secret:
    """Text that must not be seen. It cannot be printed, formatted, pickled or turned into JSON by accident."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself. Every call of this is a place to look at in a review."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({STARS})"

    def __str__(self) -> str:
        return STARS

    def __format__(self, _specification: str) -> str:
        return STARS

    def __eq__(self, other: object) -> bool:
        """Compared in constant time, and with another secret alone."""
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    __hash__ = None  # type: ignore[assignment]  # a hash of it must not end up in a set or a cache key

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")
