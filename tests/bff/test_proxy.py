"""The way to the api: what passes, what does not, and what happens when nobody is there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qsl

import httpx
import pytest

from bff.session import keeper
from tests.bff.world import CSRF, World, build_webapp, running

LIMIT = 2 * 1024 * 1024


def test_a_call_reaches_the_api_in_the_name_of_its_session(world: World) -> None:
    session = world.auth.add("ada")
    reply = world.call(
        "POST", "/api/requests?dry_run=a%2Bb&x=%2F&x=%CE%A9%20%26%20?", session, json={"kind": "onboard"}
    )
    seen = reply.json()
    assert reply.status_code == 200
    assert seen["method"] == "POST"
    assert seen["path"] == "/api/requests"
    assert parse_qsl(seen["query"]) == [("dry_run", "a+b"), ("x", "/"), ("x", "Ω & ?")]
    assert seen["body"] == '{"kind":"onboard"}'
    assert seen["headers"]["authorization"] == "Bearer internal-acme-admin"
    assert (
        reply.headers["x-correlation-id"]
        == seen["headers"]["x-correlation-id"]
        == world.auth.correlation_ids[-1]
    )


def test_only_the_listed_headers_of_the_browser_pass(world: World) -> None:
    session = world.auth.add("ada")
    forged = {
        "X-Forwarded-For": "1.2.3.4",
        "X-Forwarded-Host": "evil",
        "Forwarded": "for=1.2.3.4",
        "X-Tenant-Id": "2",
        "X-User-Id": "2",
        "X-Service-Token": "guess",
        "Authorization": "Bearer forged",
        "X-Correlation-Id": "chosen-by-the-browser",
        "X-Anything": "1",
        "Te": "trailers",
        "Idempotency-Key": "once",
        "Last-Event-ID": "7",
        "If-None-Match": '"1"',
        "Accept": "application/json",
        "User-Agent": "browser",
    }
    headers = world.call("GET", "/api/me", session, headers=forged).json()["headers"]
    assert set(headers) <= {
        "host", "accept", "accept-encoding", "authorization", "user-agent", "x-correlation-id",
        "idempotency-key", "last-event-id", "if-none-match", "connection",
    }  # fmt: skip
    assert headers["authorization"] == "Bearer internal-acme-admin"
    assert headers["x-correlation-id"] != "chosen-by-the-browser"
    assert headers["idempotency-key"] == "once"
    assert headers["last-event-id"] == "7"
    assert headers["user-agent"] == "oneclick-bff"
    assert "cookie" not in headers


def test_the_apis_answer_passes_without_what_only_the_bff_may_set(world: World) -> None:
    reply = world.call("GET", "/api/odd", world.auth.add("ada"))
    assert reply.text == "odd"
    assert reply.headers["retry-after"] == "7"
    assert reply.headers["etag"] == '"1"'
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["x-frame-options"] == "DENY"
    assert reply.headers.get_list("content-security-policy") == [
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ]
    for name in ("set-cookie", "server", "access-control-allow-origin", "location", "x-private"):
        assert name not in reply.headers, name


def test_without_a_session_the_answer_is_a_problem_and_never_a_redirect(world: World) -> None:
    for session in (None, "short", "unknown-" + "x" * 30, "with space and more than twenty"):
        reply = world.call("GET", "/api/me", session, headers={"Accept": "text/html"})
        assert reply.status_code == 401, session
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.json()["code"] == "session_ended"
        assert reply.json()["correlation_id"] == reply.headers["x-correlation-id"]
    assert world.api.seen == []


def test_a_call_without_accept_asks_for_json(world: World) -> None:
    session = world.auth.add("ada")
    request = world.http.build_request("GET", "/api/me", headers={**CSRF, "Cookie": f"__Host-oc={session}"})
    del request.headers["accept"]
    assert world.http.send(request).json()["headers"]["accept"] == "application/json"


@pytest.mark.parametrize(
    "path",
    [
        "/api/", "/api/internal", "/api/internal/sweep", "/api/INTERNAL/sweep", "/api/%69nternal/sweep",
        "/api/./internal/sweep", "/api//internal/sweep", "/api/x/../internal/sweep", "/api/%2e%2e/auth/internal",
        "/api/%2E/internal/sweep", "/api/..%2finternal/sweep", "/api/internal%2fsweep", "/api/x%5c..%5cinternal",
        "/api/../api/internal/sweep", "/api/x/%2e%2e/internal/sweep", "/api/a%00b", "/api/a%0d%0ab", "/api/x/",
        "/api/\u0130nternal/..",
    ],
)  # fmt: skip
def test_inner_and_ambiguous_addresses_do_not_exist(world: World, path: str) -> None:
    reply = _raw(world, "POST", path, world.auth.add("ada"))
    assert reply == 404
    assert world.api.seen == []


def _raw(world: World, method: str, path: str, session: str) -> int:
    """The status, for a path that no client library has tidied up."""

    async def ask() -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", world.bff.port)
        spelled = path if path.isascii() else httpx.URL(path).raw_path.decode()
        lines = [
            f"{method} {spelled} HTTP/1.1",
            "Host: localhost",
            "X-OC-CSRF: 1",
            f"Cookie: __Host-oc={session}",
        ]
        writer.write(("\r\n".join([*lines, "Connection: close", "", ""])).encode())
        status = int((await reader.readline()).split()[1])
        await reader.read()
        writer.close()
        await writer.wait_closed()
        return status

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, ask()).result()


def test_what_is_checked_is_what_is_sent(world: World) -> None:
    session = world.auth.add("ada")
    reply = world.call("GET", "/api/apps/%61cme@x.example/b%2525c;d=1", session)
    assert reply.json()["path"] == "/api/apps/acme@x.example/b%2525c;d=1"


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "PROPFIND", "CONNECT"])
def test_other_methods_are_refused(world: World, method: str) -> None:
    reply = world.call(method, "/api/me", world.auth.add("ada"))
    assert reply.status_code == 405
    assert "access-control-allow-origin" not in reply.headers
    assert world.api.seen == []


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_the_usual_methods_pass_without_a_body(world: World, method: str) -> None:
    seen = world.call(method, "/api/requests/1", world.auth.add("ada")).json()
    assert (seen["method"], seen["length"]) == (method, 0)


def test_a_body_of_two_mebibytes_passes_and_one_byte_more_does_not(world: World) -> None:
    session = world.auth.add("ada")
    json = {"Content-Type": "application/json"}
    fits = world.call("POST", "/api/requests", session, json, content=b"1" * LIMIT)
    assert fits.json()["length"] == LIMIT
    larger = world.call("POST", "/api/requests", session, json, content=b"1" * (LIMIT + 1))
    assert (larger.status_code, larger.json()["code"]) == (413, "body_too_large")


def test_a_body_that_does_not_say_its_length_is_cut_off_at_the_limit(world: World) -> None:
    def chunks(size: int) -> Iterator[bytes]:
        for _ in range(size // 65536):
            yield b"1" * 65536

    session = world.auth.add("ada")
    json = {"Content-Type": "application/json"}
    assert world.call("POST", "/api/r", session, json, content=chunks(LIMIT)).json()["length"] == LIMIT
    reply = world.call("POST", "/api/r", session, json, content=chunks(LIMIT * 2))
    assert reply.status_code == 413
    assert len(world.api.seen) == 1


def test_an_api_that_is_away_gives_a_problem_that_says_so_and_is_found_again(tmp_path: Path) -> None:
    with running(build_webapp(tmp_path / "dist")) as world:
        session = world.auth.add("ada")
        assert world.call("GET", "/api/me", session).status_code == 200
        world.api_served.pause()
        for method in ("GET", "POST"):
            reply = world.call(method, "/api/me", session)
            assert (reply.status_code, reply.json()["code"]) == (503, "api_unavailable")
            assert reply.headers["content-type"] == "application/problem+json"
        assert world.bare("GET", "/ready").json()["checks"]["api"] != "ok"
        world.api_served.resume()
        assert world.call("GET", "/api/me", session).status_code == 200


def test_an_auth_service_that_is_away_is_no_sign_out(tmp_path: Path) -> None:
    with running(build_webapp(tmp_path / "dist")) as world:
        session = world.auth.add("ada")
        world.auth_served.pause()
        for path in ("/api/me", "/bff/session"):
            reply = world.call("GET", path, session)
            assert (reply.status_code, reply.json()["code"]) == (503, "auth_unavailable")
            assert "set-cookie" not in reply.headers
        refused = world.call("POST", "/bff/sign-out", session)
        assert refused.status_code == 503
        assert "set-cookie" not in refused.headers
        world.auth_served.resume()
        assert world.call("GET", "/api/me", session).status_code == 200


def test_a_service_token_that_auth_refuses_is_our_trouble_not_the_persons(tmp_path: Path) -> None:
    with running(build_webapp(tmp_path / "dist"), service_token="bff-2.some-other-secret-01234567") as world:
        reply = world.call("GET", "/api/me", world.auth.add("ada"))
        assert (reply.status_code, reply.json()["code"]) == (503, "auth_unavailable")


def test_an_answer_that_breaks_off_is_not_passed_on_as_whole(world: World) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        world.call("GET", "/api/short", world.auth.add("ada"))


def test_one_internal_token_serves_calls_at_the_same_moment_and_the_next_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(build_webapp(tmp_path / "dist"), session_cache_seconds=10) as world:
        session = world.auth.add("ada")
        world.auth.delay = 0.2
        with ThreadPoolExecutor(8) as pool:
            replies = list(pool.map(lambda _: world.call("GET", "/api/me", session), range(8)))
        assert [reply.status_code for reply in replies] == [200] * 8
        assert len(world.auth.asked("session/token")) == 1
        del world.auth.sessions[session]
        assert world.call("GET", "/api/me", session).status_code == 200
        clock = SimpleNamespace(monotonic=lambda: time.monotonic() + 11)
        monkeypatch.setattr(keeper, "time", clock)  # eleven seconds later
        assert world.call("GET", "/api/me", session).status_code == 401


def test_a_token_that_the_api_refuses_is_not_used_again(tmp_path: Path) -> None:
    with running(build_webapp(tmp_path / "dist"), session_cache_seconds=10) as world:
        session = world.auth.add("ada")
        assert world.call("GET", "/api/refused", session).status_code == 401
        assert world.call("GET", "/api/me", session).status_code == 200
        assert len(world.auth.asked("session/token")) == 2
