"""The provider under test, and its harness over a freshly reset sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from importlib import import_module

import pytest

from tests.fixtures.sandbox import Sandbox
from tests.providers.harness import SandboxHarness, has_harness, provider_folders


@pytest.fixture(params=[folder for folder in provider_folders() if has_harness(folder)])
async def harness(request: pytest.FixtureRequest, sandbox: Sandbox) -> AsyncIterator[SandboxHarness]:
    module = import_module(f"tests.providers.{request.param}.harness")
    made: SandboxHarness = module.make_harness(sandbox)
    yield made
    await made.aclose()
