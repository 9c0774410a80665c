"""The Microsoft identity platform with people at its pages: codes, consents, refresh tokens."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.fixtures.consent import CHALLENGE, VERIFIER, Page, open_page
from tests.fixtures.sandbox import Sandbox

CALLBACK = "http://localhost:8100/auth/oauth/microsoft/callback"
SCOPES = "openid profile email offline_access User.ReadWrite.All Organization.Read.All"


@pytest.fixture
def app(sandbox: Sandbox) -> dict[str, Any]:
    """The app of the consent pages; nobody has agreed to anything."""
    sandbox.reset(tokens=True)
    found: dict[str, Any] = sandbox.info()["microsoft"]["oauth"]
    return found


async def ask(
    raw: httpx.AsyncClient, app: dict[str, Any], place: str = "organizations", **changes: Any
) -> Page:
    params = {
        "client_id": app["client_id"],
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": SCOPES,
        "state": "a state with spaces & signs",
        "nonce": "n-1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **changes,
    }
    return await open_page(raw, f"/microsoft/{place}/oauth2/v2.0/authorize", params)


async def agree(raw: httpx.AsyncClient, app: dict[str, Any], **changes: Any) -> str:
    page = await (await ask(raw, app, **changes)).click("person-admin-acme-example")
    return (await page.click("consent-allow")).came_back["code"]


async def token(raw: httpx.AsyncClient, app: dict[str, Any], place: str = "acme.example", **form: Any) -> Any:
    body = {
        "client_id": app["client_id"],
        "client_secret": app["client_secret"],
        **form,
    }
    known = {name: value for name, value in body.items() if value is not None}
    return await raw.post(f"/microsoft/{place}/oauth2/v2.0/token", data=known)


async def redeem(raw: httpx.AsyncClient, app: dict[str, Any], code: str, /, **form: Any) -> Any:
    given = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    return await token(raw, app, **{**given, "code_verifier": VERIFIER, **form})


async def refresh(raw: httpx.AsyncClient, app: dict[str, Any], value: str, **form: Any) -> Any:
    return await token(raw, app, grant_type="refresh_token", refresh_token=value, **form)


def code_of(reply: httpx.Response) -> Any:
    body = reply.json()
    return (body["error"], body["error_codes"][0])


async def test_consent_gives_tokens_that_open_graph_and_say_who_it_was(
    sandbox: Sandbox, raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    picker = await ask(raw, app)
    assert {"person-admin-acme-example", "person-admin-globex-example", "consent-cancel"} <= picker.ids
    page = await picker.click("person-admin-acme-example")
    assert "Read and write all users' full profiles" in page.text
    back = (await page.click("consent-allow")).came_back
    assert back["state"] == "a state with spaces & signs"
    reply = await redeem(raw, app, back["code"])
    body = reply.json()
    assert body["scope"] == "openid profile email User.ReadWrite.All Organization.Read.All"
    headers = {"authorization": f"Bearer {body['access_token']}"}
    me = (await raw.get("/microsoft/v1.0/me", headers=headers)).json()
    assert me["userPrincipalName"] == "admin@acme.example"
    organization = (await raw.get("/microsoft/v1.0/organization", headers=headers)).json()["value"][0]
    metadata = (await raw.get("/microsoft/acme.example/v2.0/.well-known/openid-configuration")).json()
    keys = KeySet.import_key_set((await raw.get(metadata["jwks_uri"])).json())
    claims = jwt.decode(body["id_token"], keys, algorithms=["RS256"]).claims
    assert claims["iss"] == metadata["issuer"] == f"{sandbox.url}/microsoft/{organization['id']}/v2.0"
    assert (claims["aud"], claims["nonce"], claims["tid"]) == (app["client_id"], "n-1", organization["id"])
    assert (claims["oid"], claims["preferred_username"]) == (me["id"], "admin@acme.example")
    forbidden = await raw.get("/microsoft/v1.0/groups", headers=headers)
    assert forbidden.status_code == 403  # not among the scopes


async def test_cancelling_goes_back_with_access_denied(raw: httpx.AsyncClient, app: dict[str, Any]) -> None:
    page = await (await ask(raw, app)).click("person-admin-acme-example")
    back = (await page.click("consent-cancel")).came_back
    assert (back["error"], back["state"]) == ("access_denied", "a state with spaces & signs")
    assert back["error_description"].startswith("AADSTS65004")
    assert (await page.click("consent-allow")).reply.status_code == 400  # that flow is over


async def test_response_modes(raw: httpx.AsyncClient, app: dict[str, Any]) -> None:
    page = await (await ask(raw, app, response_mode="form_post")).click("person-admin-acme-example")
    done = await page.click("consent-allow")
    assert done.forms[0].action == CALLBACK
    assert {name for name, _ in done.forms[0].fields} == {"code", "state", "session_state"}
    page = await ask(raw, app, response_mode="fragment", login_hint="admin@acme.example")
    assert page.location.partition("#")[0] == CALLBACK  # agreed before: nobody asks again
    assert "code" in page.came_back


@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost:8100/auth/oauth/microsoft/callback/",
        "http://localhost:8100/auth/oauth/google/callback",
        "http://localhost:8100/auth/oauth/microsoft/callback?x=1",
        "https://evil.example/auth/oauth/microsoft/callback",
        "http://localhost.evil.example:80/auth/oauth/microsoft/callback",
        "http://localhost:8100@evil.example/auth/oauth/microsoft/callback",
    ],
)
async def test_nobody_is_sent_to_an_address_that_is_not_registered(
    raw: httpx.AsyncClient, app: dict[str, Any], uri: str
) -> None:
    page = await ask(raw, app, redirect_uri=uri)
    assert page.reply.status_code == 400
    assert "AADSTS50011" in page.text


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"client_id": "nobody"}, "AADSTS700016"),
        ({"place": "elsewhere.example"}, "AADSTS90002"),
        ({"place": "consumers"}, "AADSTS9002346"),
    ],
)
async def test_an_unknown_app_or_tenant_ends_on_a_page(
    raw: httpx.AsyncClient, app: dict[str, Any], changes: dict[str, Any], number: str
) -> None:
    page = await ask(raw, app, **changes)
    assert page.reply.status_code == 400
    assert number in page.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": None}, "invalid_request"),
        ({"scope": "User.Invent"}, "invalid_client"),
        ({"code_challenge_method": "S512"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
    ],
)
async def test_what_is_wrong_with_a_request_is_told_to_the_app(
    raw: httpx.AsyncClient, app: dict[str, Any], changes: dict[str, Any], error: str
) -> None:
    assert (await ask(raw, app, **changes)).came_back["error"] == error


async def test_a_code_works_once_and_its_second_use_ends_everything(
    raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    code = await agree(raw, app)
    body = (await redeem(raw, app, code)).json()
    assert code_of(await redeem(raw, app, code)) == ("invalid_grant", 54005)
    headers = {"authorization": f"Bearer {body['access_token']}"}
    assert (await raw.get("/microsoft/v1.0/me", headers=headers)).status_code == 401
    assert code_of(await refresh(raw, app, body["refresh_token"])) == ("invalid_grant", 50173)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"code_verifier": None}, ("invalid_grant", 501481)),
        ({"code_verifier": "x" * 43}, ("invalid_grant", 501481)),
        ({"redirect_uri": CALLBACK.replace("8100", "8101")}, ("invalid_client", 500112)),
        ({"client_secret": "wrong"}, ("invalid_client", 7000215)),
        ({"place": "globex.example"}, ("invalid_grant", 700005)),
        ({"code": "made-up"}, ("invalid_request", 9002313)),
    ],
)
async def test_a_code_is_bound_to_its_request(
    raw: httpx.AsyncClient, app: dict[str, Any], form: dict[str, Any], expected: tuple[str, int]
) -> None:
    code = await agree(raw, app)
    assert code_of(await redeem(raw, app, code, **form)) == expected
    assert (await redeem(raw, app, code)).status_code == 200  # none of this used it up


async def test_refresh_tokens_change_and_the_old_one_goes_on_unless_reuse_is_detected(
    sandbox: Sandbox, raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    first = (await redeem(raw, app, await agree(raw, app))).json()["refresh_token"]
    second = (await refresh(raw, app, first)).json()["refresh_token"]
    assert second != first
    assert (await refresh(raw, app, first)).status_code == 200
    sandbox.configure("microsoft", modes={"rotation": "detect"})
    third = (await refresh(raw, app, second)).json()["refresh_token"]
    assert code_of(await refresh(raw, app, second)) == ("invalid_grant", 50173)
    assert code_of(await refresh(raw, app, third)) == ("invalid_grant", 50173)


async def test_without_offline_access_there_is_no_refresh_token(
    raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    code = await agree(raw, app, scope="https://graph.microsoft.com/User.Read")
    body = (await redeem(raw, app, code)).json()
    assert body["scope"] == "User.Read"
    assert not {"refresh_token", "id_token"} & set(body)


async def test_revoked_sessions_and_switched_off_people_end_their_refresh_tokens(
    raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    body = (await redeem(raw, app, await agree(raw, app))).json()
    headers = {"authorization": f"Bearer {body['access_token']}"}
    me = "/microsoft/v1.0/users/admin@acme.example"
    await raw.post(f"{me}/revokeSignInSessions", headers=headers)
    assert code_of(await refresh(raw, app, body["refresh_token"])) == ("invalid_grant", 50173)
    again = (await redeem(raw, app, await _again(raw, app))).json()
    assert (await raw.patch(me, headers=headers, json={"accountEnabled": False})).status_code == 204
    assert code_of(await refresh(raw, app, again["refresh_token"])) == ("invalid_grant", 50057)


async def _again(raw: httpx.AsyncClient, app: dict[str, Any]) -> str:
    """Another code of somebody who agreed before."""
    return (await (await ask(raw, app)).click("person-admin-acme-example")).came_back["code"]


async def test_only_administrators_grant_what_concerns_everybody(
    raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    page = await (await ask(raw, app)).click("person-other-submit", person_other="lena.fischer@acme.example")
    assert "Need admin approval" in page.text
    assert "consent-allow" not in page.ids
    back = (await page.click("consent-cancel")).came_back
    assert (back["error"], back["error_description"][:11]) == ("access_denied", "AADSTS90094")
    admin = await (await ask(raw, app)).click("person-admin-acme-example")
    await admin.click("consent-allow", tick=("scope-organization",))
    member = await (await ask(raw, app)).click("person-lena-fischer-acme-example")
    body = (await redeem(raw, app, member.came_back["code"])).json()
    headers = {"authorization": f"Bearer {body['access_token']}"}
    assert (await raw.get("/microsoft/v1.0/users", headers=headers)).status_code == 200
    write = await raw.patch(
        "/microsoft/v1.0/users/taken@acme.example", headers=headers, json={"city": "Bonn"}
    )
    assert write.status_code == 403  # she may consent, but is no administrator


async def test_a_tenants_door_knows_its_own_people_alone(raw: httpx.AsyncClient, app: dict[str, Any]) -> None:
    picker = await ask(raw, app, place="globex.example")
    assert "person-admin-acme-example" not in picker.ids
    page = await picker.click("person-other-submit", person_other="admin@acme.example")
    assert "AADSTS50020" in page.text


async def test_admin_consent_lets_the_app_sign_in_as_itself(
    raw: httpx.AsyncClient, app: dict[str, Any], tenant: dict[str, Any]
) -> None:
    form = {"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"}
    assert code_of(await token(raw, app, **form)) == ("unauthorized_client", 700016)
    params = {
        "client_id": app["client_id"],
        "redirect_uri": CALLBACK,
        "state": "s",
        "scope": "https://graph.microsoft.com/.default",
    }
    path = f"/microsoft/{tenant['directory_id']}/v2.0/adminconsent"
    refused = await (await open_page(raw, path, params)).click("person-lena-fischer-acme-example")
    assert "consent-allow" not in refused.ids
    page = await (await open_page(raw, path, params)).click("person-admin-acme-example")
    cancelled = (await page.click("consent-cancel")).came_back
    assert (cancelled["error"], cancelled["admin_consent"]) == ("consent_required", "True")
    page = await (await open_page(raw, path, params)).click("person-admin-acme-example")
    back = (await page.click("consent-allow")).came_back
    assert (back["admin_consent"], back["tenant"], back["state"]) == ("True", tenant["directory_id"], "s")
    body = (await token(raw, app, **form)).json()
    headers = {"authorization": f"Bearer {body['access_token']}"}
    assert (await raw.get("/microsoft/v1.0/groups", headers=headers)).status_code == 200
    assert (await raw.get("/microsoft/v1.0/me", headers=headers)).status_code == 400
    assert code_of(await token(raw, app, place="globex.example", **form)) == ("unauthorized_client", 700016)


async def test_the_control_surface_lists_expires_and_revokes(
    sandbox: Sandbox, raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    body = (await redeem(raw, app, await agree(raw, app))).json()
    grants = sandbox.act("microsoft", "issued", person="admin@acme.example")["grants"]
    assert [len(grants), len(grants[0]["refresh_tokens"])] == [1, 1]
    assert body["access_token"] not in str(grants)
    headers = {"authorization": f"Bearer {body['access_token']}"}
    sandbox.act("microsoft", "expire_access_tokens", tenant="globex.example")
    assert (await raw.get("/microsoft/v1.0/me", headers=headers)).status_code == 200
    sandbox.act("microsoft", "expire_access_tokens")
    assert (await raw.get("/microsoft/v1.0/me", headers=headers)).status_code == 401
    fresh = (await refresh(raw, app, body["refresh_token"])).json()
    sandbox.act("microsoft", "expire_refresh_tokens")
    assert code_of(await refresh(raw, app, fresh["refresh_token"])) == ("invalid_grant", 700082)
    sandbox.act("microsoft", "revoke_grant", reason="consent")
    assert code_of(await refresh(raw, app, fresh["refresh_token"])) == ("invalid_grant", 65001)


async def test_a_registered_redirect_counts_as_it_is_written(
    sandbox: Sandbox, raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    uri = "https://oneclick.example/auth/oauth/ms365/callback"
    assert "AADSTS50011" in (await ask(raw, app, redirect_uri=uri)).text
    sandbox.act("microsoft", "register_redirect", uri=uri)
    assert (await ask(raw, app, redirect_uri=uri)).reply.status_code == 200
    assert (await ask(raw, app, redirect_uri=uri + "/")).reply.status_code == 400


async def test_a_code_lives_ten_minutes(
    sandbox: Sandbox, raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    code = await agree(raw, app)
    assert sandbox.act("microsoft", "expire_codes")["ended"] == 1
    assert code_of(await redeem(raw, app, code)) == ("invalid_grant", 70008)
