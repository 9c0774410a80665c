"""To a vendor and back: pages for people, one session, no address that somebody else chose."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest
from fastapi.responses import JSONResponse

from tests.bff.world import World, problem

AUTHORIZE, CALLBACK = "/auth/oauth/google/authorize", "/auth/oauth/google/callback"
VENDOR_PAGE = "https://accounts.google.example/o?state=s"
CONNECTION = str(UUID(int=7))
SIGN_IN = "/bff/sign-in?return_to=%2Fadmin%2Fconnections"


def outcome(**said: Any) -> JSONResponse:
    nothing = {"connection_id": None, "failed": None, "reason": None, "authorize_url": None, "return_to": ""}
    return JSONResponse({**nothing, **said})


def visit(world: World, path: str, **headers: str) -> httpx.Response:
    session = world.auth.add("ada")
    reply = world.bare("GET", path, headers={"Cookie": f"__Host-oc={session}", **headers})
    assert reply.status_code == 302, reply.text
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["referrer-policy"] == "no-referrer"
    return reply


def went(reply: httpx.Response) -> tuple[str, dict[str, str]]:
    parts = urlsplit(reply.headers["location"])
    return parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}


def test_a_person_is_sent_to_the_vendor_with_their_own_session(world: World) -> None:
    world.auth.answer = outcome(authorize_url=VENDOR_PAGE)
    reply = visit(
        world,
        f"{AUTHORIZE}?method=authorization_code&connection_id={CONNECTION}&return_to=/admin/connections?x=1",
    )
    assert reply.headers["location"] == VENDOR_PAGE
    (asked,) = world.auth.asked("oauth/google/start")
    assert asked == {
        "session_token": next(iter(world.auth.sessions)),
        "method": "authorization_code",
        "connection_id": CONNECTION,
        "return_to": "/admin/connections?x=1",
    }


@pytest.mark.parametrize(
    "target",
    ["https://evil.example", "//evil.example", "/\\evil", "/%2Fevil.example", "/auth/oauth/x/callback", ""],
)
def test_a_tampered_way_back_goes_to_the_page_of_connections(world: World, target: str) -> None:
    world.auth.answer = outcome(authorize_url=VENDOR_PAGE)
    session = world.auth.add("ada")
    world.bare("GET", AUTHORIZE, params={"return_to": target}, headers={"Cookie": f"__Host-oc={session}"})
    assert world.auth.asked("oauth/google/start")[-1]["return_to"] == "/admin/connections"
    # Even one that got into the store.
    world.auth.answer = outcome(connection_id=CONNECTION, return_to=target)
    assert went(visit(world, CALLBACK)) == ("/admin/connections", {"connected": CONNECTION})


def test_coming_back_passes_the_whole_answer_on_and_shows_none_of_it(world: World) -> None:
    world.auth.answer = outcome(connection_id=CONNECTION, return_to="/admin/connections?tab=all")
    reply = visit(world, f"{CALLBACK}?code=canary-code&state=s&iss=https%3A%2F%2Fg.example&scope=a+b")
    assert went(reply) == ("/admin/connections", {"tab": "all", "connected": CONNECTION})
    assert "canary" not in str(reply.headers)
    (asked,) = world.auth.asked("oauth/google/finish")
    assert asked["query"] == {
        "code": "canary-code",
        "state": "s",
        "iss": "https://g.example",
        "scope": "a b",
    }


@pytest.mark.parametrize("code", ["access_denied", "state_expired", "other_account", "vendor_refused"])
def test_a_failure_leads_back_with_its_code(world: World, code: str) -> None:
    world.auth.answer = outcome(failed=code, reason="For logs and people who ask.")
    for path in (AUTHORIZE, f"{CALLBACK}?error=access_denied&state=s"):
        assert went(visit(world, path)) == ("/admin/connections", {"failed": code, "vendor": "google"})


def test_another_leg_goes_to_the_vendor_again(world: World) -> None:
    world.auth.answer = outcome(authorize_url=VENDOR_PAGE)
    assert visit(world, f"{CALLBACK}?admin_consent=True&state=s").headers["location"] == VENDOR_PAGE


def test_an_address_that_is_no_web_page_is_not_followed(world: World) -> None:
    world.auth.answer = outcome(authorize_url="javascript:alert(1)")
    assert went(visit(world, AUTHORIZE))[1]["failed"] == "vendor_refused"


def test_without_a_session_people_sign_in_first(world: World) -> None:
    for path in (AUTHORIZE, f"{CALLBACK}?code=c&state=s"):
        reply = world.bare("GET", path)
        assert (reply.status_code, reply.headers["location"]) == (302, SIGN_IN)
    world.auth.answer = problem(401, "session_ended")
    assert visit(world, AUTHORIZE).headers["location"] == SIGN_IN


def test_another_sites_page_does_not_send_people_to_consent(world: World) -> None:
    reply = visit(world, AUTHORIZE, **{"Sec-Fetch-Site": "cross-site"})
    assert reply.headers["location"] == "/admin/connections"
    assert world.auth.asked("oauth/google/start") == []
    # Coming back is always from another site.
    world.auth.answer = outcome(connection_id=CONNECTION)
    assert went(visit(world, CALLBACK, **{"Sec-Fetch-Site": "cross-site"}))[1] == {"connected": CONNECTION}


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (problem(403, "may_not_connect"), "access_denied"),
        (problem(404, "not_found"), "not_configured"),
        (problem(404, "connection_not_found"), "state_invalid"),
        (problem(422, "invalid_input"), "state_invalid"),
        (problem(503, "unavailable"), "vendor_unreachable"),
        (JSONResponse(["what"]), "vendor_unreachable"),
    ],
)
def test_what_the_auth_service_refuses_is_a_page_with_a_reason(
    world: World, reply: JSONResponse, code: str
) -> None:
    world.auth.answer = reply
    assert went(visit(world, f"{CALLBACK}?state=s"))[1]["failed"] == code


@pytest.mark.parametrize(
    "path",
    [
        f"{CALLBACK}?state=a&state=b",
        f"{CALLBACK}?state={'x' * 8193}",
        f"{CALLBACK}?{'&'.join(f'p{n}=1' for n in range(41))}",
        f"{AUTHORIZE}?connection_id=no-uuid",
        "/auth/oauth/G%2F..%2Fx/authorize",
        "/auth/oauth/UPPER/callback?state=s",
    ],
)
def test_what_no_vendor_sends_never_reaches_the_auth_service(world: World, path: str) -> None:
    session = world.auth.add("ada")
    reply = world.bare("GET", path, headers={"Cookie": f"__Host-oc={session}"})
    assert reply.status_code in {302, 404}
    if reply.status_code == 302:
        assert went(reply)[0] == "/admin/connections"
    assert [path for path, _ in world.auth.calls if path.startswith("oauth")] == []


def test_nothing_else_below_auth_is_a_page_or_reaches_anything(world: World) -> None:
    for path in ("/auth/internal/tenant-token", "/auth/jwks.json", "/auth/oauth/google/else"):
        assert world.bare("GET", path).status_code == 404
    assert world.auth.calls == []
