"""What Zoom says, in our words: refusals, deliveries, and what a form may say."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from services.shared.providers.zoom.answers import ZoomAnswer, explain_answer
from services.shared.providers.zoom.form import ZoomForm
from services.shared.providers.zoom.provider import Zoom
from services.shared.sdk.errors import (
    ActionRequired,
    ConsentLost,
    ErrorCode,
    ProviderError,
    Refused,
    Transient,
)
from services.shared.sdk.optional import Heard, HearsEvents


def answer(status: int, code: int = 0, message: str = "", **more: Any) -> ProviderError:
    headers = more.pop("headers", {})
    body = {"code": code, "message": message, **more} if code else {}
    reply = httpx.Response(status, json=body, headers=headers)
    return explain_answer(ZoomAnswer("GET /users", reply))


@pytest.mark.parametrize(
    ("status", "code", "message", "kind", "expected"),
    [
        (401, 124, "Invalid access token.", ConsentLost, ErrorCode.AUTH_EXPIRED),
        (
            400,
            4711,
            "Invalid access token, does not contain scopes:[x].",
            ConsentLost,
            ErrorCode.MISSING_SCOPE,
        ),
        (403, 0, "", ConsentLost, ErrorCode.MISSING_SCOPE),
        (400, 2034, "…", ActionRequired, ErrorCode.NO_SEATS),
        (400, 2033, "…", ActionRequired, ErrorCode.NO_SEATS),
        (400, 3412, "…", ActionRequired, ErrorCode.NO_SEATS),
        (400, 200, "You can add max 2 Webinar 500 users.", ActionRequired, ErrorCode.NO_SEATS),
        (400, 200, "No permission.", Refused, ErrorCode.NOT_ENTITLED),
        (409, 1005, "Email has already been used.", ActionRequired, ErrorCode.ALREADY_EXISTS),
        (400, 1009, "already holds an active account", ActionRequired, ErrorCode.ALREADY_EXISTS),
        (400, 1108, "…", Refused, ErrorCode.CONFLICT),
        (400, 1109, "Host is not a paid user.", Refused, ErrorCode.CONFLICT),
        (400, 1117, "You can not disassociate an Admin user.", ActionRequired, ErrorCode.CONFLICT),
        (400, 1120, "A valid invitation …", Refused, ErrorCode.NOT_FOUND),
        (404, 1001, "User does not exist: x.", Refused, ErrorCode.NOT_FOUND),
        (404, 4130, "A group with this x does not exist.", Refused, ErrorCode.NOT_FOUND),
        (400, 1034, "Role does not exist.", Refused, ErrorCode.NOT_FOUND),
        (404, 2300, "This API endpoint is not recognized.", Refused, ErrorCode.UNKNOWN),
        (418, 0, "", Refused, ErrorCode.UNKNOWN),
        (503, 0, "", Transient, ErrorCode.UNAVAILABLE),
        (429, 429, "You have reached the maximum per-second rate limit.", Transient, ErrorCode.RATE_LIMITED),
    ],
)
def test_every_number_has_its_meaning(
    status: int, code: int, message: str, kind: type[ProviderError], expected: ErrorCode
) -> None:
    error = answer(status, code, message)
    assert (type(error), error.code) == (kind, expected)


def test_a_proxy_s_404_is_nobody_s_absence() -> None:
    reply = ZoomAnswer("GET /users/x", httpx.Response(404, text="<html>no such page</html>"))
    assert not reply.is_missing
    assert explain_answer(reply).code is ErrorCode.UNKNOWN


def test_validation_names_the_field() -> None:
    error = answer(
        400, 300, "Validation Failed.", errors=[{"field": "user_info.email", "message": "Invalid field."}]
    )
    assert (error.code, error.field) == (ErrorCode.INVALID_FIELD, "employee.work_email")
    assert "user_info.email: Invalid field." in (error.vendor_message or "")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"x-ratelimit-type": "Daily-limit"}, 3600.0),
        ({"x-ratelimit-type": "Daily-limit", "retry-after": "40"}, 40.0),
        ({"x-ratelimit-type": "QPS", "retry-after": "1"}, 1.0),
    ],
)
def test_a_used_up_day_is_looked_at_every_hour(headers: dict[str, str], seconds: float | None) -> None:
    error = answer(429, 429, "Too many", headers=headers)
    assert isinstance(error, Transient)
    assert error.retry_after == seconds


def delivery(event: str, about: Any) -> dict[str, Any]:
    return {"event": event, "event_ts": 1, "payload": {"account_id": "a", "object": about}}


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("user.activated", "activated"),
        ("user.invitation_accepted", "activated"),
        ("user.deactivated", "changed"),
        ("user.disassociated", "removed"),
        ("user.deleted", "removed"),
    ],
)
def test_deliveries_name_the_person(event: str, kind: Any) -> None:
    zoom = Zoom()
    assert isinstance(zoom, HearsEvents)
    heard = zoom.hear({}, delivery(event, {"id": "u1", "email": "Grace@Acme.example", "type": 1}))
    assert heard == (Heard(kind=kind, remote_id="u1", email="grace@acme.example"),)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"event": "meeting.started", "payload": {"object": {"id": "1"}}},
        {"event": "endpoint.url_validation", "payload": {"plainToken": "x"}},
        {"event": "user.activated", "payload": None},
        {"event": "user.activated", "payload": {"object": []}},
        {"event": "user.activated", "payload": {"object": {"type": 1}}},
        {"event": ["user.activated"]},
    ],
)
def test_what_does_not_concern_us_is_not_heard(body: dict[str, Any]) -> None:
    assert Zoom().hear({}, body) == ()


def test_the_form_takes_what_people_write() -> None:
    form = ZoomForm.model_validate(
        {
            "licenseType": "licensed",
            "addOns": "Webinar500",
            "group": "Sales",
            "roleId": " ",
            "createAction": "autoCreate",
        }
    )
    assert (form.add_ons, form.groups, form.role, form.creation) == (
        ("webinar500",),
        ("Sales",),
        None,
        "autoCreate",
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"add_ons": ["webinar500"]},
        {"license_type": "licensed", "add_ons": ["webinar500", "webinar1000"]},
        {"license_type": "licensed", "add_ons": ["phone"]},
        {"license_type": "none"},
        {"license_type": "licensed", "groups": [" "]},
        {"creation": "custCreate"},
        {"zoom": 1},
    ],
)
def test_the_form_refuses_what_does_not_fit_together(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ZoomForm.model_validate(fields)
