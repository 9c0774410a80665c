"""The built web app behind the bff in a real browser: the content policy is obeyed and costs nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.bff.world import World, running

DIST = Path(__file__).parents[2] / "webui" / "dist"
WATCH = """
window.broken = [];
document.addEventListener('securitypolicyviolation', e => window.broken.push(
  `${e.effectiveDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber} ${e.sample}`));
"""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shared_world() -> Iterator[World]:
    assert (DIST / "index.html").is_file(), "the web app is not built: `make` does that"
    with running(DIST) as world:
        yield world


@pytest.fixture
async def page(world: World, browser: Browser) -> AsyncIterator[Page]:
    """A page in a fresh profile, on the address at which browsers keep Secure cookies without TLS."""
    context = await browser.new_context(base_url=f"http://localhost:{world.bff.port}")
    page = await context.new_page()
    await page.add_init_script(WATCH)
    yield page
    await context.close()


async def signed_in(page: Page, world: World) -> None:
    """Through an identity provider that sends everybody straight back."""
    world.auth.idp = f"http://localhost:{world.bff.port}/bff/callback?code=ada&"
    await page.goto("/bff/sign-in?return_to=/people")


@pytest.mark.parametrize(
    "path", ["/sign-in", "/", "/requests", "/new-hire", "/apps", "/role-templates", "/role-templates/new"]
)
async def test_no_page_breaks_its_content_policy(page: Page, world: World, path: str) -> None:
    if path != "/sign-in":
        await signed_in(page, world)
    await page.goto(path)
    await page.locator("#root > *").first.wait_for(state="attached")
    await page.wait_for_timeout(700)
    assert await page.evaluate("window.broken") == []
    if path == "/sign-in":
        await expect(page.locator("#sign-in-button")).to_be_visible()


async def test_the_policy_really_holds(page: Page) -> None:
    await page.goto("/sign-in")
    outcome = await page.evaluate(
        """async () => {
          const run = [];
          const attempts = {
            timer: () => setTimeout("window.injected = true", 0),
            attribute: () => { document.body.setAttribute('onclick', 'window.injected = true'); document.body.click() },
            markup: () => { document.body.insertAdjacentHTML('beforeend', '<b id="markup">x</b>') },
            script: () => {
              const script = document.createElement('script');
              script.textContent = 'window.injected = true';
              document.head.append(script);
            },
          };
          for (const attempt of Object.values(attempts)) { try { attempt() } catch { } }
          const style = document.createElement('style');
          style.textContent = 'body { outline: 7px solid red }';
          document.head.append(style);
          try { await fetch('https://elsewhere.example/'); run.push('fetch') } catch { }
          await new Promise(done => setTimeout(done, 100));
          if (document.getElementById('markup')) run.push('markup');
          return { run, injected: window.injected === true, outline: getComputedStyle(document.body).outlineWidth };
        }"""
    )
    assert outcome["run"] == []
    assert outcome["injected"] is False
    assert outcome["outline"] != "7px"
    broken = " ".join(await page.evaluate("window.broken"))
    for directive in ("require-trusted-types-for", "style-src-elem", "connect-src"):
        assert directive in broken


async def test_the_browser_keeps_the_session_and_no_script_can_read_it(page: Page, world: World) -> None:
    await signed_in(page, world)
    cookies = {cookie["name"]: cookie for cookie in await page.context.cookies()}
    assert set(cookies) == {"__Host-oc"}
    assert cookies["__Host-oc"]["httpOnly"] is True
    assert cookies["__Host-oc"]["secure"] is True
    assert await page.evaluate("document.cookie") == ""
    assert await page.evaluate("fetch('/bff/session').then(r => r.json()).then(s => s.signed_in)") is True
    assert await page.evaluate("fetch('/api/me').then(r => r.status)") == 403
    assert await page.evaluate("fetch('/api/me', {headers: {'X-OC-CSRF': '1'}}).then(r => r.status)") == 200
    events = "new Promise(done => { const s = new EventSource('/api/requests/1/events'); "
    events += "s.addEventListener('action.changed', e => { s.close(); done(e.lastEventId) }) })"
    assert await page.evaluate(events) == "1"


async def test_signing_out_leaves_nothing_in_the_browser(page: Page, world: World) -> None:
    await signed_in(page, world)
    await page.evaluate("localStorage.setItem('left', 'behind'); sessionStorage.setItem('left', 'behind')")
    gone = "fetch('/bff/sign-out', {method: 'POST', headers: {'X-OC-CSRF': '1'}}).then(r => r.json())"
    assert await page.evaluate(gone) == {"redirect": "https://idp.example/sign-out"}
    assert await page.context.cookies() == []
    await page.wait_for_function("localStorage.getItem('left') === null")
    assert await page.evaluate("fetch('/bff/session').then(r => r.json()).then(s => s.signed_in)") is False
    assert world.auth.sessions == {}
