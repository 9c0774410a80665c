"""Teams and who is in them. A team that an identity provider fills cannot be changed here."""

from __future__ import annotations

from services.sandbox.github.errors import not_found, synced_team
from services.sandbox.github.invitations import add_invitation, check_room
from services.sandbox.github.operations import PAGING, Context, no_content, ok, operation
from services.sandbox.github.state import Account, Invitation, Organization, Team
from services.sandbox.github.views import (
    invitation_view,
    team_full_view,
    team_membership_view,
    team_view,
    user_view,
)
from services.sandbox.wire.call import Reply

_TEAM = "orgs/{org}/teams/{team}"
_MEMBERSHIP = _TEAM + "/memberships/{username}"


def need_team(context: Context) -> tuple[Organization, Team]:
    org = context.org
    team = org.teams.get(context.args["team"].lower())
    if team is None:
        raise not_found()
    return org, team


@operation("GET", "orgs/{org}/teams", permission="members:read", query=(*PAGING, "team_type"))
def list_teams(context: Context) -> Reply:
    org = context.org
    kind = context.choice("team_type", ("all", "enterprise", "organization"), "all")
    teams = list(org.teams.values()) if kind != "enterprise" else []
    return context.paged([team_view(team, org, context.base) for team in teams])


@operation("GET", _TEAM, permission="members:read")
def get_team(context: Context) -> Reply:
    org, team = need_team(context)
    return ok(team_full_view(team, org, context.base))


@operation("GET", _TEAM + "/members", permission="members:read", query=(*PAGING, "role"))
def list_team_members(context: Context) -> Reply:
    org, team = need_team(context)
    role = context.choice("role", ("member", "maintainer", "all"), "all")
    found = [
        {
            **user_view(org.members[number].account, context.base),
            "role": _role(org, team, number),
            "inherited": False,
        }
        for number in team.members
        if role in {"all", _role(org, team, number)}
    ]
    return context.paged(found)


@operation("GET", _TEAM + "/invitations", permission="members:read", query=PAGING)
def list_team_invitations(context: Context) -> Reply:
    org, team = need_team(context)
    pending = [one for one in org.invitations.values() if team.slug in one.teams]
    return context.paged([invitation_view(one, org, context.base) for one in pending])


@operation("GET", _MEMBERSHIP, permission="members:read")
def get_team_membership(context: Context) -> Reply:
    org, team = need_team(context)
    account = context.need_account()
    if account.id in team.members:
        return _shown(context, org, team, account, _role(org, team, account.id), "active")
    invitation = org.find_invitation(account=account)
    if invitation is None or team.slug not in invitation.teams:
        raise not_found()
    return _shown(context, org, team, account, invitation.teams[team.slug], "pending")


@operation("PUT", _MEMBERSHIP, permission="members:write", body={"role": ("member", "maintainer")})
def set_team_membership(context: Context) -> Reply:
    """Put a member into the team, or change the role. Somebody from outside is invited first and stays pending."""
    org, team = need_team(context)
    account = context.need_account()
    if team.is_synced:
        raise synced_team(org.login)
    role = context.body.get("role", "member")
    if account.id not in org.members:
        return _invite_into(context, org, team, account, role)
    before = team.members.get(account.id)
    if before != role:
        team.members[account.id] = role
        verb = "add" if before is None else "update"
        detail = {"team": team.slug, "role": role}
        context.record(f"team_member.{verb}", team.slug, account.keys, detail, domain=org.domain)
    return _shown(context, org, team, account, _role(org, team, account.id), "active")


def _invite_into(context: Context, org: Organization, team: Team, account: Account, role: str) -> Reply:
    org.lapse(context.call.at)
    invitation = org.find_invitation(account=account)
    if invitation is None:
        check_room(context, org)
        invitation = Invitation("direct_member", account=account, created_at=context.call.at)
        invitation.teams[team.slug] = role
        add_invitation(context, org, invitation)
    elif invitation.teams.get(team.slug) != role:
        invitation.teams[team.slug] = role
        detail = {"team": team.slug, "role": role, "pending": True}
        context.record("team_member.add", team.slug, account.keys, detail, domain=org.domain)
    return _shown(context, org, team, account, role, "pending")


@operation("DELETE", _MEMBERSHIP, permission="members:write")
def remove_team_membership(context: Context) -> Reply:
    org, team = need_team(context)
    account = context.need_account()
    if team.is_synced:
        raise synced_team(org.login)
    invitation = org.find_invitation(account=account)
    if account.id in team.members:
        del team.members[account.id]
    elif invitation is not None and team.slug in invitation.teams:
        del invitation.teams[team.slug]
    else:
        raise not_found()
    context.record("team_member.remove", team.slug, account.keys, {"team": team.slug}, domain=org.domain)
    return no_content()


def _role(org: Organization, team: Team, number: int) -> str:
    """Owners of the organisation are shown as maintainers of every team they are in."""
    membership = org.members.get(number)
    return "maintainer" if membership and membership.role == "admin" else team.members[number]


def _shown(context: Context, org: Organization, team: Team, account: Account, role: str, state: str) -> Reply:
    return ok(team_membership_view(team, org, account, role, state, context.base))
