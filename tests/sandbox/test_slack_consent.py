"""Slack's OAuth v2: an owner's token, scopes that add up, revocation, rotation where it is on."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.fixtures.consent import Page, open_page
from tests.fixtures.sandbox import Sandbox

CALLBACK = "http://localhost:8100/auth/oauth/slack/callback"
ADMIN = "person-admin-acme-example"


@pytest.fixture
def app(sandbox: Sandbox) -> dict[str, Any]:
    sandbox.reset(tokens=True)
    found: dict[str, Any] = sandbox.info()["slack"]["oauth"]
    return found


async def ask(raw: httpx.AsyncClient, app: dict[str, Any], **changes: Any) -> Page:
    params = {
        "client_id": app["client_id"],
        "user_scope": "admin,users:read.email",
        "redirect_uri": CALLBACK,
        "state": "s",
        **changes,
    }
    return await open_page(raw, app["authorize_url"], params)


async def agree(raw: httpx.AsyncClient, app: dict[str, Any], **changes: Any) -> str:
    page = await (await ask(raw, app, **changes)).click(ADMIN)
    return (await page.click("consent-allow")).came_back["code"]


async def exchange(raw: httpx.AsyncClient, app: dict[str, Any], **form: Any) -> dict[str, Any]:
    secret = form.pop("client_secret", app["client_secret"])
    reply = await raw.post(app["token_url"], data=form, auth=(app["client_id"], secret))
    assert reply.status_code == 200
    body: dict[str, Any] = reply.json()
    return body


async def redeem(raw: httpx.AsyncClient, app: dict[str, Any], code: str, /, **form: Any) -> dict[str, Any]:
    return await exchange(raw, app, **{"code": code, "redirect_uri": CALLBACK, **form})


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def test_an_owner_gives_a_token_for_scim_and_the_web_api(
    raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    page = await (await ask(raw, app)).click(ADMIN)
    back = (await page.click("consent-allow")).came_back
    assert back["state"] == "s"
    body = await redeem(raw, app, back["code"])
    person = body["authed_user"]
    assert (body["ok"], person["token_type"], person["scope"]) == (True, "user", "admin,users:read.email")
    assert "access_token" not in body  # that would be a bot's
    headers = bearer(person["access_token"])
    about = (await raw.post("/slack/api/auth.test", headers=headers)).json()
    assert (about["team_id"], about["user_id"]) == (body["team"]["id"], person["id"])
    listed = await raw.get("/slack/scim/v2/Users", headers=headers)
    assert listed.status_code == 200
    missing = (await raw.get("/slack/api/team.info", headers=headers)).json()
    assert (missing["error"], missing["provided"]) == ("missing_scope", "admin,users:read.email")


async def test_scopes_add_up_in_one_token(raw: httpx.AsyncClient, app: dict[str, Any]) -> None:
    first = (await redeem(raw, app, await agree(raw, app)))["authed_user"]
    code = await agree(raw, app, user_scope="team:read", scope="chat:write")
    again = await redeem(raw, app, code)
    person = again["authed_user"]
    assert person["access_token"] == first["access_token"]
    assert person["scope"] == "admin,users:read.email,team:read"
    assert (again["token_type"], again["scope"]) == ("bot", "chat:write")
    info = await raw.get("/slack/api/team.info", headers=bearer(first["access_token"]))
    assert info.json()["team"]["email_domain"] == "acme.example"


async def test_administration_needs_an_owner_and_cancelling_goes_back(
    raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    lena = "person-lena-fischer-acme-example"
    page = await (await ask(raw, app)).click(lena)
    assert "consent-allow" not in page.ids
    assert (await page.click("consent-cancel")).came_back == {"error": "access_denied", "state": "s"}
    page = await (await ask(raw, app, user_scope="users:read")).click(lena)
    token = (await redeem(raw, app, (await page.click("consent-allow")).came_back["code"]))["authed_user"]
    refused = await raw.get("/slack/scim/v2/Users", headers=bearer(token["access_token"]))
    assert refused.status_code == 403


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "1.2"},
        {"redirect_uri": "https://evil.example/auth/oauth/slack/callback"},
        {"user_scope": None},
        {"user_scope": "admin,invented"},
    ],
)
async def test_a_wrong_request_ends_on_a_page(
    raw: httpx.AsyncClient, app: dict[str, Any], changes: dict[str, Any]
) -> None:
    page = await ask(raw, app, **changes)
    assert page.reply.status_code == 400
    assert "Something went wrong" in page.text


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ({"redirect_uri": CALLBACK + "x"}, "bad_redirect_uri"),
        ({"client_secret": "wrong"}, "bad_client_secret"),
        ({"code": "made-up"}, "invalid_code"),
        ({"grant_type": "password"}, "invalid_grant_type"),
    ],
)
async def test_a_code_is_bound_to_its_request_and_works_once(
    raw: httpx.AsyncClient, app: dict[str, Any], form: dict[str, str], word: str
) -> None:
    code = await agree(raw, app)
    assert (await redeem(raw, app, code, **form))["error"] == word
    token = (await redeem(raw, app, code))["authed_user"]["access_token"]
    assert (await redeem(raw, app, code))["error"] == "code_already_used"
    assert (await raw.post("/slack/api/auth.test", headers=bearer(token))).json()["error"] == "token_revoked"


async def test_revoking_ends_the_token(raw: httpx.AsyncClient, app: dict[str, Any]) -> None:
    token = (await redeem(raw, app, await agree(raw, app)))["authed_user"]["access_token"]
    headers = bearer(token)
    tried = (await raw.post("/slack/api/auth.revoke", data={"test": "1"}, headers=headers)).json()
    assert tried == {"ok": True, "revoked": False}
    assert (await raw.post("/slack/api/auth.revoke", headers=headers)).json() == {"ok": True, "revoked": True}
    assert (await raw.post("/slack/api/auth.test", headers=headers)).json()["error"] == "token_revoked"
    assert (await raw.get("/slack/scim/v2/Users", headers=headers)).status_code == 401
    fresh = (await redeem(raw, app, await agree(raw, app)))["authed_user"]["access_token"]
    assert fresh != token


async def test_where_tokens_rotate_a_refresh_token_works_once(
    sandbox: Sandbox, raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    sandbox.configure("slack", modes={"token_rotation": "on"})
    first = (await redeem(raw, app, await agree(raw, app)))["authed_user"]
    assert (first["expires_in"], first["refresh_token"][:6]) == (43_200, "xoxe-1")
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = await exchange(raw, app, **form)
    assert (second["token_type"], second["scope"]) == ("user", first["scope"])
    assert (await exchange(raw, app, **form))["error"] == "invalid_refresh_token"
    sandbox.act("slack", "expire_access_tokens")
    about = await raw.post("/slack/api/auth.test", headers=bearer(second["access_token"]))
    assert about.json()["error"] == "token_expired"
    form["refresh_token"] = second["refresh_token"]
    assert (await exchange(raw, app, **form))["ok"] is True  # reuse did not end the grant
