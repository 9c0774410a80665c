"""Giving and taking: user groups, channels, the administrator's role."""

from collections.abc import Mapping
from typing import Any

from services.shared.providers.slack.accounts import find_user, need_account
from services.shared.providers.slack.answers import SlackAnswer
from services.shared.providers.slack.channels import SlackChannel, channels_of, read_workspace
from services.shared.providers.slack.client import SlackContext, Written, patch, path_of, web_write
from services.shared.providers.slack.groups import SlackGroup, find_group, holds_member
from services.shared.providers.slack.roles import ADMIN, is_admin, is_in_workspace, team_grant
from services.shared.providers.slack.tasks import ROLE
from services.shared.sdk.contract import Outcome, PlannedAction
from services.shared.sdk.errors import ErrorCode, Refused


async def _user_id(ctx: SlackContext, action: PlannedAction) -> str:
    known = action.params.get("user_id") or ctx.known.remote_id
    return str(known) if known else (await need_account(ctx, None)).id


async def _member_id(ctx: SlackContext, action: PlannedAction) -> str | None:
    """The account's id for a look; None while there is no account of ours."""
    try:
        return await _user_id(ctx, action)
    except Refused:
        return None


def _group(action: PlannedAction) -> SlackGroup:
    return SlackGroup.model_validate(action.params["group"])


async def join(ctx: SlackContext, action: PlannedAction) -> Outcome:
    """Add to a user group, a channel or the workspace; somebody who is in is done."""
    if "channel" in action.params:
        return await _join_channel(ctx, action)
    if "workspace" in action.params:
        return await _join_workspace(ctx, action)
    group, user_id = _group(action), await _user_id(ctx, action)
    # A second add would be accepted as well, and told as a change: look first.
    if await _is_in_group(ctx, group, user_id):
        return Outcome(given=(group.grant,))
    step = {"op": "add", "path": "members", "value": [{"value": user_id}]}
    written = await _patch_group(ctx, group, step)
    if not holds_member(written.body, user_id) and not await _is_in_group(ctx, group, user_id):
        return written.not_shown()
    return Outcome(given=(group.grant,))


async def _patch_group(ctx: SlackContext, group: SlackGroup, step: Mapping[str, Any]) -> Written:
    try:
        return await patch(ctx, path_of("Groups", group.id), step)
    except SlackAnswer as answer:
        if answer.is_missing and await find_group(ctx, group.id) is None:
            raise Refused(
                f"The user group {group.name} is no longer there.",
                code=ErrorCode.NOT_FOUND,
                field="groups",
                vendor_message=answer.message,
            ) from answer
        raise


async def _is_in_group(ctx: SlackContext, group: SlackGroup, user_id: str) -> bool:
    user = await find_user(ctx, user_id)
    return user is not None and group.id in user.groups


async def _join_workspace(ctx: SlackContext, action: PlannedAction) -> Outcome:
    """`admin.users.assign`: the organisation's SCIM puts nobody into a workspace."""
    user_id, written = await _user_id(ctx, action), Written({})
    if not await is_in_workspace(ctx, user_id):
        arguments = {"team_id": str(action.params["workspace"]), "user_id": user_id}
        if action.params["guest"]:
            arguments["is_restricted"] = "true"
        try:
            written = await web_write(ctx, "admin.users.assign", **arguments)
        except SlackAnswer as answer:
            if answer.word != "user_already_team_member":
                raise
            return Outcome(given=(team_grant(ctx),))
        if not await is_in_workspace(ctx, user_id):
            return written.not_shown()
    return Outcome(given=(team_grant(ctx),))


async def _join_channel(ctx: SlackContext, action: PlannedAction) -> Outcome:
    channel, user_id = _channel(action), await _user_id(ctx, action)
    way = str(action.params["way"])
    names = ("channel_id", "user_ids") if way.startswith("admin.") else ("channel", "users")
    written = Written({})
    if not await _is_in_channel(ctx, channel, user_id):
        try:
            written = await web_write(ctx, way, **dict(zip(names, (channel.id, user_id), strict=True)))
        except SlackAnswer as answer:
            if answer.word not in {"already_in_channel", "failed_for_some_users"}:
                raise
            if not await _is_in_channel(ctx, channel, user_id):
                raise
    shown = await _look_into(ctx, channel, user_id)
    # Where the token may add and may not look, Slack's own word is all there is.
    is_told = shown is None and bool(written.body)
    return Outcome(given=(channel.grant,)) if shown or is_told else written.not_shown()


def _channel(action: PlannedAction) -> SlackChannel:
    return SlackChannel.model_validate(action.params["channel"])


async def _is_in_channel(ctx: SlackContext, channel: SlackChannel, user_id: str) -> bool:
    return bool(await _look_into(ctx, channel, user_id))


async def _look_into(ctx: SlackContext, channel: SlackChannel, user_id: str) -> bool | None:
    joined = await channels_of(ctx, await read_workspace(ctx), user_id)
    return None if joined is None else channel.id in joined


async def confirm_join(ctx: SlackContext, action: PlannedAction) -> Outcome | None:
    """The account is in the user group or channel."""
    user_id = await _member_id(ctx, action)
    if user_id is None:
        return None
    if "channel" in action.params:
        channel = _channel(action)
        return Outcome(given=(channel.grant,)) if await _is_in_channel(ctx, channel, user_id) else None
    if "workspace" in action.params:
        return Outcome(given=(team_grant(ctx),)) if await is_in_workspace(ctx, user_id) else None
    group = _group(action)
    return Outcome(given=(group.grant,)) if await _is_in_group(ctx, group, user_id) else None


async def part(ctx: SlackContext, action: PlannedAction) -> Outcome:
    """Take out of a user group or a channel; somebody who is not in is done."""
    if "channel" in action.params:
        return await _part_channel(ctx, action)
    group, user_id = _group(action), await _user_id(ctx, action)
    written = Written({})
    if await _is_in_group(ctx, group, user_id):
        # Slack's own example leaves the quotes out (docs.slack.dev/reference/scim-api, PATCH Groups).
        written = await _patch_group(ctx, group, {"op": "remove", "path": f"members[value eq {user_id}]"})
        if await _is_in_group(ctx, group, user_id):
            return written.not_shown()
    return Outcome(taken=(group.grant,))


async def _part_channel(ctx: SlackContext, action: PlannedAction) -> Outcome:
    channel, user_id = _channel(action), await _user_id(ctx, action)
    written = Written({})
    if await _is_in_channel(ctx, channel, user_id):
        written = await web_write(ctx, "conversations.kick", channel=channel.id, user=user_id)
        if await _is_in_channel(ctx, channel, user_id):
            return written.not_shown()
    return Outcome(taken=(channel.grant,))


async def confirm_part(ctx: SlackContext, action: PlannedAction) -> Outcome | None:
    """The account is not in the user group or channel."""
    user_id = await _user_id(ctx, action)
    if "channel" in action.params:
        channel = _channel(action)
        return None if await _is_in_channel(ctx, channel, user_id) else Outcome(taken=(channel.grant,))
    group = _group(action)
    return None if await _is_in_group(ctx, group, user_id) else Outcome(taken=(group.grant,))


async def set_role(ctx: SlackContext, action: PlannedAction) -> Outcome:
    """Make an administrator, or a regular member again."""
    wants = bool(action.params["role"] == "admin")
    user_id = await _user_id(ctx, action)
    written = Written({})
    if await is_admin(ctx, user_id) is not wants:
        method = "admin.users.setAdmin" if wants else "admin.users.setRegular"
        written = await web_write(ctx, method, team_id=ctx.settings.team_id, user_id=user_id)
        now = await is_admin(ctx, user_id)
        if now is not wants and not (now is None and written.unread is None):
            return written.not_shown()
    return role_outcome(ctx, is_given=wants)


def role_outcome(ctx: SlackContext, *, is_given: bool) -> Outcome:
    """What the books learn of the role."""
    if is_given:
        return Outcome(given=(ADMIN,))
    manual = tuple(grant for grant in ctx.known.grants if grant.kind == "manual" and grant.key == ROLE)
    return Outcome(taken=(ADMIN, *manual))


async def confirm_role(ctx: SlackContext, action: PlannedAction) -> Outcome | None:
    """The account has the role, or has it no more."""
    user_id = await _member_id(ctx, action)
    wants = bool(action.params["role"] == "admin")
    if user_id is None or await is_admin(ctx, user_id) is not wants:
        return None
    return role_outcome(ctx, is_given=wants)
