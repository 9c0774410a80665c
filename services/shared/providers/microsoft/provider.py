"""The provider: each method hands over to the module that knows, and explains Graph's answers."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import ClassVar

from services.shared.providers.microsoft import applying, granting, options
from services.shared.providers.microsoft.answers import explained
from services.shared.providers.microsoft.client import MicrosoftContext
from services.shared.providers.microsoft.form import Microsoft365Settings
from services.shared.providers.microsoft.leaving import plan_leaving
from services.shared.providers.microsoft.manifest import MANIFEST
from services.shared.providers.microsoft.planning import plan_active
from services.shared.providers.microsoft.sdk import load_sdk
from services.shared.providers.microsoft.validation import find_issues
from services.shared.sdk.contract import Desired, Issue, Option, Outcome, Plan, PlannedAction, Provider
from services.shared.sdk.manifest import ActionKind, Manifest

Apply = Callable[[MicrosoftContext, PlannedAction], Awaitable[Outcome]]
Confirm = Callable[[MicrosoftContext, PlannedAction], Awaitable[Outcome | None]]
Offer = Callable[[MicrosoftContext, str], Awaitable[Sequence[Option]]]
Step = tuple[Apply, Confirm]

_STEPS: Mapping[ActionKind, Step] = {
    ActionKind.CREATE: (applying.create, applying.confirm_create),
    ActionKind.ADOPT: (applying.adopt, applying.confirm_adopt),
    ActionKind.UPDATE: (applying.update, applying.confirm_update),
    ActionKind.SUSPEND: (applying.update, applying.confirm_update),
    ActionKind.REVOKE_SESSIONS: (applying.revoke_sessions, applying.confirm_sessions),
    ActionKind.DELETE: (applying.delete, applying.confirm_delete),
    ActionKind.ASSIGN_LICENSE: (granting.assign, granting.confirm_assign),
    ActionKind.REMOVE_LICENSE: (granting.remove, granting.confirm_remove),
    ActionKind.ADD_TO_GROUP: (granting.join, granting.confirm_join),
    ActionKind.REMOVE_FROM_GROUP: (granting.part, granting.confirm_part),
    ActionKind.NOOP: (applying.nothing, applying.nothing),
}
_MANAGER: Step = (applying.set_manager, applying.confirm_manager)
_OPTIONS: Mapping[str, Offer] = {
    "license_skus": options.license_skus,
    "groups": options.groups,
    "managers": options.managers,
    "usage_locations": options.usage_locations,
}


def _step(action: PlannedAction) -> Step:
    is_manager = action.kind is ActionKind.UPDATE and "manager_id" in action.params
    return _MANAGER if is_manager else _STEPS[action.kind]


class Microsoft365(Provider[Microsoft365Settings]):
    """Accounts at Microsoft, by Microsoft Graph."""

    manifest: ClassVar[Manifest] = MANIFEST

    def warm(self) -> None:
        """Load the vendor's SDK now rather than at the first call. Blocks for about half a second."""
        load_sdk()

    async def validate(self, ctx: MicrosoftContext) -> Sequence[Issue]:
        """Name each missing permission."""
        with explained():
            return await find_issues(ctx)

    async def plan(self, ctx: MicrosoftContext, desired: Desired) -> Plan:
        """Compare the wish with Microsoft 365."""
        with explained():
            if desired.presence == "active":
                return await plan_active(ctx, desired)
            return await plan_leaving(ctx, desired)

    async def apply(self, ctx: MicrosoftContext, action: PlannedAction) -> Outcome:
        """Take one action and read back."""
        apply, _ = _step(action)
        with explained():
            return await apply(ctx, action)

    async def confirm(self, ctx: MicrosoftContext, action: PlannedAction) -> Outcome | None:
        """Look whether it happened."""
        _, confirm = _step(action)
        with explained():
            return await confirm(ctx, action)

    async def options(self, ctx: MicrosoftContext, name: str, query: str) -> Sequence[Option]:
        """Live choices; at most 200."""
        offer = _OPTIONS[name]
        with explained():
            return await offer(ctx, query)
