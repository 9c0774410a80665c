"""Signing in at the local OIDC provider: by the protocol, and in a real browser."""

from __future__ import annotations

import base64
import hashlib
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from playwright.async_api import async_playwright

from tests.fixtures.sandbox import Sandbox

CALLBACK = "http://127.0.0.1:9/bff/callback"
SECRET = "sandbox-oidc-secret"


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


async def metadata(raw: httpx.AsyncClient, sandbox: Sandbox) -> dict[str, Any]:
    known: dict[str, Any] = (await raw.get(sandbox.oidc_issuer + "/.well-known/openid-configuration")).json()
    return known


def authorize_query(**changes: str) -> str:
    query = {
        "response_type": "code",
        "client_id": "oneclick",
        "redirect_uri": CALLBACK,
        "scope": "openid profile email groups",
        "state": "s-1",
        "nonce": "n-1",
        **changes,
    }
    return urlencode(query)


async def code_for(raw: httpx.AsyncClient, sandbox: Sandbox, sub: str, **changes: Any) -> str:
    known = await metadata(raw, sandbox)
    url = f"{known['authorization_endpoint']}?{authorize_query(**changes)}"
    assert (await raw.get(url)).status_code == 200
    answer = await raw.post(url, data={"sub": sub})
    assert answer.status_code == 302, answer.text
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query["state"] == ["s-1"]
    return query["code"][0]


async def exchange(
    raw: httpx.AsyncClient, sandbox: Sandbox, code: Any, secret: str = SECRET, **more: Any
) -> httpx.Response:
    known = await metadata(raw, sandbox)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, **more}
    return await raw.post(known["token_endpoint"], data=form, auth=("oneclick", secret))


async def claims_of(raw: httpx.AsyncClient, sandbox: Sandbox, body: Any) -> dict[str, Any]:
    known = await metadata(raw, sandbox)
    keys = KeySet.import_key_set((await raw.get(known["jwks_uri"])).json())
    return jwt.decode(body["id_token"], keys).claims


async def test_the_issuer_has_its_path_everywhere(raw: httpx.AsyncClient, sandbox: Sandbox) -> None:
    known = await metadata(raw, sandbox)
    assert known["issuer"] == sandbox.oidc_issuer == f"{sandbox.url}/oidc"
    addresses = [value for name, value in known.items() if name.endswith(("_endpoint", "_uri"))]
    assert all(address.startswith(known["issuer"] + "/") for address in addresses)


@pytest.mark.parametrize(
    ("sub", "name", "groups"),
    [
        ("admin@acme.example", "Ada Admin", ["oneclick-admins"]),
        ("helpdesk@acme.example", "Hal Helpdesk", ["oneclick-helpdesk"]),
        ("auditor@acme.example", "Audrey Auditor", ["oneclick-auditors"]),
        ("admin@globex.example", "Gil Globex", ["oneclick-admins"]),
    ],
)
async def test_a_code_with_its_verifier_gives_the_persons_claims(
    raw: httpx.AsyncClient, sandbox: Sandbox, sub: str, name: str, groups: list[str]
) -> None:
    verifier = secrets.token_urlsafe(48)
    code = await code_for(
        raw, sandbox, sub, code_challenge=challenge_of(verifier), code_challenge_method="S256"
    )
    reply = await exchange(raw, sandbox, code, code_verifier=verifier)
    assert reply.status_code == 200, reply.text
    claims = await claims_of(raw, sandbox, reply.json())
    assert claims["iss"] == sandbox.oidc_issuer
    assert claims["aud"] in ("oneclick", ["oneclick"])
    assert (claims["sub"], claims["email"], claims["name"], claims["groups"]) == (sub, sub, name, groups)
    assert claims["nonce"] == "n-1"
    info = await raw.get(
        (await metadata(raw, sandbox))["userinfo_endpoint"],
        headers={"authorization": f"Bearer {reply.json()['access_token']}"},
    )
    assert info.json()["groups"] == groups
    again = await exchange(raw, sandbox, code, code_verifier=verifier)
    assert again.status_code == 400, "a code works once"


@pytest.mark.parametrize("verifier", ["", "another-verifier-that-does-not-fit-the-challenge-at-all"])
async def test_a_code_without_its_verifier_is_worth_nothing(
    raw: httpx.AsyncClient, sandbox: Sandbox, verifier: str
) -> None:
    code = await code_for(
        raw, sandbox, "admin@acme.example", code_challenge=challenge_of("right"), code_challenge_method="S256"
    )
    reply = await exchange(raw, sandbox, code, code_verifier=verifier)
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_grant")


async def test_a_wrong_client_secret_or_client_is_refused(raw: httpx.AsyncClient, sandbox: Sandbox) -> None:
    code = await code_for(raw, sandbox, "admin@acme.example")
    reply = await exchange(raw, sandbox, code, secret="wrong")
    assert (reply.status_code, reply.json()["error"]) == (401, "invalid_client")
    known = await metadata(raw, sandbox)
    stranger = await raw.get(f"{known['authorization_endpoint']}?{authorize_query(client_id='stranger')}")
    assert stranger.status_code == 400


async def test_the_pages_need_nothing_from_elsewhere(raw: httpx.AsyncClient, sandbox: Sandbox) -> None:
    known = await metadata(raw, sandbox)
    page = (await raw.get(f"{known['authorization_endpoint']}?{authorize_query()}")).text
    for name in ("Ada Admin", "Hal Helpdesk", "Audrey Auditor", "Gil Globex"):
        assert name in page
    end = (
        await raw.get(known["end_session_endpoint"] + "?post_logout_redirect_uri=http://127.0.0.1:9/")
    ).text
    for text in (page, end):
        assert not any(word in text for word in ("https://", "<link", "<script", "src="))


async def test_signing_out_leads_back_where_the_client_said(raw: httpx.AsyncClient, sandbox: Sandbox) -> None:
    known = await metadata(raw, sandbox)
    target = "http://127.0.0.1:9/sign-in"
    page = await raw.get(known["end_session_endpoint"], params={"post_logout_redirect_uri": target})
    action = page.text.partition('action="')[2].partition('"')[0]
    answer = await raw.post(action, data={"redirect_uri": target})
    assert (answer.status_code, answer.headers["location"]) == (302, target)


async def test_a_person_can_cancel(raw: httpx.AsyncClient, sandbox: Sandbox) -> None:
    known = await metadata(raw, sandbox)
    answer = await raw.post(f"{known['authorization_endpoint']}?{authorize_query()}", data={"action": "deny"})
    assert "error=access_denied" in answer.headers["location"]


def _chromium() -> str | None:
    """The browser that the machine has, where Playwright has not brought its own."""
    return next(
        (path for path in ("/usr/bin/chromium", "/usr/bin/google-chrome") if Path(path).exists()), None
    )


@pytest.mark.browser
async def test_a_real_browser_signs_in_with_one_click(sandbox: Sandbox) -> None:
    query = authorize_query(code_challenge=challenge_of("v"), code_challenge_method="S256")
    asked: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
        try:
            page = await browser.new_page()
            page.on("request", lambda request: asked.append(request.url))
            await page.goto(f"{sandbox.oidc_issuer}/oauth2/authorize?{query}")
            async with page.expect_request(CALLBACK + "?*") as landed:
                await page.get_by_role("button", name="Hal Helpdesk").click()
            request = await landed.value
        finally:
            await browser.close()
    assert parse_qs(urlsplit(request.url).query)["state"] == ["s-1"]
    assert {urlsplit(url).netloc for url in asked} <= {urlsplit(sandbox.url).netloc, "127.0.0.1:9"}
