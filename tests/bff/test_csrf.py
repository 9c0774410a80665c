"""Who may act in a person's name: our own page, and nobody else (ASVS 5, 3.5)."""

from __future__ import annotations

import pytest

from tests.bff.world import CSRF, EVENTS, World

OURS = "http://localhost:8100"
SAME = {"Sec-Fetch-Site": "same-origin"}

ACCEPTED = [
    ("POST", CSRF),
    ("POST", {**CSRF, **SAME}),
    ("GET", {**CSRF, **SAME}),
    ("GET", CSRF),
    ("DELETE", CSRF),
    ("POST", {**CSRF, "Origin": OURS}),
    ("POST", {**CSRF, **SAME, "Origin": "http://localhost:5173"}),  # the development server before us
    ("GET", EVENTS),
    ("GET", {**EVENTS, **SAME}),
    ("GET", {**SAME, "Accept": "text/html, Text/Event-Stream;q=0.9"}),
]
REFUSED = [
    ("GET", {}),
    ("POST", {}),
    ("PUT", {}),
    ("DELETE", {}),
    ("POST", SAME),
    ("POST", {"X-OC-CSRF": "0"}),
    ("POST", {"X-OC-CSRF": ""}),
    ("POST", {**CSRF, "Sec-Fetch-Site": "cross-site"}),
    ("POST", {**CSRF, "Sec-Fetch-Site": "same-site"}),
    ("POST", {**CSRF, "Sec-Fetch-Site": "none"}),
    ("GET", {**CSRF, "Sec-Fetch-Site": "cross-site"}),
    ("POST", {**CSRF, "Origin": "https://evil.example"}),
    ("POST", {**CSRF, "Origin": "null"}),
    ("POST", {**CSRF, "Origin": "http://localhost:8101"}),
    ("POST", {**CSRF, "Origin": "http://localhost:8100.evil.example"}),
    ("POST", {**CSRF, "Origin": "http://[:::"}),
    ("POST", EVENTS),
    ("GET", {**EVENTS, "Sec-Fetch-Site": "cross-site"}),
    ("GET", {**EVENTS, "Sec-Fetch-Site": "same-site"}),
    ("GET", {**EVENTS, "Sec-Fetch-Site": "none"}),
    ("GET", {**EVENTS, "Origin": "https://evil.example"}),
    ("GET", {"Accept": "text/event-stream-not"}),
]


@pytest.mark.parametrize(("method", "headers"), ACCEPTED)
def test_calls_of_our_own_page_pass(world: World, method: str, headers: dict[str, str]) -> None:
    reply = world.bare(method, "/api/requests/1", world.auth.add("ada"), {"Accept": "*/*", **headers})
    assert reply.status_code == 200


@pytest.mark.parametrize(("method", "headers"), REFUSED)
def test_calls_of_anyone_else_are_refused_before_they_reach_anything(
    world: World, method: str, headers: dict[str, str]
) -> None:
    reply = world.bare(method, "/api/requests/1", world.auth.add("ada"), headers)
    assert reply.status_code == 403
    assert reply.json()["code"] in {"cross_site", "csrf_header_missing"}
    assert world.api.seen == []
    assert world.auth.calls == []


@pytest.mark.parametrize("path", ["/bff/sign-out", "/bff/tenant"])
@pytest.mark.parametrize(
    "headers",
    [{}, SAME, EVENTS, {**CSRF, "Sec-Fetch-Site": "cross-site"}, {**CSRF, "Origin": "https://evil.example"}],
)
def test_changes_of_the_session_need_the_same(world: World, path: str, headers: dict[str, str]) -> None:
    session = world.auth.add("ada")
    reply = world.bare("POST", path, session, headers, json={"tenant_id": "0"})
    assert reply.status_code == 403
    assert session in world.auth.sessions


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("Application/JSON", 200),
        ("application/merge-patch+json", 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("text/json+json", 415),
        ("", 415),
    ],
)
def test_a_body_is_json_and_says_so(world: World, content_type: str, status: int) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    reply = world.call("POST", "/api/requests", world.auth.add("ada"), headers, content=b"{}")
    assert reply.status_code == status
    if status != 200:
        assert reply.json()["code"] == "not_json"
        assert world.api.seen == []


def test_a_body_of_unknown_length_must_be_json_too(world: World) -> None:
    reply = world.call("POST", "/api/requests", world.auth.add("ada"), content=iter([b"{}"]))
    assert reply.status_code == 415


def test_an_encoded_spelling_of_api_is_guarded_as_well(world: World) -> None:
    session = world.auth.add("ada")
    assert world.bare("POST", "/%61pi/requests", session).status_code == 403
    assert world.bare("POST", "/bf%66/sign-out", session).status_code == 403
