"""Each refusal of the standard, and of applications beside it, becomes one of our errors."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from services.shared.providers.scim.answers import explain_answer, read_answer
from services.shared.sdk.errors import (
    ActionRequired,
    ConsentLost,
    ErrorCode,
    ProviderError,
    Refused,
    Transient,
)


def explain(status: int, body: Any, **headers: str) -> ProviderError:
    content = {"json": body} if not isinstance(body, str) else {"text": body}
    response = httpx.Response(
        status, headers={name.replace("_", "-"): one for name, one in headers.items()}, **content
    )
    return explain_answer(read_answer("POST /Users", response))


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (400, {"scimType": "invalidValue", "detail": "no"}, Refused, ErrorCode.INVALID_FIELD),
        (400, {"scimType": "mutability", "detail": "no"}, Refused, ErrorCode.INVALID_FIELD),
        (400, {"scimType": "uniqueness", "detail": "no"}, ActionRequired, ErrorCode.ALREADY_EXISTS),
        (400, {"detail": "what?"}, Refused, ErrorCode.UNKNOWN),
        (401, {"detail": "expired"}, ConsentLost, ErrorCode.AUTH_EXPIRED),
        (401, "Unauthorized", ConsentLost, ErrorCode.AUTH_EXPIRED),
        (403, {"detail": "no"}, ConsentLost, ErrorCode.MISSING_SCOPE),
        (403, {"detail": "No license is left for another user"}, ActionRequired, ErrorCode.NO_SEATS),
        (404, {"detail": "gone"}, Refused, ErrorCode.NOT_FOUND),
        (405, {"detail": "no"}, Refused, ErrorCode.NOT_ENTITLED),
        (409, {"scimType": "uniqueness"}, ActionRequired, ErrorCode.ALREADY_EXISTS),
        (409, {"detail": "exists"}, ActionRequired, ErrorCode.ALREADY_EXISTS),
        (409, {"scimType": "mutability"}, Refused, ErrorCode.CONFLICT),
        (412, {"detail": "moved"}, Transient, ErrorCode.UNAVAILABLE),
        (418, {"detail": "teapot"}, Refused, ErrorCode.UNKNOWN),
        (429, {"detail": "slow"}, Transient, ErrorCode.RATE_LIMITED),
        (500, "<html>", Transient, ErrorCode.UNAVAILABLE),
        (501, {"detail": "no"}, Refused, ErrorCode.NOT_ENTITLED),
        (302, "", Refused, ErrorCode.UNKNOWN),
    ],
)
def test_an_answer_is_named_by_what_happens_next(
    status: int, body: Any, kind: type[ProviderError], code: ErrorCode
) -> None:
    error = explain(status, body)
    assert type(error) is kind
    assert error.code is code


def test_the_application_s_words_travel_with_the_error() -> None:
    assert explain(400, {"detail": "title: too long", "status": 400}).vendor_message == "title: too long"
    assert explain(400, "plain words").vendor_message == "plain words"
    assert explain(400, ["a", "list"]).vendor_message == '["a","list"]'


def test_a_503_that_names_a_time_is_a_limit() -> None:
    error = explain(503, {}, retry_after="4")
    assert isinstance(error, Transient)
    assert (error.code, error.retry_after) == (ErrorCode.RATE_LIMITED, 4.0)
