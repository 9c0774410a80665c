"""What Slack's SCIM does not say of an account: whether it is an administrator's, and in which workspace it is."""

from typing import Any

from services.shared.providers.slack.answers import SlackAnswer
from services.shared.providers.slack.channels import Workspace
from services.shared.providers.slack.client import SlackContext, web
from services.shared.sdk.contract import Grant

ADMIN_USERS = "admin.users:write"
ADMIN = Grant(kind="role", key="admin", label="Workspace administrator")


def can_manage(workspace: Workspace) -> bool:
    """Whether the token may make administrators and bring people into the workspace."""
    return workspace.is_enterprise and workspace.may(ADMIN_USERS)


def team_grant(ctx: SlackContext) -> Grant:
    """Membership of the workspace, inside an organisation, as something that OneClick gave."""
    name = ctx.settings.team_domain or ctx.settings.team_id
    return Grant(kind="team", key=ctx.settings.team_id, label=name)


async def is_admin(ctx: SlackContext, user_id: str) -> bool | None:
    """Whether the account is an administrator or owner; None when the token may not look."""
    user = await _info(ctx, user_id)
    return None if user is None else bool(user.get("is_admin") or user.get("is_owner"))


async def is_in_workspace(ctx: SlackContext, user_id: str) -> bool | None:
    """Whether the account of an organisation is in the connection's workspace; None when Slack does not show it."""
    user = await _info(ctx, user_id)
    teams = ((user or {}).get("enterprise_user") or {}).get("teams")
    return ctx.settings.team_id in teams if isinstance(teams, list) else None


async def _info(ctx: SlackContext, user_id: str) -> dict[str, Any] | None:
    try:
        reply = await web(ctx, "users.info", user=user_id)
    except SlackAnswer as answer:
        if answer.is_forbidden:
            return None
        raise
    user = reply.body.get("user")
    return user if isinstance(user, dict) and user.get("id") == user_id else None
