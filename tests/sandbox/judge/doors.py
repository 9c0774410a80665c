"""Holds what a provider said and heard against what its vendor publishes.

How a vendor joins: its folder gets `tests/providers/<folder>/specs.py` with `DOORS`, one `Door` for each address of its
twin, and `tests/providers/test_specs.py` finds it by itself. The longest mount that a path begins with decides.

    from tests.sandbox.judge.doors import Door
    from tests.sandbox.judge.openapi import Exceptional

    DOORS = (
        Door(
            mount="/zoom/v2",                        # the file's paths begin after this
            files=("zoom/zoom-users-v2.openapi.json",),
            exceptions=(
                Exceptional(r"\\$\\.license_info_list is undeclared", "newer than the file: @zoom/rivet 0.4.0"),
                Exceptional(r"answer 429: the status is undeclared", "docs/api/rate-limits", seldom=True),
            ),
        ),
        Door(mount="/zoom/oauth", unpublished="Zoom publishes no file for its token endpoint."),
    )

A twin's own tests send wrong requests on purpose; there `make_hook(DOORS)`, as a response hook of the `httpx` client,
holds each answer alone against the file.

- Several `files`: the first that lists the operation judges it.
- `judge`: where there is no OpenAPI file, a function that returns the faults of one `Exchange`.
- An exception that nothing needs is a fault itself, unless it says `seldom`. So is a door through which nobody went,
  unless `seldom`, and an exchange at an address that is behind no door.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

import httpx

from tests.sandbox.judge.openapi import Exceptional, judge_answer, judge_request, knows, without
from tests.sandbox.judge.specs import folder
from tests.sandbox.judge.wire import Exchange, read_exchange


@dataclass(frozen=True)
class Door:
    """One address of a twin, and what judges it: files, a function, or a reason why nothing does."""

    mount: str
    files: Sequence[str] = ()
    """Paths inside the specs folder."""
    exceptions: Sequence[Exceptional] = ()
    judge: Callable[[Exchange], list[str]] | None = None
    unpublished: str = ""
    seldom: bool = False
    ignores_last_slash: str = ""
    """Why a last slash makes no difference here; empty: it makes one."""

    def __post_init__(self) -> None:
        ways = [bool(self.files), self.judge is not None, bool(self.unpublished)]
        if sum(ways) != 1:
            raise ValueError(f"{self.mount}: name files, or a judge, or the reason why neither exists")

    def find_faults(self, exchange: Exchange) -> list[str]:
        """Everything that is wrong with one exchange, before the exceptions."""
        if self.unpublished:
            return []
        if self.judge is not None:
            return self.judge(exchange)
        file, path = self._place(exchange)
        faults = judge_request(file, exchange.method, path, exchange.query, exchange.sent)
        return faults + self.find_answer_faults(exchange)

    def find_answer_faults(self, exchange: Exchange) -> list[str]:
        """What is wrong with the answer alone, before the exceptions; only files can tell."""
        if not self.files or exchange.status is None:
            return []
        file, path = self._place(exchange)
        return judge_answer(file, exchange.method, path, exchange.status, exchange.answered)

    def _place(self, exchange: Exchange) -> tuple[str, str]:
        """The file that lists the operation, and the path as it spells it."""
        path = exchange.below(self.mount) or "/"
        spellings = [path]
        if self.ignores_last_slash:
            spellings.append(path.removesuffix("/") if path.endswith("/") else f"{path}/")
        for file in self.files:
            for spelling in spellings:
                if knows(file, exchange.method, spelling):
                    return file, spelling
        return self.files[0], path


def judge_exchanges(doors: Sequence[Door], exchanges: Iterable[Exchange]) -> list[str]:
    """Return every fault once, and the doors and exceptions that nothing needed."""
    faults: dict[str, None] = {}
    by_door: dict[str, list[str]] = {}
    for exchange in exchanges:
        door = _find_door(doors, exchange)
        if door is None:
            faults[f"{exchange.method} {exchange.path} is behind no door"] = None
            continue
        found = door.find_faults(exchange)
        by_door.setdefault(door.mount, []).extend(found)
        faults |= dict.fromkeys(without(found, door.exceptions))
    return [*faults, *_list_unneeded(doors, by_door)]


def make_hook(doors: Sequence[Door]) -> Callable[[httpx.Response], Awaitable[None]]:
    """A response hook that fails the test when an answer is not as published; it does nothing without the files."""

    async def judge(response: httpx.Response) -> None:
        exchange = await read_exchange(response)
        door = _find_door(doors, exchange)
        if folder() is not None and door is not None:
            faults = without(door.find_answer_faults(exchange), door.exceptions)
            assert not faults, faults

    return judge


def _find_door(doors: Sequence[Door], exchange: Exchange) -> Door | None:
    fitting = [door for door in doors if exchange.below(door.mount) is not None]
    return max(fitting, key=lambda door: len(door.mount), default=None)


def _list_unneeded(doors: Sequence[Door], by_door: dict[str, list[str]]) -> list[str]:
    unneeded = []
    for door in doors:
        if door.mount not in by_door and not door.seldom:
            unneeded.append(f"nobody went through the door {door.mount}")
        unneeded += [
            f"nothing needs the exception {one.pattern!r} of {door.mount}"
            for one in door.exceptions
            if not one.seldom and not any(one.covers(fault) for fault in by_door.get(door.mount, ()))
        ]
    return unneeded
