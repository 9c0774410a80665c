"""The provider: each method hands over to the module that knows, and explains Graph's answers."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from services.shared.providers.microsoft import applying, granting, notifying, options
from services.shared.providers.microsoft.answers import explained
from services.shared.providers.microsoft.client import MicrosoftContext
from services.shared.providers.microsoft.form import Microsoft365Settings
from services.shared.providers.microsoft.leaving import plan_leaving
from services.shared.providers.microsoft.mail import read_object
from services.shared.providers.microsoft.manifest import MANIFEST
from services.shared.providers.microsoft.planning import plan_active
from services.shared.providers.microsoft.sdk import load_sdk
from services.shared.providers.microsoft.validation import find_issues
from services.shared.sdk.contract import Desired, Issue, Option, Outcome, Plan, PlannedAction, Provider
from services.shared.sdk.manifest import ActionKind, Manifest
from services.shared.sdk.notifying import Certificate, Changes, RemoteSubscription, Seen, SubscriptionOrder

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

    async def create_subscription(
        self, ctx: MicrosoftContext, order: SubscriptionOrder
    ) -> RemoteSubscription:
        """Subscribe."""
        with explained():
            return await notifying.create_subscription(ctx, order)

    async def list_subscriptions(self, ctx: MicrosoftContext) -> Sequence[RemoteSubscription]:
        """Ours at Microsoft."""
        with explained():
            return await notifying.list_subscriptions(ctx)

    async def renew_subscription(
        self,
        ctx: MicrosoftContext,
        remote_id: str,
        expires_at: datetime,
        certificate: Certificate | None = None,
    ) -> RemoteSubscription:
        """Move its end, and replace its certificate."""
        with explained():
            return await notifying.renew_subscription(ctx, remote_id, expires_at, certificate)

    async def reauthorize_subscription(self, ctx: MicrosoftContext, remote_id: str) -> None:
        """Say that we may still watch."""
        with explained():
            await notifying.reauthorize_subscription(ctx, remote_id)

    async def delete_subscription(self, ctx: MicrosoftContext, remote_id: str) -> None:
        """Unsubscribe."""
        with explained():
            await notifying.delete_subscription(ctx, remote_id)

    async def read_changed(self, ctx: MicrosoftContext, kind: str, resource: str) -> Seen:
        """What a notification is about, as it is now."""
        with explained():
            return await notifying.read_changed(ctx, kind, resource)

    def read_sealed(self, kind: str, body: dict[str, Any]) -> Seen:
        """What a rich notification brought along."""
        return read_object(kind, body)

    async def list_roots(self, ctx: MicrosoftContext, kind: str, resource: str) -> Sequence[str]:
        """What to read by delta."""
        with explained():
            return await notifying.list_roots(ctx, kind, resource)

    async def read_changes(
        self, ctx: MicrosoftContext, kind: str, at: str, since: datetime | None
    ) -> Changes:
        """A page of what changed."""
        with explained():
            return await notifying.read_changes(ctx, kind, at, since)
