"""Installing the app into a HubSpot account: who may, what is granted, and the tokens of it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.fixtures.consent import Page, open_page
from tests.fixtures.sandbox import Sandbox

CALLBACK = "http://localhost:8100/auth/oauth/hubspot/callback"
ADMIN = "person-admin-acme-example"


@pytest.fixture
def app(sandbox: Sandbox) -> dict[str, Any]:
    sandbox.reset(tokens=True)
    found: dict[str, Any] = sandbox.info()["hubspot"]["oauth"]
    return found


async def ask(raw: httpx.AsyncClient, app: dict[str, Any], **changes: Any) -> Page:
    params = {
        "client_id": app["client_id"],
        "redirect_uri": CALLBACK,
        "scope": " ".join(app["required_scopes"]),
        "optional_scope": "settings.billing.write",
        "state": "s",
        **changes,
    }
    return await open_page(raw, app["authorize_url"], params)


async def agree(raw: httpx.AsyncClient, app: dict[str, Any], person: str = ADMIN) -> str:
    return (await (await (await ask(raw, app)).click(person)).click("consent-allow")).came_back["code"]


async def exchange(raw: httpx.AsyncClient, app: dict[str, Any], **form: Any) -> httpx.Response:
    body = {"client_id": app["client_id"], "client_secret": app["client_secret"], **form}
    return await raw.post(app["token_url"], data={name: value for name, value in body.items() if value})


async def redeem(raw: httpx.AsyncClient, app: dict[str, Any], code: str, /, **form: Any) -> httpx.Response:
    given = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    return await exchange(raw, app, **{**given, **form})


async def test_a_super_admin_installs_the_app_into_their_account(
    sandbox: Sandbox, raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    page = await (await ask(raw, app)).click(ADMIN)
    back = (await page.click("consent-allow")).came_back
    assert back["state"] == "s"
    body = (await redeem(raw, app, back["code"])).json()
    assert (body["token_type"], body["expires_in"]) == ("bearer", 1800)
    assert body["scopes"] == [*app["required_scopes"], "settings.billing.write"]
    about = (await raw.get(f"/hubspot/oauth/v1/access-tokens/{body['access_token']}")).json()
    acme, globex = sandbox.info()["hubspot"]["tenants"]
    assert (about["hub_id"], about["user"]) == (acme["portal_id"], "admin@acme.example")
    headers = {"authorization": f"Bearer {body['access_token']}"}
    people = await raw.get("/hubspot/settings/v3/users", headers=headers)
    assert all(globex["domain"] not in one["email"] for one in people.json()["results"])
    owners = await raw.get("/hubspot/crm/v3/owners", headers=headers)
    assert owners.status_code == 403  # not asked for
    fresh = await exchange(raw, app, grant_type="refresh_token", refresh_token=body["refresh_token"])
    assert fresh.json()["refresh_token"] == body["refresh_token"]
    deleted = await raw.delete(f"/hubspot/oauth/v1/refresh-tokens/{body['refresh_token']}")
    assert deleted.status_code == 204
    lost = await exchange(raw, app, grant_type="refresh_token", refresh_token=body["refresh_token"])
    assert lost.json()["status"] == "BAD_REFRESH_TOKEN"
    assert (await raw.get("/hubspot/settings/v3/users", headers=headers)).status_code == 200


async def test_optional_scopes_come_where_the_account_has_what_they_need(
    sandbox: Sandbox, raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    sandbox.configure("hubspot", modes={"optional": "off"})
    body = (await redeem(raw, app, await agree(raw, app))).json()
    assert body["scopes"] == app["required_scopes"]


async def test_others_may_not_install_and_cancelling_goes_back(
    raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    page = await (await ask(raw, app)).click("person-lena-fischer-acme-example")
    assert "consent-allow" not in page.ids
    back = (await page.click("consent-cancel")).came_back
    assert (back["error"], back["state"]) == ("access_denied", "s")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"client_id": "nobody"}, "client ID is not known"),
        ({"redirect_uri": CALLBACK + "/"}, "doesn't match the app's registered redirect URL"),
        ({"scope": "oauth"}, "mismatch between the scopes"),
        ({"scope": "oauth crm.invented"}, "mismatch between the scopes"),
    ],
)
async def test_a_wrong_request_ends_on_a_page(
    raw: httpx.AsyncClient, app: dict[str, Any], changes: dict[str, str], words: str
) -> None:
    page = await ask(raw, app, **changes)
    assert page.reply.status_code == 400
    assert words in page.text


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ({"redirect_uri": CALLBACK + "x"}, "MISMATCH_REDIRECT_URI_AUTH_CODE"),
        ({"redirect_uri": ""}, "BAD_REDIRECT_URI"),
        ({"client_secret": "wrong"}, "BAD_CLIENT_SECRET"),
        ({"code": "made-up"}, "BAD_AUTH_CODE"),
    ],
)
async def test_a_code_is_bound_to_its_request_and_works_once(
    raw: httpx.AsyncClient, app: dict[str, Any], form: dict[str, str], word: str
) -> None:
    code = await agree(raw, app)
    reply = await redeem(raw, app, code, **form)
    assert (reply.status_code, reply.json()["status"]) == (400, word)
    body = (await redeem(raw, app, code)).json()
    assert (await redeem(raw, app, code)).json()["status"] == "BAD_AUTH_CODE"
    headers = {"authorization": f"Bearer {body['access_token']}"}
    assert (await raw.get("/hubspot/settings/v3/users", headers=headers)).status_code == 401


async def test_uninstalling_and_expiring_from_behind(
    sandbox: Sandbox, raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    body = (await redeem(raw, app, await agree(raw, app))).json()
    headers = {"authorization": f"Bearer {body['access_token']}"}
    sandbox.act("hubspot", "expire_access_tokens", tenant="acme.example")
    expired = await raw.get("/hubspot/settings/v3/users", headers=headers)
    assert expired.json()["category"] == "EXPIRED_AUTHENTICATION"
    sandbox.act("hubspot", "revoke_grant", tenant="acme.example")
    lost = await exchange(raw, app, grant_type="refresh_token", refresh_token=body["refresh_token"])
    assert lost.json()["status"] == "BAD_REFRESH_TOKEN"


async def test_a_private_apps_token_tells_its_scopes(sandbox: Sandbox, raw: httpx.AsyncClient) -> None:
    url = "/hubspot/oauth/v2/private-apps/get/access-token-info"
    acme = sandbox.info()["hubspot"]["tenants"][0]
    about = (await raw.post(url, json={"tokenKey": acme["access_token"]})).json()
    assert about["hubId"] == acme["portal_id"]
    assert "settings.users.write" in about["scopes"]
    assert (await raw.post(url, json={"tokenKey": "made-up"})).status_code == 404


async def test_a_code_lives_ten_minutes(
    sandbox: Sandbox, raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    code = await agree(raw, app)
    sandbox.act("hubspot", "expire_codes", tenant="globex.example")
    assert (await redeem(raw, app, code)).status_code == 200
    code = await agree(raw, app)
    sandbox.act("hubspot", "expire_codes", tenant="acme.example")
    assert (await redeem(raw, app, code)).json()["status"] == "EXPIRED_AUTH_CODE"
