"""The web app's files and the headers around everything (ASVS 5, 3.4)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.bff.world import World, build_webapp, running

EVERYWHERE = {
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def policy(line: str) -> dict[str, str]:
    return dict(part.strip().partition(" ")[::2] for part in line.split(";"))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"), ("GET", "/people"), ("GET", "/assets/index-abc123.js"), ("GET", "/assets/none.js"),
        ("GET", "/favicon.svg"), ("GET", "/api/me"), ("POST", "/api/me"), ("GET", "/bff/session"), ("GET", "/bff/none"),
        ("GET", "/bff/sign-in"), ("GET", "/bff/callback"), ("POST", "/bff/sign-out"), ("GET", "/health"),
        ("GET", "/ready"), ("GET", "/metrics"), ("DELETE", "/"), ("GET", "/api/internal/x"),
    ],
)  # fmt: skip
def test_every_answer_carries_the_strict_headers(world: World, method: str, path: str) -> None:
    reply = world.bare(method, path)
    for name, value in EVERYWHERE.items():
        assert reply.headers.get_list(name) == [value], name
    assert "camera=()" in reply.headers["permissions-policy"]
    assert "frame-ancestors 'none'" in reply.headers["content-security-policy"]
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert "server" not in reply.headers
    assert reply.headers["x-correlation-id"]
    if not path.startswith("/assets/index") and path != "/favicon.svg":
        assert reply.headers["cache-control"] == "no-store"


def test_an_answer_that_we_did_not_foresee_carries_them_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bff.webui.files.new_nonce", lambda: 1 / 0)
    # The server hangs up after such an answer: the next test must not be sent on this connection.
    reply = world.bare("GET", "/", headers={"Connection": "close"})
    assert (reply.status_code, reply.json()["code"]) == (500, "internal")
    assert "ZeroDivision" not in reply.text
    for name, value in EVERYWHERE.items():
        assert reply.headers[name] == value
    assert reply.headers["x-correlation-id"] == reply.json()["correlation_id"]


def test_the_page_has_a_nonce_of_its_own_each_time(world: World) -> None:
    nonces = set()
    for path in ("/", "/people/1", "/index.html", "/deep/er/path", "/apiary", "/robots.txt"):
        reply = world.bare("GET", path)
        assert reply.status_code == 200
        assert reply.headers["content-type"].startswith("text/html")
        assert "__CSP_NONCE__" not in reply.text
        (found,) = set(re.findall(r'nonce="([^"]+)"', reply.text))
        assert policy(reply.headers["content-security-policy"])["style-src"] == f"'self' 'nonce-{found}'"
        nonces.add(found)
    assert len(nonces) == 6
    assert all(len(nonce) >= 22 for nonce in nonces)


def test_the_pages_policy_allows_our_own_files_and_nothing_else(world: World) -> None:
    rules = policy(world.bare("GET", "/").headers["content-security-policy"])
    del rules["style-src"]
    assert rules == {
        "default-src": "'none'",
        "script-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "object-src": "'none'",
        "frame-ancestors": "'none'",
        "manifest-src": "'self'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "default",
    }


def test_hashed_files_are_kept_for_good_and_others_are_asked_for_each_time(world: World) -> None:
    asset = world.bare("GET", "/assets/index-abc123.js")
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert asset.headers["content-type"].startswith(("text/javascript", "application/javascript"))
    icon = world.bare("GET", "/favicon.svg")
    assert icon.headers["cache-control"] == "no-cache"
    again = world.bare("GET", "/favicon.svg", headers={"If-None-Match": icon.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        "/assets/none.js",
        "/assets/",
        "/assets",
        "/api",
        "/bff",
        "/bff/none",
        "/assets/../index.html",
        "/assets/%2e%2e/x",
    ],
)
def test_addresses_that_are_not_pages_are_not_found(world: World, path: str) -> None:
    reply = world.bare("GET", path, headers={"X-OC-CSRF": "1"})
    assert reply.status_code in {404, 200}
    if reply.status_code == 200:  # a client library that tidied the address up asked for the page itself
        assert path.count("..") or "%2e" in path
        assert reply.headers["content-type"].startswith("text/html")
    else:
        assert reply.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path", ["/.vite/manifest.json", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd", "/a%00b"]
)
def test_nothing_outside_the_folder_and_nothing_hidden_is_served(world: World, path: str) -> None:
    reply = world.bare("GET", path)
    assert reply.headers["content-type"].startswith("text/html")
    assert "root:" not in reply.text


def test_a_page_can_be_asked_for_by_head_and_not_written_to(world: World) -> None:
    head = world.bare("HEAD", "/people")
    assert (head.status_code, head.text) == (200, "")
    assert world.bare("POST", "/people").status_code == 405


def test_without_the_built_web_app_a_plain_page_says_what_is_missing(tmp_path: Path) -> None:
    with running(tmp_path / "nowhere") as world:
        reply = world.bare("GET", "/people")
        assert reply.status_code == 503
        assert reply.headers["content-type"].startswith("text/plain")
        assert "WEBUI_DIR" in reply.text
        assert str(tmp_path) not in reply.text
        assert world.bare("GET", "/bff/session").status_code == 200
        build_webapp(tmp_path / "nowhere")
        assert world.bare("GET", "/people").status_code == 200
        (tmp_path / "nowhere" / "index.html").write_text("<p>built anew</p>")
        assert world.bare("GET", "/people").text == "<p>built anew</p>"


def test_health_and_metrics_are_for_those_who_run_it(world: World) -> None:
    assert world.bare("GET", "/health").json() == {"service": "bff", "status": "alive"}
    assert world.bare("GET", "/ready").json()["status"] == "ready"
    assert "oneclick_bff_open_streams" in world.bare("GET", "/metrics").text
    for path in ("/health", "/ready", "/metrics"):
        for name in ("X-Forwarded-For", "Forwarded"):
            reply = world.bare("GET", path, headers={name: "for=1.2.3.4"})
            assert reply.status_code == 404, "what comes through the proxy sees nothing of it"
