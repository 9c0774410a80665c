"""The plan of somebody who leaves: sessions first, then suspend, then what we gave, then the account."""

from services.shared.providers.google.accounts import GoogleUser, find_account
from services.shared.providers.google.client import GoogleContext
from services.shared.providers.google.groups import groups_of
from services.shared.providers.google.licences import given_skus, held_licences
from services.shared.providers.google.planning import choice_of
from services.shared.providers.google.sessions import count_keys
from services.shared.providers.google.steps import Draft
from services.shared.sdk.contract import Desired, Notice, Plan, PlannedAction
from services.shared.sdk.draft import noop_plan
from services.shared.sdk.errors import ErrorCode, Refused
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.together import together


async def plan_leaving(ctx: GoogleContext, desired: Desired) -> Plan:
    """Suspend, and with `absent` delete. An account that is not ours is touched with consent only."""
    found = await find_account(ctx)
    user = found.user
    if user is None or found.kind == "alias":
        gone = Notice(code="no_account", message=f"There is no account {ctx.person.work_email} at Google.")
        return noop_plan(ctx, {"account": None}, gone)
    if found.kind == "foreign" and (left := _left_alone(desired, user)) is not None:
        return noop_plan(ctx, {"account": user.id}, left)
    draft = Draft()
    if found.kind == "foreign" and desired.existing_account == "ask":
        draft.choices.append(choice_of(ctx, user))
    removes_all = desired.unmanaged == "remove"
    async with together() as group:
        held_task = group.create_task(
            held_licences(ctx, user.address, (), given_skus(ctx), everything=removes_all)
        )
        groups_task = group.create_task(groups_of(ctx, user.id))
        keys_task = group.create_task(count_keys(ctx, user.id))
    held, member_of, keys = held_task.result(), groups_task.result(), keys_task.result()
    inactive = user.suspended or user.archived
    if not inactive or keys:
        draft.add(_revoke(user, keys))
    if not inactive:
        draft.add(_suspend(user))
    # What is taken waits for the suspension; the suspension waits for nothing, so that nothing delays it.
    after = None if inactive else "suspend"
    for _, sku in sorted(held.items()):
        draft.remove_or_keep(ctx, sku, user, remove_others=removes_all, after=after)
    for _, joined in sorted(member_of.items()):
        draft.remove_or_keep(ctx, joined, user, remove_others=removes_all, after=after)
    if desired.presence == "absent":
        draft.add(_delete(user), after=after)
        draft.notices = [
            Notice(code="restorable", message="Google can restore a deleted account for 20 days.")
        ]
    return draft.plan(
        ctx,
        account={"id": user.id, "address": user.address, "inactive": inactive},
        keys=bool(keys),
        licences=sorted(
            sku.key for sku in held.values() if removes_all or ctx.known.gave("license", sku.key)
        ),
        groups=sorted(key for key in member_of if removes_all or ctx.known.gave("group", key)),
    )


def _left_alone(desired: Desired, user: GoogleUser) -> Notice | None:
    """Why an account that is not ours is not touched; None when it may be, or when somebody is to be asked."""
    if desired.existing_account == "fail":
        raise Refused(f"OneClick did not make the account {user.address}.", code=ErrorCode.ALREADY_EXISTS)
    if desired.existing_account == "skip":
        return Notice(code="skipped", message=f"{user.address} is not OneClick's and is left as it is.")
    return None


def _revoke(user: GoogleUser, keys: int) -> PlannedAction:
    return PlannedAction(
        key="sessions",
        kind=ActionKind.REVOKE_SESSIONS,
        target=user.address,
        title="Sign out everywhere and revoke app access",
        before={"app_tokens_and_passwords": keys},
        after={"app_tokens_and_passwords": 0},
        reversible=False,
        params={"user_id": user.id},
    )


def _suspend(user: GoogleUser) -> PlannedAction:
    return PlannedAction(
        key="suspend",
        kind=ActionKind.SUSPEND,
        target=user.address,
        title="Suspend the account",
        before={"suspended": False},
        after={"suspended": True},
        params={"user_id": user.id},
    )


def _delete(user: GoogleUser) -> PlannedAction:
    return PlannedAction(
        key="delete",
        kind=ActionKind.DELETE,
        target=user.address,
        title="Delete the account",
        before={"exists": True},
        after={"exists": False},
        reversible=False,
        params={"user_id": user.id},
    )
