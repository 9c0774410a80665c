"""API keys and operators in a real browser, each followed to what it really does."""

import re
import time

import httpx
import pytest
from playwright.async_api import Browser, Locator, Page, expect

from deploy.local.stack import Stack
from tests.fixtures.stack import signed_in, violations

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
WAIT_SECONDS = 60


def call(stack: Stack, key: str, path: str = "/api/requests") -> int:
    """A program's call, without cookie and CSRF header."""
    return httpx.get(
        f"{stack.wiring.public_url}{path}", headers={"Authorization": f"Bearer {key}"}
    ).status_code


def until(stack: Stack, key: str, status: int, path: str = "/api/requests") -> int:
    """The last answer, as soon as it is the one that is waited for."""
    end = time.monotonic() + WAIT_SECONDS
    while (last := call(stack, key, path)) != status and time.monotonic() < end:
        time.sleep(0.5)
    return last


async def test_an_api_key_is_made_used_and_revoked(browser: Browser, stack: Stack) -> None:
    async with signed_in(browser, stack) as (_context, page):
        await page.click("#nav-api-keys")
        await page.click("#api-keys-new")
        await page.click("#api-key-create")
        await expect(page.locator("#api-key-name")).to_be_focused()
        await page.fill("#api-key-name", "HR of the journey")
        await page.locator("label[for=api-key-scope-requests-read]").first.click()
        assert await violations(page) == []
        await page.click("#api-key-create")
        value = page.locator("#api-key-value")
        await expect(value).to_have_text(re.compile(r"^oc_[0-9a-f]{32}_\S{20,}$"))
        key = (await value.inner_text()).strip()
        assert await violations(page) == []
        await page.click("#api-key-done")
        row = page.locator("#api-keys-table tr", has_text="HR of the journey")
        await expect(row).to_contain_text("Not used yet")
        assert key not in await page.content()

        assert until(stack, key, httpx.codes.OK) == httpx.codes.OK
        assert until(stack, key, httpx.codes.FORBIDDEN, "/api/audit") == httpx.codes.FORBIDDEN
        await page.reload()
        await expect(row.locator("[data-used=true]")).to_be_visible()
        assert await violations(page) == []

        await row.get_by_role("button", name="Revoke").click()
        await page.click("#revoke-dialog-confirm")
        await expect(row).to_contain_text("Revoked")
    assert until(stack, key, httpx.codes.UNAUTHORIZED) == httpx.codes.UNAUTHORIZED


async def change_role(page: Page, row: Locator, role: str) -> None:
    await row.get_by_role("button", name="What to do with").click()
    await page.get_by_role("menuitem", name="Change the role").click()
    await page.click(f"label[for=operator-role-{role}]")
    await page.click("#operator-dialog-confirm")
    await expect(row.locator(f"[data-role={role}]")).to_be_visible()


async def test_an_operator_is_added_changed_and_removed(browser: Browser, stack: Stack) -> None:
    email = "nora.neu@acme.example"
    async with signed_in(browser, stack) as (_context, page):
        await page.click("#nav-operators")
        await page.click("#operators-add")
        await page.fill("#operator-email", email)
        await page.click("label[for=operator-role-auditor]")
        assert await violations(page) == []
        await page.click("#operator-dialog-confirm")
        row = page.locator("#operators-table tr", has_text=email)
        await expect(row.locator("[data-role=auditor]")).to_be_visible()
        await expect(row).to_contain_text("Not signed in yet")

        await page.click("#operators-add")
        await page.fill("#operator-email", email)
        await page.click("#operator-dialog-confirm")
        await expect(page.locator("#operator-email")).to_have_attribute("aria-invalid", "true")
        await page.click("#operator-dialog-cancel")

        await change_role(page, row, "helpdesk")
        await row.get_by_role("button", name="What to do with").click()
        await page.get_by_role("menuitem", name="Remove").click()
        await expect(page.get_by_role("menu")).to_have_count(0)
        assert await violations(page) == []
        await page.click("#operator-leaving-dialog-confirm")
        await expect(row).to_have_count(0)


async def test_another_role_counts_for_somebody_who_is_signed_in(browser: Browser, stack: Stack) -> None:
    email = "helpdesk@acme.example"
    async with signed_in(browser, stack, email) as (_theirs, hal), signed_in(browser, stack) as (_ours, page):
        await expect(hal.locator("#nav-new-hire")).to_be_visible()
        await hal.click("#nav-operators")
        await expect(hal.locator("#operators-table")).to_contain_text(email)
        await expect(hal.locator("#operators-add, #group-roles-save")).to_have_count(0)

        await page.click("#nav-operators")
        row = page.locator("#operators-table tr", has_text=email)
        await expect(row).to_contain_text("by a group")
        await change_role(page, row, "auditor")
        await sees(hal, "#nav-audit")
        await expect(hal.locator("#nav-new-hire, #nav-operators")).to_have_count(0)

        await change_role(page, row, "helpdesk")
        await sees(hal, "#nav-new-hire")


async def sees(page: Page, selector: str) -> None:
    """Until a page that is loaded again shows it."""
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        await page.goto(page.url)
        await page.wait_for_load_state("networkidle")
        if await page.locator(selector).count():
            return
    await expect(page.locator(selector)).to_be_visible()


async def test_a_group_is_given_a_role_and_loses_it(browser: Browser, stack: Stack) -> None:
    async with signed_in(browser, stack) as (_context, page):
        await page.click("#nav-operators")
        groups = page.locator("#group-roles > li")
        await expect(groups).to_have_count(2)
        await page.click("#group-roles-add")
        await page.fill("#group-role-2-group", "oneclick-night-shift")
        await page.select_option("#group-role-2-role", "auditor")
        await page.click("#group-roles-save")
        await expect(page.locator("#group-roles-save")).to_be_disabled()
        await page.reload()
        await expect(groups).to_have_count(3)
        assert await violations(page) == []
        names = [await one.input_value() for one in await groups.get_by_role("textbox").all()]
        await page.click(f"#group-role-{names.index('oneclick-night-shift')}-remove")
        await page.click("#group-roles-save")
        await expect(page.locator("#group-roles-save")).to_be_disabled()
        await page.reload()
        await expect(groups).to_have_count(2)


async def test_others_neither_see_nor_do_any_of_it(browser: Browser, stack: Stack) -> None:
    async with signed_in(browser, stack, "auditor@acme.example") as (_context, page):
        await expect(page.locator("#nav-audit")).to_be_visible()
        for page_id in ("connections", "api-keys", "operators"):
            await expect(page.locator(f"#nav-{page_id}")).to_have_count(0)
        for path in ("/admin/connections", "/admin/operators", "/admin/api-keys"):
            await page.goto(f"{stack.wiring.public_url}{path}")
            await expect(page.locator("#main")).to_contain_text("Your role")
            await expect(page.get_by_role("table")).to_have_count(0)
            assert await violations(page) == []
