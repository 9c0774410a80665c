"""Rates that an answer says are used up."""

from datetime import UTC, datetime

import pytest

from services.shared.sdk.retry_after import parse_exhausted

NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
AT = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(AT + 90)}, 90.0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "45"}, 45.0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2026-11-21T12:00:20Z"}, 20.0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2026-11-21T12:00:20"}, 20.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9", "x-ratelimit-resource": "core"}, 9.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(AT + 999_999)}, 3600.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9", "x-ratelimit-resource": "search"}, None),
        ({"x-ratelimit-remaining": "17", "x-ratelimit-reset": "9"}, None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(AT - 5)}, None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon"}, None),
        ({"x-ratelimit-remaining": "0"}, None),
        ({}, None),
    ],
)
def test_the_usual_headers_of_a_rate_that_is_used_up(headers: dict[str, str], seconds: float | None) -> None:
    assert parse_exhausted(headers, now=NOW) == seconds
