"""Whether a person did what a task asked for."""

from services.shared.providers.slack import byhand, tasks
from services.shared.providers.slack.accounts import Found, find_account
from services.shared.providers.slack.answers import SlackAnswer
from services.shared.providers.slack.channels import channels_of, list_channels, read_workspace
from services.shared.providers.slack.client import SlackContext
from services.shared.providers.slack.granting import role_outcome
from services.shared.providers.slack.roles import is_admin, is_in_workspace, team_grant
from services.shared.sdk.contract import Grant, Outcome, PlannedAction
from services.shared.sdk.manual import taken_at_their_word


async def confirm_task(ctx: SlackContext, action: PlannedAction) -> Outcome | None:
    """Look, where Slack shows it; otherwise believe."""
    if action.key == tasks.LEAVE:
        return await byhand.confirm_leave(ctx)
    if action.key == tasks.ACCOUNT:
        return await _confirm_account(ctx, action)
    if action.key == tasks.TYPE:
        found = await find_account(ctx)
        is_done = found.user is not None and found.user.is_guest == action.params["guest"]
        return Outcome() if is_done else None
    if action.key == tasks.WORKSPACE:
        return await _confirm_workspace(ctx, action)
    if "role" in action.params:
        return await _confirm_role(ctx, action)
    return await _confirm_channel(ctx, action)


async def _confirm_account(ctx: SlackContext, action: PlannedAction) -> Outcome | None:
    try:
        found: Found = await find_account(ctx)
    except SlackAnswer as answer:
        if answer.has_no_scim:
            return await byhand.confirm_account(ctx, action)
        raise
    if found.user is None or not found.user.active:
        return None
    return found.user.as_outcome(ctx, adopted=True, given=taken_at_their_word(action).given)


async def _confirm_workspace(ctx: SlackContext, action: PlannedAction) -> Outcome | None:
    now = await is_in_workspace(ctx, ctx.known.remote_id) if ctx.known.remote_id else None
    if now is None:
        return taken_at_their_word(action)
    return Outcome(given=(team_grant(ctx),)) if now else None


async def _confirm_role(ctx: SlackContext, action: PlannedAction) -> Outcome | None:
    wants = action.params["role"] == "admin"
    now = await is_admin(ctx, ctx.known.remote_id) if ctx.known.remote_id else None
    if now is None:
        return taken_at_their_word(action) if wants else role_outcome(ctx, is_given=False)
    return role_outcome(ctx, is_given=wants) if now is wants else None


async def _confirm_channel(ctx: SlackContext, action: PlannedAction) -> Outcome | None:
    ended = action.params.get("grant")
    grant = Grant.model_validate(ended) if ended else None
    channel_id = grant.key if grant and grant.kind == "channel" else action.params.get("channel_id")
    joined = None
    if channel_id and ctx.known.remote_id:
        workspace = await read_workspace(ctx)
        visible = {channel.id for channel in await list_channels(ctx, workspace) or ()}
        if channel_id in visible:
            joined = await channels_of(ctx, workspace, ctx.known.remote_id)
    if grant is not None:
        return None if joined is not None and channel_id in joined else Outcome(taken=(grant,))
    if joined is None or channel_id is None:
        return taken_at_their_word(action)
    if channel_id not in joined:
        return None
    return Outcome(given=(joined[channel_id].grant,))
