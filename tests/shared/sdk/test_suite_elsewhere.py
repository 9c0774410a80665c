"""A provider from outside the repository is found by its entry point and passes the suite, with no sandbox of ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.shared.sdk import registry
from services.shared.sdk.suite import CHECKS, Check, check_name
from tests.shared.sdk.hut import HutHarness

OUTSIDE = Path(__file__).parents[2] / "outside"


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The sample provider is installed: its folder is on the path, as site-packages is."""
    monkeypatch.syspath_prepend(str(OUTSIDE))
    registry.providers.cache_clear()
    yield
    registry.providers.cache_clear()


def test_nobody_finds_a_provider_that_is_not_installed() -> None:
    with pytest.raises(registry.UnknownApp):
        registry.get_provider("hut")


@pytest.mark.usefixtures("installed")
def test_an_installed_provider_is_found_by_its_entry_point_beside_our_own() -> None:
    keys = list(registry.providers())
    assert "hut" in keys
    assert {"google-workspace", "microsoft-365"} <= set(keys)
    provider = registry.get_provider("hut")
    assert type(provider).__module__ == "oneclick_hut"
    assert provider.manifest in registry.manifests()


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("check", CHECKS, ids=check_name)
async def test_it_passes_the_suite_with_a_harness_and_nothing_else(check: Check) -> None:
    await check(HutHarness(registry.get_provider("hut")))
