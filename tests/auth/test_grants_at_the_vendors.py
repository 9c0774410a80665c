"""What people consented to at the vendors' pages goes on by refresh tokens, each vendor's rules on, until it is ended there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.auth.environment.oauth import OAuthEnvironment
from tests.auth.conftest import Auth, Running
from tests.auth.test_sign_in import sign_in
from tests.fixtures.consent import Page, open_page
from tests.fixtures.postgres import Database
from tests.fixtures.sandbox import Sandbox

pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")
BASE = "http://localhost:8100"
METHOD = {"method": "authorization_code"}
DETECTS_REUSE = {"microsoft": {"rotation": "detect"}, "slack": {"token_rotation": "on"}}
PATHS = {
    "microsoft": "microsoft/v1.0/users",
    "google": "google/admin/directory/v1/users?customer=my_customer",
    "atlassian": "atlassian/oauth/token/accessible-resources",
    "hubspot": "hubspot/settings/v3/users",
    "slack": "slack/scim/v2/Users",
}
TOKEN_PATHS = {
    "microsoft": "/oauth2/v2.0/token$",
    "google": "/google/token$",
    "atlassian": "/oauth/token$",
    "hubspot": "/oauth/v1/token$",
    "slack": "/oauth.v2.access$",
}
ONE_USE = {"atlassian", "slack", "microsoft"}
"""Those whose refresh tokens work once here."""


def environment(sandbox: Sandbox) -> dict[str, Any]:
    """How this installation is registered at the vendors, as the sandbox tells it to a stack."""
    told: dict[str, Any] = {}
    for vendor in sandbox.info().values():
        if isinstance(vendor, dict):
            settings = vendor.get("environment", {}).get("auth", {})
            told |= {name.lower(): value for name, value in settings.items()}
    told |= {"oauth_redirect_base": BASE, "google_token_url": sandbox.google_token_url}
    known = {*OAuthEnvironment.model_fields, "google_token_url"}
    return {name: value for name, value in told.items() if name in known}


@pytest.fixture
async def auth(running: Running, sandbox: Sandbox) -> AsyncIterator[Auth]:
    """One replica that knows no connection yet."""
    sandbox.reset(tokens=True)
    for vendor, modes in DETECTS_REUSE.items():
        sandbox.configure(vendor, modes=modes)
    async with running(seed=False, token_cool_down=0.01, **environment(sandbox)) as replica:
        yield replica


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        yield client


async def leave(auth: Auth, session: str, vendor: str) -> str:
    more = METHOD if vendor == "microsoft" else {}
    body = {"session_token": session, "return_to": "/admin/connections", **more}
    answer = await auth.call("bff", "POST", f"oauth/{vendor}/start", body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["authorize_url"])


async def come_back(auth: Auth, session: str, vendor: str, page: Page) -> dict[str, Any]:
    assert page.location.startswith(f"{BASE}/auth/oauth/{vendor}/callback?"), page.location
    body = {"session_token": session, "query": page.came_back}
    answer = await auth.call("bff", "POST", f"oauth/{vendor}/finish", body)
    assert answer.status_code == 200, answer.text
    outcome: dict[str, Any] = answer.json()
    return outcome


async def connect(auth: Auth, browser: httpx.AsyncClient, vendor: str) -> str:
    session = await sign_in(auth)
    page = await open_page(browser, await leave(auth, session, vendor))
    page = await (await page.click("person-admin-acme-example")).click("consent-allow")
    outcome = await come_back(auth, session, vendor, page)
    assert outcome["failed"] is None, outcome
    return str(outcome["connection_id"])


@pytest.fixture
def token(auth: Auth, database: Database) -> Callable[..., Any]:
    """The worker's question; `after_a_while` as somebody asks whose token the vendor has refused."""

    async def ask(vendor: str, connection_id: str, *, after_a_while: bool = False) -> httpx.Response:
        if after_a_while:
            database.psql("UPDATE auth.connection_tokens SET minted_at = minted_at - interval '1 minute'")
        body = {"connection_id": connection_id, "purpose": "test", "force_refresh": after_a_while}
        credential = "site" if vendor == "atlassian" else "default"
        return await auth.call("worker", "POST", "tenant-token", {**body, "credential": credential})

    return ask


async def use(browser: httpx.AsyncClient, sandbox: Sandbox, vendor: str, told: dict[str, Any]) -> int:
    headers = {"authorization": f"Bearer {told['access_token']}"}
    return (await browser.get(f"{sandbox.url}/{PATHS[vendor]}", headers=headers)).status_code


async def state_of(auth: Auth, tenant: UUID) -> str:
    listed = await auth.call("api", "POST", "connections/list", {"tenant_id": str(tenant)})
    return str(listed.json()["items"][0]["state"])


@pytest.mark.parametrize("vendor", PATHS)
async def test_a_token_that_the_vendor_ended_is_renewed_again_and_again_until_the_consent_is_gone(
    auth: Auth,
    browser: httpx.AsyncClient,
    sandbox: Sandbox,
    token: Callable[..., Any],
    tenant_id: Callable[..., UUID],
    vendor: str,
) -> None:
    connection = await connect(auth, browser, vendor)
    told = (await token(vendor, connection)).json()
    for _ in range(3):  # with what the one before brought
        assert await use(browser, sandbox, vendor, told) == 200
        sandbox.act(vendor, "expire_access_tokens")
        assert await use(browser, sandbox, vendor, told) == 401
        answer = await token(vendor, connection, after_a_while=True)
        assert answer.status_code == 200, answer.text
        told = answer.json()
    sandbox.act(vendor, "revoke_grant")
    assert (await token(vendor, connection, after_a_while=True)).status_code == 409
    assert await state_of(auth, tenant_id()) == "needs_reauth"


@pytest.mark.parametrize("vendor", PATHS)
async def test_an_answer_that_got_lost_ends_in_a_working_connection_or_says_that_it_needs_a_person(
    auth: Auth,
    browser: httpx.AsyncClient,
    sandbox: Sandbox,
    token: Callable[..., Any],
    tenant_id: Callable[..., UUID],
    vendor: str,
) -> None:
    """The vendor took the refresh token and its answer never came: where that one works once, nobody has another."""
    connection = await connect(auth, browser, vendor)
    sandbox.act(vendor, "expire_access_tokens")
    sandbox.arm(vendor, "commit_then_drop", match={"path_regex": TOKEN_PATHS[vendor]})
    lost = await token(vendor, connection, after_a_while=True)
    assert lost.status_code == 503, lost.text
    answer = await token(vendor, connection, after_a_while=True)
    state = await state_of(auth, tenant_id())
    if vendor in ONE_USE:
        assert (answer.status_code, state) == (409, "needs_reauth"), answer.text
    else:
        assert (answer.status_code, state) == (200, "active"), answer.text
        assert await use(browser, sandbox, vendor, answer.json()) == 200


@pytest.mark.parametrize("vendor", [*PATHS, "clickup"])
async def test_whoever_cancels_at_the_vendor_connects_nothing(
    auth: Auth, browser: httpx.AsyncClient, tenant_id: Callable[..., UUID], vendor: str
) -> None:
    session = await sign_in(auth)
    page = await open_page(browser, await leave(auth, session, vendor))
    outcome = await come_back(auth, session, vendor, await page.click("consent-cancel"))
    assert outcome["failed"] == "access_denied", outcome
    listed = await auth.call("api", "POST", "connections/list", {"tenant_id": str(tenant_id())})
    assert listed.json()["items"] == []
