"""The provider: each method hands over to the module that knows, and explains HubSpot's answers."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import ClassVar

from services.shared.providers.hubspot import applying, options
from services.shared.providers.hubspot.answers import explained
from services.shared.providers.hubspot.client import HubSpotContext
from services.shared.providers.hubspot.form import HubSpotSettings
from services.shared.providers.hubspot.manifest import MANIFEST
from services.shared.providers.hubspot.planning import plan_active, plan_leaving
from services.shared.sdk.contract import Desired, Issue, Option, Outcome, Plan, PlannedAction, Provider
from services.shared.sdk.manifest import ActionKind, Manifest

Apply = Callable[[HubSpotContext, PlannedAction], Awaitable[Outcome]]
Confirm = Callable[[HubSpotContext, PlannedAction], Awaitable[Outcome | None]]
Offer = Callable[[HubSpotContext, str], Awaitable[Sequence[Option]]]


async def _nothing(ctx: HubSpotContext, action: PlannedAction) -> Outcome:  # noqa: ARG001  # the table's shape
    return Outcome(remote_id=ctx.known.remote_id, login=ctx.known.login)


async def _by_a_person(ctx: HubSpotContext, action: PlannedAction) -> Outcome:  # noqa: ARG001  # the table's shape
    raise AssertionError(f"{action.key} is a person's to do")


_STEPS: Mapping[ActionKind, tuple[Apply, Confirm]] = {
    ActionKind.CREATE: (applying.create, applying.confirm_create),
    ActionKind.ADOPT: (applying.adopt, applying.confirm_adopt),
    ActionKind.UPDATE: (applying.update, applying.confirm_update),
    ActionKind.GRANT_ROLE: (applying.grant_role, applying.confirm_role),
    ActionKind.ADD_TO_GROUP: (applying.join, applying.confirm_join),
    ActionKind.REMOVE_FROM_GROUP: (applying.leave, applying.confirm_leave),
    ActionKind.ASSIGN_LICENSE: (applying.assign_seat, applying.confirm_seat),
    ActionKind.REMOVE_LICENSE: (applying.remove_seat, applying.confirm_no_seat),
    ActionKind.MANUAL_TASK: (_by_a_person, applying.confirm_task),
    ActionKind.DELETE: (applying.delete, applying.confirm_delete),
    ActionKind.NOOP: (_nothing, _nothing),
}
_OPTIONS: Mapping[str, Offer] = {
    "permission_sets": options.permission_sets,
    "teams": options.team_choices,
    "seats": options.seats,
}


class HubSpot(Provider[HubSpotSettings]):
    """Users of one HubSpot account."""

    manifest: ClassVar[Manifest] = MANIFEST

    async def validate(self, ctx: HubSpotContext) -> Sequence[Issue]:
        """Name each missing scope, a path that HubSpot has withdrawn, and another account's token."""
        with explained():
            return await options.find_issues(ctx)

    async def plan(self, ctx: HubSpotContext, desired: Desired) -> Plan:
        """Compare the wish with HubSpot."""
        with explained():
            if desired.presence == "active":
                return await plan_active(ctx, desired)
            return await plan_leaving(ctx, desired)

    async def apply(self, ctx: HubSpotContext, action: PlannedAction) -> Outcome:
        """Take one action and read back."""
        apply, _ = _STEPS[action.kind]
        with explained():
            return await apply(ctx, action)

    async def confirm(self, ctx: HubSpotContext, action: PlannedAction) -> Outcome | None:
        """Look whether it happened."""
        _, confirm = _STEPS[action.kind]
        with explained():
            return await confirm(ctx, action)

    async def options(self, ctx: HubSpotContext, name: str, query: str) -> Sequence[Option]:
        """Live choices; at most 200."""
        offer = _OPTIONS[name]
        with explained():
            return await offer(ctx, query)
