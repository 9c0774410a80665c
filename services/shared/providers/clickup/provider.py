"""The provider: each method hands over to the module that knows, and explains ClickUp's answers."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import ClassVar

from services.shared.providers.clickup import applying, granting, options
from services.shared.providers.clickup.answers import explained
from services.shared.providers.clickup.client import ClickUpContext
from services.shared.providers.clickup.form import ClickUpSettings
from services.shared.providers.clickup.leaving import plan_leaving
from services.shared.providers.clickup.manifest import MANIFEST
from services.shared.providers.clickup.planning import plan_active
from services.shared.providers.clickup.tasks import confirm_task
from services.shared.providers.clickup.validation import find_issues
from services.shared.sdk.contract import Desired, Issue, Option, Outcome, Plan, PlannedAction, Provider
from services.shared.sdk.manifest import ActionKind, Manifest

Apply = Callable[[ClickUpContext, PlannedAction], Awaitable[Outcome]]
Confirm = Callable[[ClickUpContext, PlannedAction], Awaitable[Outcome | None]]
Offer = Callable[[ClickUpContext, str], Awaitable[Sequence[Option]]]
Step = tuple[Apply, Confirm]

_STEPS: Mapping[str, Step] = {
    "invite": (applying.invite, applying.confirm_invite),
    "acceptance": (applying.wait, applying.confirm_wait),
    "adopt": (applying.adopt, applying.confirm_adopt),
    "role": (applying.change_role, applying.confirm_role),
    "rights": (applying.change_rights, applying.confirm_rights),
    "remove": (applying.remove, applying.confirm_remove),
    "noop": (applying.nothing, applying.nothing),
    "group": (granting.join, granting.confirm_join),
    "share": (granting.share, granting.confirm_share),
}
_TAKING: Mapping[str, Step] = {
    "group": (granting.part, granting.confirm_part),
    "share": (granting.unshare, granting.confirm_unshare),
}
_OPTIONS: Mapping[str, Offer] = {
    "custom_roles": options.custom_roles,
    "groups": options.groups,
    "lists": options.lists,
    "folders": options.folders,
}


def _step(action: PlannedAction) -> Step:
    """By what the key begins with: one kind of action serves several things here."""
    word = action.key.partition(":")[0]
    return _TAKING[word] if action.kind is ActionKind.REMOVE_FROM_GROUP else _STEPS[word]


class ClickUp(Provider[ClickUpSettings]):
    """People in a ClickUp Workspace, by API v2."""

    manifest: ClassVar[Manifest] = MANIFEST

    async def validate(self, ctx: ClickUpContext) -> Sequence[Issue]:
        """Name what cannot be read."""
        with explained():
            return await find_issues(ctx)

    async def plan(self, ctx: ClickUpContext, desired: Desired) -> Plan:
        """Compare the wish with the Workspace."""
        with explained():
            if desired.presence == "active":
                return await plan_active(ctx, desired)
            return await plan_leaving(ctx, desired)

    async def apply(self, ctx: ClickUpContext, action: PlannedAction) -> Outcome:
        """Take one action and read back. Tasks for people never come here."""
        apply, _ = _step(action)
        with explained():
            return await apply(ctx, action)

    async def confirm(self, ctx: ClickUpContext, action: PlannedAction) -> Outcome | None:
        """Look whether it happened."""
        with explained():
            if action.kind is ActionKind.MANUAL_TASK:
                return await confirm_task(ctx, action)
            _, confirm = _step(action)
            return await confirm(ctx, action)

    async def options(self, ctx: ClickUpContext, name: str, query: str) -> Sequence[Option]:
        """Live choices; at most 200."""
        offer = _OPTIONS[name]
        with explained():
            return await offer(ctx, query)
