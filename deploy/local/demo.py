"""`make demo`: one new hire, from sign-in to working accounts, through the public interface, in front of you."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console as Screen

from deploy.local import demoview
from deploy.local.console import Console
from deploy.local.postgres import Postgres
from deploy.local.publicclient import ApiRefused, PublicClient
from deploy.local.running import run
from deploy.local.samplehire import WORK_EMAIL, OptionMissing, sample_request
from deploy.local.seeding import sign_ins
from deploy.local.stack import Stack, build
from deploy.local.state import State
from deploy.local.vendorpeople import VendorPeople
from deploy.local.vendorview import accounts

_SUCCESS = "completed"
_FINAL = {_SUCCESS, "partial", "failed", "cancelled"}
_PLAN_SECONDS = 30.0
_APPLY_SECONDS = 60.0
_RESUME_SECONDS = 0.2


class DemoFailed(Exception):
    """The demo did not show what it promises; the message says what it saw instead."""


def demo(folder: Path) -> int:
    """Run in a state folder of its own, emptied first: it disturbs no `make up` and always starts from nothing."""
    state = State(folder)
    state.take()
    Postgres(folder / "postgres").destroy()
    (folder / "issuer").unlink(missing_ok=True)
    console = Console(folder / "logs", show_programs=False)
    try:
        stack = build(state, console, durable=False)
        started = time.monotonic()
        console.say("Starting PostgreSQL, Redis, the vendors' sandbox and every service")
        code = asyncio.run(run(stack, console, state, lambda stack: asyncio.to_thread(_show, stack)))
        console.say(f"The whole demo took {demoview.seconds(time.monotonic() - started)}")
        return code
    finally:
        console.close()
        state.release()


def _show(stack: Stack) -> int:
    screen = demoview.make_console()
    try:
        with PublicClient(stack.wiring.public_url) as client:
            Demo(client, stack.wiring.url("sandbox"), stack.wiring.url("api"), screen).play()
    except (DemoFailed, ApiRefused, OptionMissing, LookupError, httpx.HTTPError) as failure:
        screen.print(f"The demo failed: {failure}", style="bold red")
        return 1
    return 0


class Demo:
    """The story in five acts."""

    def __init__(self, client: PublicClient, sandbox: str, api: str, screen: Screen) -> None:
        self._client = client
        self._sandbox = sandbox
        self._people = VendorPeople(client, sandbox, api)
        self._screen = screen

    def play(self) -> None:
        person = sign_ins()[0]
        session = self._client.sign_in(person.email)
        self._title(
            f"Signed in as {session['operator']['name']}, {session['role']} of {session['tenant']['name']}"
        )
        self._prepare()
        planned = self._plan()
        finished = self._apply(planned)
        self._accounts()
        self._again()
        self._screen.print(
            f"\nRequest {finished['id']}: every action done, every account where the plan said.",
            style="bold green",
        )

    def _title(self, words: str) -> None:
        self._screen.print()
        self._screen.rule(words, align="left")

    def _prepare(self) -> None:
        """What an administrator sets up once: apps that are not offered by themselves, and the vendors' webhooks."""
        for app in self._client.get("/api/apps")["items"]:
            if not app["offered"]:
                self._client.put(f"/api/apps/{app['key']}", {"offered": True})
                self._screen.print(f"Switched on: {app['title']}")
        told = ", ".join(self._people.enter_webhooks())
        self._screen.print(f"Webhooks entered at: {told or 'nobody'}")
        self._people.open_account(WORK_EMAIL)

    def _plan(self) -> Mapping[str, Any]:
        """Ask for the plan and show it; nothing changes anywhere."""
        started = time.monotonic()
        request = self._planned(
            self._client.post("/api/requests", sample_request(self._client), idempotency_key=_key())
        )
        took = time.monotonic() - started
        count = len(request["apps"])
        self._title(
            f"The plan for {request['employee']['full_name']} in {count} {'app' if count == 1 else 'apps'}, after {demoview.seconds(took)}"
        )
        for piece in demoview.plan_tables(request["plan"]):
            self._screen.print(piece)
        if request["plan"]["state"] != "ready":
            raise DemoFailed(f"the plan is {request['plan']['state']}, not ready")
        return request

    def _planned(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Wait for a plan that takes longer than its request."""
        deadline = time.monotonic() + _PLAN_SECONDS
        while not request.get("plan") or request["plan"]["state"] == "planning":
            if time.monotonic() > deadline:
                raise DemoFailed(f"the plan was not made within {_PLAN_SECONDS:.0f} s")
            time.sleep(0.2)
            request = self._client.get(f"/api/requests/{request['id']}")
        return request

    def _apply(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Apply the plan and follow the live stream until every action is done."""
        self._title("Applying it")
        path = f"/api/requests/{request['id']}"
        started = time.monotonic()
        self._client.post(f"{path}/apply", {"plan_id": request["plan"]["id"]}, idempotency_key=_key())
        first: float | None = None
        with demoview.progress(self._screen) as progress:
            current = self._client.get(path)
            for elapsed in self._beats(path, started):
                current = self._client.get(path)
                progress.show(current, elapsed)
                for words in self._people.help(current):
                    progress.say(words, elapsed)
                first = first or next(
                    (elapsed for result in current["results"] if result.get("account")), None
                )
                if current["state"] in _FINAL:
                    break
        took = time.monotonic() - started
        if current["state"] not in _FINAL:
            raise DemoFailed(
                f"the request is {current['state']} after {_APPLY_SECONDS:.0f} s: {_errors(current)}"
            )
        if current["state"] != _SUCCESS:
            raise DemoFailed(f"the request ended as {current['state']}: {_errors(current)}")
        self._screen.print(
            f"Time to first account: {demoview.seconds(first or took)}; all done: {demoview.seconds(took)}"
        )
        return current

    def _beats(self, path: str, started: float) -> Any:
        """Once at first, then with each event of the live stream; ends with the time allowed. A cut stream is resumed."""
        last: str | None = None
        yield time.monotonic() - started
        while time.monotonic() - started < _APPLY_SECONDS:
            for event in self._client.events(f"{path}/events", after=last):
                last = event.id or last
                yield time.monotonic() - started
                if time.monotonic() - started > _APPLY_SECONDS:
                    return
            time.sleep(_RESUME_SECONDS)

    def _accounts(self) -> None:
        self._title(f"{WORK_EMAIL} as the vendors have it")
        for title, facts in accounts(self._sandbox, WORK_EMAIL):
            self._screen.print(demoview.account_table(title, facts))

    def _again(self) -> None:
        """The same request once more: nothing is left to do."""
        request = self._planned(
            self._client.post("/api/requests", sample_request(self._client), idempotency_key=_key())
        )
        self._title("The same request again")
        kinds = [(app["title"], action) for app in request["plan"]["apps"] for action in app["actions"]]
        for title, action in kinds:
            self._screen.print(f"  {title}: {action['title']}: {action['kind']}")
        left = [action["title"] for _title, action in kinds if action["kind"] != "noop"]
        if left or any(app["choices"] or app["error"] for app in request["plan"]["apps"]):
            raise DemoFailed(
                f"there should be nothing left to do, but the plan says: {', '.join(left) or request['plan']}"
            )
        self._screen.print("Nothing is left to do.", style="bold")


def _key() -> str:
    return f"demo-{uuid.uuid4()}"


def _errors(request: Mapping[str, Any]) -> str:
    """What went wrong, in the words that a person would see."""
    said = [
        f"{result['title']}: {action['title']}: {action['error']['message']}"
        for result in request["results"]
        for action in result["actions"]
        if action.get("error")
    ]
    said += [
        f"{result['title']}: {result['error']['message']}"
        for result in request["results"]
        if result.get("error")
    ]
    return "; ".join(dict.fromkeys(said)) or "no error was given"
