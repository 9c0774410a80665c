"""The provider: each method hands over to the module that knows, and explains Zoom's answers."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, ClassVar

from services.shared.providers.zoom import applying, granting, hearing, inviting, options
from services.shared.providers.zoom.answers import explained
from services.shared.providers.zoom.client import ZoomContext
from services.shared.providers.zoom.form import ZoomSettings
from services.shared.providers.zoom.leaving import plan_leaving
from services.shared.providers.zoom.manifest import MANIFEST
from services.shared.providers.zoom.planning import plan_active
from services.shared.sdk.contract import Desired, Issue, Option, Outcome, Plan, PlannedAction, Provider
from services.shared.sdk.manifest import ActionKind, Manifest
from services.shared.sdk.optional import Heard

Apply = Callable[[ZoomContext, PlannedAction], Awaitable[Outcome]]
Confirm = Callable[[ZoomContext, PlannedAction], Awaitable[Outcome | None]]
Offer = Callable[[ZoomContext, str], Awaitable[Sequence[Option]]]


async def _nothing(ctx: ZoomContext, action: PlannedAction) -> Outcome:  # noqa: ARG001  # the table's shape
    return Outcome(remote_id=ctx.known.remote_id, login=ctx.known.login)


async def _no_trace(ctx: ZoomContext, action: PlannedAction) -> None:
    """Signing out leaves nothing to read; doing it again does no harm."""


_NO_ROLE: tuple[Apply, Confirm] = (granting.take_role, granting.confirm_no_role)
_STEPS: Mapping[ActionKind, tuple[Apply, Confirm]] = {
    ActionKind.CREATE: (applying.create, applying.confirm_create),
    ActionKind.ADOPT: (applying.adopt, applying.confirm_adopt),
    ActionKind.INVITE: (inviting.invite, inviting.confirm_invite),
    ActionKind.UPDATE: (applying.update, applying.confirm_update),
    ActionKind.SUSPEND: (applying.suspend, applying.confirm_suspend),
    ActionKind.REVOKE_SESSIONS: (applying.revoke_sessions, _no_trace),
    ActionKind.DELETE: (applying.delete, applying.confirm_delete),
    ActionKind.ASSIGN_LICENSE: (granting.assign, granting.confirm_assign),
    ActionKind.REMOVE_LICENSE: (granting.remove, granting.confirm_remove),
    ActionKind.ADD_TO_GROUP: (granting.join, granting.confirm_join),
    ActionKind.REMOVE_FROM_GROUP: (granting.part, granting.confirm_part),
    ActionKind.GRANT_ROLE: (granting.give_role, granting.confirm_role),
    ActionKind.NOOP: (_nothing, _nothing),
}
_OPTIONS: Mapping[str, Offer] = {
    "add_ons": options.add_ons,
    "groups": options.groups,
    "roles": options.roles,
}


def _steps(action: PlannedAction) -> tuple[Apply, Confirm]:
    """Taking a role back has no kind of its own."""
    return _NO_ROLE if "no_role" in action.params else _STEPS[action.kind]


class Zoom(Provider[ZoomSettings]):
    """Users of one Zoom account."""

    manifest: ClassVar[Manifest] = MANIFEST

    async def validate(self, ctx: ZoomContext) -> Sequence[Issue]:
        """Name each reading scope that is missing."""
        with explained():
            return await options.find_issues(ctx)

    async def plan(self, ctx: ZoomContext, desired: Desired) -> Plan:
        """Compare the wish with Zoom."""
        with explained():
            if desired.presence == "active":
                return await plan_active(ctx, desired)
            return await plan_leaving(ctx, desired)

    async def apply(self, ctx: ZoomContext, action: PlannedAction) -> Outcome:
        """Take one action and read back."""
        apply, _ = _steps(action)
        with explained():
            return await apply(ctx, action)

    async def confirm(self, ctx: ZoomContext, action: PlannedAction) -> Outcome | None:
        """Look whether it happened."""
        _, confirm = _steps(action)
        with explained():
            return await confirm(ctx, action)

    async def options(self, ctx: ZoomContext, name: str, query: str) -> Sequence[Option]:
        """Live choices; at most 200."""
        offer = _OPTIONS[name]
        with explained():
            return await offer(ctx, query)

    def hear(self, headers: Mapping[str, str], body: Mapping[str, Any]) -> Sequence[Heard]:
        """Who was activated, deactivated or removed."""
        return hearing.hear(headers, body)
