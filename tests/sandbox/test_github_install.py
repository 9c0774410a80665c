"""Installing the App at GitHub: who may, what comes back, and how an installation ends."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from tests.fixtures.consent import Page, open_page
from tests.fixtures.sandbox import Sandbox
from tests.sandbox.github_client import app_jwt, tenant

CALLBACK = "http://localhost:8100/auth/oauth/github/callback"
ADMIN = "person-admin-acme-example"


@pytest.fixture
def github(sandbox: Sandbox) -> dict[str, Any]:
    sandbox.reset(tokens=True)
    sandbox.act("github", "register_redirect", uri=CALLBACK)
    found: dict[str, Any] = sandbox.info()["github"]
    return found


async def go(raw: httpx.AsyncClient, github: dict[str, Any], person: str = ADMIN) -> Page:
    return await (await open_page(raw, github["install_url"], {"state": "s"})).click(person)


async def who(raw: httpx.AsyncClient, github: dict[str, Any], code: str, **form: Any) -> httpx.Response:
    body = {"client_id": github["client_id"], "client_secret": github["client_secret"], "code": code, **form}
    headers = {"accept": "application/json"}
    return await raw.post("/github/login/oauth/access_token", data=body, headers=headers)


def as_app(sandbox: Sandbox) -> dict[str, str]:
    return {"authorization": f"Bearer {app_jwt(sandbox)}"}


async def test_an_owner_installs_after_it_was_uninstalled_and_the_number_is_new(
    sandbox: Sandbox, raw: httpx.AsyncClient, github: dict[str, Any]
) -> None:
    old = tenant(sandbox)["installation_id"]
    url = f"/github/app/installations/{old}"
    token = (await raw.post(f"{url}/access_tokens", headers=as_app(sandbox))).json()["token"]
    shown = (await raw.get(url, headers=as_app(sandbox))).json()
    assert (shown["account"]["login"], shown["account"]["type"]) == ("acme-example", "Organization")
    assert (await raw.delete(url, headers=as_app(sandbox))).status_code == 204
    for gone in (await raw.get(url, headers=as_app(sandbox)), await raw.delete(url, headers=as_app(sandbox))):
        assert gone.status_code == 404
    members = await raw.get("/github/orgs/acme-example/members", headers={"authorization": f"token {token}"})
    assert members.status_code == 401
    back = (await (await go(raw, github)).click("consent-allow")).came_back
    assert (back["setup_action"], back["state"]) == ("install", "s")
    assert back["installation_id"] != str(old)
    fresh = f"/github/app/installations/{back['installation_id']}/access_tokens"
    assert (await raw.post(fresh, headers=as_app(sandbox))).status_code == 201


async def test_what_is_installed_already_is_an_update_and_the_code_tells_who_it_was(
    sandbox: Sandbox, raw: httpx.AsyncClient, github: dict[str, Any]
) -> None:
    back = (await (await go(raw, github)).click("consent-allow")).came_back
    assert (back["setup_action"], back["installation_id"]) == (
        "update",
        str(tenant(sandbox)["installation_id"]),
    )
    assert (await who(raw, github, back["code"], client_secret="wrong")).json()["error"] == (
        "incorrect_client_credentials"
    )
    body = (await who(raw, github, back["code"])).json()
    assert body["token_type"] == "bearer"
    headers = {"authorization": f"Bearer {body['access_token']}"}
    listed = (await raw.get("/github/user/installations", headers=headers)).json()
    assert [str(one["id"]) for one in listed["installations"]] == [back["installation_id"]]
    again = await who(raw, github, back["code"])
    assert (again.status_code, again.json()["error"]) == (200, "bad_verification_code")
    assert (await raw.get("/github/user", headers=headers)).status_code == 401


async def test_the_token_comes_form_encoded_unless_json_is_asked_for(
    raw: httpx.AsyncClient, github: dict[str, Any]
) -> None:
    code = (await (await go(raw, github)).click("consent-allow")).came_back["code"]
    body = {"client_id": github["client_id"], "client_secret": github["client_secret"], "code": code}
    reply = await raw.post("/github/login/oauth/access_token", data=body)
    assert reply.headers["content-type"].startswith("application/x-www-form-urlencoded")
    assert parse_qs(reply.text)["access_token"][0].startswith("ghu_")


async def test_others_can_only_ask_and_whoever_cancels_stays_at_github(
    raw: httpx.AsyncClient, github: dict[str, Any]
) -> None:
    page = await go(raw, github, "person-lena-fischer-acme-example")
    back = (await page.click("consent-allow")).came_back
    assert back["setup_action"] == "request"
    assert "installation_id" not in back
    cancelled = await (await go(raw, github)).click("consent-cancel")
    assert cancelled.reply.status_code == 200
    assert "was not installed" in cancelled.text


async def test_without_user_authorization_there_is_no_code(
    sandbox: Sandbox, raw: httpx.AsyncClient, github: dict[str, Any]
) -> None:
    sandbox.configure("github", modes={"user_authorization": "off"})
    back = (await (await go(raw, github)).click("consent-allow")).came_back
    assert "code" not in back


async def test_a_suspended_installation_gives_no_token(
    sandbox: Sandbox, raw: httpx.AsyncClient, github: dict[str, Any]
) -> None:
    url = f"/github/app/installations/{tenant(sandbox)['installation_id']}"
    assert (await raw.put(f"{url}/suspended", headers=as_app(sandbox))).status_code == 204
    assert (await raw.get(url, headers=as_app(sandbox))).json()["suspended_at"]
    refused = await raw.post(f"{url}/access_tokens", headers=as_app(sandbox))
    assert (refused.status_code, refused.json()["message"]) == (403, "This installation has been suspended")
    assert (await raw.delete(f"{url}/suspended", headers=as_app(sandbox))).status_code == 204
    assert (await raw.post(f"{url}/access_tokens", headers=as_app(sandbox))).status_code == 201


async def test_an_app_that_does_not_exist_and_one_without_an_address(
    sandbox: Sandbox, raw: httpx.AsyncClient, github: dict[str, Any]
) -> None:
    assert (await raw.get("/github/apps/nobodys/installations/new")).status_code == 404
    sandbox.act("github", "uninstall", tenant="acme.example")
    url = f"/github/app/installations/{tenant(sandbox)['installation_id']}"
    assert (await raw.get(url, headers=as_app(sandbox))).status_code == 404
    listed = (await raw.get("/github/app/installations", headers=as_app(sandbox))).json()
    assert [one["account"]["login"] for one in listed] == ["globex-example"]
