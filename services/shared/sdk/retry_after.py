"""Retry-After in all its forms."""

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
