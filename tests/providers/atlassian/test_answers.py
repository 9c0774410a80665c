"""Each of Atlassian's envelopes becomes one of our errors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from services.shared.providers.atlassian.answers import explain_answer, read_answer
from services.shared.sdk.errors import (
    ActionRequired,
    ConsentLost,
    ErrorCode,
    ProviderError,
    Refused,
    Transient,
)

SCIM, SITE, ADMIN = "atlassian_scim", "site_url", "atlassian_admin"


def explained(
    status: int, body: Any, door: str = SITE, headers: dict[str, str] | None = None
) -> ProviderError:
    kind = {"text": body} if isinstance(body, str) else {"json": body}
    return explain_answer(read_answer(door, "POST it", httpx.Response(status, headers=headers, **kind)))


@pytest.mark.parametrize(
    ("door", "status", "body", "error", "code"),
    [
        (SCIM, 400, {"detail": "The domain x is not verified", "scimType": "invalidValue", "status": "400"},
         Refused, ErrorCode.DOMAIN_NOT_VERIFIED),
        (SCIM, 403, {"error": "Domain x is not verified", "traceId": "1"}, Refused, ErrorCode.DOMAIN_NOT_VERIFIED),
        (SCIM, 409, {"detail": "exists", "scimType": "uniqueness"}, ActionRequired, ErrorCode.ALREADY_EXISTS),
        (SCIM, 401, {"error": "Unauthorized", "traceId": "1"}, ConsentLost, ErrorCode.AUTH_EXPIRED),
        (SCIM, 403, {"error": "Forbidden", "traceId": "1"}, ConsentLost, ErrorCode.MISSING_SCOPE),
        (SCIM, 400, {"detail": "The user limit of jira is exceeded"}, ActionRequired, ErrorCode.NO_SEATS),
        (SCIM, 400, {"detail": "no", "scimType": "invalidValue"}, Refused, ErrorCode.INVALID_FIELD),
        (SITE, 400, {"errorMessages": ["exceeds the license limit"], "errors": {}}, ActionRequired, ErrorCode.NO_SEATS),
        (SITE, 400, {"errorMessages": [], "errors": {"emailAddress": "A user with it already exists."}},
         ActionRequired, ErrorCode.ALREADY_EXISTS),
        (SITE, 404, {"statusCode": 404, "message": "No group"}, Refused, ErrorCode.NOT_FOUND),
        (ADMIN, 400, {"key": "externalDirectory.scim", "context": {"message": "managed by an external directory"}},
         Refused, ErrorCode.CONFLICT),
        (ADMIN, 403, {"errors": [{"detail": "No"}]}, ConsentLost, ErrorCode.MISSING_SCOPE),
        (SITE, 502, "<html>Bad gateway</html>", Transient, ErrorCode.UNAVAILABLE),
        (SITE, 418, "I am a teapot", Refused, ErrorCode.UNKNOWN),
        (SITE, 400, ["a list"], Refused, ErrorCode.UNKNOWN),
    ],
)  # fmt: skip
def test_an_answer_is_named_by_what_happens_next(
    door: str, status: int, body: Any, error: type[ProviderError], code: ErrorCode
) -> None:
    found = explained(status, body, door)
    assert isinstance(found, error)
    assert found.code is code
    assert found.vendor_message


@pytest.mark.parametrize(
    ("door", "which"), [(SCIM, "SCIM key"), (SITE, "API token"), (ADMIN, "organisation's API key")]
)
def test_a_dead_credential_is_named(door: str, which: str) -> None:
    assert which in str(explained(401, {}, door))


def wait(**headers: str) -> float | None:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    found = explained(429, {"message": "Rate limit exceeded"}, headers=named)
    assert isinstance(found, Transient)
    assert found.code is ErrorCode.RATE_LIMITED
    return found.retry_after


def test_waiting_times_are_read_in_each_form() -> None:
    soon = datetime.now(UTC) + timedelta(seconds=40)
    assert wait(retry_after="7") == 7
    assert wait(retry_after="2.5") == 2.5
    assert wait(retry_after="3", x_ratelimit_reset=soon.isoformat()) == 3
    later = datetime.now(UTC) + timedelta(hours=1)
    told = wait(x_ratelimit_reset=later.isoformat(timespec="seconds").replace("+00:00", "Z"))
    assert told is not None
    assert 3000 < told <= 3600
    assert wait(x_ratelimit_reset="soon") is None
    assert wait() is None


def test_a_reset_in_the_past_means_now_and_an_absurd_one_a_day() -> None:
    assert wait(x_ratelimit_reset="2020-01-01T00:00:00") == 0
    assert wait(x_ratelimit_reset="2999-01-01T00:00Z") == 86_400
