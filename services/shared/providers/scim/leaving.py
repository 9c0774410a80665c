"""The plan of somebody who leaves: deactivate, then what we gave, then the account."""

from services.shared.providers.scim.accounts import find_account
from services.shared.providers.scim.client import ScimContext
from services.shared.providers.scim.discovery import load_features
from services.shared.providers.scim.groups import groups_of
from services.shared.providers.scim.steps import Draft, Holdings, choice_of
from services.shared.sdk.contract import Desired, Plan
from services.shared.sdk.errors import ErrorCode, Refused
from services.shared.sdk.manifest import ActionKind


async def plan_leaving(ctx: ScimContext, desired: Desired) -> Plan:
    """Deactivate, and with `absent` delete. An account that is not ours is touched with consent only."""
    features = await load_features(ctx)
    found = await find_account(ctx, features)
    user = found.user
    draft = Draft(ctx, features, user)
    draft.seen = {"account": user.id if user else None}
    if user is None:
        draft.note("no_account", f"There is no account {ctx.person.work_email} in {ctx.settings.title}.")
        return draft.finish()
    if found.kind == "foreign":
        if desired.existing_account == "fail":
            raise Refused(choice_of(ctx, user).message, code=ErrorCode.ALREADY_EXISTS)
        if desired.existing_account == "skip":
            return draft.left_alone()
        if desired.existing_account == "ask":
            draft.choices.append(choice_of(ctx, user))
    if user.active:
        draft.add(
            "suspend",
            ActionKind.SUSPEND,
            user.user_name,
            "Deactivate the account",
            before={"active": True},
            after={"active": False},
            values={"active": False},
        )
    # What is taken waits for the deactivation; the deactivation waits for nothing, so that nothing delays it.
    after = "suspend" if user.active else None
    remove_others = desired.unmanaged == "remove"
    member_of = await groups_of(ctx, user, ()) if features.groups else {}
    holdings = Holdings(ctx, user, member_of, None)
    holdings.take(draft, (), remove_others=remove_others, waits_for=after)
    if desired.presence == "absent":
        draft.notices.clear()
        draft.add(
            "delete",
            ActionKind.DELETE,
            user.user_name,
            "Delete the account",
            before={"exists": True},
            after={"exists": False},
            waits_for=after,
            reversible=False,
        )
    draft.seen |= {"name": user.user_name, "active": user.active, **holdings.see(ours_only=not remove_others)}
    return draft.finish()
