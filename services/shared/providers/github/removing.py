"""Taking somebody out of the organisation. GitHub knows no suspended members."""

from services.shared.providers.github.answers import GitHubAnswer
from services.shared.providers.github.client import GitHubContext, Written, org_path, write
from services.shared.providers.github.granting import find_subject
from services.shared.providers.github.inviting import withdraw
from services.shared.providers.github.people import Member, find_by_address, find_invitation, has_failed
from services.shared.providers.github.whereabouts import who_is_it
from services.shared.sdk.contract import Outcome, PlannedAction
from services.shared.sdk.errors import ActionRequired, ErrorCode, PlanStale


async def remove(ctx: GitHubContext, action: PlannedAction) -> Outcome:
    """Remove from the organisation, or withdraw the invitation. Teams and the Copilot seat go with it."""
    if number := action.params.get("invitation"):
        return await _withdraw(ctx, action, int(number))
    member = await find_subject(ctx, action)
    written = Written()
    if member is not None:
        try:
            written = await write(ctx, "DELETE", org_path(ctx, "memberships", member.login))
        except GitHubAnswer as answer:
            if not answer.is_missing:
                raise
    return await confirm_remove(ctx, action) or _still_there(ctx, await find_subject(ctx, action), written)


async def _withdraw(ctx: GitHubContext, action: PlannedAction, number: int) -> Outcome:
    """Raises PlanStale or ActionRequired where the invitation was accepted before it could be withdrawn."""
    was_out = await find_invitation(ctx, number=number) is not None
    written = await withdraw(ctx, number) if was_out else Written()
    if await find_invitation(ctx, number=number) is not None:
        return written.not_shown()
    if was_out or await has_failed(ctx, number):
        return Outcome(gone=True)
    if await find_by_address(ctx) is not None or action.params.get("login"):
        raise PlanStale("The invitation was accepted or declined since the plan was made.")
    raise who_is_it(ctx)


def _still_there(ctx: GitHubContext, member: Member | None, written: Written) -> Outcome:
    if member is not None and not member.is_direct:
        teams = ", ".join(member.via) or "an enterprise team"
        raise ActionRequired(
            f"{member.login} stays in {ctx.settings.org} through {teams}: remove them there.",
            code=ErrorCode.CONFLICT,
        )
    return written.not_shown()


async def confirm_remove(ctx: GitHubContext, action: PlannedAction) -> Outcome | None:
    """Neither the membership nor the invitation is there."""
    if number := action.params.get("invitation"):
        gone = await find_invitation(ctx, number=int(number)) is None
    else:
        gone = await find_subject(ctx, action) is None
    return Outcome(gone=True) if gone else None
