"""The demo's story told against a scripted public interface: what it prints, and when it must not pretend."""

from __future__ import annotations

import copy
import io
from collections.abc import Iterator, Mapping
from typing import Any, cast

import pytest
from rich.console import Console as Screen

from deploy.local import demo as demo_module
from deploy.local.demo import Demo, DemoFailed
from deploy.local.publicclient import Event, PublicClient
from deploy.local.samplehire import OptionMissing, choose

_OPTIONS = {
    "org_units": ["/Engineering/Platform"],
    "license_skus": ["Google Workspace Business Standard", "Microsoft 365 E3"],
    "groups": ["Engineering", "All Staff", "VPN Users"],
    "channels": ["#engineering", "#announcements"],
    "access_groups": ["confluence-users"],
    "teams": ["Engineering", "Platform"],
    "permission_sets": ["Service Agent"],
}


def action(kind: str, state: str = "pending") -> dict[str, Any]:
    return {
        "id": f"a-{kind}", "key": kind, "kind": kind, "title": f"{kind} the account", "target": "nora", "before": None,
        "after": {"primaryEmail": "nora"}, "reversible": True, "state": state, "tries": 1, "error": None, "effect": None,
    }  # fmt: skip


def request(plan_kinds: list[str], state: str = "planned", action_state: str = "pending") -> dict[str, Any]:
    app = {
        "app": "google-workspace", "title": "Google Workspace", "state": "ready", "choices": [], "error": None,
        "actions": [action(kind) for kind in plan_kinds], "warnings": [{"code": "w", "message": "two seats left"}],
        "seats": [{"name": "Business Standard", "free": 2, "needed": 1}],
    }  # fmt: skip
    result = {
        "app": "google-workspace", "title": "Google Workspace", "state": state, "error": None,
        "account": {"remote_id": "1"} if action_state == "done" else None,
        "actions": [action(kind, action_state) for kind in plan_kinds],
    }  # fmt: skip
    return {
        "id": "r1", "state": state, "employee": {"full_name": "Nora Lindqvist"}, "apps": [{"title": "Google Workspace"}],
        "plan": {"id": "p1", "state": "ready", "apps": [app]}, "results": [result],
    }  # fmt: skip


class ScriptedClient:
    """Answers as the public interface would; each read of the request shows its next state."""

    def __init__(self, *, reads: list[dict[str, Any]], second_plan: dict[str, Any]) -> None:
        self.reads = reads
        self.plans = [request(["create"]), second_plan]
        self.resumed_after: list[str | None] = []
        self.keys: list[str | None] = []
        self.switched: list[tuple[str, dict[str, Any]]] = []

    def sign_in(self, subject: str) -> dict[str, Any]:
        return {"operator": {"name": "Ada Admin"}, "role": "admin", "tenant": {"name": "Acme"}}

    def put(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        self.switched.append((path, dict(body)))
        return {}

    def get(self, path: str, **query: str) -> dict[str, Any]:
        if path == "/api/apps":
            apps = [("slack", "Slack", False), ("zoom", "Zoom", True)]
            return {"items": [{"key": key, "title": title, "offered": on} for key, title, on in apps]}
        if "/options/" in path:
            return {"items": [{"value": name, "label": name} for name in _OPTIONS[path.rpartition("/")[2]]]}
        return self.reads.pop(0) if len(self.reads) > 1 else self.reads[0]

    def post(
        self, path: str, body: Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> dict[str, Any]:
        self.keys.append(idempotency_key)
        return self.plans.pop(0) if path == "/api/requests" else {}

    def events(self, path: str, *, after: str | None = None) -> Iterator[Event]:
        self.resumed_after.append(after)
        yield Event(f"e{len(self.resumed_after)}", "action.changed", {})


RUNNING = request(["create"], "running", "running")
DONE = request(["create"], "completed", "done")


def play(client: ScriptedClient, *, terminal: bool = False) -> str:
    said = io.StringIO()
    screen = Screen(file=said, width=120, force_terminal=terminal, highlight=False)
    Demo(cast("PublicClient", client), "http://sandbox", "http://api", screen).play()
    return said.getvalue()


class ScriptedPeople:
    """What people do at the vendors: here, once, what the first look at the request waits for."""

    def __init__(self, client: PublicClient, sandbox: str, api: str) -> None:
        self.words = ["nora accepts the invitation"]

    def enter_webhooks(self) -> list[str]:
        return ["github", "zoom"]

    def open_account(self, email: str) -> None:
        assert email == "nora.lindqvist@acme.example"

    def help(self, _request: Mapping[str, Any]) -> list[str]:
        words, self.words = self.words, []
        return words


@pytest.fixture(autouse=True)
def vendor_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_module, "VendorPeople", ScriptedPeople)


@pytest.fixture(autouse=True)
def vendor_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        demo_module,
        "accounts",
        lambda _sandbox, email: iter([("Google Workspace", [("Address", email), ("Groups", ["a", "b"])])]),
    )


@pytest.mark.parametrize("terminal", [False, True])
def test_it_shows_plan_progress_accounts_and_that_nothing_is_left(*, terminal: bool) -> None:
    client = ScriptedClient(reads=[RUNNING, RUNNING, DONE], second_plan=request(["noop"]))
    said = play(client, terminal=terminal)
    for words in (
        "Signed in as Ada Admin, admin of Acme",
        "Switched on: Slack",
        "Webhooks entered at: github, zoom",
        "The plan for Nora Lindqvist in 1 app,",
        "nora accepts the invitation",
        "seats: Business Standard: 1 needed, 2 free",
        "two seats left",
        "Time to first account",
        "nora.lindqvist@acme.example",
        "Nothing is left to do.",
        "every action done",
    ):
        assert words in said
    assert len(set(client.keys)) == len(client.keys)
    assert client.switched == [("/api/apps/slack", {"offered": True})]
    assert ("\x1b[" in said) is terminal


def test_without_a_terminal_each_change_is_one_line() -> None:
    client = ScriptedClient(reads=[RUNNING, RUNNING, RUNNING, DONE], second_plan=request(["noop"]))
    lines = [line for line in play(client).splitlines() if "create the account: " in line]
    assert [line.rpartition(": ")[2] for line in lines] == ["running", "done"]


def test_a_stream_that_is_cut_is_resumed_after_the_last_event() -> None:
    client = ScriptedClient(reads=[RUNNING, RUNNING, RUNNING, RUNNING, DONE], second_plan=request(["noop"]))
    play(client)
    assert client.resumed_after[:3] == [None, "e1", "e2"]


def test_a_request_that_fails_fails_the_demo_with_the_reason() -> None:
    failed = copy.deepcopy(request(["create"], "failed", "failed"))
    failed["results"][0]["actions"][0]["error"] = {"message": "No seat is free"}
    client = ScriptedClient(reads=[failed], second_plan=request(["noop"]))
    with pytest.raises(
        DemoFailed, match="ended as failed: Google Workspace: create the account: No seat is free"
    ):
        play(client)


def test_a_plan_that_waits_for_a_decision_fails_the_demo() -> None:
    client = ScriptedClient(reads=[DONE], second_plan=request(["noop"]))
    client.plans[0]["plan"]["state"] = "needs_decision"
    with pytest.raises(DemoFailed, match="the plan is needs_decision"):
        play(client)


def test_a_second_plan_that_would_change_something_fails_the_demo() -> None:
    client = ScriptedClient(reads=[DONE], second_plan=request(["noop", "assign_license"]))
    with pytest.raises(DemoFailed, match="the plan says: assign_license the account"):
        play(client)


def test_an_option_that_an_app_does_not_offer_is_told_with_what_it_offers() -> None:
    client = ScriptedClient(reads=[DONE], second_plan=request([]))
    with pytest.raises(
        OptionMissing, match="offers no 'Marketing' among its groups; it offers: Engineering, All Staff"
    ):
        choose(cast("PublicClient", client), "google-workspace", "groups", "Marketing")
