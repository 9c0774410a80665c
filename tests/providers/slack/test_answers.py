"""Slack's words become ours: each documented one, and those that nobody knows."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

from services.shared.providers.slack.accounts import find_user
from services.shared.providers.slack.answers import SlackAnswer, explain_answer, read_scim, read_web
from services.shared.providers.slack.client import web
from services.shared.providers.slack.form import SlackSettings
from services.shared.sdk.contract import Context, Person
from services.shared.sdk.errors import ActionRequired, ConsentLost, ErrorCode, Refused, Transient


def scim(status: int, word: str, headers: dict[str, str] | None = None) -> Any:
    body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "detail": word, "status": status}
    return explain_answer(read_scim("POST Users", httpx.Response(status, json=body, headers=headers)))


def refusal(word: str, status: int = 200, **more: Any) -> Any:
    response = httpx.Response(status, json={"ok": False, "error": word, **more})
    answer = read_web("conversations.invite", response)
    assert answer is not None
    return explain_answer(answer)


@pytest.mark.parametrize(
    ("status", "word", "kind", "code", "field"),
    [
        (409, "username_taken", ActionRequired, ErrorCode.ALREADY_EXISTS, None),
        (409, "email_taken", ActionRequired, ErrorCode.ALREADY_EXISTS, "employee.work_email"),
        (400, "email_invalid", Refused, ErrorCode.INVALID_FIELD, "employee.work_email"),
        (400, "invalid_display_name", Refused, ErrorCode.INVALID_FIELD, "employee.full_name"),
        (400, "user_creation_failed", ActionRequired, ErrorCode.CONFLICT, None),
        (400, "cannot_modify_owner", ActionRequired, ErrorCode.CONFLICT, None),
        (400, "cannot_make_user_guest", Refused, ErrorCode.CONFLICT, "role"),
        (400, "unable_to_add_deleted_or_guest_to_group", Refused, ErrorCode.CONFLICT, "groups"),
        (404, "no_such_user", Refused, ErrorCode.NOT_FOUND, None),
        (404, "no_such_group", Refused, ErrorCode.NOT_FOUND, "groups"),
        (401, "invalid_authentication", ConsentLost, ErrorCode.AUTH_EXPIRED, None),
        (401, "", ConsentLost, ErrorCode.AUTH_EXPIRED, None),
        (403, "permission_denied", ConsentLost, ErrorCode.MISSING_SCOPE, None),
        (403, "plus_teams_only", ActionRequired, ErrorCode.NOT_ENTITLED, None),
        (400, "non_org_teams_only", ActionRequired, ErrorCode.NOT_ENTITLED, None),
        (429, "too_many_requests", Transient, ErrorCode.RATE_LIMITED, None),
        (429, "resource_locked", Transient, ErrorCode.RATE_LIMITED, None),
        (500, "internal_error", Transient, ErrorCode.UNAVAILABLE, None),
        (409, "something_else", Refused, ErrorCode.CONFLICT, None),
        (400, "invalid_request_payload", Refused, ErrorCode.UNKNOWN, None),
        (418, "teapot", Refused, ErrorCode.UNKNOWN, None),
    ],
)
def test_words_of_scim(status: int, word: str, kind: type, code: ErrorCode, field: str | None) -> None:
    error = scim(status, word)
    assert (type(error), error.code, error.field) == (kind, code, field)


@pytest.mark.parametrize(
    ("word", "status", "kind", "code"),
    [
        ("ratelimited", 429, Transient, ErrorCode.RATE_LIMITED),
        ("ratelimited", 200, Transient, ErrorCode.RATE_LIMITED),
        ("fatal_error", 200, Transient, ErrorCode.UNAVAILABLE),
        ("internal_error", 500, Transient, ErrorCode.UNAVAILABLE),
        ("token_revoked", 200, ConsentLost, ErrorCode.AUTH_EXPIRED),
        ("account_inactive", 200, ConsentLost, ErrorCode.AUTH_EXPIRED),
        ("missing_scope", 200, ActionRequired, ErrorCode.MISSING_SCOPE),
        ("not_an_enterprise", 200, ActionRequired, ErrorCode.NOT_ENTITLED),
        ("not_in_channel", 200, ActionRequired, ErrorCode.CONFLICT),
        ("restricted_action", 200, ActionRequired, ErrorCode.CONFLICT),
        ("is_archived", 200, Refused, ErrorCode.NOT_FOUND),
        ("channel_not_found", 200, Refused, ErrorCode.NOT_FOUND),
        ("a_word_of_next_year", 200, Refused, ErrorCode.UNKNOWN),
    ],
)
def test_words_of_the_web_api(word: str, status: int, kind: type, code: ErrorCode) -> None:
    error = refusal(word, status)
    assert (type(error), error.code) == (kind, code)
    assert error.vendor_message == word


def test_what_a_scope_is_missing_for_is_told() -> None:
    assert refusal("missing_scope", needed="channels:write").vendor_message == (
        "missing_scope (needs channels:write)"
    )


@pytest.mark.parametrize(("value", "seconds"), [("30", 30.0), ("2.5", 2.5), ("nonsense", None)])
def test_retry_after_is_passed_on(value: str, seconds: float | None) -> None:
    assert scim(429, "too_many_requests", {"retry-after": value}).retry_after == seconds


def test_answers_in_another_language_are_unknown() -> None:
    html = read_scim("POST Users", httpx.Response(400, text="<html>no</html>"))
    assert explain_answer(html).vendor_message == "<html>no</html>"
    odd = read_web("auth.test", httpx.Response(200, json=["ok"]))
    assert odd is not None
    assert odd.is_unreadable


def context(handler: Any) -> Context[SlackSettings]:
    return Context(
        tenant_id=uuid.uuid4(),
        settings=SlackSettings(team_id="T1"),
        http=httpx.AsyncClient(transport=httpx.MockTransport(handler)),
        endpoints={"slack_scim": "http://slack.test/scim/v2/", "slack_api": "http://slack.test/api"},
        person=Person(employee_id=uuid.uuid4(), full_name="Ada Lovelace", work_email="ada@acme.example"),
    )


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"schemas": []},
        {"schemas": [], "id": "U1", "userName": "a", "active": True, "emails": None},
        {"schemas": [], "id": "U1", "userName": "a", "active": True, "emails": [], "name": "Ada"},
    ],
)
async def test_a_user_that_cannot_be_read_is_no_user(body: dict[str, Any]) -> None:
    with pytest.raises(SlackAnswer, match="unreadable"):
        await find_user(context(lambda _: httpx.Response(200, json=body)), "U1")


async def test_empty_fields_are_null_and_texts_are_kept_apart() -> None:
    body = {
        "schemas": [],
        "id": "U1",
        "externalId": "",
        "userName": "ada",
        "name": {"givenName": None, "familyName": "Lovelace"},
        "title": None,
        "active": True,
        "emails": [{"value": "second@acme.example"}, {"value": "Ada@acme.example", "primary": True}],
        "groups": None,
    }
    user = await find_user(context(lambda _: httpx.Response(200, json=body)), "U1")
    assert user is not None
    assert user.addresses == ("ada@acme.example", "second@acme.example")
    assert (user.given_name, user.title, user.external_id, dict(user.groups)) == ("", "", "", {})


async def test_the_base_urls_are_ours_and_scopes_are_read_from_the_header() -> None:
    seen: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(200, json={"ok": True}, headers={"x-oauth-scopes": "admin, users:read"})

    reply = await web(context(handler), "auth.test", team=None)
    assert seen == ["http://slack.test/api/auth.test"]
    assert reply.scopes == frozenset({"admin", "users:read"})
    silent = await web(context(lambda _: httpx.Response(200, json={"ok": True})), "auth.test")
    assert silent.scopes is None
