"""Each of Google's documented refusals becomes one of our errors, named by what happens next."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from services.shared.providers.google.answers import explain_answer, read_answer
from services.shared.sdk.errors import (
    ActionRequired,
    ConsentLost,
    ErrorCode,
    ProviderError,
    Refused,
    Transient,
)


def reply(status: int, reason: str, message: str, **headers: str) -> httpx.Response:
    item = {"message": message, "domain": "global", "reason": reason}
    body = {"error": {"code": status, "message": message, "errors": [item]}}
    return httpx.Response(status, json=body, headers=headers)


def explain(response: httpx.Response) -> ProviderError:
    return explain_answer(read_answer("users.insert", response))


_SCOPES = "Request had insufficient authentication scopes."
_OTHER_SKU = (
    "User already has a license of the product, but with a different SKU. To reassign a new SKU for this product, "
    'use the "update" operation.'
)


@pytest.mark.parametrize(
    ("status", "reason", "message", "kind", "code"),
    [
        (429, "rateLimitExceeded", "Rate Limit Exceeded", Transient, ErrorCode.RATE_LIMITED),
        (403, "userRateLimitExceeded", "User Rate Limit Exceeded", Transient, ErrorCode.RATE_LIMITED),
        (403, "quotaExceeded", "Quota exceeded", Transient, ErrorCode.RATE_LIMITED),
        (403, "insufficientPermissions", _SCOPES, ConsentLost, ErrorCode.MISSING_SCOPE),
        (
            403,
            "forbidden",
            "Not Authorized to access this resource/api",
            ConsentLost,
            ErrorCode.MISSING_SCOPE,
        ),
        (403, "accessNotConfigured", "Access Not Configured.", ConsentLost, ErrorCode.MISSING_SCOPE),
        (401, "authError", "Invalid Credentials", ConsentLost, ErrorCode.AUTH_EXPIRED),
        (412, "conditionNotMet", "User creation is not complete", Transient, ErrorCode.SETTLING),
        (409, "conflict", "Conflict", Transient, ErrorCode.SETTLING),
        (409, "duplicate", "Entity already exists.", ActionRequired, ErrorCode.ALREADY_EXISTS),
        (404, "notFound", "Domain not found.", Refused, ErrorCode.DOMAIN_NOT_VERIFIED),
        (404, "notFound", "Resource Not Found: userKey", Refused, ErrorCode.NOT_FOUND),
        (
            412,
            "conditionNotMet",
            "There aren't enough available licenses for the specified product-SKU pair",
            ActionRequired,
            ErrorCode.NO_SEATS,
        ),
        (412, "conditionNotMet", _OTHER_SKU, Refused, ErrorCode.CONFLICT),
        (
            412,
            "conditionNotMet",
            "Auto License switching is not allowed.",
            ActionRequired,
            ErrorCode.CONFLICT,
        ),
        (412, "conditionNotMet", "Something new", Refused, ErrorCode.UNKNOWN),
        (412, "limitExceeded", "Domain user limit reached.", ActionRequired, ErrorCode.NO_SEATS),
        (503, "backendError", "Service unavailable.", Transient, ErrorCode.UNAVAILABLE),
        (500, "internalError", "Internal Error", Transient, ErrorCode.UNAVAILABLE),
        (418, "teapot", "I am a teapot", Refused, ErrorCode.UNKNOWN),
    ],
)
def test_a_refusal_is_named_by_what_happens_next(
    status: int, reason: str, message: str, kind: type[ProviderError], code: ErrorCode
) -> None:
    error = explain(reply(status, reason, message))
    assert type(error) is kind
    assert error.code is code
    assert error.vendor_message == message


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ("Invalid Input: INVALID_OU_ID", "primary_org_unit"),
        ("Invalid Given/Family Name: GivenName", "employee.full_name"),
        ("Invalid Input: primary_user_email", "employee.work_email"),
        ("Bad Request - SKU or product does not exist.", "license_skus"),
        ("Invalid Password", "password_mode"),
        ("Invalid Input: memberKey", "groups"),
    ],
)
def test_a_bad_value_names_the_field_that_a_person_filled_in(message: str, field: str) -> None:
    error = explain(reply(400, "invalid", message))
    assert (type(error), error.code, error.field) == (Refused, ErrorCode.INVALID_FIELD, field)


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), ("2.5", 2.5), ("-3", 0.0), ("soon", None), (None, None)]
)
def test_retry_after_is_read_when_google_sends_one(header: str | None, seconds: float | None) -> None:
    headers = {} if header is None else {"Retry-After": header}
    error = explain(reply(429, "rateLimitExceeded", "Rate Limit Exceeded", **headers))
    assert isinstance(error, Transient)
    assert error.retry_after == seconds


def test_a_scope_that_is_missing_is_seen_in_the_newer_form_of_the_envelope_too() -> None:
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}
    body = {"error": {"code": 403, "message": _SCOPES, "status": "PERMISSION_DENIED", "details": [info]}}
    error = explain(httpx.Response(403, json=body))
    assert (type(error), error.code) == (ConsentLost, ErrorCode.MISSING_SCOPE)


@pytest.mark.parametrize("body", [b"<html>Bad Gateway</html>", b"", b"[]", b'{"error": "flat"}', b'"x"'])
def test_a_body_in_another_language_keeps_its_status(body: bytes) -> None:
    assert type(explain(httpx.Response(502, content=body))) is Transient
    refused = explain(httpx.Response(400, content=body))
    assert (type(refused), refused.code) == (Refused, ErrorCode.UNKNOWN)


def test_a_long_page_is_not_kept_whole() -> None:
    error: Any = explain(httpx.Response(400, content=b"x" * 100_000))
    assert len(error.vendor_message) == 500
