"""How the demo shows plans, actions and accounts: tables on a terminal, plain lines anywhere else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich import box
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

_WIDTH_WITHOUT_TERMINAL = 120
_STYLES = {
    "done": "green", "success": "green", "completed": "green", "failed": "red", "error": "red", "running": "cyan", "settling": "cyan",
    "waiting_retry": "yellow", "blocked": "yellow", "partial": "yellow", "skipped": "dim", "cancelled": "dim",
    "noop": "dim",
}  # fmt: skip


def make_console() -> Console:
    """Rich's console; a fixed width where the output goes to a file or another program."""
    console = Console(highlight=False)
    if not console.is_terminal:
        return Console(highlight=False, width=_WIDTH_WITHOUT_TERMINAL)
    return console


def state_text(state: str) -> Text:
    return Text(state.replace("_", " "), style=_STYLES.get(state, ""))


def seconds(value: float) -> str:
    return f"{value:.1f} s"


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def value_text(value: Any) -> str:
    """A before or after value in a few words."""
    if value is None or value in ({}, []):
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(
            f"{name}: {value_text(inner)}" for name, inner in value.items() if inner not in (None, "", [], {})
        )
    if isinstance(value, (list, tuple)):
        return ", ".join(value_text(inner) for inner in value)
    return str(value)


def plan_tables(plan: Mapping[str, Any]) -> Iterator[Table | Text]:
    """The plan of each app with its warnings, choices and seats."""
    for app in plan["apps"]:
        table = _table(
            f"{app['title']}: {app['state']}", "What", "Kind", "Before", "After", "Can be taken back"
        )
        for action in app["actions"]:
            reversible = "yes" if action.get("reversible") else "no"
            table.add_row(
                action["title"],
                state_text(action["kind"]),
                value_text(action.get("before")),
                value_text(action.get("after")),
                reversible,
            )
        yield table
        for seat in app.get("seats", []):
            free = (
                "free seats unknown to the vendor's API" if seat["free"] is None else f"{seat['free']} free"
            )
            yield Text(f"  seats: {seat['name']}: {seat['needed']} needed, {free}", style="dim")
        for warning in app.get("warnings", []):
            yield Text(f"  warning: {warning['message']}", style="yellow")
        for choice in app.get("choices", []):
            yield Text(f"  to decide: {choice['message']}", style="yellow")
        if app.get("error"):
            yield Text(f"  {app['error']['message']} {app['error'].get('remedy') or ''}", style="red")


def _actions(request: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for result in request["results"]:
        for action in result["actions"]:
            yield result["title"], action


def progress_table(request: Mapping[str, Any], elapsed: float) -> Table:
    table = _table(
        f"Request {request['state']} after {seconds(elapsed)}", "App", "Action", "State", "Tries", "Note"
    )
    for app, action in _actions(request):
        error = action.get("error")
        note = (
            error["message"]
            if error
            else value_text(action.get("effect"))
            if action["state"] == "running"
            else ""
        )
        table.add_row(app, action["title"], state_text(action["state"]), str(action["tries"]), note)
    return table


class Progress:
    """The actions as they change: a live table on a terminal, a line for each change elsewhere."""

    def __init__(self, console: Console, live: Live | None) -> None:
        self._console = console
        self._live = live
        self._seen: dict[str, str] = {}

    def show(self, request: Mapping[str, Any], elapsed: float) -> None:
        if self._live is not None:
            self._live.update(progress_table(request, elapsed), refresh=True)
            return
        for app, action in _actions(request):
            if self._seen.get(action["id"]) != action["state"]:
                self._seen[action["id"]] = action["state"]
                error = action.get("error")
                words = f": {error['message']}" if error else ""
                self._console.print(f"  {elapsed:5.1f} s  {app}: {action['title']}: {action['state']}{words}")

    def say(self, words: str, elapsed: float) -> None:
        """Something that people do meanwhile."""
        self._console.print(f"  {elapsed:5.1f} s  {words}", style="bold")


@contextmanager
def progress(console: Console) -> Iterator[Progress]:
    if console.is_terminal:
        with Live(console=console, auto_refresh=False) as live:
            yield Progress(console, live)
    else:
        yield Progress(console, None)


def account_table(title: str, facts: Iterable[tuple[str, Any]]) -> Table:
    table = _table(title, "Field", "As the vendor has it")
    for name, value in facts:
        table.add_row(name, value_text(value))
    return table
