"""Each of ClickUp's refusals, as far as they are known, becomes one of our errors."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from services.shared.providers.clickup.answers import explain_answer, read_answer
from services.shared.providers.clickup.form import ClickUpForm, ClickUpSettings
from services.shared.sdk.errors import (
    ActionRequired,
    ConsentLost,
    ErrorCode,
    ProviderError,
    Refused,
    Transient,
)


def explain(status: int, code: str = "", message: str = "", **headers: str) -> ProviderError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response = httpx.Response(status, json={"err": message, "ECODE": code}, headers=named)
    return explain_answer(read_answer("POST /team/user", response))


@pytest.mark.parametrize(
    ("status", "code", "message", "kind", "expected"),
    [
        (401, "OAUTH_019", "Oauth token not found", ConsentLost, ErrorCode.AUTH_EXPIRED),
        (401, "OAUTH_025", "Token invalid", ConsentLost, ErrorCode.AUTH_EXPIRED),
        (401, "OAUTH_023", "Team not authorized", ConsentLost, ErrorCode.MISSING_SCOPE),
        (401, "OAUTH_045", "Team not authorized", ConsentLost, ErrorCode.MISSING_SCOPE),
        (403, "X", "You do not have permission", ConsentLost, ErrorCode.MISSING_SCOPE),
        (403, "X", "The owner can not be removed", Refused, ErrorCode.CONFLICT),
        (403, "X", "Only on the Enterprise Plan", Refused, ErrorCode.NOT_ENTITLED),
        (401, "X", "Upgrade your plan", Refused, ErrorCode.NOT_ENTITLED),
        (402, "X", "Payment required", Refused, ErrorCode.NOT_ENTITLED),
        (
            403,
            "X",
            "There are no seats available. Please upgrade your plan.",
            ActionRequired,
            ErrorCode.NO_SEATS,
        ),
        (400, "X", "User is already in this workspace", ActionRequired, ErrorCode.ALREADY_EXISTS),
        (400, "X", "Email invalid", Refused, ErrorCode.INVALID_FIELD),
        (400, "X", "Custom role not found", Refused, ErrorCode.INVALID_FIELD),
        (400, "X", "What?", Refused, ErrorCode.UNKNOWN),
        (404, "TEAM_001", "Team not found", Refused, ErrorCode.NOT_FOUND),
        (409, "X", "Conflict", ActionRequired, ErrorCode.ALREADY_EXISTS),
        (418, "X", "teapot", Refused, ErrorCode.UNKNOWN),
        (429, "APP_002", "Rate limit reached", Transient, ErrorCode.RATE_LIMITED),
        (500, "X", "Internal", Transient, ErrorCode.UNAVAILABLE),
    ],
)
def test_an_answer_is_named_by_what_happens_next(
    status: int, code: str, message: str, kind: type[ProviderError], expected: ErrorCode
) -> None:
    error = explain(status, code, message)
    assert type(error) is kind
    assert error.code is expected


def test_the_moment_of_the_next_minute_is_waited_for() -> None:
    error = explain(429, x_ratelimit_reset=str(int(time.time()) + 20))
    assert isinstance(error, Transient)
    assert error.retry_after is not None
    assert 17 < error.retry_after <= 20
    past = explain(429, x_ratelimit_reset="1000")
    assert isinstance(past, Transient)
    assert past.retry_after == 0
    strange = explain(429, x_ratelimit_reset="soon")
    assert isinstance(strange, Transient)
    assert strange.retry_after is None


def test_an_answer_in_no_language_is_told_verbatim() -> None:
    error = explain_answer(read_answer("GET /team", httpx.Response(400, text="<p>short</p>")))
    assert error.vendor_message == "<p>short</p>"


@pytest.mark.parametrize("role", [7, "7", " 7 "])
def test_the_form_takes_what_people_write(role: Any) -> None:
    form = ClickUpForm.model_validate(
        {
            "role": "guest",
            "customRoleId": role,
            "teams": "a",
            "lists": [901, "901"],
            "guestRights": ["edit_tags"],
        }
    )
    assert (form.custom_role, form.groups, form.lists) == ("7", ("a",), ("901",))
    assert ClickUpSettings.model_validate({"team_id": 901}).name == "the ClickUp Workspace"
