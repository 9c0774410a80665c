"""The provider under test, and its harness over a freshly reset sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from importlib import import_module
from typing import Any

import pytest

from tests.fixtures.sandbox import Sandbox
from tests.providers.harness import SandboxHarness, has_harness, provider_folders


def _harnesses() -> list[Any]:
    """Each app of each folder. A folder with several apps names them in its harness module's `APPS`."""
    found = []
    for folder in provider_folders():
        if has_harness(folder):
            apps = getattr(import_module(f"tests.providers.{folder}.harness"), "APPS", (folder,))
            found += [pytest.param((folder, app), id=app) for app in apps]
    return found


@pytest.fixture(params=_harnesses())
async def harness(request: pytest.FixtureRequest, sandbox: Sandbox) -> AsyncIterator[SandboxHarness]:
    folder, app = request.param
    module = import_module(f"tests.providers.{folder}.harness")
    made: SandboxHarness = (
        module.make_harness(sandbox, app) if hasattr(module, "APPS") else module.make_harness(sandbox)
    )
    yield made
    await made.aclose()
