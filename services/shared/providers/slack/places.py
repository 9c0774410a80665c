"""Channels and the administrator's role in a plan: what the Web API can do, and what a person has to."""

from typing import Any, NamedTuple

from services.shared.providers.slack.accounts import SlackUser
from services.shared.providers.slack.channels import (
    SlackChannel,
    Workspace,
    channels_of,
    has_way_out,
    list_channels,
    read_workspace,
    the_channel,
    way_in,
)
from services.shared.providers.slack.client import SlackContext
from services.shared.providers.slack.form import SlackForm
from services.shared.providers.slack.roles import can_manage, is_admin, is_in_workspace, team_grant
from services.shared.providers.slack.steps import (
    Draft,
    channel_step,
    leave_channel_step,
    role_step,
    workspace_step,
)
from services.shared.providers.slack.tasks import (
    CHANNEL,
    ROLE,
    WORKSPACE,
    channel_task,
    leave_channel_task,
    role_task,
    workspace_task,
)
from services.shared.sdk.contract import Grant

_CANNOT_LOOK = "OneClick's Slack token may not see channels."
_CANNOT_ADD = "OneClick's Slack token may not add people to this channel: its owner is not in it, or a scope is missing."


class Sight(NamedTuple):
    """What the Web API shows. `channels` and `joined` are None where the token may not look."""

    workspace: Workspace
    channels: list[SlackChannel] | None
    joined: dict[str, SlackChannel] | None


async def look(ctx: SlackContext, form: SlackForm, user: SlackUser | None) -> Sight:
    """Look at no more than the wish and the books need."""
    has_channels = bool(form.channels) or any(_is_channel(grant) for grant in ctx.known.grants)
    workspace = await read_workspace(ctx)
    channels = await list_channels(ctx, workspace) if has_channels else None
    joined: dict[str, SlackChannel] | None = {}
    if has_channels and user is not None:
        joined = await channels_of(ctx, workspace, user.id)
    return Sight(workspace, channels, joined)


def _is_channel(grant: Grant) -> bool:
    return grant.kind == "channel" or (grant.kind == "manual" and grant.key.startswith(CHANNEL))


async def plan_workspace(
    ctx: SlackContext, draft: Draft, form: SlackForm, sight: Sight, user: SlackUser | None
) -> bool | None:
    """In an organisation, bring the account into the workspace; returns whether it is there."""
    if not sight.workspace.has_organisation:
        return None
    now = await is_in_workspace(ctx, user.id) if user is not None and user.active else False
    grant = team_grant(ctx)
    is_told = ctx.known.gave("manual", WORKSPACE) or user is not None
    if now or (now is None and is_told):
        return now
    if can_manage(sight.workspace):
        draft.add(workspace_step(grant, user, is_guest=form.role == "guest"), is_root=True)
    elif not (ctx.known.gave("manual", WORKSPACE) and not sight.workspace.may("users:read")):
        draft.add(workspace_task(ctx, grant.label), is_root=True)
    return now


def plan_channels(
    ctx: SlackContext, draft: Draft, form: SlackForm, sight: Sight, user: SlackUser | None
) -> dict[str, Any]:
    """Add the steps into and out of channels; returns what they rest on. People's own channels are theirs."""
    wished: dict[str, bool] = {}
    for name in form.channels:
        if sight.channels is None:
            wished[name.lower()] = ctx.known.gave("manual", f"{CHANNEL}{name.lower()}")
            if not wished[name.lower()]:
                draft.add(channel_task(ctx, name, _CANNOT_LOOK))
            continue
        channel = the_channel(name, sight.channels)
        if channel.id not in wished:
            wished[channel.id] = _is_in(ctx, sight, channel, name)
            if not wished[channel.id]:
                _step_in(ctx, draft, sight, channel, user)
    if user is not None:
        _plan_leaving(ctx, draft, form, sight, user, set(wished))
    return wished


def _is_in(ctx: SlackContext, sight: Sight, channel: SlackChannel, name: str) -> bool:
    """Whether the account is in the channel: by what Slack shows, else by our books."""
    if sight.joined is not None:
        return channel.id in sight.joined
    manual = {f"{CHANNEL}{word.lower()}" for word in (name, channel.name)}
    return ctx.known.gave("channel", channel.id) or any(ctx.known.gave("manual", key) for key in manual)


def _step_in(
    ctx: SlackContext, draft: Draft, sight: Sight, channel: SlackChannel, user: SlackUser | None
) -> None:
    if channel.is_general and user is None:
        draft.note("general", f"Everybody joins {channel.label} by themselves.")
    elif (way := way_in(channel, sight.workspace)) is not None:
        draft.add(channel_step(channel, user, way))
    else:
        draft.add(channel_task(ctx, channel.name, _CANNOT_ADD, channel.id))


def _plan_leaving(
    ctx: SlackContext, draft: Draft, form: SlackForm, sight: Sight, user: SlackUser, keep: set[str]
) -> None:
    words = {name.lower() for name in form.channels}
    visible = {channel.id: channel for channel in sight.channels or ()}
    for grant in ctx.known.grants:
        if not _is_channel(grant):
            continue
        name = grant.key.removeprefix(CHANNEL) if grant.kind == "manual" else grant.label.removeprefix("#")
        is_kept = grant.key in keep or name.lower() in words
        is_out = grant.kind == "channel" and sight.joined is not None and grant.key not in sight.joined
        if is_kept or is_out:
            continue
        channel = visible.get(grant.key)
        if channel is not None and channel.is_general:
            draft.note("kept_channel", f"Nobody can be taken out of {channel.label}.")
        elif channel is not None and has_way_out(channel, sight.workspace):
            draft.add(leave_channel_step(channel, user))
        else:
            draft.add(leave_channel_task(ctx, name, grant))


def _gave_admin(ctx: SlackContext) -> bool:
    return ctx.known.gave("role", "admin") or ctx.known.gave("manual", ROLE)


async def plan_role(
    ctx: SlackContext, draft: Draft, form: SlackForm, sight: Sight, user: SlackUser | None
) -> None:
    """Make an administrator, or take back the role that OneClick gave."""
    wants, gave = form.role == "admin", _gave_admin(ctx)
    if not wants and not gave:
        return
    now = await is_admin(ctx, user.id) if user is not None else False
    if wants == (gave if now is None else now):
        return
    if can_manage(sight.workspace):
        draft.add(role_step(user, admin=wants))
    else:
        draft.add(role_task(ctx, admin=wants))
