"""The journey of a company without a directory, against what Atlassian publishes of Jira and Confluence."""

from __future__ import annotations

import pytest

from services.shared.sdk.optional import OffersOptions
from services.shared.sdk.suite import Books
from services.shared.sdk.suite.driver import carry_out, leaver, make_plan, onboard, wish
from tests.providers.atlassian.conftest import MakeHarness
from tests.providers.atlassian.harness import APPS
from tests.providers.atlassian.specs import DOORS
from tests.sandbox.judge import specs
from tests.sandbox.judge.openapi import Exceptional, without
from tests.sandbox.judge.wire import Exchange

pytestmark = pytest.mark.skipif(specs.folder() is None, reason=specs.ABSENT)

_BEYOND = (
    Exceptional(r"answer (400|403|404): the body should be empty", "the files describe errors in prose"),
    Exceptional(r"answer 404: the status is undeclared", "any operation answers this"),
)


def judge(exchanges: list[Exchange]) -> set[str]:
    site = DOORS[-1]
    assert site.mount.startswith("/atlassian/site/")
    faults: set[str] = set()
    for exchange in exchanges:
        if exchange.below(site.mount) is not None:
            faults |= set(without(site.find_faults(exchange), _BEYOND))
    return faults


@pytest.mark.parametrize("app", APPS)
async def test_what_goes_over_the_wire_without_a_directory_is_as_published(
    make: MakeHarness, app: str
) -> None:
    harness = make(app, site=True)
    harness.wire.is_on = True
    provider, reading = harness.provider, harness.context(Books().known, reading=True)
    await provider.validate(reading)
    assert isinstance(provider, OffersOptions)
    for name in provider.manifest.options:
        await provider.options(reading, name, "a")
    books, _ = await onboard(harness)
    for desired in (
        wish(harness, harness.smaller_wish),
        wish(harness),
        leaver("suspended"),
        wish(harness),
        leaver("absent"),
    ):
        await carry_out(harness, books, await make_plan(harness, books, desired))
    assert len(harness.wire.exchanges) > 50
    assert not judge(harness.wire.exchanges)
