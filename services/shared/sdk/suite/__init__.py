"""The contract suite: what every provider must do, run against an imitation of its vendor.

It needs no test framework. A provider's author writes one `Harness` and runs every check over it:

    @pytest.mark.parametrize("check", CHECKS, ids=check_name)
    async def test_contract(check, harness):
        await check(harness)

Each check gets a harness of its own, over a vendor that was reset just before. A check that finds
the contract broken raises `ContractBroken`, an AssertionError that says which sentence was broken.
"""

from collections.abc import Awaitable, Callable

from services.shared.sdk.suite import adoption, applying, failures, forms, leaving, planning
from services.shared.sdk.suite.driver import Books, ContractBroken
from services.shared.sdk.suite.harness import Effect, Fault, FaultKind, Harness, Throttle

Check = Callable[[Harness], Awaitable[None]]

CHECKS: tuple[Check, ...] = (
    *forms.CHECKS,
    *planning.CHECKS,
    *applying.CHECKS,
    *adoption.CHECKS,
    *failures.CHECKS,
    *leaving.CHECKS,
)


def check_name(check: Check) -> str:
    """The check's name as a test runner shows it."""
    return check.__name__


__all__ = (
    "CHECKS",
    "Books",
    "Check",
    "ContractBroken",
    "Effect",
    "Fault",
    "FaultKind",
    "Harness",
    "Throttle",
    "check_name",
)
