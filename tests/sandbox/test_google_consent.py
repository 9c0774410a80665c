"""Google's consent: what people may untick, when a refresh token comes, and when it ends."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.fixtures.consent import CHALLENGE, VERIFIER, Page, open_page
from tests.fixtures.sandbox import Sandbox

CALLBACK = "http://127.0.0.1:8100/auth/oauth/google/callback"
USERS = "https://www.googleapis.com/auth/admin.directory.user"
GROUPS = "https://www.googleapis.com/auth/admin.directory.group"
EMAIL = "https://www.googleapis.com/auth/userinfo.email"
ADMIN = "person-admin-acme-example"


@pytest.fixture
def app(sandbox: Sandbox) -> dict[str, Any]:
    sandbox.reset(tokens=True)
    found: dict[str, Any] = sandbox.info()["google"]["oauth"]
    return found


async def ask(raw: httpx.AsyncClient, app: dict[str, Any], **changes: Any) -> Page:
    params = {
        "client_id": app["client_id"],
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": f"openid email {USERS} {GROUPS}",
        "state": "s",
        "nonce": "n-1",
        "access_type": "offline",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **changes,
    }
    return await open_page(raw, app["authorize_url"], params)


async def agree(raw: httpx.AsyncClient, app: dict[str, Any], **changes: Any) -> str:
    page = await (await ask(raw, app, **changes)).click(ADMIN)
    return (await page.click("consent-allow")).came_back["code"]


async def exchange(raw: httpx.AsyncClient, app: dict[str, Any], **form: Any) -> httpx.Response:
    body = {"client_id": app["client_id"], "client_secret": app["client_secret"], **form}
    return await raw.post(app["token_url"], data={name: value for name, value in body.items() if value})


async def redeem(raw: httpx.AsyncClient, app: dict[str, Any], code: str, /, **form: Any) -> httpx.Response:
    given = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    return await exchange(raw, app, **{**given, "code_verifier": VERIFIER, **form})


async def refresh(raw: httpx.AsyncClient, app: dict[str, Any], value: str) -> httpx.Response:
    return await exchange(raw, app, grant_type="refresh_token", refresh_token=value)


def words(reply: httpx.Response) -> tuple[int, str, str]:
    body = reply.json()
    return reply.status_code, body["error"], body.get("error_description", "")


async def test_consent_gives_a_token_for_the_directory_and_says_who_it_was(
    sandbox: Sandbox, raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    page = await (await ask(raw, app)).click(ADMIN)
    back = (await page.click("consent-allow")).came_back
    assert (back["state"], back["iss"], back["hd"]) == ("s", f"{sandbox.url}/google", "acme.example")
    body = (await redeem(raw, app, back["code"])).json()
    assert set(body["scope"].split()) == {"openid", EMAIL, USERS, GROUPS}
    headers = {"authorization": f"Bearer {body['access_token']}"}
    found = await raw.get("/google/admin/directory/v1/users/taken@acme.example", headers=headers)
    assert found.status_code == 200
    other = await raw.get("/google/admin/directory/v1/users/omar.haddad@globex.example", headers=headers)
    assert other.status_code in {403, 404}
    licences = "/google/apps/licensing/v1/product/Google-Apps/users?customerId=acme.example"
    assert (await raw.get(licences, headers=headers)).status_code == 403  # not among the scopes
    metadata = (await raw.get("/google/.well-known/openid-configuration")).json()
    keys = KeySet.import_key_set((await raw.get(metadata["jwks_uri"])).json())
    claims = jwt.decode(body["id_token"], keys, algorithms=["RS256"]).claims
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (metadata["issuer"], app["client_id"], "n-1")
    about = (await raw.get(metadata["userinfo_endpoint"], headers=headers)).json()
    assert (about["sub"], about["email"]) == (claims["sub"], "admin@acme.example")


async def test_a_person_may_untick_a_scope(raw: httpx.AsyncClient, app: dict[str, Any]) -> None:
    page = await (await ask(raw, app)).click(ADMIN)
    box = f"scope-{'https-www-googleapis-com-auth-admin-directory-group'}"
    assert box in page.ids
    back = (await page.click("consent-allow", untick=(box,))).came_back
    assert set(back["scope"].split()) == {"openid", EMAIL, USERS}
    body = (await redeem(raw, app, back["code"])).json()
    headers = {"authorization": f"Bearer {body['access_token']}"}
    groups = await raw.get("/google/admin/directory/v1/groups?customer=my_customer", headers=headers)
    assert groups.status_code == 403
    alone = await (await ask(raw, app, scope=f"openid {USERS}", prompt="consent")).click(ADMIN)
    assert not {one for one in alone.ids if one.startswith("scope-")}  # a single one has no box


async def test_a_refresh_token_comes_when_the_person_was_asked(
    raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    first = (await redeem(raw, app, await agree(raw, app))).json()
    assert "refresh_token" in first
    silent = (await (await ask(raw, app)).click(ADMIN)).came_back
    assert silent["prompt"] == "none"
    assert "refresh_token" not in (await redeem(raw, app, silent["code"])).json()
    again = (await redeem(raw, app, await agree(raw, app, prompt="consent"))).json()
    assert again["refresh_token"] != first["refresh_token"]
    online = (await redeem(raw, app, await agree(raw, app, access_type="online", prompt="consent"))).json()
    assert "refresh_token" not in online
    answer = (await refresh(raw, app, first["refresh_token"])).json()
    assert "refresh_token" not in answer
    assert answer["access_token"] != first["access_token"]


async def test_cancel_goes_back_with_access_denied(raw: httpx.AsyncClient, app: dict[str, Any]) -> None:
    page = await (await ask(raw, app)).click(ADMIN)
    assert (await page.click("consent-cancel")).came_back == {"error": "access_denied", "state": "s"}


@pytest.mark.parametrize(
    ("changes", "status", "word"),
    [
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"redirect_uri": "https://evil.example/auth/oauth/google/callback"}, 400, "redirect_uri_mismatch"),
        ({"redirect_uri": None}, 400, "invalid_request"),
        ({"scope": "https://www.googleapis.com/auth/admin.invented"}, 400, "invalid_scope"),
        ({"scope": None}, 400, "invalid_request"),
        ({"response_type": "token"}, 400, "unsupported_response_type"),
        ({"access_type": "always"}, 400, "invalid_request"),
        ({"prompt": "login"}, 400, "invalid_request"),
        ({"code_challenge": "short"}, 400, "invalid_request"),
    ],
)
async def test_what_is_wrong_with_a_request_is_said_on_googles_own_page(
    raw: httpx.AsyncClient, app: dict[str, Any], changes: dict[str, Any], status: int, word: str
) -> None:
    page = await ask(raw, app, **changes)
    assert page.reply.status_code == status
    assert f"Error {status}: {word}" in page.text


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"code_verifier": ""}, (400, "invalid_grant", "Missing code verifier.")),
        ({"code_verifier": "x" * 43}, (400, "invalid_grant", "Invalid code verifier.")),
        ({"redirect_uri": CALLBACK.replace("8100", "9")}, (400, "redirect_uri_mismatch", "Bad Request")),
        ({"client_secret": "wrong"}, (401, "invalid_client", "The provided client secret is invalid.")),
        ({"client_id": "nobody"}, (401, "invalid_client", "The OAuth client was not found.")),
        ({"code": "4/made-up"}, (400, "invalid_grant", "Malformed auth code.")),
    ],
)
async def test_a_code_is_bound_to_its_request(
    raw: httpx.AsyncClient, app: dict[str, Any], form: dict[str, str], expected: tuple[int, str, str]
) -> None:
    code = await agree(raw, app)
    assert words(await redeem(raw, app, code, **form)) == expected
    assert (await redeem(raw, app, code)).status_code == 200


async def test_a_code_that_is_used_twice_ends_what_it_gave(
    raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    code = await agree(raw, app)
    body = (await redeem(raw, app, code)).json()
    assert words(await redeem(raw, app, code))[:2] == (400, "invalid_grant")
    gone = (400, "invalid_grant", "Token has been expired or revoked.")
    assert words(await refresh(raw, app, body["refresh_token"])) == gone


async def test_revoking_ends_everything_of_the_person_and_asks_anew(
    raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    first = (await redeem(raw, app, await agree(raw, app))).json()
    second = (await redeem(raw, app, await agree(raw, app, prompt="consent"))).json()
    assert (await raw.post(app["revoke_url"], data={"token": first["refresh_token"]})).status_code == 200
    headers = {"authorization": f"Bearer {second['access_token']}"}
    url = "/google/admin/directory/v1/users/taken@acme.example"
    assert (await raw.get(url, headers=headers)).status_code == 401
    assert (await refresh(raw, app, second["refresh_token"])).status_code == 400
    assert words(await raw.post(app["revoke_url"], data={"token": "nothing"}))[:2] == (400, "invalid_token")
    assert "consent-allow" in (await (await ask(raw, app)).click(ADMIN)).ids


async def test_in_testing_a_refresh_token_has_seven_days(
    sandbox: Sandbox, raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    sandbox.configure("google", modes={"publishing": "testing"})
    body = (await redeem(raw, app, await agree(raw, app))).json()
    assert body["refresh_token_expires_in"] == 7 * 86_400 - 1
    sandbox.act("google", "expire_refresh_tokens")
    assert words(await refresh(raw, app, body["refresh_token"]))[1] == "invalid_grant"
    names = (await redeem(raw, app, await agree(raw, app, scope="openid email", prompt="consent"))).json()
    assert "refresh_token_expires_in" not in names  # signing in alone does not end


async def test_an_administrator_may_block_the_app_and_suspend_the_person(
    sandbox: Sandbox, raw: httpx.AsyncClient, app: dict[str, Any], google: httpx.AsyncClient
) -> None:
    sandbox.add_user("google", "second@acme.example", admin=True)
    page = await (await ask(raw, app)).click("person-other-submit", person_other="second@acme.example")
    code = (await page.click("consent-allow")).came_back["code"]
    body = (await redeem(raw, app, code)).json()
    headers = {"authorization": f"Bearer {body['access_token']}"}
    url = "/google/admin/directory/v1/users/second@acme.example"
    assert (await raw.put(url, headers=headers, json={"suspended": True})).status_code == 200
    assert words(await refresh(raw, app, body["refresh_token"]))[2] == "Account has been disabled"
    sandbox.configure("google", modes={"policy": "enforced"})
    assert "admin_policy_enforced" in (await ask(raw, app)).text
    assert words(await refresh(raw, app, body["refresh_token"]))[1] == "admin_policy_enforced"


async def test_access_tokens_end_when_the_control_surface_says_so(
    sandbox: Sandbox, raw: httpx.AsyncClient, app: dict[str, Any]
) -> None:
    body = (await redeem(raw, app, await agree(raw, app))).json()
    of_service = {"authorization": f"Bearer {sandbox.google_token()}"}
    of_person = {"authorization": f"Bearer {body['access_token']}"}
    url = "/google/admin/directory/v1/users/taken@acme.example"
    for headers in (of_service, of_person):
        assert (await raw.get(url, headers=headers)).status_code == 200
    sandbox.act("google", "expire_access_tokens")
    for headers in (of_service, of_person):
        assert (await raw.get(url, headers=headers)).status_code == 401
    assert (await refresh(raw, app, body["refresh_token"])).status_code == 200
