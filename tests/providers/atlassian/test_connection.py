"""Whether a connection is usable, by each of its credentials."""

from __future__ import annotations

import httpx
import pytest

from services.shared.providers.atlassian.form import AtlassianSettings
from services.shared.sdk.errors import ConsentLost, ErrorCode
from services.shared.sdk.optional import OffersOptions
from services.shared.sdk.suite import Books
from services.shared.sdk.suite.driver import make_plan, wish
from tests.fixtures.consent import open_page
from tests.fixtures.sandbox import Sandbox
from tests.providers.atlassian.conftest import MakeHarness
from tests.providers.atlassian.harness import APPS, AtlassianHarness, basic, tenant
from tests.providers.harness import SandboxHarness


def change(harness: AtlassianHarness, **settings: str | None) -> None:
    harness.settings = AtlassianSettings.model_validate({**harness.settings.model_dump(), **settings})


async def issues(harness: AtlassianHarness) -> list[tuple[str, str]]:
    found = await harness.provider.validate(harness.context(Books().known, reading=True))
    return [(one.field, one.message) for one in found]


@pytest.mark.parametrize("app", APPS)
@pytest.mark.parametrize("doors", [("scim",), ("site",), ("scim", "site"), ("site", "admin")])
async def test_any_of_the_ways_to_connect_is_sound(
    make: MakeHarness, app: str, doors: tuple[str, ...]
) -> None:
    assert await issues(make(app, doors=doors)) == []


async def test_a_key_of_another_directory_is_named(jira: AtlassianHarness, sandbox: Sandbox) -> None:
    change(jira, directory_id=sandbox.info()["atlassian"]["tenants"][1]["directory_id"])
    assert [field for field, _ in await issues(jira)] == ["directory_id"]


async def test_a_key_of_another_organisation_is_named(jira: AtlassianHarness, sandbox: Sandbox) -> None:
    change(jira, org_id=sandbox.info()["atlassian"]["tenants"][1]["org_id"])
    assert [field for field, _ in await issues(jira)] == ["org_id"]


async def test_a_token_of_somebody_who_administers_nothing_is_named(
    make: MakeHarness, sandbox: Sandbox
) -> None:
    harness, address = make("jira"), "helpdesk@acme.example"
    doors = dict(harness.endpoints)
    key = basic(address, tenant(sandbox)["api_tokens"][address])
    signed = {doors["atlassian_scim"]: f"Bearer {tenant(sandbox)['scim_key']}", doors["site_url"]: key}
    other = SandboxHarness.__new__(AtlassianHarness)
    SandboxHarness.__init__(other, sandbox, doors=signed)
    other.provider, other.settings = harness.provider, harness.settings
    other.endpoints = {name: doors[name] for name in ("atlassian_scim", "site_url")}
    assert await issues(other) == [("site_url", "The API token's owner does not administer Jira.")]
    await other.aclose()


async def test_a_connection_with_neither_directory_nor_site_is_said_as_such(jira: AtlassianHarness) -> None:
    jira.endpoints = {"atlassian_admin": jira.endpoints["atlassian_admin"]}
    assert [field for field, _ in await issues(jira)] == ["site_url"]
    with pytest.raises(ConsentLost) as lost:
        await make_plan(jira, Books(), wish(jira))
    assert lost.value.code is ErrorCode.AUTH_EXPIRED


async def test_a_dead_key_says_which(jira: AtlassianHarness, sandbox: Sandbox) -> None:
    sandbox.arm("atlassian", "expired_token", match={"path_regex": "/site/"}, times=None)
    with pytest.raises(ConsentLost, match="The API token is no longer accepted"):
        await issues(jira)
    sandbox.disarm("atlassian")
    sandbox.arm("atlassian", "expired_token", match={"path_regex": "/scim/"}, times=None)
    with pytest.raises(ConsentLost, match="The SCIM key is no longer accepted"):
        await make_plan(jira, Books(), wish(jira))


SCOPES = (
    "read:jira-user manage:jira-configuration read:confluence-user read:confluence-groups"
    " write:confluence-groups offline_access"
)


async def consented(sandbox: Sandbox, scopes: str = SCOPES) -> str:
    """An access token of Acme's administrator, given at Atlassian's own page."""
    app, uri = sandbox.info()["atlassian"]["oauth"], "http://localhost:8100/auth/oauth/atlassian/callback"
    asked = {
        "audience": "api.atlassian.com",
        "client_id": app["client_id"],
        "scope": scopes,
        "redirect_uri": uri,
        "state": "s",
        "response_type": "code",
        "prompt": "consent",
    }
    async with httpx.AsyncClient(trust_env=False) as browser:
        page = await (await open_page(browser, app["authorize_url"], asked)).click(
            "person-admin-acme-example"
        )
        code = (await page.click("consent-allow")).came_back["code"]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": uri}
        secret = {name: app[name] for name in ("client_id", "client_secret")}
        return str((await browser.post(app["token_url"], json={**form, **secret})).json()["access_token"])


@pytest.mark.parametrize("app", APPS)
async def test_by_consent_each_product_is_at_an_address_of_its_own(sandbox: Sandbox, app: str) -> None:
    """developer.atlassian.com/cloud/confluence/oauth-2-3lo-apps: `api.atlassian.com/ex/confluence/{cloudid}`."""
    harness = AtlassianHarness(sandbox, app, doors=("site",))
    await harness.aclose()
    headers = f"Bearer {await consented(sandbox)}"
    gate, cloud = sandbox.info()["atlassian"]["admin_url"], tenant(sandbox)["cloud_id"]
    addresses = {f"{product}": f"{gate}/ex/{product}/{cloud}" for product in APPS}
    other = SandboxHarness.__new__(AtlassianHarness)
    SandboxHarness.__init__(other, sandbox, doors=dict.fromkeys(addresses.values(), headers))
    other.provider, other.settings = harness.provider, harness.settings
    other.endpoints = {"site_url": addresses["jira"], "confluence_url": addresses["confluence"]}
    assert await issues(other) == []
    assert isinstance(other.provider, OffersOptions)
    groups = await other.provider.options(other.context(Books().known, reading=True), "groups", "")
    assert "Engineering" in {one.label for one in groups}
    await other.aclose()
