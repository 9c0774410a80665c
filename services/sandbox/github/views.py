"""Objects as GitHub shows them."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

from services.sandbox.github.state import Account, Invitation, Membership, Organization, Team

_USER_LINKS = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}


def stamp(at: float | None) -> str:
    return datetime.fromtimestamp(at or 0, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def node_id(kind: str, number: int) -> str:
    return base64.b64encode(f"0{len(kind)}:{kind}{number}".encode()).decode()


def user_view(account: Account, base: str) -> dict[str, Any]:
    """A simple user: never an address."""
    own = f"{base}/users/{account.login}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id("User", account.id),
        "avatar_url": f"https://avatars.githubusercontent.com/u/{account.id}?v=4",
        "gravatar_id": "",
        "url": own,
        "html_url": f"https://github.com/{account.login}",
        **{name: own + path for name, path in _USER_LINKS.items()},
        "type": "User",
        "user_view_type": "public",
        "site_admin": False,
    }


def profile_view(account: Account, base: str) -> dict[str, Any]:
    """A public profile; `email` is null unless its owner shows one."""
    return {
        **user_view(account, base),
        "name": account.name,
        "company": None,
        "blog": "",
        "location": None,
        "email": account.public_email,
        "hireable": None,
        "bio": None,
        "twitter_username": None,
        "public_repos": 0,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": stamp(account.created_at),
        "updated_at": stamp(account.created_at),
    }


def org_simple(org: Organization, base: str) -> dict[str, Any]:
    own = f"{base}/orgs/{org.login}"
    return {
        "login": org.login,
        "id": org.id,
        "node_id": node_id("Organization", org.id),
        "url": own,
        "repos_url": f"{own}/repos",
        "events_url": f"{own}/events",
        "hooks_url": f"{own}/hooks",
        "issues_url": f"{own}/issues",
        "members_url": f"{own}/members{{/member}}",
        "public_members_url": f"{own}/public_members{{/member}}",
        "avatar_url": f"https://avatars.githubusercontent.com/u/{org.id}?v=4",
        "description": None,
    }


def org_view(org: Organization, base: str, *, has_plan: bool) -> dict[str, Any]:
    """The organisation; its plan with the seats only for who may read it."""
    body = {
        **org_simple(org, base),
        "name": org.name,
        "has_organization_projects": True,
        "has_repository_projects": True,
        "public_repos": 3,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "html_url": f"https://github.com/{org.login}",
        "created_at": "2019-03-04T09:00:00Z",
        "updated_at": "2025-10-01T09:00:00Z",
        "archived_at": None,
        "type": "Organization",
    }
    if has_plan:
        body["plan"] = {
            "name": "enterprise",
            "space": 976_562_499,
            "private_repos": 999_999,
            "filled_seats": org.filled_seats,
            "seats": org.seats,
        }
        body["two_factor_requirement_enabled"] = True
    return body


def invitation_view(invitation: Invitation, org: Organization, base: str) -> dict[str, Any]:
    body = {
        "id": invitation.id,
        "node_id": node_id("OrganizationInvitation", invitation.id),
        "login": invitation.account.login if invitation.account else None,
        "email": invitation.email,
        "role": invitation.role,
        "created_at": stamp(invitation.created_at),
        "inviter": user_view(org.owner, base),
        "team_count": len(invitation.teams),
        "invitation_teams_url": f"{base}/organizations/{org.id}/invitations/{invitation.id}/teams",
        "invitation_source": invitation.source,
        "failed_at": None,
        "failed_reason": None,
    }
    if invitation.failed_at is not None:
        body |= {"failed_at": stamp(invitation.failed_at), "failed_reason": invitation.failed_reason}
    return body


def membership_view(org: Organization, account: Account, role: str, state: str, base: str) -> dict[str, Any]:
    return {
        "url": f"{base}/orgs/{org.login}/memberships/{account.login}",
        "state": state,
        "role": role,
        "direct_membership": True,
        "enterprise_teams_providing_indirect_membership": [],
        "organization_url": f"{base}/orgs/{org.login}",
        "organization": org_simple(org, base),
        "user": user_view(account, base),
    }


def hook_membership(org: Organization, membership: Membership, base: str) -> dict[str, Any]:
    """The membership as webhooks carry it: fewer members than the API's."""
    whole = membership_view(org, membership.account, membership.role, "active", base)
    return {name: whole[name] for name in ("url", "state", "role", "organization_url", "user")}


def team_view(team: Team, org: Organization, base: str) -> dict[str, Any]:
    own = f"{base}/organizations/{org.id}/team/{team.id}"
    return {
        "id": team.id,
        "node_id": node_id("Team", team.id),
        "name": team.name,
        "slug": team.slug,
        "description": team.description or None,
        "privacy": "closed",
        "notification_setting": "notifications_enabled",
        "permission": "pull",
        "url": own,
        "html_url": f"https://github.com/orgs/{org.login}/teams/{team.slug}",
        "members_url": f"{own}/members{{/member}}",
        "repositories_url": f"{own}/repos",
        "type": "organization",
        "organization_id": org.id,
        "parent": None,
    }


def team_full_view(team: Team, org: Organization, base: str) -> dict[str, Any]:
    return {
        **team_view(team, org, base),
        "members_count": len(team.members),
        "repos_count": 0,
        "created_at": "2024-01-15T09:00:00Z",
        "updated_at": "2025-10-01T09:00:00Z",
        "organization": org_view(org, base, has_plan=False),
    }


def team_membership_view(
    team: Team, org: Organization, account: Account, role: str, state: str, base: str
) -> dict[str, Any]:
    return {
        "url": f"{base}/organizations/{org.id}/team/{team.id}/memberships/{account.login}",
        "role": role,
        "state": state,
    }
