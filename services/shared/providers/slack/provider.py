"""The provider: each method hands over to the module that knows, and explains Slack's answers."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import ClassVar

from services.shared.providers.slack import applying, granting, options
from services.shared.providers.slack.answers import explained
from services.shared.providers.slack.client import SlackContext
from services.shared.providers.slack.form import SlackSettings
from services.shared.providers.slack.leaving import plan_leaving
from services.shared.providers.slack.manifest import MANIFEST
from services.shared.providers.slack.people import confirm_task
from services.shared.providers.slack.planning import plan_active
from services.shared.providers.slack.validation import find_issues
from services.shared.sdk.contract import Desired, Issue, Option, Outcome, Plan, PlannedAction, Provider
from services.shared.sdk.manifest import ActionKind, Manifest

Apply = Callable[[SlackContext, PlannedAction], Awaitable[Outcome]]
Confirm = Callable[[SlackContext, PlannedAction], Awaitable[Outcome | None]]
Offer = Callable[[SlackContext, str], Awaitable[Sequence[Option]]]


async def _nothing(ctx: SlackContext, action: PlannedAction) -> Outcome:  # noqa: ARG001  # the table's shape
    return Outcome(remote_id=ctx.known.remote_id, login=ctx.known.login)


async def _no_trace(ctx: SlackContext, action: PlannedAction) -> None:
    """Signing out leaves nothing to read; doing it again does no harm."""


async def _is_for_people(ctx: SlackContext, action: PlannedAction) -> Outcome:
    raise NotImplementedError(f"A person does {action.key}.")


_STEPS: Mapping[ActionKind, tuple[Apply, Confirm]] = {
    ActionKind.CREATE: (applying.create, applying.confirm_create),
    ActionKind.ADOPT: (applying.adopt, applying.confirm_adopt),
    ActionKind.UPDATE: (applying.update, applying.confirm_update),
    ActionKind.SUSPEND: (applying.suspend, applying.confirm_suspend),
    ActionKind.REVOKE_SESSIONS: (applying.revoke_sessions, _no_trace),
    ActionKind.ADD_TO_GROUP: (granting.join, granting.confirm_join),
    ActionKind.REMOVE_FROM_GROUP: (granting.part, granting.confirm_part),
    ActionKind.GRANT_ROLE: (granting.set_role, granting.confirm_role),
    ActionKind.MANUAL_TASK: (_is_for_people, confirm_task),
    ActionKind.NOOP: (_nothing, _nothing),
}
_OPTIONS: Mapping[str, Offer] = {
    "groups": options.groups,
    "channels": options.channels,
    "timezones": options.timezones,
}


def _steps(action: PlannedAction) -> tuple[Apply, Confirm]:
    """An update of the role is the role's, under another kind."""
    is_role = action.kind is ActionKind.UPDATE and action.key == "role"
    return _STEPS[ActionKind.GRANT_ROLE if is_role else action.kind]


class Slack(Provider[SlackSettings]):
    """Accounts at Slack, by SCIM and the Web API."""

    manifest: ClassVar[Manifest] = MANIFEST

    async def validate(self, ctx: SlackContext) -> Sequence[Issue]:
        """Name what the token lacks."""
        with explained():
            return await find_issues(ctx)

    async def plan(self, ctx: SlackContext, desired: Desired) -> Plan:
        """Compare the wish with Slack."""
        with explained():
            if desired.presence == "active":
                return await plan_active(ctx, desired)
            return await plan_leaving(ctx, desired)

    async def apply(self, ctx: SlackContext, action: PlannedAction) -> Outcome:
        """Take one action and read back."""
        apply, _ = _steps(action)
        with explained():
            return await apply(ctx, action)

    async def confirm(self, ctx: SlackContext, action: PlannedAction) -> Outcome | None:
        """Look whether it happened."""
        _, confirm = _steps(action)
        with explained():
            return await confirm(ctx, action)

    async def options(self, ctx: SlackContext, name: str, query: str) -> Sequence[Option]:
        """Live choices; at most 200."""
        offer = _OPTIONS[name]
        with explained():
            return await offer(ctx, query)
