"""The provider: each method hands over to the module that knows, and explains GitHub's answers."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, ClassVar

from services.shared.providers.github import granting, hearing, inviting, options, removing
from services.shared.providers.github.answers import explained
from services.shared.providers.github.client import GitHubContext
from services.shared.providers.github.form import GitHubSettings
from services.shared.providers.github.leaving import plan_leaving
from services.shared.providers.github.managed import applying as managed
from services.shared.providers.github.managed import planning as managed_planning
from services.shared.providers.github.manifest import MANIFEST
from services.shared.providers.github.planning import plan_active
from services.shared.providers.github.validation import find_issues
from services.shared.sdk.contract import Desired, Issue, Option, Outcome, Plan, PlannedAction, Provider
from services.shared.sdk.manifest import ActionKind, Manifest
from services.shared.sdk.optional import Heard

Apply = Callable[[GitHubContext, PlannedAction], Awaitable[Outcome]]
Confirm = Callable[[GitHubContext, PlannedAction], Awaitable[Outcome | None]]
Steps = Mapping[ActionKind, tuple[Apply, Confirm]]
Offer = Callable[[GitHubContext, str], Awaitable[Sequence[Option]]]


async def _nothing(ctx: GitHubContext, action: PlannedAction) -> Outcome:  # noqa: ARG001  # the table's shape
    return Outcome(remote_id=ctx.known.remote_id, login=ctx.known.login)


async def _by_a_person(ctx: GitHubContext, action: PlannedAction) -> Outcome:  # noqa: ARG001  # the table's shape
    raise RuntimeError(f"{action.key} is a task for a person.")


_ORGANIZATION: Steps = {
    ActionKind.INVITE: (inviting.invite, inviting.confirm_invite),
    ActionKind.ADOPT: (granting.adopt, granting.confirm_adopt),
    ActionKind.GRANT_ROLE: (granting.grant_role, granting.confirm_role),
    ActionKind.ADD_TO_GROUP: (granting.join, granting.confirm_join),
    ActionKind.REMOVE_FROM_GROUP: (granting.part, granting.confirm_part),
    ActionKind.ASSIGN_LICENSE: (granting.assign, granting.confirm_assign),
    ActionKind.REMOVE_LICENSE: (granting.unassign, granting.confirm_unassign),
    ActionKind.DELETE: (removing.remove, removing.confirm_remove),
    ActionKind.MANUAL_TASK: (_by_a_person, granting.confirm_task),
    ActionKind.NOOP: (_nothing, _nothing),
}
_MANAGED: Steps = {
    ActionKind.CREATE: (managed.create, managed.confirm_create),
    ActionKind.ADOPT: (managed.adopt, managed.confirm_adopt),
    ActionKind.UPDATE: (managed.update, managed.confirm_update),
    ActionKind.SUSPEND: (managed.update, managed.confirm_update),
    ActionKind.ADD_TO_GROUP: (managed.join, managed.confirm_join),
    ActionKind.REMOVE_FROM_GROUP: (managed.part, managed.confirm_part),
    ActionKind.DELETE: (managed.delete, managed.confirm_delete),
    ActionKind.MANUAL_TASK: (_by_a_person, managed.confirm_task),
    ActionKind.NOOP: (_nothing, _nothing),
}
_OPTIONS: Mapping[str, Offer] = {"teams": options.teams}


def _steps(ctx: GitHubContext) -> Steps:
    return _MANAGED if ctx.settings.mode == "managed_users" else _ORGANIZATION


class GitHub(Provider[GitHubSettings]):
    """People in a GitHub organisation: their own logins, invited, or an enterprise's managed users."""

    manifest: ClassVar[Manifest] = MANIFEST

    async def validate(self, ctx: GitHubContext) -> Sequence[Issue]:
        """Name each missing permission."""
        with explained():
            return await find_issues(ctx)

    async def plan(self, ctx: GitHubContext, desired: Desired) -> Plan:
        """Compare the wish with GitHub."""
        is_managed = ctx.settings.mode == "managed_users"
        with explained():
            if desired.presence == "active":
                return await (managed_planning.plan_active if is_managed else plan_active)(ctx, desired)
            return await (managed_planning.plan_leaving if is_managed else plan_leaving)(ctx, desired)

    async def apply(self, ctx: GitHubContext, action: PlannedAction) -> Outcome:
        """Take one action and read back."""
        apply, _ = _steps(ctx)[action.kind]
        with explained():
            return await apply(ctx, action)

    async def confirm(self, ctx: GitHubContext, action: PlannedAction) -> Outcome | None:
        """Look whether it happened."""
        _, confirm = _steps(ctx)[action.kind]
        with explained():
            return await confirm(ctx, action)

    async def options(self, ctx: GitHubContext, name: str, query: str) -> Sequence[Option]:
        """Live choices; at most 200."""
        offer = _OPTIONS[name]
        with explained():
            return await offer(ctx, query)

    def hear(self, headers: Mapping[str, str], body: Mapping[str, Any]) -> Sequence[Heard]:
        """Who was invited, joined or left, by GitHub's `organization` event."""
        return hearing.hear(headers, body)
