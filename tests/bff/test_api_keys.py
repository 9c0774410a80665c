"""Programs call through the same door with an API key: no cookie, no CSRF header, nobody's session."""

from __future__ import annotations

import itertools

import pytest

from tests.bff.test_streams import numbers
from tests.bff.world import EVENTS, World
from tests.fixtures.waiting import eventually

KEY = f"oc_{'0' * 32}_{'a' * 43}"
BEARER = {"Authorization": f"Bearer {KEY}"}
HEADER = {"X-API-Key": KEY}


@pytest.mark.parametrize("sent", [BEARER, HEADER, {**BEARER, **HEADER}, {"Authorization": f"bearer {KEY}"}])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_a_programs_call_reaches_the_api_with_its_key_alone(
    world: World, sent: dict[str, str], method: str
) -> None:
    reply = world.bare(method, "/api/requests?x=1", None, sent, json={"a": 1} if method != "GET" else None)
    assert reply.status_code == 200
    seen = reply.json()["headers"]
    assert {name: value for name, value in seen.items() if name in {"authorization", "x-api-key"}} == {
        name.lower(): value for name, value in sent.items()
    }
    assert seen["user-agent"] == "oneclick-bff"
    assert world.auth.calls == []


def test_a_cookie_beside_a_key_is_not_looked_at(world: World) -> None:
    """Otherwise a page could act in a session's name by adding any key, without the CSRF header."""
    session = world.auth.add("ada")
    seen = world.bare("POST", "/api/requests", session, BEARER, json={}).json()["headers"]
    assert seen["authorization"] == BEARER["Authorization"]
    assert "cookie" not in seen
    assert world.auth.calls == []
    # Neither does the key help with what is the session's.
    assert world.bare("POST", "/bff/sign-out", session, BEARER).status_code == 403


@pytest.mark.parametrize(
    "sent",
    [
        {"Authorization": "Bearer eyJhbGciOiJFUzI1NiJ9.e30.c2ln"},
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": KEY},
        {"Authorization": "Bearer"},
    ],
)
def test_what_is_no_key_opens_nothing(world: World, sent: dict[str, str]) -> None:
    """An internal token that leaked is of no use from outside."""
    reply = world.bare("GET", "/api/me", None, sent)
    assert (reply.status_code, reply.json()["code"]) == (403, "csrf_header_missing")
    assert "oc_" in reply.json()["detail"]
    seen = world.bare("GET", "/api/me", None, {**sent, **HEADER}).json()["headers"]
    assert "authorization" not in seen
    assert world.bare("GET", "/api/me", world.auth.add("ada"), sent).status_code == 403


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403, "cross_site"),
        ({"Origin": "https://evil.example"}, 403, "cross_site"),
        ({"Content-Type": "text/plain"}, 415, "not_json"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415, "not_json"),
    ],
)
def test_a_key_in_a_foreign_page_or_a_form_is_refused(
    world: World, more: dict[str, str], status: int, code: str
) -> None:
    reply = world.bare("POST", "/api/requests", None, {**BEARER, **more}, content=b"{}")
    assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert world.api.seen == []


@pytest.mark.parametrize("path", ["/api/internal/sweep", "/api/x/../internal/sweep", "/api/"])
def test_inner_routes_are_closed_to_programs_too(world: World, path: str) -> None:
    assert world.bare("GET", path, None, BEARER).status_code == 404
    assert world.api.seen == []


def test_a_refused_key_stays_refused_and_its_problem_passes(world: World) -> None:
    for headers in (BEARER, {**BEARER, **EVENTS}):
        reply = world.bare("GET", "/api/refused", None, headers)
        assert (reply.status_code, reply.json()["code"]) == (401, "unauthenticated")


def test_a_programs_stream_passes_event_by_event_and_ends_with_the_api(world: World) -> None:
    with world.http.stream("GET", "/api/requests/1/events", headers={**BEARER, **EVENTS}) as reply:
        assert reply.headers["x-accel-buffering"] == "no"
        assert list(itertools.islice(numbers(reply), 3)) == [1, 2, 3]
    eventually(lambda: world.api.open_streams == 0)
    world.api.truncate_after = 2
    with world.http.stream("GET", "/api/requests/1/events", headers={**HEADER, **EVENTS}) as reply:
        assert list(numbers(reply)) == [1, 2]
    assert world.auth.calls == []


@pytest.mark.parametrize("name", [b"X-API-Key", b"Authorization"])
@pytest.mark.parametrize(
    "shown", [b"oc_\xff\xfe", b"oc_" + "ключ".encode(), b"oc_" + b"a" * 9000, b"oc_ x y", b"oc_"]
)
def test_a_malformed_key_is_the_callers_fault(world: World, name: bytes, shown: bytes) -> None:
    value = shown if name == b"X-API-Key" else b"Bearer " + shown
    reply = world.http.request("GET", "/api/me", headers=[(name, value)])
    assert reply.status_code < 500, reply.text
