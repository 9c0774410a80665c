"""Whether the person is in the organisation, and as whom. Nobody is linked on a guess."""

from typing import Literal

from services.shared.providers.github.client import GitHubContext
from services.shared.providers.github.people import (
    Invitation,
    Member,
    Profile,
    find_by_address,
    find_invitation,
    find_linked,
    find_membership,
    find_profile,
    has_failed,
    known_account,
    known_invitation,
)
from services.shared.sdk.errors import ActionRequired, ErrorCode, Refused
from services.shared.sdk.manifest import Frozen


class Found(Frozen):
    """What GitHub shows of the person.

    `ours`: the account in our books, or the one that an invitation of ours became. `foreign`: a member whom
    OneClick did not bring. `invited`: an invitation is out. `vanished`: ours is out no more, and GitHub does not
    tell whether it was accepted, and by whom.
    """

    kind: Literal["none", "ours", "foreign", "invited", "vanished"]
    member: Member | None = None
    invitation: Invitation | None = None
    profile: Profile | None = None
    """Whom an invitation would go to, where that is a login."""
    linked: bool = False
    """Our books know the account, or the invitation."""


async def find_account(ctx: GitHubContext, username: str | None) -> Found:
    """Find by the books, else by the login that the wish names, else by the address.

    Raises:
        Refused: the wish names a login that does not exist, or another than the one that is linked.
        GitHubAnswer: as GitHub answers.
    """
    profile = await _wished_profile(ctx, username)
    linked = await find_linked(ctx)
    if linked is not None:
        if profile is not None and profile.id != linked.id:
            raise Refused(
                f"{ctx.person.full_name} is in {ctx.settings.org} as {linked.login}. Remove that account before "
                f"another one is added.",
                code=ErrorCode.CONFLICT,
                field="username",
            )
        return Found(kind="ours", member=linked, linked=True)
    if profile is None:
        profile = await _known_profile(ctx)
    member = await find_member(ctx, profile.login if profile else None)
    number = known_invitation(ctx)
    if member is not None and not member.is_pending:
        ours = is_proven(ctx, member, named=profile is not None) and await was_accepted(ctx)
        return Found(kind="ours" if ours else "foreign", member=member)
    invitation = await find_invitation(
        ctx, number=number, login=profile.login if profile else None, address=_address(ctx, profile)
    )
    if invitation is not None:
        is_ours = invitation.id == number
        return Found(kind="invited", invitation=invitation, profile=profile, linked=is_ours)
    if number is not None and profile is None and not await has_failed(ctx, number):
        return Found(kind="vanished", linked=True)
    return Found(kind="none", profile=profile)


async def _wished_profile(ctx: GitHubContext, username: str | None) -> Profile | None:
    if username is None:
        return None
    profile = await find_profile(ctx, username)
    if profile is None:
        raise Refused(
            f"There is no login {username} at GitHub.", code=ErrorCode.INVALID_FIELD, field="username"
        )
    return profile


async def _known_profile(ctx: GitHubContext) -> Profile | None:
    """The account of our books that is a member no more, which is invited again by its number, or the invited login."""
    number = known_account(ctx)
    if not ctx.known.login or (number is None and known_invitation(ctx) is None):
        return None
    profile = await find_profile(ctx, ctx.known.login)
    return profile if profile is not None and number in {None, profile.id} else None


def _address(ctx: GitHubContext, profile: Profile | None) -> str | None:
    """An invitation to the address concerns us only where no login is known."""
    return ctx.person.work_email if profile is None else None


async def find_member(ctx: GitHubContext, login: str | None) -> Member | None:
    """By login, else by the address that its owner shows."""
    return await find_membership(ctx, login) if login is not None else await find_by_address(ctx)


def is_proven(ctx: GitHubContext, member: Member, *, named: bool) -> bool:
    """Whether this is the person whom we invited: by the address that they show, or by the login that was invited.

    `named`: the member was looked up by a login that somebody named, which alone proves nothing.
    """
    return not named or (ctx.known.login or "").lower() == member.login.lower()


async def was_accepted(ctx: GitHubContext) -> bool:
    """Whether an invitation of ours was out that waits no more and did not fail."""
    number = known_invitation(ctx)
    if number is None or await find_invitation(ctx, number=number) is not None:
        return False
    return not await has_failed(ctx, number)


def who_is_it(ctx: GitHubContext, said: str | None = None) -> ActionRequired:
    """Somebody must tell us the login: GitHub does not."""
    return ActionRequired(
        f"The invitation to {ctx.person.work_email} is no longer open, and GitHub does not tell whether it was "
        f"accepted and with which login. If {ctx.person.full_name} is in {ctx.settings.org} now, fill in the "
        f"GitHub username and try again; if not, send the invitation again.",
        code=ErrorCode.CONFLICT,
        field="username",
        vendor_message=said,
    )
