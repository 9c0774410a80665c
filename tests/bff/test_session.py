"""The session as the browser sees it: who, where, another tenant, out."""

from __future__ import annotations

import pytest

from bff.settings import BffSettings
from services.shared.web.principal import GRANTED, Role
from tests.bff.world import ACME, GLOBEX, World


def test_a_session_says_who_where_and_what_may_be_done_and_holds_no_token(world: World) -> None:
    session = world.auth.add("ada", role="helpdesk")
    reply = world.bare("GET", "/bff/session", session)
    body = reply.json()
    assert body["signed_in"] is True
    assert body["operator"]["email"] == "admin@acme.example"
    assert body["tenant"]["slug"] == "acme"
    assert [tenant["role"] for tenant in body["tenants"]] == ["helpdesk", "auditor"]
    assert body["permissions"] == sorted(GRANTED[Role.HELPDESK])
    assert session not in reply.text
    assert "internal-" not in reply.text
    assert reply.headers["cache-control"] == "no-store"


def test_nobody_is_signed_in_without_a_cookie(world: World) -> None:
    reply = world.bare("GET", "/bff/session")
    assert reply.status_code == 200
    assert reply.json() == {
        "signed_in": False, "operator": None, "tenant": None, "role": None, "tenants": [], "permissions": []
    }  # fmt: skip
    assert world.auth.calls == []


def test_a_cookie_whose_session_has_ended_is_taken_back(world: World) -> None:
    reply = world.bare("GET", "/bff/session", "ended-" + "x" * 30)
    assert reply.json()["signed_in"] is False
    assert "Max-Age=0" in reply.headers["set-cookie"]
    assert "Secure" in reply.headers["set-cookie"]


def test_a_role_that_this_release_does_not_know_grants_nothing(world: World) -> None:
    assert (
        world.bare("GET", "/bff/session", world.auth.add("ada", role="emperor")).json()["permissions"] == []
    )


def test_signing_out_ends_the_session_everywhere_and_says_where_to_go(world: World) -> None:
    session = world.auth.add("ada")
    reply = world.call("POST", "/bff/sign-out", session, json={})
    assert reply.json() == {"redirect": "https://idp.example/sign-out"}
    assert reply.headers["clear-site-data"] == '"storage"'
    line = reply.headers["set-cookie"]
    assert line.startswith("__Host-oc=")
    for part in ("Max-Age=0", "Path=/", "Secure", "HttpOnly"):
        assert part in line
    assert session not in world.auth.sessions
    assert world.call("GET", "/api/me", session).status_code == 401


def test_signing_out_twice_or_without_a_session_is_no_error(world: World) -> None:
    for session in (None, "ended-" + "x" * 30):
        reply = world.call("POST", "/bff/sign-out", session)
        assert (reply.status_code, reply.json()) == (200, {"redirect": "/sign-in"})


def test_another_tenant_is_entered_at_once(world: World) -> None:
    session = world.auth.add("ada")
    reply = world.call("POST", "/bff/tenant", session, json={"tenant_id": str(GLOBEX)})
    assert reply.status_code == 200
    assert reply.json()["tenant"]["slug"] == "globex"
    assert (
        world.call("GET", "/api/me", session)
        .json()["headers"]["authorization"]
        .startswith("Bearer internal-globex")
    )


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"tenant_id": "00000000-0000-0000-0000-000000000077"}, 403, "not_your_tenant"),
        ({"tenant_id": "not-a-uuid"}, 422, "invalid_input"),
        ({}, 422, "invalid_input"),
    ],
)
def test_a_tenant_that_is_not_the_persons_is_refused_and_nothing_changes(
    world: World, body: dict[str, str], status: int, code: str
) -> None:
    session = world.auth.add("ada")
    reply = world.call("POST", "/bff/tenant", session, json=body)
    assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert reply.headers["content-type"] == "application/problem+json"
    assert world.auth.sessions[session]["tenant"] == ACME


def test_a_tenant_cannot_be_chosen_without_a_session(world: World) -> None:
    for session in (None, "ended-" + "x" * 30):
        reply = world.call("POST", "/bff/tenant", session, json={"tenant_id": str(GLOBEX)})
        assert (reply.status_code, reply.json()["code"]) == (401, "session_ended")


def test_a_body_that_is_not_json_is_refused_in_words(world: World) -> None:
    reply = world.call(
        "POST", "/bff/tenant", world.auth.add("ada"), {"Content-Type": "application/json"}, content=b"{"
    )
    assert (reply.status_code, reply.json()["code"]) == (400, "invalid_json")


def test_what_may_be_done_is_cut_within_ten_seconds_with_the_settings_as_they_come() -> None:
    fields = BffSettings.model_fields
    shared_look, longest_answer = 1.0, 2.0
    assert fields["session_cache_seconds"].default <= 10
    assert fields["stream_check_seconds"].default + shared_look + longest_answer <= 10
