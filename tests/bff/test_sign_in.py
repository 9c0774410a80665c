"""Sign-in by redirects: the cookies, the binding to one browser, and a page with a reason for each failure."""

from __future__ import annotations

from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.bff.world import World, build_webapp, problem, running, token


def cookies(reply: httpx.Response) -> dict[str, str]:
    """Each cookie that the answer sets: its whole line."""
    return {line.split("=", 1)[0]: line for line in reply.headers.get_list("set-cookie")}


def value(line: str) -> str:
    return next(iter(SimpleCookie(line).values())).value


def begin(world: World, query: str = "") -> tuple[str, str]:
    """State and binding cookie of a sign-in that was begun."""
    reply = world.bare("GET", f"/bff/sign-in{query}")
    assert reply.status_code == 302
    state = parse_qs(urlsplit(reply.headers["location"]).query)["state"][0]
    return state, value(cookies(reply)["__Host-oc-sign-in"])


def come_back(
    world: World, state: str, binding: str | None, code: str = "ada", more: str = ""
) -> httpx.Response:
    cookie = "; ".join(part for part in (f"__Host-oc-sign-in={binding}" if binding else "", more) if part)
    return world.bare(
        "GET", f"/bff/callback?code={code}&state={state}", headers={"Cookie": cookie} if cookie else {}
    )


def test_a_sign_in_goes_to_the_identity_provider_with_a_short_lived_cookie_for_this_browser(
    world: World,
) -> None:
    reply = world.bare("GET", "/bff/sign-in?return_to=/people%3Fq%3Da")
    assert reply.status_code == 302
    assert reply.headers["location"].startswith("https://idp.example/authorize?")
    line = cookies(reply)["__Host-oc-sign-in"]
    for part in ("Path=/", "Secure", "HttpOnly", "SameSite=lax", "Max-Age=600"):
        assert part in line
    assert "Domain" not in line
    (begun,) = world.auth.asked("sign-in/start")
    assert begun["return_to"] == "/people?q=a"
    assert len(begun["binding"]) >= 16
    assert value(line) != begun["binding"], "the auth service learns a hash of the cookie"


def test_coming_back_gives_the_session_cookie_and_the_page_that_was_wanted(world: World) -> None:
    state, binding = begin(world, "?return_to=/requests/1")
    reply = come_back(world, state, binding)
    assert (reply.status_code, reply.headers["location"]) == (302, "/requests/1")
    line = cookies(reply)["__Host-oc"]
    assert value(line) == token("ada")
    for part in ("Path=/", "Secure", "HttpOnly", "SameSite=lax"):
        assert part in line
    for part in ("Domain", "Max-Age", "expires"):
        assert part not in line
    assert "Max-Age=0" in cookies(reply)["__Host-oc-sign-in"]
    assert reply.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "there", ["//evil.example", "/%5Cevil.example", "https://evil.example", "/bff/sign-in"]
)
def test_no_sign_in_leads_off_the_site(world: World, there: str) -> None:
    state, binding = begin(world, f"?return_to={there}")
    assert world.auth.asked("sign-in/start")[0]["return_to"] == "/"
    world.auth.states[state]["return_to"] = there  # not even when the auth service were to say so
    assert come_back(world, state, binding).headers["location"] == "/"


def test_two_tabs_of_one_browser_can_sign_in_at_once(world: World) -> None:
    first, binding = begin(world)
    reply = world.bare("GET", "/bff/sign-in", headers={"Cookie": f"__Host-oc-sign-in={binding}"})
    assert value(cookies(reply)["__Host-oc-sign-in"]) == binding
    second = parse_qs(urlsplit(reply.headers["location"]).query)["state"][0]
    assert come_back(world, second, binding).headers["location"] == "/"
    assert come_back(world, first, binding).headers["location"] == "/"


def test_a_sign_in_of_another_browser_gives_no_session(world: World) -> None:
    state, _ = begin(world)
    _, other = begin(world)
    for binding in (other, None, "short"):
        reply = come_back(world, state, binding)
        assert reply.headers["location"] == "/sign-in?error=expired"
        assert "__Host-oc" not in cookies(reply)


def test_an_answer_that_was_used_gives_no_second_session_and_does_not_bother_who_is_signed_in(
    world: World,
) -> None:
    state, binding = begin(world)
    session = value(cookies(come_back(world, state, binding))["__Host-oc"])
    assert come_back(world, state, binding).headers["location"] == "/sign-in?error=expired"
    again = come_back(world, state, binding, more=f"__Host-oc={session}")
    assert again.headers["location"] == "/"
    assert "__Host-oc" not in cookies(again)


def test_the_session_before_ends_when_a_new_one_begins(world: World) -> None:
    before = world.auth.add("before")
    state, binding = begin(world)
    reply = come_back(world, state, binding, more=f"__Host-oc={before}")
    assert value(cookies(reply)["__Host-oc"]) == token("ada")
    assert before not in world.auth.sessions


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("error=access_denied&state=s", "refused"),
        ("error=temporarily_unavailable&state=s", "unavailable"),
        ("error=%3Cscript%3E", "failed"),
        ("", "failed"),
        ("code=a", "failed"),
        ("state=a", "failed"),
        (f"code={'a' * 5000}&state=s", "failed"),
    ],
)
def test_an_answer_that_is_no_sign_in_leads_to_a_page_with_the_reason(
    world: World, query: str, error: str
) -> None:
    reply = world.bare("GET", f"/bff/callback?{query}")
    assert (reply.status_code, reply.headers["location"]) == (302, f"/sign-in?error={error}")
    assert world.auth.calls == []


def test_a_person_without_a_role_is_told_so(world: World) -> None:
    state, binding = begin(world)
    assert come_back(world, state, binding, code="nobody").headers["location"] == "/sign-in?error=no_role"


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (503, "identity_provider_unavailable", "unavailable"),
        (503, "unavailable", "unavailable"),
        (500, "internal", "unavailable"),
        (401, "unauthenticated", "unavailable"),
        (422, "invalid_input", "failed"),
        (404, "not_found", "failed"),
    ],
)
def test_each_refusal_has_its_reason_on_the_page(world: World, status: int, code: str, error: str) -> None:
    state, binding = begin(world)
    world.auth.answer = problem(status, code)
    for reply in (world.bare("GET", "/bff/sign-in"), come_back(world, state, binding)):
        assert (reply.status_code, reply.headers["location"]) == (302, f"/sign-in?error={error}")


def test_an_auth_service_that_is_away_is_a_page_too(tmp_path: Path) -> None:
    with running(build_webapp(tmp_path / "dist")) as world:
        world.auth_served.stop()
        assert world.bare("GET", "/bff/sign-in").headers["location"] == "/sign-in?error=unavailable"


def test_an_authorize_address_that_is_no_web_address_is_not_followed(world: World) -> None:
    world.auth.answer = problem(200, "x")
    world.auth.answer.body = b'{"authorize_url": "javascript:alert(1)"}'
    world.auth.answer.headers["content-length"] = str(len(world.auth.answer.body))
    assert world.bare("GET", "/bff/sign-in").headers["location"] == "/sign-in?error=failed"
