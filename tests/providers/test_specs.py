"""Everything that a provider sends and hears on the contract's whole journey, against what its vendor publishes.

A vendor joins by a file: `tests/providers/<folder>/specs.py` with `DOORS`. See `tests/sandbox/judge/doors.py` for how
it is written. The journey: validate, options, plan, apply, plan again, a smaller wish and back, suspend and return,
delete; and once more with an account that somebody else made.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import pytest

from services.shared.sdk.optional import OffersOptions
from services.shared.sdk.suite.driver import Books, carry_out, leaver, make_plan, onboard, wish
from tests.fixtures.sandbox import Sandbox
from tests.providers.harness import SandboxHarness, provider_folders
from tests.sandbox.judge import specs
from tests.sandbox.judge.doors import Door, judge_exchanges
from tests.sandbox.judge.wire import Exchange

pytestmark = pytest.mark.skipif(specs.folder() is None, reason=specs.ABSENT)


def _folders_with_doors() -> list[str]:
    here = Path(__file__).parent
    return [folder for folder in provider_folders() if (here / folder / "specs.py").is_file()]


def _apps(folder: str) -> Sequence[str | None]:
    """The apps of a folder that has several; otherwise the one that needs no name."""
    return getattr(import_module(f"tests.providers.{folder}.harness"), "APPS", (None,))


def _make_harness(folder: str, sandbox: Sandbox, app: str | None) -> SandboxHarness:
    make = import_module(f"tests.providers.{folder}.harness").make_harness
    made: SandboxHarness = make(sandbox) if app is None else make(sandbox, app)
    return made


async def _live_through(harness: SandboxHarness) -> None:
    """Come, change, go, come back, and go for good."""
    reading = harness.context(Books().known, reading=True)
    await harness.provider.validate(reading)
    if isinstance(harness.provider, OffersOptions):
        for name in harness.provider.manifest.options:
            for query in ("", "a"):
                await harness.provider.options(reading, name, query)
    books, _ = await onboard(harness)
    for fields in (harness.wish, harness.smaller_wish, harness.wish):
        if fields is not None:
            await carry_out(harness, books, await make_plan(harness, books, wish(harness, fields)))
    await carry_out(harness, books, await make_plan(harness, books, leaver("suspended")))
    await carry_out(harness, books, await make_plan(harness, books, wish(harness)))
    await carry_out(harness, books, await make_plan(harness, books, leaver("absent")))


async def _adopt(harness: SandboxHarness) -> None:
    """Find a stranger's account, ask, and take it over."""
    await harness.add_foreign_account()
    books = Books()
    await make_plan(harness, books, wish(harness))
    plan = await make_plan(harness, books, wish(harness, existing_account="adopt"))
    await carry_out(harness, books, plan)


async def _record(folder: str, sandbox: Sandbox) -> list[Exchange]:
    kept: list[Exchange] = []
    for journey in (_live_through, _adopt):
        for app in _apps(folder):
            sandbox.reset(tokens=True)
            harness = _make_harness(folder, sandbox, app)
            harness.wire.is_on = True
            try:
                await journey(harness)
            finally:
                await harness.aclose()
            kept += harness.wire.exchanges
    return kept


@pytest.mark.parametrize("folder", _folders_with_doors())
async def test_what_goes_over_the_wire_is_as_published(folder: str, sandbox: Sandbox) -> None:
    doors: Sequence[Door] = import_module(f"tests.providers.{folder}.specs").DOORS
    exchanges = await _record(folder, sandbox)
    faults = judge_exchanges(doors, exchanges)
    assert not faults, "\n".join(faults)
