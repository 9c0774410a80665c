"""The plan of somebody who leaves: sessions first, then the account is deactivated. Slack deletes nobody."""

from services.shared.providers.slack import byhand
from services.shared.providers.slack.accounts import SlackUser, find_account
from services.shared.providers.slack.answers import SlackAnswer
from services.shared.providers.slack.channels import read_workspace
from services.shared.providers.slack.client import SlackContext
from services.shared.providers.slack.groups import SlackGroup
from services.shared.providers.slack.planning import choice_of, skipped
from services.shared.providers.slack.roles import ADMIN_USERS
from services.shared.providers.slack.steps import (
    Draft,
    leave_group_step,
    sessions_step,
    suspend_step,
)
from services.shared.sdk.contract import Desired, Notice, Plan
from services.shared.sdk.draft import noop_plan
from services.shared.sdk.errors import ErrorCode, Refused


async def plan_leaving(ctx: SlackContext, desired: Desired) -> Plan:
    """Deactivate. An account that is not ours is touched with consent only."""
    try:
        found = await find_account(ctx)
    except SlackAnswer as answer:
        if answer.has_no_scim:
            return await byhand.plan_leaving(ctx, desired)
        raise
    user = found.user
    if user is None or found.kind == "alias":
        gone = Notice(code="no_account", message=f"There is no account {ctx.person.work_email} at Slack.")
        return noop_plan(ctx, {"account": None}, gone)
    if found.kind == "foreign" and desired.existing_account == "fail":
        raise Refused(f"OneClick did not make the account {user.address}.", code=ErrorCode.ALREADY_EXISTS)
    if found.kind == "foreign" and desired.existing_account == "skip":
        return noop_plan(ctx, {"account": user.id}, skipped(ctx))
    draft = Draft()
    if found.kind == "foreign" and desired.existing_account == "ask":
        draft.choices.append(choice_of(ctx, user))
    if user.active:
        await _plan_end(ctx, draft, user)
    _plan_leftovers(ctx, draft, user, remove_others=desired.unmanaged == "remove")
    if desired.presence == "absent":
        draft.note(
            "kept_account",
            "Slack deletes nobody: the account stays deactivated, with its messages, and its address stays taken.",
        )
    return draft.plan(
        ctx,
        account={"id": user.id, "address": user.address, "active": user.active},
        groups=sorted(user.groups) if not user.active else [],
    )


async def _plan_end(ctx: SlackContext, draft: Draft, user: SlackUser) -> None:
    workspace = await read_workspace(ctx)
    if workspace.is_enterprise and workspace.may(ADMIN_USERS):
        draft.add(sessions_step(user))
    else:
        draft.note(
            "sessions", "This plan or token cannot end sessions apart: deactivating the account ends them."
        )
    # The deactivation waits for nothing, so that nothing delays it.
    draft.add(suspend_step(user))


def _plan_leftovers(ctx: SlackContext, draft: Draft, user: SlackUser, *, remove_others: bool) -> None:
    """Deactivating takes an account out of its user groups; take what is left, should Slack leave some."""
    if user.active:
        return
    for key, name in sorted(user.groups.items()):
        if remove_others or ctx.known.gave("group", key):
            draft.add(leave_group_step(SlackGroup(id=key, name=name or key), user))
