"""ClickUp's consent: Workspaces by choice, a token without scopes and without an end."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.fixtures.consent import Page, open_page
from tests.fixtures.sandbox import Sandbox

CALLBACK = "http://localhost:8100/auth/oauth/clickup/callback"
ADMIN = "person-admin-acme-example"


@pytest.fixture
def app(sandbox: Sandbox) -> dict[str, Any]:
    sandbox.reset(tokens=True)
    found: dict[str, Any] = sandbox.info()["clickup"]["oauth"]
    return found


async def ask(raw: httpx.AsyncClient, app: dict[str, Any], **changes: Any) -> Page:
    params = {"client_id": app["client_id"], "redirect_uri": CALLBACK, "state": "s", **changes}
    return await open_page(raw, app["authorize_url"], params)


async def agree(raw: httpx.AsyncClient, app: dict[str, Any], person: str = ADMIN) -> str:
    return (await (await (await ask(raw, app)).click(person)).click("consent-allow")).came_back["code"]


async def redeem(raw: httpx.AsyncClient, app: dict[str, Any], code: str, **form: Any) -> httpx.Response:
    body = {"client_id": app["client_id"], "client_secret": app["client_secret"], "code": code, **form}
    return await raw.post(app["token_url"], json=body)


async def get(raw: httpx.AsyncClient, token: str, path: str) -> httpx.Response:
    return await raw.get(f"/clickup/api/v2/{path}", headers={"authorization": f"Bearer {token}"})


async def test_a_consent_opens_the_chosen_workspace_as_the_person(
    sandbox: Sandbox, raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    acme, globex = sandbox.info()["clickup"]["tenants"]
    page = await (await ask(raw, app)).click(ADMIN)
    assert f"workspace-{acme['team_id']}" in page.ids
    assert f"workspace-{globex['team_id']}" not in page.ids
    back = (await page.click("consent-allow")).came_back
    assert back["state"] == "s"
    body = (await redeem(raw, app, back["code"])).json()
    assert set(body) == {"access_token", "token_type"}  # nothing to refresh, and no end
    token = body["access_token"]
    assert (await get(raw, token, "user")).json()["user"]["email"] == "admin@acme.example"
    assert [one["id"] for one in (await get(raw, token, "team")).json()["teams"]] == [acme["team_id"]]
    other = await get(raw, token, f"team/{globex['team_id']}/seats")
    assert (other.status_code, other.json()["ECODE"]) == (401, "OAUTH_027")
    plain = await raw.get("/clickup/api/v2/user", headers={"authorization": token})
    assert plain.status_code == 401  # an app's token needs its `Bearer`


async def test_without_a_workspace_nothing_is_connected(raw: httpx.AsyncClient, app: dict[str, Any]) -> None:
    page = await (await ask(raw, app)).click(ADMIN)
    box = next(one for one in page.ids if one.startswith("workspace-"))
    assert (await page.click("consent-allow", untick=(box,))).reply.status_code == 400


async def test_a_member_may_connect_but_not_manage_people(
    sandbox: Sandbox, raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    team = sandbox.info()["clickup"]["tenants"][0]["team_id"]
    code = await agree(raw, app, "person-lena-fischer-acme-example")
    token = (await redeem(raw, app, code)).json()["access_token"]
    headers = {"authorization": f"Bearer {token}"}
    invite = {"email": "new.hire@acme.example", "admin": False}
    reply = await raw.post(f"/clickup/api/v2/team/{team}/user", headers=headers, json=invite)
    assert reply.status_code == 403


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"client_id": "nobody"}, "OAUTH_010"),
        ({"redirect_uri": None}, "OAUTH_017"),
        ({"redirect_uri": "https://evil.example/auth/oauth/clickup/callback"}, "OAUTH_007"),
    ],
)
async def test_a_wrong_request_ends_on_a_page(
    raw: httpx.AsyncClient, app: dict[str, Any], changes: dict[str, Any], code: str
) -> None:
    page = await ask(raw, app, **changes)
    assert page.reply.status_code == 400
    assert code in page.text


async def test_a_code_works_once_with_the_right_secret(raw: httpx.AsyncClient, app: dict[str, Any]) -> None:
    code = await agree(raw, app)
    wrong = await redeem(raw, app, code, client_secret="wrong")
    assert (wrong.status_code, wrong.json()["ECODE"]) == (401, "OAUTH_010")
    assert (await redeem(raw, app, "made-up")).status_code == 400
    token = (await redeem(raw, app, code)).json()["access_token"]
    assert (await redeem(raw, app, code)).status_code == 400
    assert (await get(raw, token, "user")).json()["ECODE"] == "OAUTH_019"


async def test_whoever_removes_the_app_or_leaves_ends_the_token(
    sandbox: Sandbox, raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    token = (await redeem(raw, app, await agree(raw, app))).json()["access_token"]
    sandbox.act("clickup", "revoke_grant", person="admin@acme.example")
    assert (await get(raw, token, "user")).json()["ECODE"] == "OAUTH_019"
    lena = await agree(raw, app, "person-lena-fischer-acme-example")
    token = (await redeem(raw, app, lena)).json()["access_token"]
    sandbox.act("clickup", "leave", email="lena.fischer@acme.example")
    assert (await get(raw, token, "user")).json()["ECODE"] == "OAUTH_027"
