"""Signing in at the sandbox's identity provider, and what a session is good for."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from services.shared.web.principal import Role, TokenVerifier
from tests.auth.conftest import BOOTSTRAP, Auth, Running, WriteBootstrap
from tests.fixtures.postgres import Database
from tests.fixtures.sandbox import Sandbox

pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")
"""The sandbox's provider is built on parts of its library that are about to move; it runs in this process."""
BINDING = "binding-of-this-browser-0123456789"


def approve(authorize_url: str, person: str) -> dict[str, str]:
    """What the browser does at the identity provider; the parameters that come back."""
    with httpx.Client(timeout=60) as browser:
        answer = browser.post(authorize_url, data={"sub": person})
    assert answer.status_code in {302, 303}, answer.text
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    return {name: values[0] for name, values in query.items()}


async def begin(auth: Auth, binding: str = BINDING, return_to: str = "/people") -> str:
    answer = await auth.call("bff", "POST", "sign-in/start", {"return_to": return_to, "binding": binding})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["authorize_url"])


async def finish(auth: Auth, came_back: dict[str, str], binding: str = BINDING) -> httpx.Response:
    body = {name: came_back[name] for name in ("code", "state", "iss") if name in came_back}
    return await auth.call("bff", "POST", "sign-in/finish", {**body, "binding": binding})


async def sign_in(auth: Auth, person: str = "admin@acme.example") -> str:
    answer = await finish(auth, approve(await begin(auth), person))
    assert answer.status_code == 200, answer.text
    assert answer.json()["return_to"] == "/people"
    return str(answer.json()["session_token"])


async def exchange(auth: Auth, session_token: str) -> httpx.Response:
    return await auth.call("bff", "POST", "session/token", {"session_token": session_token})


async def test_a_listed_operator_signs_in_and_gets_a_token_that_the_api_verifies(auth: Auth) -> None:
    answer = await exchange(auth, await sign_in(auth))
    assert answer.status_code == 200, answer.text
    session = answer.json()["session"]
    assert session["role"] == "admin"
    assert session["tenant"]["slug"] == "acme"
    assert [tenant["slug"] for tenant in session["tenants"]] == ["acme"]
    assert session["operator"]["email"] == "admin@acme.example"
    verifier = TokenVerifier(auth.client, "http://auth.test")
    principal = await verifier.verify(answer.json()["access_token"])
    assert principal.role is Role.ADMIN
    assert str(principal.tenant_id) == session["tenant"]["id"]
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("person", "role"), [("helpdesk@acme.example", "helpdesk"), ("auditor@acme.example", "auditor")]
)
async def test_a_group_gives_the_role(auth: Auth, person: str, role: str) -> None:
    answer = await exchange(auth, await sign_in(auth, person))
    assert answer.json()["session"]["role"] == role


async def test_the_authorize_address_carries_pkce_and_nothing_that_is_secret(
    auth: Auth, database: Database
) -> None:
    url = await begin(auth)
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert query["response_type"] == "code"
    assert query["code_challenge_method"] == "S256"
    assert len(query["code_challenge"]) == 43
    assert query["redirect_uri"] == "https://oneclick.test/bff/callback"
    assert len(query["state"]) == len(query["nonce"]) == 43
    stored = database.psql("SELECT t::text FROM auth.sign_in_states t")
    assert query["state"] not in stored
    assert BINDING not in stored


async def test_a_state_is_good_once(auth: Auth) -> None:
    came_back = approve(await begin(auth), "admin@acme.example")
    answers = await asyncio.gather(*(finish(auth, came_back) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 9
    replayed = await finish(auth, came_back)
    assert (replayed.status_code, replayed.json()["code"]) == (401, "sign_in_refused")


async def test_a_state_of_another_browser_is_refused_and_used_up(auth: Auth) -> None:
    came_back = approve(await begin(auth), "admin@acme.example")
    stolen = await finish(auth, came_back, binding="another-browser-0123456789")
    assert (stolen.status_code, stolen.json()["code"]) == (401, "sign_in_refused")
    assert (await finish(auth, came_back)).status_code == 401


async def test_a_state_older_than_ten_minutes_is_refused(auth: Auth, database: Database) -> None:
    came_back = approve(await begin(auth), "admin@acme.example")
    lifetime = database.psql("SELECT expires_at - created_at FROM auth.sign_in_states")
    assert lifetime == "00:10:00"
    database.psql("UPDATE auth.sign_in_states SET expires_at = now() - interval '1s'")
    answer = await finish(auth, came_back)
    assert answer.status_code == 401
    assert "ten minutes" in answer.json()["detail"]


async def test_an_answer_of_another_issuer_is_refused(auth: Auth) -> None:
    came_back = approve(await begin(auth), "admin@acme.example")
    answer = await finish(auth, {**came_back, "iss": "https://evil.example"})
    assert answer.status_code == 401
    assert "another identity provider" in answer.json()["detail"]
    right = approve(await begin(auth), "admin@acme.example")
    assert (await finish(auth, {**right, "iss": auth.settings.oidc.oidc_issuer})).status_code == 200


@pytest.mark.parametrize("changed", ["code", "state"])
async def test_a_made_up_code_or_state_is_refused(auth: Auth, changed: str) -> None:
    came_back = approve(await begin(auth), "admin@acme.example")
    for made_up in ("wrong", "ünïcode-\x00", "a" * 200):
        answer = await finish(auth, {**came_back, changed: made_up})
        assert answer.status_code == 401, answer.text
        came_back = approve(await begin(auth), "admin@acme.example")


@pytest.mark.parametrize(
    "return_to",
    ["//evil.example", "https://evil.example", "/\\evil", "evil", "", "/a b", "/a\nb", "/\t/evil"],
)
async def test_a_return_address_of_another_site_is_refused(auth: Auth, return_to: str) -> None:
    answer = await auth.call("bff", "POST", "sign-in/start", {"return_to": return_to, "binding": BINDING})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "return_to"


async def test_the_provider_being_away_is_said(running: Running) -> None:
    async with running(oidc_issuer="http://127.0.0.1:9/oidc") as auth:
        answer = await auth.call("bff", "POST", "sign-in/start", {"return_to": "/", "binding": BINDING})
        assert (answer.status_code, answer.json()["code"]) == (503, "identity_provider_unavailable")


async def test_someone_without_a_role_is_refused_and_it_is_kept(
    running: Running, database: Database, write_bootstrap: WriteBootstrap
) -> None:
    write_bootstrap("tenants: [{slug: acme, name: Acme}]")
    async with running() as auth:
        answer = await finish(auth, approve(await begin(auth), "admin@acme.example"))
    assert (answer.status_code, answer.json()["code"]) == (403, "no_role")
    assert "admin@acme.example" in answer.json()["detail"]
    assert database.psql(
        "SELECT action, subject, outcome FROM auth.security_events WHERE action = 'sign_in'"
    ) == ("sign_in|admin@acme.example|no_role")
    assert database.psql("SELECT count(*) FROM auth.operators") == "0"


async def test_the_next_sign_in_finds_the_person_by_issuer_and_subject(
    auth: Auth, database: Database
) -> None:
    await sign_in(auth)
    database.psql(
        "UPDATE auth.operators SET email = 'renamed@acme.example' WHERE email = 'admin@acme.example'"
    )
    answer = await exchange(auth, await sign_in(auth))
    assert answer.json()["session"]["operator"]["email"] == "renamed@acme.example"


async def test_an_address_that_belongs_to_another_identity_is_refused(auth: Auth, database: Database) -> None:
    await sign_in(auth)
    database.psql("UPDATE auth.operators SET subject = 'somebody-else' WHERE email = 'admin@acme.example'")
    answer = await finish(auth, approve(await begin(auth), "admin@acme.example"))
    assert (answer.status_code, answer.json()["code"]) == (403, "no_role")
    assert "another identity" in answer.json()["detail"]


async def test_who_left_a_group_loses_its_role_at_the_next_sign_in(auth: Auth, database: Database) -> None:
    await sign_in(auth, "helpdesk@acme.example")
    database.psql("DELETE FROM auth.group_roles WHERE group_name = 'oneclick-helpdesk'")
    answer = await finish(auth, approve(await begin(auth), "helpdesk@acme.example"))
    assert answer.json()["code"] == "no_role"


async def test_a_platform_administrator_may_enter_every_tenant(
    running: Running, write_bootstrap: WriteBootstrap
) -> None:
    write_bootstrap(f"{BOOTSTRAP}\nplatform_admins: [Auditor@Acme.example]\n")
    async with running() as auth:
        answer = await exchange(auth, await sign_in(auth, "auditor@acme.example"))
    session = answer.json()["session"]
    assert session["role"] == "platform_admin"
    assert [tenant["slug"] for tenant in session["tenants"]] == ["acme", "globex"]


async def test_sign_out_offers_the_providers_own(auth: Auth, sandbox: Sandbox) -> None:
    token = await sign_in(auth)
    answer = await auth.call("bff", "POST", "session/end", {"session_token": token})
    url = urlsplit(answer.json()["end_session_url"])
    assert answer.json()["end_session_url"].startswith(sandbox.oidc_issuer)
    assert parse_qs(url.query)["post_logout_redirect_uri"] == ["https://oneclick.test/"]
    assert (await exchange(auth, token)).json()["code"] == "session_ended"
    again = await auth.call("bff", "POST", "session/end", {"session_token": token})
    assert again.json() == {"end_session_url": None}
