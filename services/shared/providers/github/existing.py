"""The plan of somebody who is in the organisation already."""

from services.shared.providers.github import copilot
from services.shared.providers.github.client import GitHubContext
from services.shared.providers.github.form import GitHubForm
from services.shared.providers.github.people import Member
from services.shared.providers.github.steps import (
    ROLE_NAMES,
    Draft,
    adopt_step,
    part_step,
    role_step,
    seat_end_step,
    seat_step,
    team_step,
)
from services.shared.providers.github.tasks import billing_manager_task, copilot_task
from services.shared.providers.github.teams import Team, list_teams, teams_with, wished_teams
from services.shared.providers.github.whereabouts import Found
from services.shared.sdk.contract import Choice, ChoiceOption, Desired, Plan, SeatUse

MOST_TEAMS = 200
"""Of an organisation with more, only the teams of the wish and those that OneClick gave are looked at."""


async def plan_member(
    ctx: GitHubContext, desired: Desired, form: GitHubForm, found: Found, member: Member
) -> Plan:
    """Compare a member with the wish."""
    draft = Draft()
    is_foreign = found.kind == "foreign"
    if is_foreign or not found.linked:
        consent = desired.existing_account == "adopt"
        draft.add(adopt_step(member, consent=consent, foreign=is_foreign))
    if is_foreign and desired.existing_account == "ask":
        draft.choices.append(choice_of(ctx, member))
    _plan_role(ctx, draft, form, member)
    wished, held = await _plan_teams(ctx, draft, desired, form, member, is_foreign=is_foreign)
    seats, seat = await _plan_copilot(ctx, draft, desired, form, member, is_foreign=is_foreign)
    remove_all = desired.unmanaged == "remove"
    of_interest = {team.id for team in wished} | given_teams(ctx)
    return draft.plan(
        ctx,
        seats=seats,
        account={"id": member.id, "login": member.login, "role": member.role, "ours": not is_foreign},
        teams=sorted(number for number in held if remove_all or number in of_interest),
        copilot=seat,
    )


def choice_of(ctx: GitHubContext, member: Member) -> Choice:
    """Whether a member whom OneClick did not bring may be managed."""
    return Choice(
        code="existing_account",
        message=f"{member.login} is in {ctx.settings.org} and OneClick did not invite them.",
        options=(
            ChoiceOption(value="adopt", label="Adopt the membership: OneClick manages it from now on"),
            ChoiceOption(value="skip", label="Leave it as it is"),
        ),
    )


def given_teams(ctx: GitHubContext) -> set[int]:
    """The numbers of the teams that OneClick gave."""
    return {int(one.key) for one in ctx.known.grants if one.kind == "team" and one.key.isdigit()}


def _plan_role(ctx: GitHubContext, draft: Draft, form: GitHubForm, member: Member) -> None:
    if form.role == member.role:
        return
    if form.role == "billing_manager":
        draft.add(billing_manager_task(ctx, member))
    elif form.role == "admin" or ctx.known.gave("role", member.role):
        draft.add(role_step(member, form.role))
    else:
        shown = ROLE_NAMES.get(member.role, member.role)
        draft.note("kept_role", f"{member.login} stays {shown} of the organisation: OneClick did not say so.")


async def _plan_teams(
    ctx: GitHubContext, draft: Draft, desired: Desired, form: GitHubForm, member: Member, *, is_foreign: bool
) -> tuple[tuple[Team, ...], dict[int, Team]]:
    """Also returns the teams of the wish, and those that the member is in as far as they were looked at."""
    wished = await wished_teams(ctx, form.teams)
    keep = {team.id for team in wished}
    remove_others = desired.unmanaged == "remove"
    looked_at: dict[int, Team] = {team.id: team for team in wished}
    if remove_others or is_foreign or given_teams(ctx) - keep:
        every = await list_teams(ctx)
        if len(every) > MOST_TEAMS and not remove_others:
            every = [team for team in every if team.id in given_teams(ctx)]
        looked_at |= {team.id: team for team in every}
    held = await teams_with(ctx, looked_at.values(), member.login)
    for team in wished:
        if team.id not in held:
            draft.add(team_step(team, member))
    for number, team in sorted(held.items()):
        if number in keep:
            continue
        if remove_others or ctx.known.gave("team", str(number)):
            draft.add(part_step(team, member))
        else:
            draft.note(
                "kept_team", f"The membership of the team {team.name} stays: OneClick did not give it."
            )
    return wished, held


async def _plan_copilot(
    ctx: GitHubContext, draft: Draft, desired: Desired, form: GitHubForm, member: Member, *, is_foreign: bool
) -> tuple[tuple[SeatUse, ...], bool | None]:
    """Also returns whether the member has a seat; None where that was not looked at."""
    gave = ctx.known.gave("license", copilot.KEY)
    if not form.copilot and not gave and not is_foreign and desired.unmanaged == "keep":
        return (), None
    has = await copilot.has_seat(ctx, member.login)
    if form.copilot and not has:
        return plan_seat(ctx, draft, member, await copilot.seat_setting(ctx)), has
    if has and not form.copilot:
        if gave or desired.unmanaged == "remove":
            draft.add(seat_end_step(member))
        else:
            draft.note("kept_license", "The GitHub Copilot seat stays: OneClick did not give it.")
    return (), has


def plan_seat(
    ctx: GitHubContext, draft: Draft, member: Member | None, setting: str | None
) -> tuple[SeatUse, ...]:
    """Copilot for a member, or for somebody who is to be invited."""
    if setting == copilot.EVERYBODY:
        draft.note(
            "copilot_for_all", f"Everybody in {ctx.settings.org} has Copilot: nothing is to be assigned."
        )
        return ()
    if setting != copilot.SELECTED:
        draft.add(copilot_task(ctx, member))
        return ()
    draft.add(seat_step(member))
    return (SeatUse(key=copilot.KEY, name=copilot.GRANT.label, free=None, needed=1),)
