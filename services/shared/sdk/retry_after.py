"""Retry-After in all its forms, and the usual headers of a rate that is used up."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def parse_retry_after(headers: Mapping[str, str], *, now: datetime | None = None) -> float | None:
    """Seconds from now: integer, fractional or HTTP date (RFC 9110 10.2.3). None when absent or unreadable.

    A date in the past gives 0.0. Negative and absurd numbers (over a day) are cut to the range 0-86400.
    """
    value = headers.get("retry-after") or headers.get("Retry-After")
    if not value:
        return None
    try:
        seconds = float(value.strip())
    except ValueError:
        try:
            when = parsedate_to_datetime(value)
        except (TypeError, ValueError):
            return None
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        seconds = (when - (now or datetime.now(UTC))).total_seconds()
    if seconds != seconds:  # noqa: PLR0124  # NaN is the only number that is not itself
        return None
    return min(max(seconds, 0.0), 86400.0)


_LONGEST_RESET = 3600.0
_EPOCH = 1e9
"""A number beyond this is a time; below it, seconds from now."""


def parse_exhausted(headers: Mapping[str, str], *, now: datetime | None = None) -> float | None:
    """Seconds until a rate that this answer says is used up is there again, at most an hour. None when it says none.

    `X-RateLimit-Remaining: 0` with `X-RateLimit-Reset` as Unix seconds (GitHub, ClickUp), seconds from now, or ISO 8601
    (Atlassian). GitHub's rates for its search and the like (`X-RateLimit-Resource`) are not the connection's.
    """
    lower = {
        name.lower(): value.strip()
        for name, value in headers.items()
        if name.lower().startswith("x-ratelimit-")
    }
    if lower.get("x-ratelimit-remaining") != "0" or lower.get("x-ratelimit-resource", "core") != "core":
        return None
    at = now or datetime.now(UTC)
    value = lower.get("x-ratelimit-reset", "")
    try:
        number = float(value)
    except ValueError:
        try:
            when = datetime.fromisoformat(value)
        except ValueError:
            return None
        seconds = (when.replace(tzinfo=when.tzinfo or UTC) - at).total_seconds()
    else:
        seconds = number - at.timestamp() if number > _EPOCH else number
    return min(seconds, _LONGEST_RESET) if seconds > 0 else None
