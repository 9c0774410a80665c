"""The workspace as the Web API sees it: what the token may do there, channels and who is in them."""

from collections.abc import Iterable, Mapping
from typing import Any

from services.shared.providers.slack.answers import SlackAnswer, unreadable
from services.shared.providers.slack.client import SlackContext, web, web_pages
from services.shared.sdk.contract import Grant
from services.shared.sdk.errors import ErrorCode, Refused
from services.shared.sdk.manifest import Frozen

ALL_TYPES, PUBLIC = "public_channel,private_channel", "public_channel"
READ = ("channels:read", "groups:read")
ADMIN_INVITE = "admin.conversations:write"
_WRITES = {
    False: ("channels:write", "channels:write.invites"),
    True: ("groups:write", "groups:write.invites"),
}


class Workspace(Frozen):
    """What `auth.test` tells of the token."""

    is_enterprise: bool
    has_organisation: bool = False
    """Whether SCIM makes people in an organisation of several workspaces, and in none of these."""
    scopes: frozenset[str] | None
    """None where Slack does not say them."""

    def may(self, *scopes: str) -> bool:
        """Whether the token has one of these, as far as Slack says."""
        return self.scopes is None or bool(self.scopes.intersection(scopes))


async def read_workspace(ctx: SlackContext) -> Workspace:
    """What the token may do. A token that the Web API does not take may nothing there."""
    try:
        reply = await web(ctx, "auth.test")
    except SlackAnswer as answer:
        if answer.is_final:
            return Workspace(is_enterprise=False, scopes=frozenset())
        raise
    organisation = bool(reply.body.get("enterprise_id"))
    return Workspace(
        is_enterprise=organisation or bool(reply.body.get("is_enterprise_install")),
        has_organisation=organisation,
        scopes=reply.scopes,
    )


class SlackChannel(Frozen):
    id: str
    name: str
    is_private: bool = False
    is_general: bool = False
    is_member: bool = False
    """Whether the token's owner is in it: only then may they add others to it."""

    @property
    def label(self) -> str:
        return f"#{self.name}"

    @property
    def grant(self) -> Grant:
        """The membership as something that OneClick gave."""
        return Grant(kind="channel", key=self.id, label=self.label)


def parse_channel(operation: str, body: Mapping[str, Any]) -> SlackChannel:
    """Read a channel.

    Raises:
        SlackAnswer: the object is not one.
    """
    try:
        return SlackChannel(
            id=str(body["id"]),
            name=str(body["name"]),
            is_private=bool(body.get("is_private")),
            is_general=bool(body.get("is_general")),
            is_member=bool(body.get("is_member")),
        )
    except (KeyError, TypeError) as error:
        raise unreadable(operation, 200, body) from error


async def list_channels(ctx: SlackContext, workspace: Workspace) -> list[SlackChannel] | None:
    """Every channel that the token sees and that is not archived; None when it may not look."""
    return await _read(ctx, workspace, "conversations.list", exclude_archived="true")


async def channels_of(
    ctx: SlackContext, workspace: Workspace, user_id: str
) -> dict[str, SlackChannel] | None:
    """The channels that the account is in, of those that the token sees; None when it may not look."""
    found = await _read(ctx, workspace, "users.conversations", user=user_id)
    return None if found is None else {channel.id: channel for channel in found}


async def _read(
    ctx: SlackContext, workspace: Workspace, method: str, **arguments: str
) -> list[SlackChannel] | None:
    if not workspace.may(*READ):
        return None
    types = ALL_TYPES if workspace.may("groups:read") else PUBLIC
    team = ctx.settings.team_id if workspace.is_enterprise else None
    try:
        return await _pages(ctx, method, types=types, team_id=team, **arguments)
    except SlackAnswer as answer:
        if not answer.is_forbidden:
            raise
    if types == PUBLIC:
        return None
    try:
        return await _pages(ctx, method, types=PUBLIC, team_id=team, **arguments)
    except SlackAnswer as answer:
        if answer.is_forbidden:
            return None
        raise


async def _pages(ctx: SlackContext, method: str, **arguments: str | None) -> list[SlackChannel]:
    return [parse_channel(method, one) async for one in web_pages(ctx, method, "channels", **arguments)]


def the_channel(name: str, channels: Iterable[SlackChannel]) -> SlackChannel:
    """The wished channel, by id or name.

    Raises:
        Refused: the token sees no such channel.
    """
    for channel in channels:
        if name == channel.id or name.lower() == channel.name.lower():
            return channel
    raise Refused(
        f"OneClick sees no channel #{name} at Slack. A private channel is seen only when the owner of "
        "OneClick's token is in it.",
        code=ErrorCode.INVALID_FIELD,
        field="channels",
    )


def way_in(channel: SlackChannel, workspace: Workspace) -> str | None:
    """The method by which somebody is added, or None when the token cannot do it."""
    if workspace.is_enterprise and workspace.may(ADMIN_INVITE) and not channel.is_general:
        return "admin.conversations.invite"
    if channel.is_member and workspace.may(*_WRITES[channel.is_private]):
        return "conversations.invite"
    return None


def has_way_out(channel: SlackChannel, workspace: Workspace) -> bool:
    """Whether the token can remove somebody; nobody leaves the channel that everybody is in."""
    return channel.is_member and not channel.is_general and workspace.may(*_WRITES[channel.is_private])
