"""The plan of somebody who leaves an organisation: out at once, since GitHub knows no suspended members."""

from typing import Any

from services.shared.providers.github.client import GitHubContext
from services.shared.providers.github.existing import choice_of
from services.shared.providers.github.people import Invitation, Member
from services.shared.providers.github.steps import ROLE_NAMES, Draft, account
from services.shared.providers.github.tasks import removal_task
from services.shared.providers.github.whereabouts import Found, find_account
from services.shared.sdk.contract import Desired, Notice, Plan, PlannedAction
from services.shared.sdk.draft import noop_plan
from services.shared.sdk.errors import ErrorCode, Refused
from services.shared.sdk.manifest import ActionKind


async def plan_leaving(ctx: GitHubContext, desired: Desired) -> Plan:
    """Remove the membership or withdraw the invitation. What OneClick did not bring is touched with consent only."""
    found = await find_account(ctx, None)
    seen: dict[str, Any] = {
        "account": found.member.id if found.member else None,
        "invitation": found.invitation.id if found.invitation else None,
        "vanished": found.kind == "vanished",
    }
    if found.member is None:
        return _plan_without_member(ctx, found, seen)
    if found.kind == "foreign" and (left := _left_alone(ctx, desired, found.member)) is not None:
        return noop_plan(ctx, seen, left)
    draft = Draft()
    if found.kind == "foreign" and desired.existing_account == "ask":
        draft.choices.append(choice_of(ctx, found.member))
    draft.add(_remove_step(ctx, found.member))
    draft.note(
        "no_suspension",
        "GitHub knows no suspended members: the membership ends, with its teams and the Copilot seat. The login is the "
        "person's own and stays; inviting it again brings them back.",
    )
    return draft.plan(ctx, **seen)


def _plan_without_member(ctx: GitHubContext, found: Found, seen: dict[str, Any]) -> Plan:
    if found.kind == "vanished":
        draft = Draft()
        draft.add(removal_task(ctx))
        return draft.plan(ctx, **seen)
    invitation = found.invitation
    if invitation is None:
        message = f"{ctx.person.full_name} is not in {ctx.settings.org}."
        return noop_plan(ctx, seen, Notice(code="no_account", message=message))
    if not found.linked:
        message = "An invitation that OneClick did not send is out and is left as it is."
        return noop_plan(ctx, seen, Notice(code="skipped", message=message))
    draft = Draft()
    draft.add(_withdraw_step(ctx, invitation))
    return draft.plan(ctx, **seen)


def _left_alone(ctx: GitHubContext, desired: Desired, member: Member) -> Notice | None:
    """Why a member whom OneClick did not bring is not touched; None when they may be, or somebody is to be asked."""
    if desired.existing_account == "fail":
        message = f"OneClick did not bring {member.login} into {ctx.settings.org}."
        raise Refused(message, code=ErrorCode.ALREADY_EXISTS)
    if desired.existing_account == "skip":
        return Notice(code="skipped", message=f"{member.login} is not OneClick's and is left as it is.")
    return None


def _remove_step(ctx: GitHubContext, member: Member) -> PlannedAction:
    given = [grant.label for grant in ctx.known.grants]
    return PlannedAction(
        key="delete",
        kind=ActionKind.DELETE,
        target=member.login,
        title=f"Remove {member.login} from {ctx.settings.org}",
        before={"role": ROLE_NAMES.get(member.role, member.role), "given_by_oneclick": given},
        after={"role": None},
        params=account(member),
    )


def _withdraw_step(ctx: GitHubContext, invitation: Invitation) -> PlannedAction:
    who = invitation.login or invitation.email or ctx.person.work_email
    return PlannedAction(
        key="delete",
        kind=ActionKind.DELETE,
        target=who,
        title=f"Withdraw the invitation of {who} to {ctx.settings.org}",
        before={"invited_at": invitation.created_at.isoformat()},
        after={"invited_at": None},
        params={"invitation": invitation.id, "login": invitation.login},
    )
