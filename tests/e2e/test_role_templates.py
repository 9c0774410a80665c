"""A role template in a real browser: written, suggested, used for a hire, changed; and an app switched off and on."""

import re

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from deploy.local.publicclient import ApiRefused, PublicClient
from deploy.local.stack import Stack
from tests.fixtures.stack import signed_in, violations

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
GOOGLE = "google-workspace"


def sandbox_user(stack: Stack, vendor: str, email: str) -> dict[str, object] | None:
    reply = httpx.get(f"{stack.wiring.url('sandbox')}/control/{vendor}/state", params={"user": email})
    users = reply.json()["users"]
    return users[0] if users else None


async def write_template(page: Page, name: str) -> None:
    """Through the form, with a field of Google's filled in from its live list."""
    await page.click("#nav-role-templates")
    await expect(page.locator("#role-template-engineer")).to_be_visible()
    assert await violations(page) == []
    await page.click("#role-templates-new")
    await page.fill("#template-name", name)
    await page.fill("#template-condition-job-title", "*cartographer*")
    await page.keyboard.press("Enter")
    await page.locator(f"label[for=template-app-{GOOGLE}]").first.click()
    await page.click(f"#template-fill-{GOOGLE}-primary-org-unit")
    await page.fill(f"#field-{GOOGLE}-primary-org-unit", "/Engineering")
    await page.locator(f"#field-{GOOGLE}-primary-org-unit-option-engineering").click()
    assert await violations(page) == []
    await page.click("#template-save")
    await page.wait_for_url(re.compile(r"/role-templates/[0-9a-f-]{36}$"))
    await expect(page.locator("#template-version-1")).to_be_visible()


async def hire(page: Page, name: str, email: str, title: str) -> None:
    await page.click("#nav-new-hire")
    await page.fill("#person-full-name", name)
    await page.fill("#person-work-email", email)
    await page.click("#person-more")
    await page.fill("#person-job-title", title)


async def test_a_template_is_written_suggested_used_and_changed(browser: Browser, stack: Stack) -> None:
    email = "gerda.mercator@acme.example"
    async with signed_in(browser, stack) as (_context, page):
        await write_template(page, "Cartographer")
        address = page.url

        await hire(page, "Gerda Mercator", email, "Lead Cartographer")
        await page.click("#role-template-suggestion-cartographer")
        await expect(page.locator("#role-template-outcome")).to_contain_text(
            "Switches on Google Workspace and fills in 1 field"
        )
        await expect(page.locator(f"#app-toggle-{GOOGLE}")).to_be_checked()
        await expect(page.locator("#app-toggle-microsoft-365")).not_to_be_checked()
        assert await violations(page) == []
        await page.click("#wizard-next")
        field = page.locator(f"#field-{GOOGLE}-primary-org-unit")
        await expect(field).to_have_value(re.compile("/Engineering"))
        await expect(page.locator("#wizard-form")).to_contain_text("from Cartographer")
        assert await violations(page) == []
        await page.click("#wizard-next")
        await expect(page.locator("#plan-apply")).to_have_text(re.compile("Create 1 account"))
        await expect(page.locator("#request-role-template")).to_have_text(
            "Role template Cartographer, version 1"
        )
        await page.click("#plan-apply")
        await page.wait_for_url("**/requests/*")
        await expect(page.locator("#request-state")).to_contain_text("Completed", timeout=60_000)
        await expect(page.locator("#request-role-template")).to_have_text(
            "Role template Cartographer, version 1"
        )

        await page.goto(address)
        await page.fill("#template-description", "Draws what others walk.")
        await page.click("#template-save")
        await expect(page.locator("#template-version-2")).to_be_visible()
        await page.click("#template-version-1")
        await expect(page.locator("#template-version-dialog-restore")).to_be_visible()
        assert await violations(page) == []
        await page.click("#template-version-dialog-close")
        await page.click("#template-delete")
        await page.click("#delete-dialog-confirm")
        await page.wait_for_url("**/role-templates")
        await expect(page.locator("#role-template-engineer")).to_be_visible()
        await expect(page.locator("#role-template-cartographer")).to_have_count(0)
    user = sandbox_user(stack, "google", email)
    assert user is not None
    assert "/Engineering" in str(user)


async def test_an_app_that_is_switched_off_is_in_no_new_hire(browser: Browser, stack: Stack) -> None:
    async with signed_in(browser, stack) as (_context, page):
        switch = page.locator("#app-offered-microsoft-365")
        label = page.locator("label[for=app-offered-microsoft-365]").first
        await page.click("#nav-apps")
        await expect(switch).to_be_checked()
        await label.click()
        await expect(page.locator("#app-microsoft-365")).to_have_attribute("data-offered", "false")
        assert await violations(page) == []
        try:
            await page.click("#nav-new-hire")
            await expect(page.locator(f"#app-toggle-{GOOGLE}")).to_be_visible()
            await expect(page.locator("#app-toggle-microsoft-365")).to_have_count(0)
            with PublicClient(stack.wiring.public_url) as person:
                person.sign_in("admin@acme.example")
                employee = {"full_name": "Off Limits", "work_email": "off@acme.example"}
                with pytest.raises(ApiRefused) as refused:
                    person.post(
                        "/api/requests",
                        {"employee": employee, "apps": {"microsoft": {"usage_location": "DE"}}},
                    )
            (error,) = refused.value.problem["errors"]
            assert (error["field"], error["code"]) == ("apps.microsoft", "app_not_offered")
        finally:
            await page.click("#nav-apps")
            await label.click()
        await expect(page.locator("#app-microsoft-365")).to_have_attribute("data-offered", "true")


async def test_others_read_templates_and_apps_and_change_nothing(browser: Browser, stack: Stack) -> None:
    async with signed_in(browser, stack, "auditor@acme.example") as (_context, page):
        await page.click("#nav-apps")
        await expect(page.locator("#apps-table")).to_contain_text("Offered")
        await expect(page.get_by_role("switch")).to_have_count(0)
        await page.click("#nav-role-templates")
        await expect(page.locator("#role-templates-new")).to_have_count(0)
        await page.click("#role-template-engineer")
        await expect(page.locator("#template-versions")).to_be_visible()
        await expect(page.locator("#template-save")).to_have_count(0)
        assert await violations(page) == []
