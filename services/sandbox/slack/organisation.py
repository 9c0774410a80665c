"""Enterprise organisations: SCIM makes people in the organisation, this brings them into a workspace."""

from __future__ import annotations

from typing import Any

from services.sandbox.slack.errors import WebError
from services.sandbox.slack.web import Ask, method


@method(
    "admin.users.assign",
    "team_id",
    "user_id",
    "is_restricted",
    "is_ultra_restricted",
    "channel_ids",
    scopes=("admin.users:write",),
    writes=True,
)
def assign(ask: Ask) -> dict[str, Any]:
    """Put a member of the organisation into the workspace, with its channel for everybody."""
    if not ask.is_enterprise:
        raise WebError("not_an_enterprise")
    if ask.need("team_id") != ask.workspace.id:
        raise WebError("team_not_found")
    user = ask.need_user("user_id")
    if user.in_workspace:
        raise WebError("user_already_team_member")
    if not user.active:
        raise WebError("invited_user_not_reactivated")
    user.in_workspace = True
    for channel in ask.workspace.channels.values():
        if channel.is_general and user.guest is None:
            channel.members.append(user.id)
    ask.record("workspace.join", user.address, user)
    return {}
