"""Graph's answers become errors that say what happens next; unknown ones are never success."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from services.shared.providers.microsoft.answers import GraphAnswer, explain_answer, explained, read_answer
from services.shared.sdk.errors import (
    ActionRequired,
    ConsentLost,
    ErrorCode,
    ProviderError,
    Refused,
    Transient,
)

MEMBER_EXISTS = (
    "One or more added object references already exist for the following modified properties: 'members'."
)


def reply(
    status: int,
    code: str = "Request_BadRequest",
    message: str = "",
    *,
    inner: str = "innerError",
    **headers: str,
) -> httpx.Response:
    body = {"error": {"code": code, "message": message, inner: {"request-id": "r-1", "date": "x"}}}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json=body, headers=named)


def judge(response: httpx.Response) -> ProviderError:
    return explain_answer(read_answer("x", response))


@pytest.mark.parametrize("inner", ["innerError", "innererror"])
def test_the_request_id_is_kept_in_either_spelling(inner: str) -> None:
    error = judge(reply(400, message="Something new.", inner=inner))
    assert error.vendor_message == "Request_BadRequest: Something new. (request-id r-1)"


def test_without_an_inner_error_the_header_tells_the_request_id() -> None:
    body = {"error": {"code": "X", "message": "y"}}
    answer = read_answer("x", httpx.Response(400, json=body, headers={"request-id": "r-2"}))
    assert answer.vendor_message == "X: y (request-id r-2)"


@pytest.mark.parametrize(
    ("status", "headers", "code", "seconds"),
    [
        (429, {}, ErrorCode.RATE_LIMITED, None),
        (429, {"retry_after": "10"}, ErrorCode.RATE_LIMITED, 10),
        (429, {"retry_after": "2.128"}, ErrorCode.RATE_LIMITED, 2.128),
        (503, {"retry_after": "5"}, ErrorCode.RATE_LIMITED, 5),
        (509, {}, ErrorCode.RATE_LIMITED, None),
        (503, {}, ErrorCode.UNAVAILABLE, None),
        (500, {}, ErrorCode.UNAVAILABLE, None),
        (504, {}, ErrorCode.UNAVAILABLE, None),
        (423, {}, ErrorCode.UNAVAILABLE, None),
    ],
)
def test_what_may_pass_is_tried_again(
    status: int, headers: dict[str, str], code: ErrorCode, seconds: float | None
) -> None:
    error = judge(reply(status, "TooManyRequests", "Slow down.", **headers))
    assert isinstance(error, Transient)
    assert (error.code, error.retry_after) == (code, seconds)


def test_retry_after_may_be_a_date() -> None:
    when = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    error = judge(reply(429, retry_after=when))
    assert isinstance(error, Transient)
    assert error.retry_after == pytest.approx(30, abs=25)


def test_writes_that_cross_each_other_are_tried_again() -> None:
    error = judge(reply(400, "Directory_ConcurrencyViolation", "Retry."))
    assert isinstance(error, Transient)


def test_401_and_403_stop_the_connection() -> None:
    expired = judge(reply(401, "InvalidAuthenticationToken", "Lifetime validation failed."))
    assert isinstance(expired, ConsentLost)
    assert expired.code is ErrorCode.AUTH_EXPIRED
    denied = judge(reply(403, "Authorization_RequestDenied", "Insufficient privileges."))
    assert isinstance(denied, ConsentLost)
    assert denied.code is ErrorCode.MISSING_SCOPE


def test_a_full_directory_is_not_a_missing_permission() -> None:
    error = judge(reply(403, "Directory_QuotaExceeded", "The directory object quota limit was exceeded."))
    assert isinstance(error, ActionRequired)
    assert error.code is ErrorCode.NOT_ENTITLED


@pytest.mark.parametrize(
    ("message", "kind", "code", "field"),
    [
        (
            "Subscription with SKU 05e9a617 does not have any available licenses.",
            ActionRequired,
            ErrorCode.NO_SEATS,
            "licenses",
        ),
        (
            "Another object with the same value for property userPrincipalName already exists.",
            ActionRequired,
            ErrorCode.ALREADY_EXISTS,
            "employee.work_email",
        ),
        (
            "License assignment cannot be done for user with invalid usage location.",
            Refused,
            ErrorCode.INVALID_FIELD,
            "usage_location",
        ),
        (
            "You must use one of the verified domain names in your organization.",
            Refused,
            ErrorCode.DOMAIN_NOT_VERIFIED,
            "employee.work_email",
        ),
        (
            "License assignment failed because service plans a and b are mutually exclusive.",
            Refused,
            ErrorCode.CONFLICT,
            "licenses",
        ),
        (
            "License assignment failed because service plan a depends on the service plan(s) B",
            Refused,
            ErrorCode.CONFLICT,
            "licenses",
        ),
        (
            "License x does not correspond to a valid company License.",
            Refused,
            ErrorCode.INVALID_FIELD,
            "licenses",
        ),
        (
            "Invalid value specified for property 'usageLocation' of resource 'User'.",
            Refused,
            ErrorCode.INVALID_FIELD,
            "usage_location",
        ),
        (
            "The specified password does not comply with password complexity requirements.",
            Refused,
            ErrorCode.INVALID_FIELD,
            None,
        ),
        (
            "Unable to update the specified properties for on-premises mastered Directory Sync objects.",
            Refused,
            ErrorCode.CONFLICT,
            None,
        ),
        (
            "Cannot Update a mail-enabled security groups and or distribution list.",
            Refused,
            ErrorCode.CONFLICT,
            "groups",
        ),
        ("Something new.", Refused, ErrorCode.UNKNOWN, None),
    ],
)
def test_400s_are_told_apart_by_their_sentence(
    message: str, kind: type[ProviderError], code: ErrorCode, field: str | None
) -> None:
    error = judge(reply(400, message=message))
    assert isinstance(error, kind)
    assert (error.code, error.field) == (code, field)
    assert message in str(error.vendor_message)


def test_409_with_the_same_sentence_is_the_same() -> None:
    message = "Another object with the same value for property mailNickname already exists."
    assert judge(reply(409, message=message)).code is ErrorCode.ALREADY_EXISTS


def test_two_400s_mean_that_it_was_done_before() -> None:
    member = read_answer("x", reply(400, message=MEMBER_EXISTS))
    assert member.is_member_already
    assert not member.is_duplicate
    assert read_answer(
        "x", reply(400, message="User does not have a corresponding license.")
    ).is_license_absent


@pytest.mark.parametrize(
    "body", [b"<html>", b"", b"[]", b'{"error": "x"}', b'{"error": {}}', b'{"error": null}']
)
def test_an_error_in_another_language_is_still_one(body: bytes) -> None:
    error = judge(httpx.Response(418, content=body))
    assert isinstance(error, Refused)
    assert error.code is ErrorCode.UNKNOWN
    gateway: Any = judge(httpx.Response(502, content=body))
    assert isinstance(gateway, Transient)


def test_an_unreadable_success_is_unknown() -> None:
    with pytest.raises(Refused) as caught, explained():
        raise GraphAnswer("users.list", 200, "", "<html>")
    assert caught.value.code is ErrorCode.UNKNOWN
    assert caught.value.vendor_message == "<html>"
