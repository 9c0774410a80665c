"""What Microsoft tells, in a real browser: watched from the page, live as it arrives, replayed, and what was missed."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from deploy.local.publicclient import PublicClient
from deploy.local.stack import Stack
from tests.fixtures.stack import sign_in, signed_in, violations

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
ADMIN = "admin@acme.example"
PATIENCE = 120_000


class Microsoft:
    """What happens at the imitated Microsoft without OneClick."""

    def __init__(self, stack: Stack) -> None:
        self._http = httpx.Client(base_url=f"{stack.wiring.url('sandbox')}/control/microsoft", timeout=60)

    def act(self, verb: str, **body: Any) -> dict[str, Any]:
        answer = self._http.post(f"/act/{verb}", json=body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def mail(self, subject: str, count: int = 1) -> None:
        """Mails to the administrator; several are numbered."""
        self.act("mail", to=ADMIN, subject=subject, **({"count": count} if count > 1 else {}))

    def break_reading(self) -> None:
        """Every look at a mail fails, until it is mended."""
        fault = {
            "kind": "server_error",
            "match": {"method": "GET", "path_regex": "(?i)/messages/"},
            "times": None,
            "status": 500,
        }
        assert self._http.post("/faults", json=fault).status_code == 201

    def mend(self) -> None:
        """Nothing fails any more."""
        self._http.delete("/faults").raise_for_status()

    def close(self) -> None:
        self._http.close()


@pytest.fixture
def microsoft(stack: Stack) -> Iterator[Microsoft]:
    made = Microsoft(stack)
    yield made
    made.mend()
    with PublicClient(stack.wiring.public_url) as person:
        person.sign_in(ADMIN)
        for one in person.get("/api/ms365/subscriptions")["items"]:
            person.delete(f"/api/ms365/subscriptions/{one['id']}")
    made.close()


async def watch_mailbox(page: Page) -> None:
    """Watch the administrator's mail, from the page alone."""
    await page.click("#nav-notifications")
    await page.click("#notifications-subscribe")
    await page.click("#subscribe-confirm")
    await expect(page.locator("#subscribe-who")).to_be_focused()
    await page.fill("#subscribe-who", ADMIN)
    await page.locator("label[for=subscribe-change-deleted]").first.click()
    assert await violations(page) == []
    await page.click("#subscribe-confirm")
    row = page.locator("#subscriptions-table tr", has_text=f"Mail of {ADMIN}")
    await expect(row.locator("[data-state=active]")).to_be_visible(timeout=PATIENCE)
    await expect(row.locator("time").first).to_be_visible()


async def test_a_mail_is_live_in_the_list_and_what_fails_is_replayed(
    browser: Browser, stack: Stack, microsoft: Microsoft
) -> None:
    async with signed_in(browser, stack) as (_context, page):
        await watch_mailbox(page)
        await expect(page.locator("#notifications-well")).to_contain_text("All is well", timeout=PATIENCE)
        assert await violations(page) == []

        await page.click("#view-events")
        await expect(page.locator("#events-following")).to_have_attribute(
            "data-following", "live", timeout=PATIENCE
        )
        rows = page.locator("#events-table tbody tr")
        microsoft.mail("Invoice of November")
        # Without a reload: the page is told.
        await expect(rows).to_have_count(1, timeout=PATIENCE)
        await expect(rows.first.locator("[data-state=done]")).to_be_visible(timeout=PATIENCE)
        await rows.first.locator("[data-row-link]").focus()
        await page.keyboard.press("Enter")
        dialog = page.locator("#event-dialog")
        await expect(dialog.get_by_text("The mail was read at Microsoft and stored.")).to_be_visible()
        await expect(dialog.locator("#message-subject")).to_have_text("Invoice of November")
        assert await violations(page) == []
        await page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)

        await page.click("#events-pause")
        microsoft.mail("While paused", count=3)
        await expect(page.locator("#events-following")).to_have_text("Paused: 3 more since", timeout=PATIENCE)
        await expect(rows).to_have_count(1)
        await page.click("#events-pause")
        await expect(rows).to_have_count(4, timeout=PATIENCE)
        await expect(rows.locator("[data-state=done]")).to_have_count(4, timeout=PATIENCE)

        await page.click("#view-messages")
        await page.fill("#messages-filter-text", "november")
        await expect(page.locator("#messages-table tbody tr")).to_have_count(1)
        await expect(page.locator("#messages-table")).to_contain_text("Invoice of November")
        assert await violations(page) == []

        microsoft.break_reading()
        microsoft.mail("Poison", count=2)
        await expect(page.locator("#view-dead-count")).to_contain_text("2", timeout=PATIENCE)
        microsoft.mend()
        await page.click("#view-dead")
        await expect(rows).to_have_count(2)
        await expect(rows.first).to_contain_text("Given up")
        await page.locator("label[for=dead-choose-all]").first.click()
        await expect(page.locator("#dead-replay")).to_have_text("Replay 2 notifications")
        assert await violations(page) == []
        await page.click("#dead-replay")
        await expect(page.get_by_text("Nothing was given up")).to_be_visible(timeout=PATIENCE)
        await expect(page.locator("#view-dead-count")).to_have_count(0)
        await page.click("#view-messages")
        await expect(page.locator("#messages-table")).to_contain_text("Poison 2", timeout=PATIENCE)
        await expect(page.locator("#messages-table tbody tr")).to_have_count(6, timeout=PATIENCE)


async def test_what_was_missed_is_a_gap_that_says_what_closed_it(
    browser: Browser, stack: Stack, microsoft: Microsoft
) -> None:
    async with signed_in(browser, stack, dark=True) as (_context, page):
        await watch_mailbox(page)
        await page.click("#view-gaps")
        baseline = page.locator("#gaps-table tr", has_text="Where reading began")
        await expect(baseline.first.locator("[data-state=closed]")).to_be_visible(timeout=PATIENCE)
        microsoft.act("misdeliver", kind="drop", times=2)
        microsoft.mail("Never told", count=2)
        microsoft.act("lifecycle", event="missed")
        row = page.locator("#gaps-table tr", has_text="missed telling something")
        await expect(row.locator("[data-state=closed]")).to_be_visible(timeout=PATIENCE)
        await expect(row).to_contain_text("Read what changed since")
        assert await violations(page) == []
        await page.click("#view-messages")
        await expect(page.locator("#messages-table")).to_contain_text("Never told 2", timeout=PATIENCE)
        assert await violations(page) == []

        await page.click("#view-overview")
        await page.locator("#subscriptions-table [data-row-link]").first.click()
        await page.click("#subscription-renew")
        await expect(page.get_by_text("is being renewed")).to_be_visible()
        await page.click("#subscription-delete")
        await page.click("#end-subscription-dialog-cancel")
        await page.click("#subscription-delete")
        await page.click("#end-subscription-dialog-confirm")
        await expect(page.locator("#subscription-renew")).to_have_count(0)
        await page.click("#subscription-dialog-close")
        await expect(page.get_by_text("Nothing is watched yet")).to_be_visible(timeout=PATIENCE)


async def test_a_narrow_window_and_another_role_have_what_they_need(
    browser: Browser, stack: Stack, microsoft: Microsoft
) -> None:
    async with signed_in(browser, stack) as (_context, page):
        await watch_mailbox(page)
        microsoft.mail("For everybody")
        await page.click("#view-messages")
        await expect(page.locator("#messages-table")).to_contain_text("For everybody", timeout=PATIENCE)
    context = await browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    context.set_default_timeout(30_000)
    try:
        page = await context.new_page()
        await sign_in(page, stack, "auditor@acme.example")
        for view in ("", "?view=events", "?view=dead", "?view=gaps"):
            await page.goto(f"{stack.wiring.public_url}/admin/notifications{view}")
            await expect(page.locator("#view-overview")).to_be_visible()
            await expect(page.locator(".mantine-Skeleton-root")).to_have_count(0)
            assert await page.evaluate("document.documentElement.scrollWidth") <= 390
            assert await violations(page) == []
            await expect(
                page.locator(
                    "#notifications-subscribe, #view-messages, #dead-replay, #subscriptions-renew-all"
                )
            ).to_have_count(0)
        await page.goto(f"{stack.wiring.public_url}/admin/notifications?view=events")
        await page.locator("#events-table [data-row-link]").first.click()
        await expect(page.locator("#event-dialog")).to_contain_text("Mails are for administrators.")
        await expect(page.locator("#event-replay")).to_have_count(0)
        await page.wait_for_url(re.compile(r"open=[0-9a-f-]{36}"))
        assert await violations(page) == []
    finally:
        await context.close()
