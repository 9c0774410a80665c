"""All ten apps in a real browser: chosen, asked, planned, run; an invitation sent again, and a task that a person does."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from deploy.local.publicclient import PublicClient
from deploy.local.stack import Stack
from tests.fixtures.stack import signed_in, violations

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
APPS = (
    "clickup",
    "confluence",
    "github",
    "google-workspace",
    "hubspot",
    "jira",
    "microsoft-365",
    "scim",
    "slack",
    "zoom",
)
TASK = "action-slack-role"
INVITATION = "action-github-invite"
TRIES = 20
WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('body *')]
    .filter(node => node.getBoundingClientRect().right > innerWidth).map(node => node.outerHTML.slice(0, 160))"""


@pytest.fixture
def ten_apps(stack: Stack) -> Iterator[Stack]:
    """Every app is offered, and Slack's plan is one on which administrators are made by hand."""
    settings = f"{stack.wiring.url('sandbox')}/control/slack/settings"
    httpx.put(settings, json={"modes": {"plan": "business_plus"}}).raise_for_status()
    with PublicClient(stack.wiring.public_url) as person:
        person.sign_in("admin@acme.example")
        person.put("/api/apps/slack", {"offered": True})
        yield stack
        person.put("/api/apps/slack", {"offered": False})
    httpx.put(settings, json={"modes": {"plan": "enterprise"}}).raise_for_status()


async def choose_everything(page: Page, email: str) -> None:
    """Page one, found by typing and switched on by the keyboard."""
    await page.click("#nav-new-hire")
    await page.fill("#person-full-name", "Rosa Lind")
    await page.fill("#person-work-email", email)
    await page.fill("#apps-search", "git")
    await expect(page.locator("input[id^=app-toggle-]")).to_have_count(1)
    await page.fill("#apps-search", "")
    for app in APPS:
        await page.focus(f"#app-toggle-{app}")
        await page.keyboard.press("Space")
    await expect(page.locator("#apps-count")).to_have_text("10 of 10 on")
    assert await violations(page) == []
    await page.click("#wizard-next")


async def ask_each_app(page: Page) -> None:
    """A page for each app; what hangs on a role is asked only with it."""
    for app in APPS:
        await expect(page.locator("#wizard-form")).to_contain_text(re.compile(r"\S"))
        if app == "slack":
            await page.select_option("#field-slack-role", "guest")
            await expect(page.locator("#field-slack-guest-expires-on")).to_be_visible()
            await page.select_option("#field-slack-role", "admin")
            await expect(page.locator("#field-slack-guest-expires-on")).to_have_count(0)
        if app == "microsoft-365":
            await page.fill("#field-microsoft-365-usage-location", "Germany")
            await (
                page.locator("#field-microsoft-365-usage-location-list").get_by_text("Germany").first.click()
            )
        assert await violations(page) == [], app
        await page.click("#wizard-next")


async def test_ten_apps_from_the_wizard_to_what_waits(browser: Browser, ten_apps: Stack) -> None:
    async with signed_in(browser, ten_apps) as (_context, page):
        await choose_everything(page, "rosa.ten@acme.example")
        await ask_each_app(page)

        await expect(page.locator("#plan-apply")).to_be_enabled(timeout=60_000)
        await expect(page.locator("#plan-apply")).to_contain_text("Create 8 accounts, send 2 invitations")
        await expect(page.locator("#plan-summary")).to_contain_text("Leave 1 task to a person")
        assert await violations(page) == []
        await page.click("#plan-apply")
        await page.wait_for_url("**/requests/*")

        await expect(page.locator("#request-state")).to_contain_text("Waits for a person", timeout=60_000)
        await expect(page.locator("#attention-slack-role")).to_contain_text("yours")
        assert await violations(page) == []
        await page.set_viewport_size({"width": 375, "height": 800})
        assert await too_wide(page) == []
        assert await violations(page) == []
        await page.set_viewport_size({"width": 1280, "height": 900})

        await send_again(page)
        await do_the_task(page)

        await page.click("#nav-overview")
        await expect(page.locator("#waits-invited")).to_contain_text("3")
        await page.click("#waits-invited")
        await expect(page.locator("#requests-filter-waiting")).to_have_value("invited")
        await expect(page.locator("#requests-table")).to_contain_text("Rosa Lind")
        assert await violations(page) == []


async def too_wide(page: Page) -> list[str]:
    """What makes the page wider than its window, once it has settled."""
    found: list[str] = []
    for _ in range(TRIES):
        found = await page.evaluate(WIDE)
        if not found:
            break
        await page.wait_for_timeout(100)
    return found


async def send_again(page: Page) -> None:
    """The invitation goes out anew, and says so."""
    await page.click("#attention-github-invite")
    await expect(page.locator(f"#{INVITATION}")).to_be_focused()
    await page.click(f"#{INVITATION}-resend")
    await page.click("#resend-dialog-confirm")
    await expect(page.locator(f"#{INVITATION}")).to_have_attribute("data-state", "awaiting_acceptance")
    await expect(page.locator(f"#{INVITATION}-invitation")).to_contain_text("Sent just now", timeout=60_000)


async def do_the_task(page: Page) -> None:
    """Said done before it is, handed over to somebody who cannot have it, and let go."""
    await page.click("#attention-slack-role")
    await page.click(f"#{TASK}-hand-over")
    await page.fill("#hand-over-dialog-address", "nobody@acme.example")
    await page.click("#hand-over-dialog-confirm")
    await expect(page.locator("#hand-over-dialog")).to_contain_text("Nobody of this tenant")
    await page.click("#hand-over-dialog-cancel")
    await page.click(f"#{TASK}-note-add")
    await page.keyboard.type("By the admin page.")
    await page.click(f"#{TASK}-done")
    await expect(page.locator(f"#{TASK}-verdict")).to_contain_text(
        "Slack does not show it yet.", timeout=60_000
    )
    await expect(page.locator(f"#{TASK}-verdict")).to_contain_text("By the admin page.")
    assert await violations(page) == []
    await page.click(f"#{TASK}-release")
    await expect(page.locator(f"#{TASK}-assignee")).to_contain_text("nobody")
