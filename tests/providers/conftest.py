"""The provider under test, and its harness over a freshly reset sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from importlib import import_module

import pytest

from services.shared.sdk.registry import providers
from tests.fixtures.sandbox import Sandbox
from tests.providers.harness import SandboxHarness, folder_of, has_harness


@pytest.fixture(params=[app for app in providers() if has_harness(app)])
async def harness(request: pytest.FixtureRequest, sandbox: Sandbox) -> AsyncIterator[SandboxHarness]:
    module = import_module(f"tests.providers.{folder_of(request.param)}.harness")
    made: SandboxHarness = module.make_harness(sandbox)
    yield made
    await made.aclose()
