"""The plan of somebody who works here, in an organisation that invites people's own logins."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from services.shared.providers.github import copilot
from services.shared.providers.github.client import GitHubContext, org_path, read
from services.shared.providers.github.existing import plan_member, plan_seat
from services.shared.providers.github.form import GitHubForm
from services.shared.providers.github.people import invited_teams
from services.shared.providers.github.steps import ROLE_NAMES, Draft, team_step
from services.shared.providers.github.teams import Team, wished_teams
from services.shared.providers.github.whereabouts import Found, find_account
from services.shared.sdk.contract import Desired, Notice, Plan, PlannedAction, SeatUse
from services.shared.sdk.draft import noop_plan
from services.shared.sdk.errors import ErrorCode, Refused
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.together import together

SEATS = "seats"


def parse_form(fields: Mapping[str, Any]) -> GitHubForm:
    """The form's fields.

    Raises:
        Refused: one of them is wrong.
    """
    try:
        return GitHubForm.model_validate(dict(fields))
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else None
        message = str(first["msg"]).removeprefix("Value error, ")
        raise Refused(message, code=ErrorCode.INVALID_FIELD, field=field) from error


async def plan_active(ctx: GitHubContext, desired: Desired) -> Plan:
    """Compare the wish with the organisation. Reads only."""
    form = parse_form(desired.fields)
    if form.role == "billing_manager" and form.teams:
        message = "A billing manager is in no team: leave the teams out or choose another role."
        raise Refused(message, code=ErrorCode.INVALID_FIELD, field="teams")
    found = await find_account(ctx, form.username)
    if found.member is None:
        return await _plan_invitation(ctx, form, found)
    if found.kind == "foreign" and desired.existing_account == "fail":
        raise Refused(
            f"{found.member.login} is in {ctx.settings.org} and OneClick did not invite them.",
            code=ErrorCode.ALREADY_EXISTS,
            field="username" if form.username else "employee.work_email",
        )
    plan = await plan_member(ctx, desired, form, found, found.member)
    if found.kind == "foreign" and desired.existing_account == "skip":
        # The same look at GitHub with nothing to do: a decision must not make a plan stale.
        message = f"{found.member.login} is in {ctx.settings.org} already and is left as it is."
        nothing = noop_plan(ctx, {}, Notice(code="skipped", message=message))
        return nothing.model_copy(update={"fingerprint": plan.fingerprint})
    return plan


async def _plan_invitation(ctx: GitHubContext, form: GitHubForm, found: Found) -> Plan:
    async with together() as group:
        teams_task = group.create_task(wished_teams(ctx, form.teams))
        seats_task = group.create_task(free_seats(ctx))
        setting_task = group.create_task(_setting(ctx, form))
    teams, free, setting = teams_task.result(), seats_task.result(), setting_task.result()
    invitation = found.invitation
    led_to = teams
    if invitation is not None:
        numbers = await invited_teams(ctx, invitation)
        led_to = tuple(team for team in teams if team.id in numbers)
    draft = Draft()
    # What others' invitation leads into is not ours to take away later.
    draft.add(_invite_step(ctx, form, found, led_to if invitation is None or found.linked else ()))
    _tell(ctx, draft, form, found)
    for team in teams:
        if team not in led_to:
            draft.add(team_step(team, None))
    seats: tuple[SeatUse, ...] = (
        () if invitation else (SeatUse(key=SEATS, name="GitHub seats", free=free, needed=1),)
    )
    if form.copilot:
        seats += plan_seat(ctx, draft, None, setting)
    return draft.plan(
        ctx,
        seats=seats,
        account=None,
        invitation=invitation.id if invitation else None,
        vanished=found.kind == "vanished",
        profile=found.profile.id if found.profile else None,
        teams=sorted(team.id for team in teams),
        copilot=setting,
    )


def _invite_step(
    ctx: GitHubContext, form: GitHubForm, found: Found, teams: tuple[Team, ...]
) -> PlannedAction:
    profile, invitation = found.profile, found.invitation
    who = profile.login if profile else ctx.person.work_email
    sent = {"invited_at": invitation.created_at.isoformat()} if invitation else None
    return PlannedAction(
        key="invite",
        kind=ActionKind.INVITE,
        target=who,
        title=f"Invite {who} to {ctx.settings.org}"
        if not sent
        else f"Wait for {who} to accept the invitation",
        before=sent,
        after={"role": ROLE_NAMES[form.role], "teams": [team.name for team in teams]},
        params={
            "account_id": profile.id if profile else None,
            "login": profile.login if profile else None,
            "address": None if profile else ctx.person.work_email.lower(),
            "role": form.role,
            "teams": [team.model_dump() for team in teams],
            "sso": form.sso,
        },
    )


def _tell(ctx: GitHubContext, draft: Draft, form: GitHubForm, found: Found) -> None:
    """What somebody should know before the invitation leaves."""
    name = ctx.person.full_name
    if found.profile is None:
        draft.note(
            "login_unknown",
            f"GitHub does not tell which login accepts an invitation to {ctx.person.work_email}, unless {name} shows "
            "that address there. OneClick may ask for the username afterwards; give it now if you know it.",
        )
    if form.sso:
        draft.note(
            "sso",
            f"{name} accepts by signing in through your identity provider, and is a member only then.",
        )
    if found.kind == "invited" and not found.linked:
        draft.note("invited_by_others", "An invitation that OneClick did not send is out and is waited for.")
    if found.kind == "vanished":
        draft.note(
            "invitation_gone",
            "The last invitation is no longer open, and GitHub does not tell whether it was accepted. Sending it "
            "again shows that: GitHub refuses to invite somebody who is in.",
        )


async def _setting(ctx: GitHubContext, form: GitHubForm) -> str | None:
    return await copilot.seat_setting(ctx) if form.copilot else None


async def free_seats(ctx: GitHubContext) -> int | None:
    """Seats of the organisation's plan that nobody fills; pending invitations fill one. None where GitHub hides it.

    Raises:
        Refused: the organisation is not there for this connection.
    """
    body = await read(ctx, org_path(ctx))
    if body is None:
        message = f"GitHub shows no organisation {ctx.settings.org} to this connection."
        raise Refused(message, code=ErrorCode.NOT_FOUND)
    plan = body.get("plan")
    try:
        return max(0, int(plan["seats"]) - int(plan["filled_seats"])) if plan else None
    except (KeyError, TypeError, ValueError):
        return None
