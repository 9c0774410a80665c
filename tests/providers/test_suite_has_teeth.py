"""The suite finds the defects that it is there for: a sound provider, broken in one way each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any

import pytest

from services.shared.providers.google.accounts import find_by_address
from services.shared.providers.google.client import call
from services.shared.providers.google.provider import GoogleWorkspace
from services.shared.sdk import suite
from services.shared.sdk.contract import (
    Context,
    Desired,
    Grant,
    Known,
    Notice,
    Option,
    Outcome,
    Plan,
    PlannedAction,
)
from services.shared.sdk.errors import ProviderError, Refused, Transient, WriteWhilePlanning
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite import ContractBroken
from tests.fixtures.sandbox import Sandbox
from tests.providers.google.harness import GoogleHarness


@pytest.fixture
async def harness(sandbox: Sandbox) -> AsyncIterator[GoogleHarness]:
    made = GoogleHarness(sandbox)
    yield made
    await made.aclose()


class WritesWhilePlanning(GoogleWorkspace):
    async def plan(self, ctx: Context[Any], desired: Desired) -> Plan:
        await call(ctx, "users.signOut", userKey="admin@acme.example")
        return await super().plan(ctx, desired)


class PlansAgain(GoogleWorkspace):
    """Forgets to look: there is always something to do."""

    async def plan(self, ctx: Context[Any], desired: Desired) -> Plan:
        plan = await super().plan(ctx, desired)
        again = PlannedAction(key="update", kind=ActionKind.UPDATE, target="x", title="Update", after={})
        return plan if len(plan.actions) > 1 else plan.model_copy(update={"actions": (again,)})


class AdoptsSilently(GoogleWorkspace):
    async def apply(self, ctx: Context[Any], action: PlannedAction) -> Outcome:
        try:
            return await super().apply(ctx, action)
        except ProviderError:
            user = await find_by_address(ctx)
            if action.kind is ActionKind.CREATE and user is not None:
                return user.as_outcome()
            raise


class ConfirmsEverything(GoogleWorkspace):
    async def confirm(self, ctx: Context[Any], action: PlannedAction) -> Outcome | None:
        return Outcome(remote_id=ctx.known.remote_id)


class ConfirmsNothing(GoogleWorkspace):
    async def confirm(self, ctx: Context[Any], action: PlannedAction) -> Outcome | None:
        return None


class BelievesEveryReply(GoogleWorkspace):
    async def apply(self, ctx: Context[Any], action: PlannedAction) -> Outcome:
        with suppress(Refused):
            return await super().apply(ctx, action)
        return Outcome(remote_id="1", login="x@acme.example")


class ForgetsHowLong(GoogleWorkspace):
    async def plan(self, ctx: Context[Any], desired: Desired) -> Plan:
        try:
            return await super().plan(ctx, desired)
        except Transient as error:
            raise Transient("Slow down.", code=error.code) from error


class TellsThePassword(GoogleWorkspace):
    async def apply(self, ctx: Context[Any], action: PlannedAction) -> Outcome:
        outcome = await super().apply(ctx, action)
        password = await ctx.first_password()
        return outcome.model_copy(update={"note": f"The password is {password.get_secret_value()}."})


class TakesWhatOthersGave(GoogleWorkspace):
    async def plan(self, ctx: Context[Any], desired: Desired) -> Plan:
        return await super().plan(ctx, desired.model_copy(update={"unmanaged": "remove"}))


class FingerprintsDecisions(GoogleWorkspace):
    """Its plan is stale as soon as the decision that it asks for was taken."""

    async def plan(self, ctx: Context[Any], desired: Desired) -> Plan:
        plan = await super().plan(ctx, desired)
        return plan.model_copy(update={"fingerprint": plan.fingerprint + desired.existing_account})


class KeepsWhatItGave(GoogleWorkspace):
    async def plan(self, ctx: Context[Any], desired: Desired) -> Plan:
        """As if the books were empty of grants."""
        if ctx.known.remote_id is None:
            return await super().plan(ctx, desired)
        books = ctx.known.model_copy(update={"grants": ()})
        plan = await super().plan(_with(ctx, books), desired)
        return plan.model_copy(update={"notices": (Notice(code="x", message="x"),)})


class CountsASettlingVendorAsFailed(GoogleWorkspace):
    async def apply(self, ctx: Context[Any], action: PlannedAction) -> Outcome:
        try:
            return await super().apply(ctx, action)
        except Transient as error:
            raise Refused("It failed.") from error


class RepeatsItself(GoogleWorkspace):
    """Removes and joins again each time: the end is right, the effects are not."""

    async def apply(self, ctx: Context[Any], action: PlannedAction) -> Outcome:
        if action.kind is ActionKind.ADD_TO_GROUP and ctx.known.remote_id:
            with suppress(ProviderError):
                await super().apply(
                    ctx, action.model_copy(update={"kind": ActionKind.REMOVE_FROM_GROUP, "depends_on": ()})
                )
        return await super().apply(ctx, action)


class OffersNothing(GoogleWorkspace):
    async def options(self, ctx: Context[Any], name: str, query: str) -> Sequence[Option]:
        return ()


class ClaimsGrants(GoogleWorkspace):
    async def apply(self, ctx: Context[Any], action: PlannedAction) -> Outcome:
        outcome = await super().apply(ctx, action)
        extra = Grant(kind="group", key="sales", label="Sales")
        return outcome.model_copy(update={"given": (*outcome.given, extra)})


def _with(ctx: Context[Any], known: Known) -> Context[Any]:
    return Context(
        tenant_id=ctx.tenant_id,
        settings=ctx.settings,
        http=ctx.http,
        endpoints=ctx.endpoints,
        person=ctx.person,
        known=known,
        first_password=ctx.first_password,
    )


@pytest.mark.parametrize(
    ("broken", "check"),
    [
        (WritesWhilePlanning, suite.planning.planning_only_reads),
        (PlansAgain, suite.planning.applied_means_nothing_left_to_plan),
        (TakesWhatOthersGave, suite.planning.leaving_out_removes_just_that),
        (KeepsWhatItGave, suite.planning.leaving_out_removes_just_that),
        (FingerprintsDecisions, suite.adoption.a_decision_does_not_move_the_fingerprint),
        (AdoptsSilently, suite.adoption.a_foreign_account_is_never_taken_by_a_race),
        (ConfirmsEverything, suite.applying.confirm_tells_before_from_after),
        (ConfirmsEverything, suite.adoption.a_foreign_account_is_never_taken_by_a_race),
        (ConfirmsNothing, suite.applying.a_lost_reply_is_found),
        (ClaimsGrants, suite.applying.confirm_tells_before_from_after),
        (RepeatsItself, suite.applying.applying_twice_is_one_effect),
        (BelievesEveryReply, suite.applying.an_unknown_reply_is_never_success),
        (CountsASettlingVendorAsFailed, suite.applying.a_settling_vendor_is_waited_for),
        (TellsThePassword, suite.planning.applied_means_nothing_left_to_plan),
        (ForgetsHowLong, suite.failures.throttling_is_transient_with_its_time),
        (OffersNothing, suite.forms.declared_options_work),
        (KeepsWhatItGave, suite.leaving.leaving_twice_is_leaving_once),
    ],
    ids=lambda value: value.__name__,
)
async def test_a_broken_provider_is_caught(
    broken: type[GoogleWorkspace], check: suite.Check, harness: GoogleHarness
) -> None:
    harness.provider = broken()
    with pytest.raises((ContractBroken, WriteWhilePlanning, Refused)):
        await check(harness)
