"""The provider: each method hands over to the module that knows, and explains the application's answers."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import ClassVar

from services.shared.providers.scim import applying, granting, options, payloads
from services.shared.providers.scim.answers import explained
from services.shared.providers.scim.client import ScimContext
from services.shared.providers.scim.form import ScimSettings
from services.shared.providers.scim.leaving import plan_leaving
from services.shared.providers.scim.manifest import MANIFEST
from services.shared.providers.scim.planning import plan_active
from services.shared.providers.scim.validation import find_issues
from services.shared.sdk.contract import Desired, Issue, Option, Outcome, Plan, PlannedAction, Provider
from services.shared.sdk.manifest import ActionKind, Manifest

Apply = Callable[[ScimContext, PlannedAction], Awaitable[Outcome]]
Confirm = Callable[[ScimContext, PlannedAction], Awaitable[Outcome | None]]
Step = tuple[Apply, Confirm]

_STEPS: Mapping[ActionKind, Step] = {
    ActionKind.CREATE: (applying.create, applying.confirm_create),
    ActionKind.ADOPT: (applying.adopt, applying.confirm_adopt),
    ActionKind.UPDATE: (applying.update, applying.confirm_update),
    ActionKind.SUSPEND: (applying.update, applying.confirm_update),
    ActionKind.DELETE: (applying.delete, applying.confirm_delete),
    ActionKind.ASSIGN_LICENSE: (granting.give, granting.confirm_give),
    ActionKind.REMOVE_LICENSE: (granting.take, granting.confirm_take),
    ActionKind.GRANT_ROLE: (granting.give, granting.confirm_give),
    ActionKind.ADD_TO_GROUP: (granting.join, granting.confirm_join),
    ActionKind.REMOVE_FROM_GROUP: (granting.part, granting.confirm_part),
    ActionKind.NOOP: (applying.nothing, applying.nothing),
}
_ROLE_REMOVAL: Step = (granting.take, granting.confirm_take)


def _step(action: PlannedAction) -> Step:
    takes_a_role = action.kind is ActionKind.UPDATE and "grant" in action.params
    return _ROLE_REMOVAL if takes_a_role else _STEPS[action.kind]


class ScimApplication(Provider[ScimSettings]):
    """Accounts in any application that speaks SCIM 2.0."""

    manifest: ClassVar[Manifest] = MANIFEST

    def warm(self) -> None:
        """Load the library of payloads now rather than at the first call. Blocks for about a third of a second."""
        payloads.warm()

    async def validate(self, ctx: ScimContext) -> Sequence[Issue]:
        """Name what cannot be read."""
        with explained():
            return await find_issues(ctx)

    async def plan(self, ctx: ScimContext, desired: Desired) -> Plan:
        """Compare the wish with the application."""
        with explained():
            if desired.presence == "active":
                return await plan_active(ctx, desired)
            return await plan_leaving(ctx, desired)

    async def apply(self, ctx: ScimContext, action: PlannedAction) -> Outcome:
        """Take one action and read back."""
        apply, _ = _step(action)
        with explained():
            return await apply(ctx, action)

    async def confirm(self, ctx: ScimContext, action: PlannedAction) -> Outcome | None:
        """Look whether it happened."""
        _, confirm = _step(action)
        with explained():
            return await confirm(ctx, action)

    async def options(self, ctx: ScimContext, name: str, query: str) -> Sequence[Option]:
        """Live choices; at most 200."""
        offer = {"groups": options.groups}[name]
        with explained():
            return await offer(ctx, query)
