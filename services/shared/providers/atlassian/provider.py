"""The two providers: each method hands over to the module that knows, and explains Atlassian's answers."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import ClassVar

from services.shared.providers.atlassian import applying, granting, manifest, options
from services.shared.providers.atlassian.answers import explained
from services.shared.providers.atlassian.client import CONFLUENCE, JIRA, App, AtlassianContext
from services.shared.providers.atlassian.form import AtlassianSettings
from services.shared.providers.atlassian.leaving import plan_leaving
from services.shared.providers.atlassian.planning import plan_active
from services.shared.providers.atlassian.validation import find_issues
from services.shared.sdk.contract import Desired, Issue, Option, Outcome, Plan, PlannedAction, Provider
from services.shared.sdk.manifest import ActionKind, Manifest

Apply = Callable[[AtlassianContext, App, PlannedAction], Awaitable[Outcome]]
Confirm = Callable[[AtlassianContext, App, PlannedAction], Awaitable[Outcome | None]]
Offer = Callable[[AtlassianContext, App, str], Awaitable[Sequence[Option]]]


async def _nothing(ctx: AtlassianContext, app: App, action: PlannedAction) -> Outcome:  # noqa: ARG001  # the table's shape
    return Outcome(remote_id=ctx.known.remote_id, login=ctx.known.login)


_STEPS: Mapping[ActionKind, tuple[Apply, Confirm]] = {
    ActionKind.CREATE: (applying.create, applying.confirm_create),
    ActionKind.ADOPT: (applying.adopt, applying.confirm_adopt),
    ActionKind.UPDATE: (applying.update, applying.confirm_update),
    ActionKind.ADD_TO_GROUP: (granting.join, granting.confirm_join),
    ActionKind.REMOVE_FROM_GROUP: (granting.part, granting.confirm_part),
    ActionKind.SUSPEND: (applying.suspend, applying.confirm_suspend),
    ActionKind.DELETE: (applying.delete, applying.confirm_delete),
    ActionKind.MANUAL_TASK: (_nothing, applying.confirm_create),
    ActionKind.NOOP: (_nothing, _nothing),
}
_OPTIONS: Mapping[str, Offer] = {"access_groups": options.access_groups, "groups": options.groups}


class AtlassianProvider(Provider[AtlassianSettings]):
    """What both apps do alike."""

    app: ClassVar[App]

    async def validate(self, ctx: AtlassianContext) -> Sequence[Issue]:
        """Name each credential and permission that is missing."""
        with explained():
            return await find_issues(ctx, self.app)

    async def plan(self, ctx: AtlassianContext, desired: Desired) -> Plan:
        """Compare the wish with Atlassian."""
        with explained():
            if desired.presence == "active":
                return await plan_active(ctx, self.app, desired)
            return await plan_leaving(ctx, self.app, desired)

    async def apply(self, ctx: AtlassianContext, action: PlannedAction) -> Outcome:
        """Take one action and read back."""
        apply, _ = _STEPS[action.kind]
        with explained():
            return await apply(ctx, self.app, action)

    async def confirm(self, ctx: AtlassianContext, action: PlannedAction) -> Outcome | None:
        """Look whether it happened."""
        _, confirm = _STEPS[action.kind]
        with explained():
            return await confirm(ctx, self.app, action)

    async def options(self, ctx: AtlassianContext, name: str, query: str) -> Sequence[Option]:
        """Live choices; at most 200."""
        offer = _OPTIONS[name]
        with explained():
            return await offer(ctx, self.app, query)


class Jira(AtlassianProvider):
    """Access to Jira's products."""

    app = JIRA
    manifest: ClassVar[Manifest] = manifest.JIRA_MANIFEST


class Confluence(AtlassianProvider):
    """Access to Confluence."""

    app = CONFLUENCE
    manifest: ClassVar[Manifest] = manifest.CONFLUENCE_MANIFEST
