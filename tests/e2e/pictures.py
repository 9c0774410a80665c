"""The pictures in the guides, taken from the running product: `python -m tests.e2e.pictures [folder]`."""

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Page, async_playwright

from deploy.local.console import Console
from deploy.local.publicclient import PublicClient
from deploy.local.stack import Stack, build
from deploy.local.state import ROOT, State
from tests.fixtures.stack import CHROMIUM_ARGUMENTS, chromium, signed_in

HIRE: dict[str, Any] = {
    "dry_run": True,
    "employee": {
        "full_name": "Rosa Lind",
        "work_email": "rosa.lind@acme.example",
        "department": "Sales",
        "job_title": "Account Executive",
        "manager_email": "marcus.oyelaran@acme.example",
    },
    "apps": {
        "google-workspace": {
            "primary_org_unit": "/Sales",
            "license_skus": ["Google-Apps/1010020028"],
            "groups": ["sales@acme.example", "all-staff@acme.example"],
        },
        "microsoft-365": {
            "usage_location": "DE",
            "licenses": ["SPE_E3", "SPE_E5"],
            "manager": "marcus.oyelaran@acme.example",
        },
    },
}


async def take(page: Page, folder: Path, name: str) -> None:
    await page.wait_for_timeout(400)
    await page.screenshot(path=folder / f"{name}.png")


async def walk(
    stack: Stack, folder: Path, *, suffix: str = "", dark: bool = False, width: int = 1280
) -> None:
    base = stack.wiring.public_url

    def plan() -> str:
        with PublicClient(base) as person:
            person.sign_in("admin@acme.example")
            body = {**HIRE, "employee": {**HIRE["employee"]}}
            body["employee"]["work_email"] = f"rosa.lind{len(suffix)}@acme.example"
            return str(person.post("/api/requests", body)["id"])

    request = await asyncio.to_thread(plan)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        async with signed_in(browser, stack, dark=dark) as (_context, page):
            await page.set_viewport_size({"width": width, "height": 900})
            await page.goto(f"{base}/requests/{request}")
            await page.wait_for_selector("#plan-apply")
            await take(page, folder, f"plan{suffix}")
            await page.click("#plan-apply")
            await page.wait_for_selector("#request-state")
            await page.wait_for_timeout(2500)
            await take(page, folder, f"live-request{suffix}")
            await page.wait_for_timeout(9000)
            await take(page, folder, f"ended-request{suffix}")
            for name, path in (
                ("overview", "/"),
                ("requests", "/requests"),
                ("people", "/people"),
                ("new-hire", "/new-hire"),
                ("apps", "/apps"),
                ("role-templates", "/role-templates"),
                ("new-role-template", "/role-templates/new"),
                ("audit", "/audit"),
            ):
                await page.goto(base + path)
                await page.wait_for_load_state("networkidle")
                await take(page, folder, name + suffix)
        await browser.close()


def _home() -> Path:
    home = Path(tempfile.mkdtemp(prefix="oneclick-pictures-"))
    home.chmod(0o711)
    return home


async def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images"
    home = _home()
    state = State(home)
    state.take()
    console = Console(home / "logs", show_programs=False)
    stack = build(state, console, durable=False)
    try:
        await stack.supervisor.start()
        async with httpx.AsyncClient() as client:
            for vendor in ("google", "microsoft"):
                await client.put(
                    f"{stack.wiring.url('sandbox')}/control/{vendor}/settings", json={"latency_ms": 400}
                )
        await walk(stack, folder)
        if len(sys.argv) > 1:
            await walk(stack, folder, suffix="-dark", dark=True)
            await walk(stack, folder, suffix="-narrow-", width=390)
    finally:
        await stack.supervisor.stop()
        console.close()
        state.release()
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    asyncio.run(main())
