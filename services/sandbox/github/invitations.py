"""Invitations to an organisation: the only way in for a login that GitHub does not manage."""

from __future__ import annotations

from services.sandbox.github.errors import (
    ADDRESS_ALREADY_MEMBER,
    ALREADY_INVITED,
    ALREADY_MEMBER,
    OVER_INVITATION_LIMIT,
    GitHubError,
    invalid_request,
    no_seat,
    not_found,
    unprocessable,
)
from services.sandbox.github.operations import PAGING, Context, no_content, ok, operation
from services.sandbox.github.state import Account, Invitation, Organization
from services.sandbox.github.views import invitation_view, team_view
from services.sandbox.wire.call import Reply

ROLES = ("admin", "direct_member", "billing_manager", "reinstate")
_DAY = 86_400
_PER_DAY = 500
"""Invitations in 24 hours for an organisation on a paid plan."""
_BODY = {"invitee_id": "integer", "email": "string", "role": ROLES, "team_ids": ["integer"]}


def inviting_org(context: Context) -> Organization:
    """The organisation with its stale invitations lapsed; 404 where the enterprise manages its users."""
    if context.is_managed:
        raise not_found("not available for Enterprise Managed Users")
    org = context.org
    org.lapse(context.call.at)
    return org


@operation(
    "GET",
    "orgs/{org}/invitations",
    permission="members:read",
    query=(*PAGING, "role", "invitation_source"),
)
def list_invitations(context: Context) -> Reply:
    org = inviting_org(context)
    roles = ("all", "admin", "direct_member", "billing_manager", "hiring_manager")
    role = context.choice("role", roles, "all")
    source = context.choice("invitation_source", ("all", "member", "scim"), "all")
    found = [
        invitation_view(one, org, context.base)
        for one in org.invitations.values()
        if role in {"all", one.role} and source in {"all", one.source}
    ]
    return context.paged(found)


@operation("GET", "orgs/{org}/failed_invitations", permission="members:read", query=PAGING)
def list_failed(context: Context) -> Reply:
    org = inviting_org(context)
    return context.paged([invitation_view(one, org, context.base) for one in org.failed])


@operation("POST", "orgs/{org}/invitations", permission="members:write", body=_BODY)
def create_invitation(context: Context) -> Reply:
    org, body = inviting_org(context), context.body
    email, number = body.get("email"), body.get("invitee_id")
    if (email is None) == (number is None):
        raise invalid_request('Exactly one of "invitee_id" and "email" is required.')
    account = _invitee(context, org, email, number)
    teams = _team_slugs(org, body.get("team_ids") or [])
    check_room(context, org)
    role = body.get("role", "direct_member")
    if role == "reinstate":
        role = "direct_member"
    invitation = Invitation(role, email=email, account=account, teams=teams, created_at=context.call.at)
    add_invitation(context, org, invitation)
    return ok(invitation_view(invitation, org, context.base), 201)


def _invitee(context: Context, org: Organization, email: str | None, number: int | None) -> Account | None:
    """The account behind a number; None for an address, whose owner GitHub does not tell."""
    if number is not None:
        account = next((one for one in context.world.accounts.values() if one.id == number), None)
        if account is None:
            raise unprocessable("Invitee could not be found")
        if account.id in org.members:
            raise unprocessable(ALREADY_MEMBER)
        if org.find_invitation(account=account):
            raise unprocessable("Invitee has already been invited to this organization")
        return account
    address = email or ""
    local, _, domain = address.partition("@")
    if not local or "." not in domain:
        raise unprocessable("Email is invalid")
    if org.has_member_with(address):
        raise unprocessable(ADDRESS_ALREADY_MEMBER)
    invited = context.world.find_account(address)
    if org.find_invitation(email=address) or (invited and org.find_invitation(account=invited)):
        raise unprocessable(ALREADY_INVITED)
    return None


def _team_slugs(org: Organization, numbers: list[int]) -> dict[str, str]:
    by_number = {team.id: team for team in org.teams.values()}
    for number in numbers:
        team = by_number.get(number)
        if team is None:
            raise unprocessable("Team could not be found")
        if team.is_synced:
            raise unprocessable(f"{team.name} is externally managed")
    return {by_number[number].slug: "member" for number in numbers}


def check_room(context: Context, org: Organization) -> None:
    """Raise 422 for a full organisation or one that invited too many today."""
    if org.free_seats < 1:
        raise no_seat(org.login)
    org.invited_at = [at for at in org.invited_at if context.call.at - at < _DAY]
    if len(org.invited_at) >= int(context.behaviour.modes.get("invitations_per_day", _PER_DAY)):
        raise unprocessable(OVER_INVITATION_LIMIT)


def add_invitation(context: Context, org: Organization, invitation: Invitation) -> None:
    org.invitations[invitation.id] = invitation
    org.invited_at.append(context.call.at)
    context.record(
        "invitation.create",
        str(invitation.id),
        invitation.keys,
        {"role": invitation.role, "teams": sorted(invitation.teams)},
        domain=org.domain,
    )
    announce_invited(context, org, invitation)


def announce_invited(context: Context, org: Organization, invitation: Invitation) -> None:
    context.announce(org, "member_invited", {"invitation": invitation})


@operation("DELETE", "orgs/{org}/invitations/{invitation}", permission="members:write")
def cancel_invitation(context: Context) -> Reply:
    org = inviting_org(context)
    invitation = _need_invitation(context, org)
    remove_invitation(context, org, invitation)
    return no_content()


def remove_invitation(context: Context, org: Organization, invitation: Invitation) -> None:
    del org.invitations[invitation.id]
    context.record("invitation.cancel", str(invitation.id), invitation.keys, domain=org.domain)


def _need_invitation(context: Context, org: Organization) -> Invitation:
    number = context.args["invitation"]
    found = org.invitations.get(int(number)) if number.isdigit() else None
    if found is None:
        if any(str(one.id) == number for one in org.failed):
            raise GitHubError(
                422, "Invitation is no longer pending.", note="it failed: see failed_invitations"
            )
        raise not_found()
    return found


@operation("GET", "orgs/{org}/invitations/{invitation}/teams", permission="members:read", query=PAGING)
def list_invitation_teams(context: Context) -> Reply:
    org = inviting_org(context)
    invitation = _need_invitation(context, org)
    teams = [org.teams[slug] for slug in invitation.teams if slug in org.teams]
    return context.paged([team_view(team, org, context.base) for team in teams])
