"""The plan of somebody who leaves: sessions first, then suspend, then what we gave, then the account."""

from services.shared.providers.microsoft.accounts import find_account, is_deleted
from services.shared.providers.microsoft.client import MicrosoftContext
from services.shared.providers.microsoft.giving import Holdings, plan_groups, plan_licenses, see_holdings
from services.shared.providers.microsoft.groups import groups_of
from services.shared.providers.microsoft.licences import load_catalogue
from services.shared.providers.microsoft.planning import refuse_foreign, see_account
from services.shared.providers.microsoft.steps import Draft, adopt_step, choice_of
from services.shared.providers.microsoft.wire import GraphUser
from services.shared.sdk.contract import Desired, Plan, PlannedAction
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.together import together


async def plan_leaving(ctx: MicrosoftContext, desired: Desired) -> Plan:
    """Suspend, and with `absent` delete. An account that is not ours is touched with consent only."""
    found = await find_account(ctx)
    user = found.user
    draft = Draft(ctx, user)
    draft.seen |= see_account(user, ours=found.kind == "ours")
    if user is None:
        known = ctx.known.remote_id
        draft.gone = known is not None and await is_deleted(ctx, known)
        draft.note("no_account", f"There is no account {ctx.person.work_email} in Microsoft 365.")
        return draft.finish()
    if found.kind == "foreign" and desired.existing_account == "fail":
        raise refuse_foreign(user, ctx.person.work_email)
    if found.kind == "foreign":
        draft.add(adopt_step(user))
    async with together() as reads:
        listing = reads.create_task(load_catalogue(ctx))
        grouping = reads.create_task(groups_of(ctx, user.id))
    holdings = Holdings(
        user=user,
        member_of=grouping.result(),
        catalogue=listing.result(),
        licenses=(),
        groups=(),
        remove_others=desired.unmanaged == "remove",
    )
    if user.enabled:
        draft.add(_revoke_step(user))
        draft.add(_suspend_step(user))
        draft.note(
            "tokens_live_on",
            "Sign-in sessions end within minutes; access that an app already holds can last up to an hour.",
        )
    if user.enabled and user.on_premises_sync_enabled:
        draft.note(
            "synchronised",
            "The account is synchronised from an on-premises directory: block its sign-in there, Microsoft "
            "refuses it here.",
        )
    plan_licenses(ctx, draft, holdings)
    plan_groups(ctx, draft, holdings)
    if desired.presence == "absent":
        before = draft.keys(ActionKind.SUSPEND, ActionKind.REMOVE_LICENSE, ActionKind.REMOVE_FROM_GROUP)
        draft.add(_delete_step(user), *before)
        draft.note(
            "restorable", "Microsoft keeps a deleted account for 30 days, in which it can be restored."
        )
    draft.seen |= see_holdings(ctx, holdings)
    if found.kind == "foreign":
        if desired.existing_account == "skip":
            return draft.skipped()
        if desired.existing_account == "ask":
            draft.choices.append(choice_of(user, ctx.person.work_email))
    return draft.finish()


def _revoke_step(user: GraphUser) -> PlannedAction:
    return PlannedAction(
        key="sessions",
        kind=ActionKind.REVOKE_SESSIONS,
        target=user.user_principal_name,
        title="Sign out everywhere",
        reversible=False,
        params={"sessions_valid_from": user.sign_in_sessions_valid_from},
    )


def _suspend_step(user: GraphUser) -> PlannedAction:
    return PlannedAction(
        key="suspend",
        kind=ActionKind.SUSPEND,
        target=user.user_principal_name,
        title="Block sign-in",
        before={"account_enabled": True},
        after={"account_enabled": False},
        params={"properties": {"account_enabled": False}},
    )


def _delete_step(user: GraphUser) -> PlannedAction:
    return PlannedAction(
        key="delete",
        kind=ActionKind.DELETE,
        target=user.user_principal_name,
        title="Delete the account",
        before={"exists": True},
        after={"exists": False},
        reversible=False,
    )
