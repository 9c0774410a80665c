"""How each vendor's access tokens come about: what is sent, what is understood, which header results."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.jwk import RSAKey
from pydantic import SecretStr, ValidationError

from services.auth.connection.models import Vendor as Name
from services.auth.connection.vendors import APPS
from services.auth.environment.vendors import VendorSettings
from tests.auth.conftest import Running
from tests.auth.vendors import Vendor, column
from tests.fixtures.postgres import Database
from tests.fixtures.sandbox import Sandbox

Ask = Callable[..., Any]
PEM = (
    rsa.generate_private_key(public_exponent=65537, key_size=2048)
    .private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    .decode()
)
ATLASSIAN = {
    "atlassian_org_id": "org-1",
    "atlassian_directory_id": "dir-1",
    "atlassian_scim_key": SecretStr("canary-scim-key"),
    "atlassian_admin_key": SecretStr("canary-admin-key"),
    "atlassian_site_url": "https://acme.atlassian.example",
    "atlassian_email": "admin@acme.example",
    "atlassian_api_token": SecretStr("canary-api-token"),
}
GITHUB = {
    "github_org": "acme-example",
    "github_app_id": "4711",
    "github_app_private_key": SecretStr(PEM),
    "github_app_installation_id": "99",
    "github_webhook_secret": SecretStr("canary-hook"),
}
ZOOM = {
    "zoom_account_id": "acc 1",
    "zoom_client_id": "client",
    "zoom_client_secret": SecretStr("canary-secret"),
}


@pytest.mark.parametrize(
    ("app", "given", "scheme", "token"),
    [
        (
            "slack",
            {"slack_scim_token": SecretStr("xoxp-canary"), "slack_team_id": "T1"},
            "Bearer",
            "xoxp-canary",
        ),
        (
            "clickup",
            {"clickup_api_token": SecretStr("pk_canary"), "clickup_team_id": "1"},
            "Plain",
            "pk_canary",
        ),
        (
            "hubspot",
            {"hubspot_access_token": SecretStr("pat-canary"), "hubspot_portal_id": "1"},
            "Bearer",
            "pat-canary",
        ),
        (
            "scim",
            {"scim_base_url": "https://app.example/scim/v2/", "scim_token": SecretStr("canary")},
            "Bearer",
            "canary",
        ),
    ],
)
async def test_a_vendor_without_short_tokens_gets_what_was_entered(
    running: Running,
    vendor: Vendor,
    ask: Ask,
    app: str,
    given: dict[str, Any],
    scheme: str,
    token: str,
) -> None:
    async with running(transport=vendor.transport, **given) as auth:
        answer = await ask(auth, provider=app)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert (body["token_type"], body["access_token"]) == (scheme, token)
        assert token not in str(body["settings"])
    assert not vendor.calls, "nobody had to be asked"


async def test_each_of_atlassians_doors_has_its_own_key(
    running: Running, ask: Ask, database: Database
) -> None:
    async with running(**ATLASSIAN) as auth:
        for app in ("atlassian", "jira", "confluence"):
            first = (await ask(auth, provider=app)).json()
            assert (first["token_type"], first["access_token"]) == ("Bearer", "canary-scim-key")
        assert first["settings"]["credentials"] == ["scim", "site", "admin"]
        assert first["settings"]["site_name"] == "acme"
        admin = (await ask(auth, provider="jira", credential="admin")).json()
        assert (admin["token_type"], admin["access_token"]) == ("Bearer", "canary-admin-key")
        site = (await ask(auth, provider="jira", credential="site")).json()
        assert site["token_type"] == "Basic"
        assert base64.b64decode(site["access_token"]) == b"admin@acme.example:canary-api-token"
        missing = await ask(auth, provider="jira", credential="nothing")
        assert (missing.status_code, missing.json()["code"]) == (404, "connection_not_found")
        assert (await ask(auth, provider="jira", credential="No Such!")).status_code == 422
        assert database.psql("SELECT count(*) FROM auth.connection_tokens") == "3"


async def test_a_site_without_a_directory_has_one_key(running: Running, ask: Ask) -> None:
    site = {
        name: value
        for name, value in ATLASSIAN.items()
        if name in {"atlassian_site_url", "atlassian_email", "atlassian_api_token"}
    }
    async with running(**site) as auth:
        body = (await ask(auth, provider="jira")).json()
        assert body["token_type"] == "Basic"
        assert body["settings"]["directory_id"] is None
        assert (await ask(auth, provider="jira", credential="scim")).status_code == 404


async def test_two_sealed_tokens_of_one_connection_cannot_be_swapped(
    running: Running, ask: Ask, database: Database
) -> None:
    async with running(**ATLASSIAN) as auth:
        await ask(auth, provider="jira", credential="admin")
        await ask(auth, provider="jira", credential="scim")
    database.psql(
        "UPDATE auth.connection_tokens one SET envelope = two.envelope FROM auth.connection_tokens two"
        " WHERE one.credential = 'scim' AND two.credential = 'admin'"
    )
    async with running(**ATLASSIAN) as auth:
        answer = await ask(auth, provider="jira", credential="scim")
        assert answer.json()["access_token"] == "canary-scim-key", "the swapped one does not open"


async def test_github_is_asked_with_the_apps_own_jwt(running: Running, vendor: Vendor, ask: Ask) -> None:
    vendor.answers = [(201, {"token": "ghs_canary", "expires_at": "2126-01-01T00:00:00Z"})]
    async with running(transport=vendor.transport, **GITHUB) as auth:
        body = (await ask(auth, provider="github")).json()
        assert (body["token_type"], body["access_token"]) == ("Bearer", "ghs_canary")
        assert body["settings"]["mode"] == "organization"
        assert "canary" not in str(body["settings"])
    (call,) = vendor.calls
    assert call.method == "POST"
    assert call.url.path == "/app/installations/99/access_tokens"
    assert call.headers["user-agent"]
    token = jwt.decode(
        call.headers["authorization"].removeprefix("Bearer "), RSAKey.import_key(PEM), algorithms=["RS256"]
    )
    assert token.claims["iss"] == "4711"
    assert token.claims["exp"] - token.claims["iat"] <= 600


@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [
        (401, "needs_reauth", "needs_reauth"),
        (404, "needs_reauth", "needs_reauth"),
        (422, "connection_error", "error"),
        (500, "vendor_unavailable", "active"),
    ],
)
async def test_githubs_refusals_are_told_apart(  # fixtures and one row of a table
    running: Running,
    vendor: Vendor,
    ask: Ask,
    database: Database,
    status: int,
    code: str,
    outcome: str,
) -> None:
    vendor.answers = [(status, {"message": "no"})]
    async with running(transport=vendor.transport, **GITHUB) as auth:
        answer = await ask(auth, provider="github")
        assert answer.json()["code"] == code
        assert column(database, "status", "github") == outcome


async def test_a_key_that_is_none_asks_for_another(running: Running, vendor: Vendor, ask: Ask) -> None:
    changed = {**GITHUB, "github_app_private_key": SecretStr("canary, no key")}
    async with running(transport=vendor.transport, **changed) as auth:
        answer = await ask(auth, provider="github")
        assert answer.json()["code"] == "needs_reauth"
        assert "canary" not in answer.text
    assert not vendor.calls


async def test_zoom_is_asked_for_account_credentials_and_heard_about_its_address(
    running: Running, vendor: Vendor, ask: Ask
) -> None:
    vendor.answers = [
        (
            200,
            {
                "access_token": "canary-zoom",
                "token_type": "bearer",
                "expires_in": 3599,
                "api_url": "https://api-eu.zoom.example/",
            },
        )
    ]
    async with running(transport=vendor.transport, **ZOOM) as auth:
        body = (await ask(auth, provider="zoom")).json()
        assert body["access_token"] == "canary-zoom"
        assert body["settings"]["api_url"] == "https://api-eu.zoom.example"
    (call,) = vendor.calls
    form = parse_qs(call.content.decode())
    assert form == {"grant_type": ["account_credentials"], "account_id": ["acc 1"]}
    assert base64.b64decode(call.headers["authorization"].removeprefix("Basic ")) == b"client:canary-secret"


async def test_a_scim_application_may_want_client_credentials(
    running: Running, vendor: Vendor, ask: Ask
) -> None:
    given = {
        "scim_base_url": "https://app.example/scim/v2",
        "scim_token_url": "https://app.example/token",
        "scim_client_id": "client:1",
        "scim_client_secret": SecretStr("canary&secret"),
    }
    async with running(transport=vendor.transport, **given) as auth:
        assert (await ask(auth, provider="scim")).json()["access_token"] == "canary-access-1"
    (call,) = vendor.calls
    assert str(call.url) == "https://app.example/token"
    assert (
        base64.b64decode(call.headers["authorization"].removeprefix("Basic "))
        == b"client%3A1:canary%26secret"
    )


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"slack_scim_token": "x"}, "SLACK_TEAM_ID"),
        ({"github_app_id": "1"}, "GITHUB_APP_PRIVATE_KEY"),
        ({"github_scim_token": "x", "github_org": "o"}, "GITHUB_ENTERPRISE"),
        ({"zoom_account_id": "1"}, "ZOOM_CLIENT_SECRET"),
        ({"atlassian_scim_key": "x"}, "ATLASSIAN_DIRECTORY_ID"),
        ({"atlassian_admin_key": "x"}, "ATLASSIAN_ORG_ID"),
        ({"atlassian_email": "a@b.example"}, "ATLASSIAN_API_TOKEN"),
        ({"hubspot_access_token": "x"}, "HUBSPOT_PORTAL_ID"),
        ({"clickup_team_id": "1"}, "CLICKUP_API_TOKEN"),
        ({"scim_base_url": "https://x.example"}, "SCIM_TOKEN"),
        ({"scim_base_url": "ftp://x.example", "scim_token": "x"}, "SCIM_BASE_URL"),
        ({"scim_base_url": "https://x.example", "scim_client_id": "c"}, "SCIM_CLIENT_SECRET"),
    ],
)
def test_a_half_described_connection_stops_the_start_and_names_what_is_missing(
    given: dict[str, Any], named: str
) -> None:
    with pytest.raises(ValidationError, match=named):
        VendorSettings(connections_tenant="acme", **given)


def _told(sandbox: Sandbox) -> dict[str, dict[str, str]]:
    return {
        name: about["environment"]["auth"]
        for name, about in sandbox.info().items()
        if isinstance(about, dict) and "environment" in about
    }


async def test_the_sandboxs_vendors_give_tokens_to_what_they_say_of_themselves(
    running: Running, ask: Ask, sandbox: Sandbox
) -> None:
    given: dict[str, Any] = {"oauth_redirect_base": "http://localhost:8100"}
    told = _told(sandbox)
    for variables in told.values():
        given |= {name.lower(): value for name, value in variables.items()}
    async with running(**given) as auth:
        for vendor in told:
            for app in APPS[Name(vendor)]:
                answer = await ask(auth, provider=app)
                assert answer.status_code == 200, f"{app}: {answer.text}"
