"""Connected accounts in a real browser: to the vendors' own pages and back, tried, given another name, given up."""

import asyncio
import re
import time

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from deploy.local.publicclient import PublicClient
from deploy.local.stack import Stack
from tests.fixtures.stack import signed_in, violations

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
GIL = "admin@globex.example"
"""The administrator of the company for which the environment holds no credentials."""
WAIT_SECONDS = 60


async def to_the_vendor(page: Page, vendor: str, method: str) -> None:
    """Through our dialog, off to the vendor's own page."""
    await page.click("#nav-connections")
    await page.click("#connections-connect")
    await page.click(f"#connect-vendor-{vendor}")
    await page.click(f"#connect-method-{method}")
    assert await violations(page) == []
    await page.click("#connect-go")
    await page.wait_for_selector("#person-other")


async def pick(page: Page) -> None:
    await page.fill("#person-other", GIL)
    async with page.expect_navigation():  # what stands here now must not be taken for what comes
        await page.click("#person-other-submit")


async def consent(page: Page) -> None:
    """Whatever the vendor asks, until the browser is back; Microsoft asks twice who it is."""
    ours = "#connected-note, #failed-note"
    for _ in range(6):
        shown = page.locator(f"#person-other, #consent-allow, {ours}").first
        await shown.wait_for()
        name = await shown.get_attribute("id")
        if name == "person-other":
            await pick(page)
        elif name == "consent-allow":
            async with page.expect_navigation():
                await page.click("#consent-allow")
        else:
            return


async def connect(page: Page, vendor: str, method: str) -> str:
    """Connected by consent; its id."""
    await to_the_vendor(page, vendor, method)
    await consent(page)
    await expect(page.locator("#connected-note")).to_be_visible()
    assert await violations(page) == []
    await page.click("#connected-note-open")
    await page.wait_for_url(re.compile(r"/admin/connections/[0-9a-f-]{36}$"))
    return page.url.rpartition("/")[2]


async def works(page: Page) -> None:
    await page.click("#connection-test")
    await expect(page.locator("#connection-test-outcome")).to_contain_text(
        "Works", timeout=WAIT_SECONDS * 1000
    )
    assert await violations(page) == []


def google_part_of_a_new_hire(stack: Stack, email: str) -> str:
    """The state of the Google part of a request that is run on the new connection."""
    with PublicClient(stack.wiring.public_url) as person:
        person.sign_in(GIL)
        body = {"employee": {"full_name": "Otto Wagner", "work_email": email}, "apps": {"google": {}}}
        made = person.post("/api/requests", body)
        end = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < end:
            (result,) = person.get(f"/api/requests/{made['id']}")["results"]
            if result["state"] not in {"pending", "running", "waiting_retry"}:
                break
            time.sleep(0.5)
        return str(result["state"])


def exists_at_google(stack: Stack, email: str) -> bool:
    reply = httpx.get(f"{stack.wiring.url('sandbox')}/control/google/state", params={"user": email})
    return bool(reply.json()["users"])


async def test_two_vendors_are_connected_at_their_own_pages_and_work(browser: Browser, stack: Stack) -> None:
    async with signed_in(browser, stack, GIL) as (_context, page):
        google = await connect(page, "google", "authorization-code")
        await works(page)
        await page.click("#connection-back")
        microsoft = await connect(page, "microsoft", "admin-consent")
        await works(page)
        await page.click("#nav-connections")
        for one in (google, microsoft):
            await expect(page.locator(f"#connection-{one}-state [data-state=active]")).to_be_visible()
        email = "otto.wagner@globex.example"
        assert await asyncio.to_thread(google_part_of_a_new_hire, stack, email) == "success"
        assert await asyncio.to_thread(exists_at_google, stack, email), "made through that very account"
        await change_it(page, google)


async def change_it(page: Page, connection: str) -> None:
    """Renamed, disconnected once it was said what depends on it, and reconnected in its place."""
    await page.click(f"#connection-{connection}")
    await page.click("#connection-rename")
    await page.fill("#rename-dialog-name", "Our Google")
    await page.click("#rename-dialog-confirm")
    await expect(page.get_by_role("heading", name="Our Google")).to_be_visible()
    await page.click("#connection-disconnect")
    await expect(page.locator("#disconnect-dialog-dependants")).to_contain_text("Google Workspace")
    assert await violations(page) == []
    await page.click("#disconnect-dialog-confirm")
    await expect(page.locator("#connection-facts [data-state=disconnected]")).to_be_visible()
    await page.click("#connection-reconnect")
    await page.click("#connect-method-authorization-code")
    await page.click("#connect-go")
    await consent(page)
    await expect(page.locator("#connected-note")).to_contain_text("Our Google")
    assert page.url.endswith(f"connected={connection}"), "the same connection as before"


async def test_a_cancelled_consent_connects_nothing_and_says_so(browser: Browser, stack: Stack) -> None:
    async with signed_in(browser, stack, GIL) as (_context, page):
        await to_the_vendor(page, "hubspot", "authorization-code")
        await pick(page)
        await page.click("#consent-cancel")
        note = page.locator("#failed-note")
        await expect(note).to_contain_text("HubSpot was not connected")
        assert await violations(page) == []
        await page.click("#failed-note-again")
        await expect(page.locator("#connect-go")).to_be_visible()
        await page.click("#connect-cancel")
        await page.click("#failed-note-dismiss")
        await expect(note).to_have_count(0)
        await expect(page.locator("#not-connected-hubspot")).to_be_visible()


async def test_a_token_that_the_vendor_does_not_know_is_refused_beside_its_field(
    browser: Browser, stack: Stack
) -> None:
    async with signed_in(browser, stack, GIL) as (_context, page):
        await page.click("#nav-connections")
        await page.click("#connections-connect")
        await page.click("#connect-vendor-slack")
        await page.click("#connect-method-token")
        await page.click("#connect-submit")
        field = page.locator("#connect-form input[id^=connect-field-]").first
        await expect(field).to_be_focused()
        for one in await page.locator("#connect-form input[id^=connect-field-][aria-required=true]").all():
            await one.fill("xoxp-not-ours")
        await page.click("#connect-submit")
        await expect(page.locator("#connect-form [aria-invalid=true]")).to_have_count(1)
        assert await violations(page) == []
        await page.click("#connect-cancel")
        await expect(page.locator("#not-connected-slack")).to_be_visible()
