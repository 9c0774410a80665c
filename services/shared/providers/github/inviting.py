"""Sending invitations, and telling whether they were accepted, and by whom."""

from datetime import datetime, timedelta
from typing import Any

from services.shared.providers.github.answers import NOT_FOUND, GitHubAnswer
from services.shared.providers.github.client import GitHubContext, Written, call, org_path, read, write
from services.shared.providers.github.people import (
    SENT_ROLES,
    Invitation,
    Member,
    find_invitation,
    find_linked,
    has_failed,
    known_account,
    known_invitation,
    parse_invitation,
)
from services.shared.providers.github.steps import role_grant
from services.shared.providers.github.teams import Team, teams_with
from services.shared.providers.github.whereabouts import find_member, is_proven, was_accepted, who_is_it
from services.shared.sdk.contract import Outcome, PlannedAction
from services.shared.sdk.errors import ActionRequired, ErrorCode, Refused

_FORBIDDEN = 403
_SKEW = timedelta(minutes=5)
"""By how much GitHub's clock and ours may differ."""


async def invite(ctx: GitHubContext, action: PlannedAction) -> Outcome:
    """Send an invitation, unless one is out or was accepted."""
    pending = await _find_pending(ctx, action)
    if pending is None:
        joined = await _joined(ctx, action)
        return joined or await _send(ctx, action)
    if not _is_sent_anew(ctx, action, pending):
        return pending.as_outcome(ctx, login=pending.login, note=_note(action))
    await withdraw(ctx, pending.id)
    return await _send(ctx, action)


async def confirm_invite(ctx: GitHubContext, action: PlannedAction) -> Outcome | None:
    """Waiting, accepted, or None: neither an invitation nor a membership.

    Raises:
        ActionRequired: it waits no more, and GitHub does not tell whether and by whom it was accepted.
    """
    pending = await _find_pending(ctx, action)
    if pending is not None:
        return pending.as_outcome(ctx, login=pending.login, note=_note(action))
    linked = await find_linked(ctx)
    if linked is not None:
        return await _accepted(ctx, action, linked)
    member = await find_member(ctx, action.params.get("login"))
    number = known_invitation(ctx)
    if member is not None and not member.is_pending and await _may_be_ours(ctx, action, member):
        return await _accepted(ctx, action, member)
    if number is not None and action.params.get("address") and not await has_failed(ctx, number):
        raise who_is_it(ctx)
    return None


async def _may_be_ours(ctx: GitHubContext, action: PlannedAction, member: Member) -> bool:
    """Whether a member came by our invitation. With empty books only a note says that one was sent."""
    if known_account(ctx) is not None or not _is_invited(action, member):
        return False
    return known_invitation(ctx) is None or await was_accepted(ctx)


def _is_invited(action: PlannedAction, member: Member) -> bool:
    """Whether this is the account that was invited: logins change hands, numbers do not."""
    return action.params.get("account_id") in {None, member.id}


async def _find_pending(ctx: GitHubContext, action: PlannedAction) -> Invitation | None:
    params = action.params
    return await find_invitation(
        ctx, number=known_invitation(ctx), login=params.get("login"), address=params.get("address")
    )


async def _joined(ctx: GitHubContext, action: PlannedAction) -> Outcome | None:
    """The outcome when the person is in already.

    Raises:
        ActionRequired: somebody else brought them.
    """
    linked = await find_linked(ctx)
    if linked is not None:
        return await _accepted(ctx, action, linked)
    login = action.params.get("login")
    if login is None and known_invitation(ctx) is None:
        return None  # GitHub refuses to invite a member's address, whether or not it is shown
    member = await find_member(ctx, login)
    if member is None or member.is_pending:
        return None
    proven = is_proven(ctx, member, named=login is not None) and _is_invited(action, member)
    if proven and await was_accepted(ctx):
        return await _accepted(ctx, action, member)
    raise ActionRequired(
        f"{member.login} is in {ctx.settings.org} and OneClick did not invite them.",
        code=ErrorCode.ALREADY_EXISTS,
    )


async def _accepted(ctx: GitHubContext, action: PlannedAction, member: Member) -> Outcome:
    """What the acceptance gave: the membership, and the teams and the role that the invitation named."""
    teams = [Team.model_validate(one) for one in action.params.get("teams") or ()]
    held = await teams_with(ctx, teams, member.login)
    given = [team.grant for team in teams if team.id in held]
    role = action.params.get("role")
    if role == member.role and role != "member":
        given.append(role_grant(member.role))
    missing = [team.name for team in teams if team.id not in held]
    notes = [f"Not in the team {', '.join(missing)}: plan again to add them." if missing else None]
    if action.params.get("sso"):
        notes.append(await _sso_note(ctx, member))
    return member.as_outcome(ctx, given=tuple(given), note=" ".join(note for note in notes if note) or None)


async def _sso_note(ctx: GitHubContext, member: Member) -> str | None:
    """Whether a token or key is authorised for single sign-on. A member may need none, so this holds up nothing."""
    query = {"login": member.login, "per_page": 1}
    try:
        authorised = await call(ctx, "GET", org_path(ctx, "credential-authorizations"), query=query)
    except GitHubAnswer as answer:
        if answer.status in {_FORBIDDEN, NOT_FOUND} and not answer.is_rate:
            return None
        raise
    if authorised:
        return None
    return "No token or SSH key is authorised for single sign-on yet: git and the API need one."


def _note(action: PlannedAction) -> str | None:
    return "Accepting needs a sign-in through single sign-on." if action.params.get("sso") else None


def _is_sent_anew(ctx: GitHubContext, action: PlannedAction, pending: Invitation) -> bool:
    """Whether the invitation that is out is to be replaced: it is too old, or ours and for another role.

    Raises:
        ActionRequired: it is for another role and OneClick did not send it.
    """
    number = known_invitation(ctx)
    if pending.role != action.params["role"]:
        if pending.id == number:
            return True
        raise ActionRequired(
            f"An invitation as {pending.role} is out that OneClick did not send. Withdraw it, or ask for that role.",
            code=ErrorCode.CONFLICT,
            field="role",
        )
    wanted = _resend_at(action)
    if wanted is None:
        return False
    if number is not None and pending.id != number:
        # Not the one that was to be replaced: a try whose end we did not see has sent it.
        return pending.created_at < wanted - _SKEW
    return pending.created_at < wanted.replace(microsecond=0)


def _resend_at(action: PlannedAction) -> datetime | None:
    text = action.params.get("resend_at")
    return datetime.fromisoformat(str(text)) if text else None


async def withdraw(ctx: GitHubContext, number: int) -> Written:
    """Withdraw an invitation; one that is not there any more is withdrawn.

    Raises:
        GitHubAnswer: as GitHub answers.
    """
    try:
        return await write(ctx, "DELETE", org_path(ctx, "invitations", number))
    except GitHubAnswer as answer:
        if answer.is_missing or answer.says("no longer pending"):
            return Written()
        raise


async def _send(ctx: GitHubContext, action: PlannedAction) -> Outcome:
    params = action.params
    body: dict[str, Any] = {"role": SENT_ROLES[params["role"]]}
    if params.get("account_id"):
        body["invitee_id"] = params["account_id"]
    else:
        body["email"] = params["address"]
    if params.get("teams"):
        body["team_ids"] = [one["id"] for one in params["teams"]]
    try:
        written = await write(ctx, "POST", org_path(ctx, "invitations"), body=body)
    except GitHubAnswer as answer:
        return await _not_sent(ctx, action, answer)
    try:
        invitation: Invitation | None = parse_invitation("POST invitations", written.body)
    except GitHubAnswer as answer:
        written = Written(None, answer)
        # A success in an unknown language: believe what GitHub shows, not what it said.
        invitation = await find_invitation(ctx, login=params.get("login"), address=params.get("address"))
    if invitation is None:
        return written.not_shown()
    return invitation.as_outcome(ctx, login=invitation.login, note=_note(action))


async def _not_sent(ctx: GitHubContext, action: PlannedAction, answer: GitHubAnswer) -> Outcome:
    """Invited or joined meanwhile, or refused.

    Raises:
        ActionRequired: the person is in, and nobody but them knows as whom.
        Refused: this organisation invites nobody.
        GitHubAnswer: everything else.
    """
    if answer.is_invited_already:
        params = action.params
        pending = await find_invitation(ctx, login=params.get("login"), address=params.get("address"))
        if pending is not None:
            return pending.as_outcome(ctx, login=pending.login, note=_note(action))
    if answer.is_member_already:
        raise ActionRequired(
            f"{action.target} belongs to a member of {ctx.settings.org} already, and GitHub does not tell to which. "
            "Fill in the GitHub username and try again.",
            code=ErrorCode.ALREADY_EXISTS,
            field="username",
            vendor_message=answer.message,
        )
    if answer.is_missing and await read(ctx, org_path(ctx)) is not None:
        raise Refused(
            f"{ctx.settings.org} takes no invitations from this connection: its enterprise manages the accounts, or the "
            "App is not installed there.",
            code=ErrorCode.NOT_ENTITLED,
            vendor_message=answer.message,
        )
    raise answer
