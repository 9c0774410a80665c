"""The provider: each method hands over to the module that knows, and explains Google's answers."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import ClassVar

from services.shared.providers.google import applying, granting, options
from services.shared.providers.google.answers import explained
from services.shared.providers.google.client import GoogleContext
from services.shared.providers.google.form import GoogleSettings
from services.shared.providers.google.leaving import plan_leaving
from services.shared.providers.google.manifest import MANIFEST
from services.shared.providers.google.planning import plan_active
from services.shared.providers.google.requests import load
from services.shared.providers.google.validation import find_issues
from services.shared.sdk.contract import Desired, Issue, Option, Outcome, Plan, PlannedAction, Provider
from services.shared.sdk.manifest import ActionKind, Manifest

Apply = Callable[[GoogleContext, PlannedAction], Awaitable[Outcome]]
Confirm = Callable[[GoogleContext, PlannedAction], Awaitable[Outcome | None]]
Offer = Callable[[GoogleContext, str], Awaitable[Sequence[Option]]]


async def _nothing(ctx: GoogleContext, action: PlannedAction) -> Outcome:  # noqa: ARG001  # the table's shape
    return Outcome(remote_id=ctx.known.remote_id, login=ctx.known.login)


async def _no_trace(ctx: GoogleContext, action: PlannedAction) -> None:
    """Signing out leaves nothing to read; doing it again does no harm."""


_STEPS: Mapping[ActionKind, tuple[Apply, Confirm]] = {
    ActionKind.CREATE: (applying.create, applying.confirm_create),
    ActionKind.ADOPT: (applying.adopt, applying.confirm_adopt),
    ActionKind.UPDATE: (applying.update, applying.confirm_update),
    ActionKind.SUSPEND: (applying.update, applying.confirm_update),
    ActionKind.REVOKE_SESSIONS: (applying.revoke_sessions, _no_trace),
    ActionKind.DELETE: (applying.delete, applying.confirm_delete),
    ActionKind.ASSIGN_LICENSE: (granting.assign, granting.confirm_assign),
    ActionKind.REMOVE_LICENSE: (granting.remove, granting.confirm_remove),
    ActionKind.ADD_TO_GROUP: (granting.join, granting.confirm_join),
    ActionKind.REMOVE_FROM_GROUP: (granting.part, granting.confirm_part),
    ActionKind.NOOP: (_nothing, _nothing),
}
_OPTIONS: Mapping[str, Offer] = {
    "org_units": options.org_units,
    "license_skus": options.license_skus,
    "groups": options.groups,
}


class GoogleWorkspace(Provider[GoogleSettings]):
    """Accounts at Google, by the Directory API and the License Manager API."""

    manifest: ClassVar[Manifest] = MANIFEST

    def warm(self) -> None:
        """Load Google's library now rather than at the first call. Blocks for about half a second."""
        load()

    async def validate(self, ctx: GoogleContext) -> Sequence[Issue]:
        """Name each missing scope."""
        with explained():
            return await find_issues(ctx)

    async def plan(self, ctx: GoogleContext, desired: Desired) -> Plan:
        """Compare the wish with Google."""
        with explained():
            if desired.presence == "active":
                return await plan_active(ctx, desired)
            return await plan_leaving(ctx, desired)

    async def apply(self, ctx: GoogleContext, action: PlannedAction) -> Outcome:
        """Take one action and read back."""
        apply, _ = _STEPS[action.kind]
        with explained():
            return await apply(ctx, action)

    async def confirm(self, ctx: GoogleContext, action: PlannedAction) -> Outcome | None:
        """Look whether it happened."""
        _, confirm = _STEPS[action.kind]
        with explained():
            return await confirm(ctx, action)

    async def options(self, ctx: GoogleContext, name: str, query: str) -> Sequence[Option]:
        """Live choices; at most 200."""
        offer = _OPTIONS[name]
        with explained():
            return await offer(ctx, query)
