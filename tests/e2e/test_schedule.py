"""The schedule in a real browser: a hire that runs by itself at its time, one that is moved, and a rule for a tag."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from deploy.local.publicclient import PublicClient
from deploy.local.stack import Stack
from tests.fixtures.stack import signed_in, violations

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
GOOGLE = "google-workspace"
ADMIN = "admin@acme.example"
PATIENCE = 150_000


def sandbox_user(stack: Stack, vendor: str, email: str) -> dict[str, object] | None:
    reply = httpx.get(f"{stack.wiring.url('sandbox')}/control/{vendor}/state", params={"user": email})
    users = reply.json()["users"]
    return users[0] if users else None


def soon() -> datetime:
    """A whole minute that comes soon, or has just begun: that means now, for another minute."""
    now = datetime.now(UTC)
    return (now if now.second < 20 else now + timedelta(minutes=1)).replace(second=0, microsecond=0)


async def plan_of(page: Page, name: str, email: str, start_date: str) -> None:
    await page.click("#nav-new-hire")
    await page.fill("#person-full-name", name)
    await page.fill("#person-work-email", email)
    await page.click("#person-more")
    await page.fill("#person-start-date", start_date)
    await page.locator(f"label[for=app-toggle-{GOOGLE}]").first.click()
    await page.click("#wizard-next")
    await page.click("#wizard-next")
    await expect(page.locator("#plan-apply")).to_be_enabled(timeout=30_000)


async def test_a_hire_with_a_date_runs_by_itself_at_its_time(browser: Browser, stack: Stack) -> None:
    email = "sonja.later@acme.example"
    async with signed_in(browser, stack) as (_context, page):
        await plan_of(page, "Sonja Later", email, "2031-03-12")
        await page.click("#run-later")
        await expect(page.locator("#run-day")).to_have_value("2031-03-12")
        await expect(page.locator("#run-time")).to_have_value("08:00")
        await expect(page.locator("#run-zone")).to_have_value("UTC")
        await expect(page.locator("#plan-schedule")).to_have_text("Schedule for Wed 12 Mar 2031, 08:00")
        await expect(page.locator("#run-preview")).to_contain_text("Wed 12 Mar 2031, 08:00 UTC")
        assert await violations(page) == []

        await page.fill("#run-day", "2020-01-01")
        await expect(page.locator("#run")).to_be_visible()
        await expect(page.get_by_text("This time has passed. Choose one to come.")).to_be_visible()
        await expect(page.locator("#plan-schedule")).to_be_disabled()

        at = soon()
        await page.fill("#run-day", f"{at:%Y-%m-%d}")
        await page.fill("#run-time", f"{at:%H:%M}")
        await page.click("#plan-schedule")
        await page.wait_for_url(re.compile(r"/schedule/[0-9a-f-]{36}$"))
        await expect(page.locator("#schedule-when")).to_contain_text(f"{at:%H:%M}")
        state = page.locator("#schedule-state")
        await expect(state).to_have_attribute("data-state", "completed", timeout=PATIENCE)
        await expect(page.locator("#schedule-runs")).to_contain_text("Completed")
        assert await violations(page) == []
        await page.click("#schedule-request")
        await expect(page.locator("#request-state")).to_contain_text("Completed")
    assert sandbox_user(stack, "google", email) is not None


def scheduled(stack: Stack, name: str, email: str, at: str) -> str:
    """One that is far ahead, made by an HR system."""
    with PublicClient(stack.wiring.public_url) as person:
        person.sign_in(ADMIN)
        body: dict[str, Any] = {
            "employee": {"fullName": name, "workEmail": email},
            "applications": {"google": True},
            "schedule_time": at,
            "tags": ["to be created"],
        }
        return str(person.post("/api/schedule", body)["id"])


def read(stack: Stack, schedule_id: str) -> dict[str, Any]:
    with PublicClient(stack.wiring.public_url) as person:
        person.sign_in(ADMIN)
        return dict(person.get(f"/api/schedule/{schedule_id}"))


async def test_a_scheduled_hire_is_dragged_moved_by_keys_and_by_form_and_cancelled(
    browser: Browser, stack: Stack
) -> None:
    made = scheduled(stack, "Mona Moved", "mona.moved@acme.example", "2031-03-12T08:00:00Z")
    async with signed_in(browser, stack) as (_context, page):
        await page.goto(f"{stack.wiring.public_url}/schedule?view=month&day=2031-03-12&tag=to-be-created")
        entry, moved = page.locator(f"#calendar-entry-{made}"), page.locator("#calendar-moved")
        await expect(page.locator(f"#calendar-day-2031-03-12 #calendar-entry-{made}")).to_be_visible()
        assert await violations(page) == []

        await entry.drag_to(page.locator("#calendar-day-2031-03-20"))
        await expect(page.locator(f"#calendar-day-2031-03-20 #calendar-entry-{made}")).to_be_visible()
        await expect(moved).to_have_attribute("data-state", "moved")
        await expect(moved).to_contain_text("Thu 20 Mar 2031, 08:00 UTC")
        assert read(stack, made)["schedule_time"] == "2031-03-20T08:00:00Z"
        assert await violations(page) == []

        await page.click("#calendar-undo")
        await expect(moved).to_contain_text("is back at Wed 12 Mar 2031, 08:00 UTC")
        await entry.press("Shift+ArrowRight")
        await expect(moved).to_contain_text("now runs at Thu 13 Mar 2031, 08:00 UTC")
        assert read(stack, made)["schedule_time"] == "2031-03-13T08:00:00Z"

        await page.click("#schedule-view-week")
        await expect(page.locator("#calendar-title")).to_have_text(re.compile("^10.16 Mar 2031$"))
        await entry.click()
        await page.click("#schedule-move")
        await page.fill("#move-time", "09:30")
        await page.select_option("#move-repeat", label="Every week on Thursday")
        await expect(page.locator("#move-preview")).to_contain_text("Thu 27 Mar 2031, 09:30")
        assert await violations(page) == []
        await page.click("#move-dialog-confirm")
        await expect(page.locator("#schedule-repeats")).to_contain_text("Every week on Thursday at 09:30")
        await expect(page.locator("#schedule-upcoming li")).to_have_count(5)
        assert await violations(page) == []

        await page.click("#schedule-cancel")
        await page.click("#cancel-dialog-confirm")
        await expect(page.locator("#schedule-state")).to_have_attribute("data-state", "cancelled")
        await expect(page.locator("#schedule-move")).to_have_count(0)
    assert read(stack, made)["status"] == "cancelled"


async def test_a_tag_rule_is_made_shown_and_deleted(browser: Browser, stack: Stack) -> None:
    async with signed_in(browser, stack) as (_context, page):
        await page.click("#nav-tag-rules")
        await expect(page.locator("#tag-rule-to-be-created")).to_be_visible()
        await page.click("#tag-rules-new")
        await page.fill("#tag-rule-tag", "To-Be-Created")
        await page.click("#tag-rule-save")
        await expect(page.locator("#tag-rule-refused")).to_contain_text("There is a rule for this tag.")
        await page.fill("#tag-rule-tag", "night shift")
        await page.select_option("#tag-rule-template", label="Engineer")
        await page.fill("#tag-rule-days", "5")
        await page.fill("#tag-rule-time", "22:15")
        await expect(page.locator("#tag-rule-preview-nobody")).to_be_visible()
        assert await violations(page) == []
        await page.click("#tag-rule-save")
        await page.wait_for_url(re.compile(r"/tag-rules/[0-9a-f-]{36}$"))
        await page.click("#tag-rule-back")
        row = page.locator("#tag-rules-table tr", has=page.locator("#tag-rule-night-shift"))
        await expect(row).to_contain_text("5 days before the start date at 22:15")
        await page.click("#tag-rule-night-shift")
        await page.click("#tag-rule-delete")
        await page.click("#delete-dialog-confirm")
        await page.wait_for_url("**/tag-rules")
        await expect(page.locator("#tag-rule-night-shift")).to_have_count(0)
        assert await violations(page) == []
