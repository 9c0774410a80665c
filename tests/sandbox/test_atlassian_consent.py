"""Atlassian's OAuth 2.0 (3LO): one site by consent, the gateway, refresh tokens that work once."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.fixtures.consent import Page, open_page
from tests.fixtures.sandbox import Sandbox

CALLBACK = "http://localhost:8100/auth/oauth/atlassian/callback"
SCOPES = "read:jira-user manage:jira-configuration read:confluence-groups offline_access"
ADMIN = "person-admin-acme-example"


@pytest.fixture
def app(sandbox: Sandbox) -> dict[str, Any]:
    sandbox.reset(tokens=True)
    found: dict[str, Any] = sandbox.info()["atlassian"]["oauth"]
    return found


async def ask(raw: httpx.AsyncClient, app: dict[str, Any], **changes: Any) -> Page:
    params = {
        "audience": "api.atlassian.com",
        "client_id": app["client_id"],
        "scope": SCOPES,
        "redirect_uri": CALLBACK,
        "state": "s",
        "response_type": "code",
        "prompt": "consent",
        **changes,
    }
    return await open_page(raw, app["authorize_url"], params)


async def agree(raw: httpx.AsyncClient, app: dict[str, Any], person: str = ADMIN, **changes: Any) -> str:
    page = await (await ask(raw, app, **changes)).click(person)
    return (await page.click("consent-allow")).came_back["code"]


async def exchange(raw: httpx.AsyncClient, app: dict[str, Any], **form: Any) -> httpx.Response:
    body = {"client_id": app["client_id"], "client_secret": app["client_secret"], **form}
    return await raw.post(app["token_url"], json=body)


async def redeem(raw: httpx.AsyncClient, app: dict[str, Any], code: str, /, **form: Any) -> httpx.Response:
    given = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    return await exchange(raw, app, **{**given, **form})


async def refresh(raw: httpx.AsyncClient, app: dict[str, Any], value: str) -> httpx.Response:
    return await exchange(raw, app, grant_type="refresh_token", refresh_token=value)


def bearer(body: dict[str, Any]) -> dict[str, str]:
    return {"authorization": f"Bearer {body['access_token']}"}


async def test_a_consent_opens_its_site_through_the_gateway_with_its_scopes(
    sandbox: Sandbox, raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    body = (await redeem(raw, app, await agree(raw, app))).json()
    assert (body["token_type"], body["scope"]) == ("Bearer", SCOPES)
    listed = (await raw.get("/atlassian/oauth/token/accessible-resources", headers=bearer(body))).json()
    assert [one["url"] for one in listed] == ["https://acme.atlassian.net"] * 2  # Jira and Confluence
    cloud = listed[0]["id"]
    jira = f"/atlassian/ex/jira/{cloud}/rest/api/3"
    me = await raw.get(f"{jira}/myself", headers=bearer(body))
    assert me.json()["emailAddress"] == "admin@acme.example"
    assert me.headers["x-ratelimit-limit"]
    wiki = f"/atlassian/ex/confluence/{cloud}/wiki/rest/api"
    assert (await raw.get(f"{wiki}/group", headers=bearer(body))).status_code == 200
    beyond = await raw.get(f"{wiki}/user/current", headers=bearer(body))
    assert (beyond.status_code, beyond.json()["message"]) == (401, "Unauthorized; scope does not match")
    # Not at the site's own address, not at another site's, not with another product's path.
    assert (await raw.get("/atlassian/site/acme/rest/api/3/myself", headers=bearer(body))).status_code == 401
    elsewhere = next(
        one for one in sandbox.info()["atlassian"]["tenants"] if one["domain"] == "globex.example"
    )
    other = f"/atlassian/ex/jira/{elsewhere['org_id']}/rest/api/3/myself"
    assert (await raw.get(other, headers=bearer(body))).status_code == 404
    crossed = f"/atlassian/ex/confluence/{cloud}/rest/api/3/myself"
    assert (await raw.get(crossed, headers=bearer(body))).status_code == 404


async def test_what_the_person_may_not_do_their_consent_may_not(
    raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    body = (await redeem(raw, app, await agree(raw, app, "person-lena-fischer-acme-example"))).json()
    listed = (await raw.get("/atlassian/oauth/token/accessible-resources", headers=bearer(body))).json()
    url = f"/atlassian/ex/jira/{listed[0]['id']}/rest/api/3/user"
    made = await raw.post(url, headers=bearer(body), json={"emailAddress": "x@acme.example", "products": []})
    assert made.status_code == 403


async def test_cancel_goes_back_with_access_denied(raw: httpx.AsyncClient, app: dict[str, Any]) -> None:
    page = await (await ask(raw, app)).click(ADMIN)
    back = (await page.click("consent-cancel")).came_back
    assert (back["error"], back["state"]) == ("access_denied", "s")


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "nobody"},
        {"redirect_uri": "https://evil.example/auth/oauth/atlassian/callback"},
        {"audience": None},
        {"prompt": None},
        {"scope": "read:invented"},
        {"scope": None},
        {"response_type": "token"},
    ],
)
async def test_a_wrong_request_ends_on_a_page(
    raw: httpx.AsyncClient, app: dict[str, Any], changes: dict[str, Any]
) -> None:
    page = await ask(raw, app, **changes)
    assert page.reply.status_code == 400
    assert "Something went wrong" in page.text


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"redirect_uri": CALLBACK + "x"}, 403, "invalid_grant"),
        ({"client_secret": "wrong"}, 401, "access_denied"),
        ({"code": "made-up"}, 403, "invalid_grant"),
        ({"grant_type": "password"}, 403, "unsupported_grant_type"),
    ],
)
async def test_a_code_is_bound_to_its_request(
    raw: httpx.AsyncClient, app: dict[str, Any], form: dict[str, str], status: int, error: str
) -> None:
    code = await agree(raw, app)
    reply = await redeem(raw, app, code, **form)
    assert (reply.status_code, reply.json()["error"]) == (status, error)
    assert (await redeem(raw, app, code)).status_code == 200
    assert (await redeem(raw, app, code)).status_code == 403


async def test_a_refresh_token_works_once_and_reuse_ends_the_grant(
    raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    first = (await redeem(raw, app, await agree(raw, app))).json()
    second = (await refresh(raw, app, first["refresh_token"])).json()
    assert second["refresh_token"] != first["refresh_token"]
    reused = await refresh(raw, app, first["refresh_token"])
    assert (reused.status_code, reused.json()) == (
        403,
        {"error": "invalid_grant", "error_description": "Unknown or invalid refresh token."},
    )
    assert (await refresh(raw, app, second["refresh_token"])).status_code == 403
    resources = "/atlassian/oauth/token/accessible-resources"
    assert (await raw.get(resources, headers=bearer(second))).status_code == 401


async def test_a_replaced_one_is_taken_for_a_while_where_the_mode_says_so(
    sandbox: Sandbox, raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    sandbox.configure("atlassian", modes={"rotation_leeway": "600"})
    first = (await redeem(raw, app, await agree(raw, app))).json()
    assert (await refresh(raw, app, first["refresh_token"])).status_code == 200
    assert (await refresh(raw, app, first["refresh_token"])).status_code == 200


async def test_without_offline_access_there_is_no_refresh_token(
    raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    body = (await redeem(raw, app, await agree(raw, app, scope="read:me"))).json()
    assert "refresh_token" not in body
    assert (await raw.get("/atlassian/me", headers=bearer(body))).json()["email"] == "admin@acme.example"


async def test_the_control_surface_ends_tokens_and_consents(
    sandbox: Sandbox, raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    body = (await redeem(raw, app, await agree(raw, app))).json()
    resources = "/atlassian/oauth/token/accessible-resources"
    assert sandbox.act("atlassian", "expire_access_tokens")["ended"] == 1
    assert (await raw.get(resources, headers=bearer(body))).status_code == 401
    fresh = (await refresh(raw, app, body["refresh_token"])).json()
    assert sandbox.act("atlassian", "revoke_grant", person="admin@acme.example")["ended"] == 1
    assert (await refresh(raw, app, fresh["refresh_token"])).status_code == 403


async def test_a_lost_answer_to_a_refresh_has_taken_effect(
    sandbox: Sandbox, raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    body = (await redeem(raw, app, await agree(raw, app))).json()
    sandbox.arm("atlassian", "commit_then_drop", match={"path_regex": "/oauth/token$"})
    with pytest.raises(httpx.HTTPError):
        await refresh(raw, app, body["refresh_token"])
    assert (await refresh(raw, app, body["refresh_token"])).status_code == 403
