"""The main journey in a real browser: sign in, name a new hire, look at the plan, apply, watch, come back."""

import re

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from deploy.local.publicclient import ApiRefused, PublicClient
from deploy.local.stack import Stack
from tests.fixtures.stack import signed_in, violations

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
E3 = "05e9a617-0261-4cee-bb44-138d3ef5d965"


def sandbox_user(stack: Stack, vendor: str, email: str) -> dict[str, object] | None:
    reply = httpx.get(f"{stack.wiring.url('sandbox')}/control/{vendor}/state", params={"user": email})
    users = reply.json()["users"]
    return users[0] if users else None


async def first_page(page: Page, name: str, email: str) -> None:
    """Next stays shut until name, e-mail and one app are right."""
    await page.click("#overview-new-hire")
    forward = page.locator("#wizard-next")
    await expect(forward).to_be_disabled()
    await page.fill("#person-full-name", "J")
    await page.fill("#person-work-email", "not an address")
    await expect(forward).to_be_disabled()
    await page.fill("#person-full-name", name)
    await page.fill("#person-work-email", email)
    await expect(forward).to_be_disabled()
    for app in ("google-workspace", "microsoft-365"):
        await page.locator(f"label[for=app-toggle-{app}]").first.click()
    await expect(forward).to_be_enabled()
    assert await violations(page) == []
    await forward.click()


async def test_a_new_hire_from_sign_in_to_both_accounts(browser: Browser, stack: Stack) -> None:
    email = "rosa.lind@acme.example"
    async with signed_in(browser, stack) as (context, page):
        await first_page(page, "Rosa Lind", email)
        await expect(page.locator("#wizard-form")).to_contain_text("Google Workspace")
        assert await violations(page) == []
        await page.click("#wizard-next")
        await expect(page.locator("#wizard-form")).to_contain_text("Microsoft 365")
        await page.fill("#field-microsoft-365-usage-location", "Germany")
        await page.locator("#field-microsoft-365-usage-location-list").get_by_text("Germany").first.click()
        assert await violations(page) == []
        await page.click("#wizard-next")

        await expect(page.locator("#plan-apply")).to_be_enabled(timeout=30_000)
        await expect(page.locator("#plan-apply")).to_have_text(re.compile("Create 2 accounts"))
        assert sandbox_user(stack, "google", email) is None, "a plan changes nothing"
        assert await violations(page) == []
        await page.click("#plan-apply")
        await page.wait_for_url("**/requests/*")
        address = page.url
        await page.close()  # in the middle of it

        later = await context.new_page()
        await later.goto(address)
        await expect(later.locator("#request-state")).to_contain_text("Completed", timeout=60_000)
        assert await violations(later) == []
    for vendor in ("google", "microsoft"):
        assert sandbox_user(stack, vendor, email) is not None


@pytest.mark.parametrize("dark", [False, True])
async def test_axe_finds_nothing(browser: Browser, stack: Stack, *, dark: bool) -> None:
    async with signed_in(browser, stack, dark=dark) as (_context, page):
        found = {}
        for path in (
            "/",
            "/new-hire",
            "/requests",
            "/people",
            "/schedule",
            "/schedule?view=week",
            "/schedule?view=month",
            "/tag-rules",
            "/tag-rules/new",
            "/apps",
            "/role-templates",
            "/role-templates/new",
            "/audit",
            "/admin/connections",
            "/admin/api-keys",
            "/admin/operators",
        ):
            await page.goto(f"{stack.wiring.public_url}{path}")
            await page.wait_for_load_state("networkidle")
            found[path] = await violations(page)
        assert not any(found.values()), found


async def test_an_auditor_reads_and_cannot_change(browser: Browser, stack: Stack) -> None:
    async with signed_in(browser, stack, "auditor@acme.example") as (_context, page):
        status = await page.evaluate(
            """async () => (await fetch('/api/requests', {method: 'POST', credentials: 'include',
                headers: {'Content-Type': 'application/json', 'X-OC-CSRF': '1'}, body: '{}'})).status"""
        )
        assert status == 403
        listed = await page.evaluate(
            "async () => (await fetch('/api/requests', {headers: {'X-OC-CSRF': '1'}})).status"
        )
        assert listed == 200


@pytest.mark.parametrize(
    ("apps", "field"),
    [
        (
            {"microsoft-365": {"usage_location": "DE", "licenses": ["NO_SUCH_SKU"]}},
            "apps.microsoft-365.licenses",
        ),
        ({"google": {"groups": ["nobody@acme.example"]}}, "apps.google.groups"),
        ({"microsoft": {}}, "apps.microsoft.usage_location"),
    ],
)
def test_a_value_that_no_vendor_knows_gets_a_422_that_names_it(
    stack: Stack, apps: dict[str, object], field: str
) -> None:
    email = "typo@acme.example"
    with PublicClient(stack.wiring.public_url) as person:
        person.sign_in("admin@acme.example")
        body = {"dry_run": True, "employee": {"full_name": "Ty Po", "work_email": email}, "apps": apps}
        with pytest.raises(ApiRefused) as refused:
            person.post("/api/requests", body)
    assert refused.value.status == 422
    assert [error["field"] for error in refused.value.problem["errors"]] == [field]
    for vendor in ("google", "microsoft"):
        reply = httpx.get(f"{stack.wiring.url('sandbox')}/control/{vendor}/effects", params={"user": email})
        assert reply.json()["items"] == []
