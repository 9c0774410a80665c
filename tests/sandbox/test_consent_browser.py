"""The consent pages in a real browser: clicked from the picker to the callback, and free of what axe can find."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.async_api import Page, async_playwright

from tests.fixtures.consent import CHALLENGE
from tests.fixtures.sandbox import Sandbox
from tests.fixtures.stack import AXE, violations

CALLBACK = "http://127.0.0.1:9/auth/oauth/{}/callback"
ADMIN = "#person-admin-acme-example"


def _chromium() -> str | None:
    """The browser that the machine has, where Playwright has not brought its own."""
    return next(
        (path for path in ("/usr/bin/chromium", "/usr/bin/google-chrome") if Path(path).exists()), None
    )


@pytest.fixture
async def page(sandbox: Sandbox) -> AsyncIterator[Page]:
    sandbox.reset(tokens=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
        try:
            yield await browser.new_page(color_scheme="dark")
        finally:
            await browser.close()


async def _is_accessible(page: Page) -> None:
    await page.set_viewport_size({"width": 375, "height": 760})
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if AXE.exists():  # brought by the web app's packages
        assert not await violations(page)


async def _land(page: Page, vendor: str, button: str) -> dict[str, list[str]]:
    """Click, and the parameters with which the browser goes to our callback; nothing listens there."""
    async with page.expect_request(CALLBACK.format(vendor) + "**") as landed:
        await page.click(button)
    request = await landed.value
    return parse_qs(request.post_data or urlsplit(request.url).query)


def _query(info: dict[str, Any], vendor: str, **more: str) -> str:
    params = {
        "client_id": info["oauth"]["client_id"],
        "redirect_uri": CALLBACK.format(vendor),
        "response_type": "code",
        "state": "s-1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **more,
    }
    return urlencode(params)


@pytest.mark.browser
async def test_an_administrator_clicks_through_microsofts_pages(sandbox: Sandbox, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    query = _query(sandbox.info()["microsoft"], "microsoft", scope="openid offline_access User.ReadWrite.All")
    await page.goto(f"{sandbox.microsoft_url}/organizations/oauth2/v2.0/authorize?{query}")
    await _is_accessible(page)
    await page.click(ADMIN)
    await page.wait_for_selector("#consent-allow")
    await _is_accessible(page)
    back = await _land(page, "microsoft", "#consent-allow")
    assert back["state"] == ["s-1"]
    assert back["code"]
    assert {urlsplit(url).netloc for url in asked} <= {urlsplit(sandbox.url).netloc, "127.0.0.1:9"}


@pytest.mark.browser
async def test_a_form_post_submits_itself(sandbox: Sandbox, page: Page) -> None:
    query = _query(
        sandbox.info()["microsoft"], "microsoft", scope="openid User.Read", response_mode="form_post"
    )
    await page.goto(f"{sandbox.microsoft_url}/acme.example/oauth2/v2.0/authorize?{query}")
    await page.click(ADMIN)
    back = await _land(page, "microsoft", "#consent-allow")
    assert set(back) == {"code", "state", "session_state"}


@pytest.mark.browser
async def test_somebody_unticks_a_scope_at_google_by_keyboard(sandbox: Sandbox, page: Page) -> None:
    scope = "https://www.googleapis.com/auth/"
    wanted = f"openid {scope}admin.directory.user {scope}admin.directory.group"
    info = sandbox.info()["google"]
    await page.goto(f"{info['oauth']['authorize_url']}?{_query(info, 'google', scope=wanted)}")
    await page.fill("#person-other", "priya.raman@acme.example")
    await page.press("#person-other", "Enter")
    await page.focus("#scope-https-www-googleapis-com-auth-admin-directory-group")
    await _is_accessible(page)
    await page.keyboard.press("Space")
    back = await _land(page, "google", "#consent-allow")
    assert back["scope"] == [f"openid {scope}admin.directory.user"]


@pytest.mark.browser
async def test_cancelling_at_slack_comes_back_with_the_refusal(sandbox: Sandbox, page: Page) -> None:
    info = sandbox.info()["slack"]
    await page.goto(f"{info['oauth']['authorize_url']}?{_query(info, 'slack', user_scope='admin')}")
    await page.click(ADMIN)
    await page.wait_for_selector("#consent-allow")
    await _is_accessible(page)
    assert await _land(page, "slack", "#consent-cancel") == {"error": ["access_denied"], "state": ["s-1"]}
