"""The pictures in the guides, taken from the running product: `python -m tests.e2e.pictures [folder]`.

With a folder it takes every page, also in the dark scheme and in a narrow window: for whoever changes how it looks.
"""

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Page, async_playwright

from deploy.local.console import Console
from deploy.local.publicclient import PublicClient
from deploy.local.samplehire import sample_request
from deploy.local.stack import Stack, build
from deploy.local.state import ROOT, State
from tests.fixtures.ports import scatter
from tests.fixtures.stack import CHROMIUM_ARGUMENTS, chromium, signed_in

ADMIN = "admin@acme.example"
EMPLOYEE = {
    "full_name": "Rosa Lind",
    "department": "Engineering",
    "job_title": "Platform Engineer",
    "manager_email": "marcus.oyelaran@acme.example",
}
PAGES = (
    ("overview", "/"),
    ("requests", "/requests"),
    ("requests-waiting", "/requests?waiting_for=me"),
    ("people", "/people"),
    ("apps", "/apps"),
    ("role-templates", "/role-templates"),
    ("new-role-template", "/role-templates/new"),
    ("schedule", "/schedule"),
    ("schedule-week", "/schedule?view=week"),
    ("schedule-month", "/schedule?view=month"),
    ("tag-rules", "/tag-rules"),
    ("new-tag-rule", "/tag-rules/new"),
    ("audit", "/audit"),
    ("connections", "/admin/connections"),
    ("notifications", "/admin/notifications"),
    ("notifications-arrived", "/admin/notifications?view=events"),
    ("notifications-given-up", "/admin/notifications?view=dead"),
    ("notifications-messages", "/admin/notifications?view=messages"),
    ("notifications-gaps", "/admin/notifications?view=gaps"),
    ("api-keys", "/admin/api-keys"),
    ("operators", "/admin/operators"),
)
WAIT_SECONDS = 60


@dataclass(frozen=True)
class Look:
    """How the pictures are taken, and whose request they show."""

    suffix: str = ""
    dark: bool = False
    width: int = 1280

    @property
    def email(self) -> str:
        return f"rosa.lind{self.suffix.replace('-', '.')}@acme.example"


LOOKS = (Look(), Look("-dark", dark=True), Look("-narrow", width=375))


class Walk:
    """One way through the product, with a picture at each stop."""

    def __init__(self, page: Page, stack: Stack, folder: Path, look: Look) -> None:
        self.page = page
        self.stack = stack
        self.base = stack.wiring.public_url
        self.folder = folder
        self.look = look

    async def take(self, name: str, *, whole: bool = False) -> None:
        await self.page.mouse.move(0, 0)
        await self.page.wait_for_timeout(400)
        await self.page.screenshot(path=self.folder / f"{name}{self.look.suffix}.png", full_page=whole)

    async def request(self, *, whole: bool) -> None:
        """A plan of ten apps, its run, and what it waits for in the end."""
        made = await asyncio.to_thread(_planned, self.base, self.look.email)
        await self.page.goto(f"{self.base}/requests/{made}")
        await self.page.wait_for_selector("#plan-apply")
        await self.take("plan")
        if whole:
            await self.page.click("#plan-fold")
            await self.take("plan-unfolded", whole=True)
        await self.page.click("#plan-apply")
        await self.page.wait_for_selector("#request-fold")
        await self.page.wait_for_timeout(2500)
        await self.take("live-request")
        if whole:
            await asyncio.to_thread(_until_it_waits, self.base, made)
            await self.take("waiting-request")
            await self.take("waiting-request-whole", whole=True)
            for name in ("task", "invitation"):
                kind = self.page.locator("[id^=attention-]").filter(has_text=name.capitalize())
                await kind.first.click()
                await self.take(name)

    async def wizard(self) -> None:
        """Page one with every app on, and two pages of apps."""
        await self.page.goto(f"{self.base}/new-hire")
        await self.page.fill("#person-full-name", "Rosa Lind")
        await self.page.fill("#person-work-email", f"another.{self.look.email}")
        for switch in await self.page.locator("input[id^=app-toggle-]").all():
            await self.page.locator(f"label[for={await switch.get_attribute('id')}]").first.click()
        await self.take("new-hire", whole=True)
        for name in ("new-hire-clickup", "new-hire-confluence", "new-hire-github"):
            await self.page.click("#wizard-next")
            await self.take(name)

    async def schedule(self) -> None:
        """One that repeats, with its next times, and the form that moves it."""
        repeating = await asyncio.to_thread(_scheduled, self.base, self.look)
        await self.page.goto(f"{self.base}/schedule/{repeating}")
        await self.page.wait_for_selector("#schedule-upcoming")
        await self.take("scheduled")
        await self.page.click("#schedule-move")
        await self.page.wait_for_selector("#move-preview li")
        await self.take("reschedule")

    async def pages(self) -> None:
        """The lists."""
        for name, path in PAGES:
            await self.page.goto(self.base + path)
            await self.page.wait_for_load_state("networkidle")
            await self.take(name)


def _planned(base: str, email: str) -> str:
    """A request of every app that waits to be applied. Its Slack part leaves something to a person."""
    with PublicClient(base) as person:
        person.sign_in(ADMIN)
        for app in person.get("/api/apps")["items"]:
            if not app["offered"]:
                person.put(f"/api/apps/{app['key']}", {"offered": True})
        body: dict[str, Any] = sample_request(person)
        body["employee"] = {**EMPLOYEE, "work_email": email}
        body["apps"]["slack"]["role"] = "admin"
        return str(person.post("/api/requests", body)["id"])


def _scheduled(base: str, look: Look) -> str:
    """A few hires in the weeks to come, and one that repeats over a change of the clocks: its id."""
    now = datetime.now(UTC).replace(hour=7, minute=0, second=0, microsecond=0)
    with PublicClient(base) as person:
        person.sign_in(ADMIN)
        for days, name in (
            (1, "Wanda Weber"),
            (2, "Jörg Immendorff"),
            (2, "Ana Lucía Núñez"),
            (9, "Yuki Tanaka"),
        ):
            email = f"{name.split()[0].lower().replace('ö', 'oe')}{look.suffix}@acme.example"
            body = {"employee": {"full_name": name, "work_email": email}, "applications": {"google": True}}
            body |= {"schedule_time": (now + timedelta(days=days)).isoformat(), "tags": ["to be created"]}
            person.post("/api/schedule", body)
        body = {
            "employee": {"full_name": "Rosa Lind", "work_email": look.email},
            "applications": {"google": True, "slack": True},
            "recurrence": {"cron": "30 2 * * 0"},
            "schedule_time": "2027-03-20T00:00:00",
            "time_zone": "Europe/Berlin",
        }
        return str(person.post("/api/schedule", body)["id"])


def _watched(stack: Stack) -> None:
    """A mailbox that is watched, mails that arrived in it, one that was given up, and a gap."""
    microsoft = httpx.Client(base_url=f"{stack.wiring.url('sandbox')}/control/microsoft", timeout=60)
    with PublicClient(stack.wiring.public_url) as person, microsoft:
        person.sign_in(ADMIN)
        for body in (
            {"resource": f"users/{ADMIN}/messages"},
            {"resource": "users", "change_types": ["updated"]},
        ):
            person.post("/api/ms365/subscriptions", body)
        _until(lambda: person.get("/api/ms365/health")["subscriptions"].get("active") == 2)
        for subject in ("Invoice of November", "Minutes of Tuesday", "Your new laptop"):
            microsoft.post("/act/mail", json={"to": ADMIN, "subject": subject})
        _until(lambda: person.get("/api/ms365/messages")["total"] == 3)  # as many as were sent
        microsoft.post("/act/lifecycle", json={"event": "missed"})
        fault = {
            "kind": "server_error",
            "match": {"path_regex": "(?i)/messages/"},
            "times": None,
            "status": 500,
        }
        _until(lambda: person.get("/api/ms365/health")["open_gaps"] == 0)
        microsoft.post("/faults", json=fault)
        microsoft.post("/act/mail", json={"to": ADMIN, "subject": "Hard to read"})
        _until(lambda: person.get("/api/ms365/health")["notifications"].get("dead") == 1)
        microsoft.delete("/faults")


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while not holds() and time.monotonic() < end:
        time.sleep(0.5)


def _until_it_waits(base: str, request_id: str) -> None:
    """Until nothing goes on by itself."""
    with PublicClient(base) as person:
        person.sign_in(ADMIN)
        until = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < until:
            request = person.get(f"/api/requests/{request_id}")
            if request["state"] not in {"queued", "running"} or request["waits_for"] is not None:
                return
            time.sleep(0.5)


def _home() -> Path:
    home = Path(tempfile.mkdtemp(prefix="oneclick-pictures-"))
    home.chmod(0o711)
    return home


@asynccontextmanager
async def _stack() -> AsyncIterator[Stack]:
    """Everything that `make up` starts, with vendors that take their time."""
    home = _home()
    state = State(home)
    state.take()
    scatter(home)
    console = Console(home / "logs", show_programs=False)
    stack = build(state, console, durable=False)
    try:
        await stack.supervisor.start()
        async with httpx.AsyncClient() as client:
            for vendor in ("google", "microsoft", "slack", "atlassian", "zoom"):
                settings: dict[str, Any] = {"latency_ms": 400}
                if vendor == "slack":
                    # A plan on which administrators are made by hand.
                    settings["modes"] = {"plan": "business_plus"}
                await client.put(f"{stack.wiring.url('sandbox')}/control/{vendor}/settings", json=settings)
        yield stack
    finally:
        await stack.supervisor.stop()
        console.close()
        state.release()
        shutil.rmtree(home, ignore_errors=True)


async def main() -> None:
    every = len(sys.argv) > 1
    folder = Path(sys.argv[1]) if every else ROOT / "docs" / "images"
    folder.mkdir(parents=True, exist_ok=True)
    async with _stack() as stack, async_playwright() as playwright:
        if every:
            await asyncio.to_thread(_watched, stack)
        browser = await playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        for look in LOOKS if every else LOOKS[:1]:
            async with signed_in(browser, stack, dark=look.dark) as (_context, page):
                await page.set_viewport_size({"width": look.width, "height": 900})
                walk = Walk(page, stack, folder, look)
                await walk.request(whole=every)
                if every:
                    await walk.wizard()
                    await walk.schedule()
                    await walk.pages()
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
