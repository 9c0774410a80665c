"""GitHub's refusals become ours, each named by what happens next."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from services.shared.providers.github.answers import explain_answer, read_answer
from services.shared.sdk.errors import (
    ActionRequired,
    ConsentLost,
    ErrorCode,
    ProviderError,
    Refused,
    Transient,
)


def explain(status: int, body: Any, **headers: str) -> ProviderError:
    content: dict[str, Any] = {"json": body} if isinstance(body, dict) else {"text": str(body)}
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    response = httpx.Response(status, headers=names, **content)
    return explain_answer(read_answer("POST /orgs/acme/invitations", response))


def said(message: str, *errors: Any) -> dict[str, Any]:
    return {"message": message, "errors": list(errors), "documentation_url": "https://docs.github.com/rest"}


VALIDATION = {"resource": "OrganizationInvitation", "code": "unprocessable", "field": "data"}


@pytest.mark.parametrize(
    ("status", "body", "kind", "code", "field"),
    [
        (401, said("Bad credentials"), ConsentLost, ErrorCode.AUTH_EXPIRED, None),
        (403, said("Resource not accessible by integration"), ConsentLost, ErrorCode.MISSING_SCOPE, None),
        (403, said("You must be an organization owner to do this."), ConsentLost, ErrorCode.MISSING_SCOPE, None),
        (403, said("You cannot update members for an external group backed team"), Refused, ErrorCode.CONFLICT, "teams"),
        (403, said("Cannot remove the last owner of the organization."), ActionRequired, ErrorCode.CONFLICT, None),
        (403, said("Something about one object"), Refused, ErrorCode.UNKNOWN, None),
        (404, said("Not Found"), Refused, ErrorCode.NOT_FOUND, None),
        (409, {"detail": "User already exists", "scimType": "uniqueness"}, ActionRequired, ErrorCode.ALREADY_EXISTS, None),
        (422, said("Validation Failed", {**VALIDATION, "message": "Invitee is already a part of this organization"}),
         ActionRequired, ErrorCode.ALREADY_EXISTS, "username"),
        (422, said("Validation Failed", {**VALIDATION, "message": "A user with this email addresss is already a part of this organization"}),
         ActionRequired, ErrorCode.ALREADY_EXISTS, "username"),
        (422, said("Validation Failed", {**VALIDATION, "message": "Email is invalid"}), Refused, ErrorCode.INVALID_FIELD,
         "employee.work_email"),
        (422, said("Validation Failed", {**VALIDATION, "message": "Invitee could not be found"}), Refused,
         ErrorCode.INVALID_FIELD, "username"),
        (422, said("Validation Failed", {**VALIDATION, "message": "Team could not be found"}), Refused,
         ErrorCode.INVALID_FIELD, "teams"),
        (422, said("You must purchase at least one more seat", {"resource": "", "field": "user", "code": "no_seat"}),
         ActionRequired, ErrorCode.NO_SEATS, None),
        (422, said("Validation Failed", {**VALIDATION, "message": "You have exceeded the organization's invitation rate limit"}),
         Transient, ErrorCode.RATE_LIMITED, None),
        (422, said("Copilot Business is not enabled for this organization"), ActionRequired, ErrorCode.NOT_ENTITLED, "copilot"),
        (422, said("Validation Failed", "a plain sentence"), Refused, ErrorCode.INVALID_FIELD, None),
        (400, said("Problems parsing JSON"), Refused, ErrorCode.INVALID_FIELD, None),
        (500, "<html>oops</html>", Transient, ErrorCode.UNAVAILABLE, None),
        (503, said("Service unavailable"), Transient, ErrorCode.UNAVAILABLE, None),
        (418, said("I'm a teapot"), Refused, ErrorCode.UNKNOWN, None),
        (302, "", Refused, ErrorCode.UNKNOWN, None),
        (422, [1, 2], Refused, ErrorCode.INVALID_FIELD, None),
    ],
)  # fmt: skip
def test_each_refusal(
    status: int, body: Any, kind: type[ProviderError], code: ErrorCode, field: str | None
) -> None:
    error = explain(status, body)
    assert isinstance(error, kind)
    assert (error.code, error.field) == (code, field)
    if isinstance(body, dict):
        assert error.vendor_message


@pytest.mark.parametrize("status", [403, 429])
def test_limits_come_with_a_time_or_without(status: int) -> None:
    secondary = said("You have exceeded a secondary rate limit.")
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    spent = {"x_ratelimit_remaining": "0", "x_ratelimit_reset": str(int(time.time()) + 90)}
    for headers, seconds in (
        ({"retry_after": "7"}, 7.0),
        ({"retry_after": "2.5"}, 2.5),
        ({"retry_after": date}, 30.0),
        ({}, 60.0),
        (spent, 90.0),
        ({**spent, "x_ratelimit_reset": "soon"}, 60.0),
        ({**spent, "x_ratelimit_reset": "1"}, 1.0),
        ({**spent, "x_ratelimit_reset": str(int(time.time()) + 90_000)}, 3600.0),
    ):
        error = explain(status, secondary, **headers)
        assert isinstance(error, Transient)
        assert error.code is ErrorCode.RATE_LIMITED
        assert error.retry_after is not None
        by_the_clock = seconds in {30.0, 90.0}
        assert error.retry_after == pytest.approx(seconds, abs=20 if by_the_clock else 0.01), headers


def test_a_refusal_for_want_of_permission_is_no_limit() -> None:
    error = explain(403, said("Resource not accessible by integration"), x_ratelimit_remaining="4999")
    assert isinstance(error, ConsentLost)
