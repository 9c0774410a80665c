"""Giving and taking what a member has: role, teams, Copilot."""

from typing import Any

from services.shared.providers.github import copilot
from services.shared.providers.github.answers import GitHubAnswer
from services.shared.providers.github.client import GitHubContext, Written, org_path, write
from services.shared.providers.github.people import (
    Member,
    find_by_address,
    find_linked,
    find_membership,
    known_account,
)
from services.shared.providers.github.steps import role_grant
from services.shared.providers.github.teams import Team, is_in_team
from services.shared.sdk.contract import Outcome, PlannedAction
from services.shared.sdk.errors import ActionRequired, ErrorCode, Refused
from services.shared.sdk.manual import taken_at_their_word


async def find_subject(ctx: GitHubContext, action: PlannedAction) -> Member | None:
    """The member that an action is about: by the number, under whatever login; never by a login alone."""
    number = action.params.get("account_id") or known_account(ctx)
    login = action.params.get("login") or ctx.known.login
    if login:
        member = await find_membership(ctx, str(login))
        if member is not None and member.id == number and not member.is_pending:
            return member
    return await find_linked(ctx) if number == known_account(ctx) else None


async def need_subject(ctx: GitHubContext, action: PlannedAction) -> Member:
    """Raises Refused where the person is not in the organisation any more."""
    member = await find_subject(ctx, action)
    if member is None:
        name = action.params.get("login") or ctx.known.login or ctx.person.work_email
        message = f"{name} is not in {ctx.settings.org} any more."
        raise Refused(message, code=ErrorCode.NOT_FOUND)
    return member


async def adopt(ctx: GitHubContext, action: PlannedAction) -> Outcome:
    """Link a member. GitHub has no place for our mark: our books are all there is."""
    member = await need_subject(ctx, action)
    if action.params["foreign"] and not action.params.get("consent"):
        raise ActionRequired(
            f"{member.login} is in {ctx.settings.org} and nobody agreed that OneClick adopts the membership.",
            code=ErrorCode.ALREADY_EXISTS,
        )
    return member.as_outcome(ctx, adopted=bool(action.params["foreign"]))


async def confirm_adopt(ctx: GitHubContext, action: PlannedAction) -> Outcome | None:
    """Our books know the member."""
    member = await find_subject(ctx, action)
    if member is None or known_account(ctx) != member.id:
        return None
    return member.as_outcome(ctx, adopted=bool(action.params["foreign"]))


async def grant_role(ctx: GitHubContext, action: PlannedAction) -> Outcome:
    """Set the role in the organisation."""
    member, role = await need_subject(ctx, action), str(action.params["role"])
    written = Written()
    if member.role != role:
        written = await write(ctx, "PUT", org_path(ctx, "memberships", member.login), body={"role": role})
    return await confirm_role(ctx, action) or written.not_shown()


async def confirm_role(ctx: GitHubContext, action: PlannedAction) -> Outcome | None:
    """The member has the role."""
    member, role = await find_subject(ctx, action), str(action.params["role"])
    if member is None or member.role != role:
        return None
    if role == "member":
        return member.as_outcome(ctx, taken=(role_grant("admin"),))
    return member.as_outcome(ctx, given=(role_grant(role),))


def _team(action: PlannedAction) -> Team:
    return Team.model_validate(action.params["team"])


async def join(ctx: GitHubContext, action: PlannedAction) -> Outcome:
    """Add to the team. Who is in stays what they are: a maintainer is not made a member."""
    member, team = await need_subject(ctx, action), _team(action)
    written = Written()
    if not await is_in_team(ctx, team, member.login):
        path = org_path(ctx, "teams", team.slug, "memberships", member.login)
        try:
            written = await write(ctx, "PUT", path, body={"role": "member"})
        except GitHubAnswer as answer:
            if answer.is_missing:
                raise _no_team(ctx, team, answer) from answer
            raise
        if not await is_in_team(ctx, team, member.login):
            return written.not_shown()
    return Outcome(given=(team.grant,))


def _no_team(ctx: GitHubContext, team: Team, answer: GitHubAnswer) -> Refused:
    return Refused(
        f"The team {team.name} is no longer there, or the person is not in {ctx.settings.org}.",
        code=ErrorCode.NOT_FOUND,
        field="teams",
        vendor_message=answer.message,
    )


async def confirm_join(ctx: GitHubContext, action: PlannedAction) -> Outcome | None:
    """The member is in the team."""
    member, team = await find_subject(ctx, action), _team(action)
    if member is None or not await is_in_team(ctx, team, member.login):
        return None
    return Outcome(given=(team.grant,))


async def part(ctx: GitHubContext, action: PlannedAction) -> Outcome:
    """Take out of the team; who is not in it, or whose team is gone, is out."""
    member, team = await find_subject(ctx, action), _team(action)
    if member is None:
        return Outcome(taken=(team.grant,))
    written = Written()
    try:
        if await is_in_team(ctx, team, member.login):
            path = org_path(ctx, "teams", team.slug, "memberships", member.login)
            written = await write(ctx, "DELETE", path)
    except GitHubAnswer as answer:
        if not answer.is_missing:
            raise
    return await confirm_part(ctx, action) or written.not_shown()


async def confirm_part(ctx: GitHubContext, action: PlannedAction) -> Outcome | None:
    """The member is not in the team."""
    member, team = await find_subject(ctx, action), _team(action)
    if member is not None and await is_in_team(ctx, team, member.login):
        return None
    return Outcome(taken=(team.grant,))


async def assign(ctx: GitHubContext, action: PlannedAction) -> Outcome:
    """Buy a Copilot seat for the member, who may have one."""
    member = await need_subject(ctx, action)
    written = Written()
    if not await copilot.has_seat(ctx, member.login):
        written = await _seats(ctx, "POST", member)
        if not await copilot.has_seat(ctx, member.login):
            return written.not_shown()
    return Outcome(given=(copilot.GRANT,))


async def confirm_assign(ctx: GitHubContext, action: PlannedAction) -> Outcome | None:
    """The member has a seat that goes on."""
    member = await find_subject(ctx, action)
    has = member is not None and await copilot.has_seat(ctx, member.login)
    return Outcome(given=(copilot.GRANT,)) if has else None


async def unassign(ctx: GitHubContext, action: PlannedAction) -> Outcome:
    """Let the seat end with the billing cycle."""
    member = await find_subject(ctx, action)
    if member is None:
        return Outcome(taken=(copilot.GRANT,))
    written = Written()
    if await copilot.has_seat(ctx, member.login):
        written = await _seats(ctx, "DELETE", member)
    return await confirm_unassign(ctx, action) or written.not_shown()


async def confirm_unassign(ctx: GitHubContext, action: PlannedAction) -> Outcome | None:
    """The member has no seat, or one that ends."""
    member = await find_subject(ctx, action)
    if member is not None and await copilot.has_seat(ctx, member.login):
        return None
    return Outcome(taken=(copilot.GRANT,))


async def _seats(ctx: GitHubContext, method: str, member: Member) -> Written:
    body: dict[str, Any] = {"selected_usernames": [member.login]}
    return await write(ctx, method, org_path(ctx, "copilot", "billing", "selected_users"), body=body)


async def confirm_task(ctx: GitHubContext, action: PlannedAction) -> Outcome | None:
    """What a person did, as far as GitHub shows it."""
    match action.key:
        case "role_task":
            return await confirm_role(ctx, action)
        case "copilot_task":
            return await confirm_assign(ctx, action)
        case "delete_task":
            return Outcome(gone=True) if await find_by_address(ctx) is None else None
        case _:
            return taken_at_their_word(action)
