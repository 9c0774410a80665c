"""The part of the Web API that provisioning needs: always 200, and `ok` tells."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from services.sandbox.behaviour import Behaviour
from services.sandbox.ledger import Ledger
from services.sandbox.slack.errors import JSON_HEADERS, WebError
from services.sandbox.slack.state import Channel, User, Workspace
from services.sandbox.slack.views import enterprise_user, web_channel, web_user
from services.sandbox.wire.call import Call, Reply, json_bytes

ALL_SCOPES = frozenset(
    {
        "admin",
        "admin.conversations:write",
        "admin.users:write",
        "channels:read",
        "channels:write",
        "groups:read",
        "groups:write",
        "team:read",
        "users:read",
        "users:read.email",
    }
)
_MOST = 1000
_DEFAULT_LIMIT = 100


@dataclass(slots=True)
class Ask:
    """One authorised call of a method."""

    call: Call
    workspace: Workspace
    args: dict[str, str]
    behaviour: Behaviour
    ledger: Ledger

    @property
    def is_enterprise(self) -> bool:
        return self.behaviour.modes.get("plan", "enterprise") == "enterprise"

    @property
    def has_organisation(self) -> bool:
        return self.is_enterprise and self.behaviour.modes.get("workspaces") == "organisation"

    def need(self, name: str) -> str:
        if not self.args.get(name):
            raise WebError("invalid_arguments", note=f"{name} is required")
        return self.args[name]

    def need_user(self, name: str) -> User:
        user = self.workspace.users.get(self.need(name))
        if user is None:
            raise WebError("user_not_found")
        return user

    def need_channel(self, name: str) -> Channel:
        channel = self.workspace.channels.get(self.need(name))
        if channel is None:
            raise WebError("channel_not_found")
        return channel

    def flag(self, name: str) -> bool:
        return self.args.get(name, "false").lower() in {"true", "1"}

    def record(self, kind: str, obj: str, user: User) -> None:
        tenant = self.workspace.mail_domain
        self.ledger.record(self.call, tenant=tenant, kind=kind, object=obj, keys=user.keys)

    def page(self, items: list[Any]) -> tuple[list[Any], dict[str, str]]:
        """One page by `limit` and `cursor`, and the metadata that leads to the next."""
        text, cursor = self.args.get("limit", str(_DEFAULT_LIMIT)), self.args.get("cursor", "")
        if not text.isdigit() or not 1 <= int(text) <= _MOST:
            raise WebError("invalid_limit")
        start = 0
        if cursor:
            if not cursor.startswith("page:") or not cursor[5:].isdigit():
                raise WebError("invalid_cursor")
            start = int(cursor[5:])
        end = start + int(text)
        return items[start:end], {"next_cursor": f"page:{end}" if end < len(items) else ""}


Handler = Callable[[Ask], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Method:
    handler: Handler
    arguments: frozenset[str]
    scopes: frozenset[str]
    """Any one of them; none for auth.test."""
    writes: bool


METHODS: dict[str, Method] = {}


def method(
    name: str, *arguments: str, scopes: tuple[str, ...] = (), writes: bool = False
) -> Callable[[Handler], Handler]:
    def register(handler: Handler) -> Handler:
        METHODS[name] = Method(handler, frozenset(arguments), frozenset(scopes), writes)
        return handler

    return register


def answer(
    call: Call, workspace: Workspace, granted: frozenset[str], behaviour: Behaviour, ledger: Ledger
) -> Reply:
    """Answer one method; raises WebError."""
    entry = METHODS.get(call.segments[1] if len(call.segments) == 2 else "")  # noqa: PLR2004 - api/<method>
    if entry is None:
        raise WebError("unknown_method")
    if entry.scopes and not entry.scopes & granted:
        raise WebError(
            "missing_scope", needed=",".join(sorted(entry.scopes)), provided=",".join(sorted(granted))
        )
    ask = Ask(call, workspace, _arguments(call, entry), behaviour, ledger)
    # Every answer says what the token may do: the only way to learn it (slack-ruby-client issue 378).
    scopes = (("x-oauth-scopes", ",".join(sorted(granted))),)
    return Reply(200, json_bytes({"ok": True, **entry.handler(ask)}), JSON_HEADERS + scopes)


def _arguments(call: Call, entry: Method) -> dict[str, str]:
    """Query or form for every method; JSON for those that write, as Slack takes it."""
    if call.method not in {"GET", "POST"} or (entry.writes and call.method == "GET"):
        raise WebError("method_not_allowed", note="write by POST")
    args = dict(call.query)
    if call.method == "POST" and call.body:
        if call.content_type == "application/x-www-form-urlencoded":
            args |= dict(parse_qsl(call.body.decode("utf-8", "replace")))
        elif call.content_type == "application/json" and entry.writes:
            args |= _from_json(call.body)
        else:
            raise WebError("invalid_post_type")
    if "token" in args:
        raise WebError("invalid_arg_name", note="send the token in the Authorization header")
    for name in args:
        if name not in entry.arguments:
            raise WebError("invalid_arg_name", note=f"unknown argument {name}")
    return args


def _from_json(body: bytes) -> dict[str, str]:
    try:
        value = json.loads(body)
    except ValueError as error:
        raise WebError("invalid_json") from error
    if not isinstance(value, dict):
        raise WebError("json_not_object")
    return {
        name: ",".join(map(str, one)) if isinstance(one, list) else str(one) for name, one in value.items()
    }


@method("auth.test")
def auth_test(ask: Ask) -> dict[str, Any]:
    workspace = ask.workspace
    owner = workspace.users[workspace.acting]
    return {
        "url": f"https://{workspace.domain}.slack.com/",
        "team": workspace.name,
        "user": owner.user_name,
        "team_id": workspace.id,
        "user_id": owner.id,
        "is_enterprise_install": ask.is_enterprise,
        **({"enterprise_id": workspace.enterprise_id} if ask.has_organisation else {}),
    }


@method("team.info", "team", scopes=("team:read",))
def team_info(ask: Ask) -> dict[str, Any]:
    workspace = ask.workspace
    if ask.args.get("team", workspace.id) != workspace.id:
        raise WebError("team_not_found")
    icon = {"image_default": True}
    return {
        "team": {
            "id": workspace.id,
            "name": workspace.name,
            "domain": workspace.domain,
            "email_domain": workspace.mail_domain,
            "icon": icon,
        }
    }


@method("users.lookupByEmail", "email", scopes=("users:read.email",))
def lookup_by_email(ask: Ask) -> dict[str, Any]:
    """Deactivated people are not found, though their address stays taken."""
    user = ask.workspace.find_by_email(ask.need("email"))
    if user is None or not user.active:
        raise WebError("users_not_found")
    return {"user": web_user(ask.workspace, user)}


@method("users.info", "user", "include_locale", scopes=("users:read",))
def users_info(ask: Ask) -> dict[str, Any]:
    user = ask.need_user("user")
    shown = web_user(ask.workspace, user)
    if ask.has_organisation:
        shown["enterprise_user"] = enterprise_user(ask.workspace, user)
    return {"user": shown}


@method("users.list", "limit", "cursor", "include_locale", "team_id", scopes=("users:read",))
def users_list(ask: Ask) -> dict[str, Any]:
    page, metadata = ask.page(list(ask.workspace.users.values()))
    members = [web_user(ask.workspace, user) for user in page]
    return {"members": members, "cache_ts": int(ask.call.at), "response_metadata": metadata}


@method(
    "conversations.list",
    "exclude_archived",
    "types",
    "limit",
    "cursor",
    "team_id",
    scopes=("channels:read", "groups:read"),
)
def conversations_list(ask: Ask) -> dict[str, Any]:
    """Public channels unless `types` says more; private ones only where the token's owner is in."""
    page, metadata = ask.page(_visible(ask, list(ask.workspace.channels.values())))
    return {
        "channels": [web_channel(ask.workspace, channel) for channel in page],
        "response_metadata": metadata,
    }


@method(
    "users.conversations",
    "user",
    "exclude_archived",
    "types",
    "limit",
    "cursor",
    "team_id",
    scopes=("channels:read", "groups:read"),
)
def users_conversations(ask: Ask) -> dict[str, Any]:
    user = ask.need_user("user")
    page, metadata = ask.page(_visible(ask, ask.workspace.channels_of(user)))
    return {
        "channels": [web_channel(ask.workspace, channel) for channel in page],
        "response_metadata": metadata,
    }


def _visible(ask: Ask, channels: list[Channel]) -> list[Channel]:
    types = set(ask.args.get("types", "public_channel").replace(" ", "").split(","))
    if types - {"public_channel", "private_channel", "im", "mpim"}:
        raise WebError("invalid_types")
    return [
        one
        for one in channels
        if ("private_channel" if one.is_private else "public_channel") in types
        and not (one.is_archived and ask.flag("exclude_archived"))
        and (not one.is_private or ask.workspace.acting in one.members)
    ]


@method("conversations.members", "channel", "limit", "cursor", scopes=("channels:read", "groups:read"))
def conversations_members(ask: Ask) -> dict[str, Any]:
    page, metadata = ask.page(list(ask.need_channel("channel").members))
    return {"members": page, "response_metadata": metadata}


@method("conversations.invite", "channel", "users", scopes=("channels:write", "groups:write"), writes=True)
def conversations_invite(ask: Ask) -> dict[str, Any]:
    """Adds at once. One who is in already refuses the whole call: `already_in_channel`."""
    channel = ask.need_channel("channel")
    if channel.is_archived:
        raise WebError("is_archived")
    if ask.workspace.acting not in channel.members:
        raise WebError("not_in_channel")
    users = _people(ask, ask.need("users"))
    if ask.workspace.acting in {user.id for user in users}:
        raise WebError("cant_invite_self")
    if any(user.id in channel.members for user in users):
        raise WebError("already_in_channel")
    _join(ask, channel, users)
    return {"channel": web_channel(ask.workspace, channel)}


@method(
    "admin.conversations.invite",
    "channel_id",
    "user_ids",
    scopes=("admin.conversations:write",),
    writes=True,
)
def admin_conversations_invite(ask: Ask) -> dict[str, Any]:
    """Enterprise only; the token's owner need not be in the channel."""
    _need_enterprise(ask)
    channel = ask.need_channel("channel_id")
    if channel.is_archived:
        raise WebError("is_archived")
    users = _people(ask, ask.need("user_ids"))
    _join(ask, channel, [user for user in users if user.id not in channel.members])
    return {}


@method("conversations.kick", "channel", "user", scopes=("channels:write", "groups:write"), writes=True)
def conversations_kick(ask: Ask) -> dict[str, Any]:
    channel, user = ask.need_channel("channel"), ask.need_user("user")
    if channel.is_general:
        raise WebError("cant_kick_from_general")
    if user.id == ask.workspace.acting:
        raise WebError("cant_kick_self")
    if ask.workspace.acting not in channel.members and not channel.is_private:
        raise WebError("not_in_channel")
    if user.id not in channel.members:
        raise WebError("not_in_channel", note="the user is not in the channel")
    channel.members.remove(user.id)
    ask.record("channel.leave", f"{channel.name}/{user.address}", user)
    return {}


@method(
    "admin.users.session.reset",
    "user_id",
    "mobile_only",
    "web_only",
    scopes=("admin.users:write",),
    writes=True,
)
def session_reset(ask: Ask) -> dict[str, Any]:
    _need_enterprise(ask)
    user = ask.need_user("user_id")
    user.session_resets += 1
    ask.record("sessions.revoke", user.address, user)
    return {}


def _set_role(ask: Ask, role: str) -> dict[str, Any]:
    _need_enterprise(ask)
    if ask.need("team_id") != ask.workspace.id:
        raise WebError("team_not_found")
    user = ask.need_user("user_id")
    if user.role == "primary_owner":
        raise WebError("cant_edit_primary_owner", note="nobody demotes the primary owner")
    user.role, user.guest = role, None
    ask.record("role.set", f"{role}/{user.address}", user)
    return {}


@method("admin.users.setAdmin", "team_id", "user_id", scopes=("admin.users:write",), writes=True)
def set_admin(ask: Ask) -> dict[str, Any]:
    return _set_role(ask, "admin")


@method("admin.users.setOwner", "team_id", "user_id", scopes=("admin.users:write",), writes=True)
def set_owner(ask: Ask) -> dict[str, Any]:
    return _set_role(ask, "owner")


@method("admin.users.setRegular", "team_id", "user_id", scopes=("admin.users:write",), writes=True)
def set_regular(ask: Ask) -> dict[str, Any]:
    return _set_role(ask, "member")


def _need_enterprise(ask: Ask) -> None:
    if not ask.is_enterprise:
        raise WebError("not_an_enterprise")


def _people(ask: Ask, text: str) -> list[User]:
    users = []
    for key in text.replace(" ", "").split(","):
        user = ask.workspace.users.get(key)
        if user is None:
            raise WebError("user_not_found")
        if not user.active:
            raise WebError("user_is_restricted", note="the account is deactivated")
        if not user.in_workspace:
            raise WebError("invitee_cant_see_channel", note="the account is in no workspace yet")
        users.append(user)
    return users


def _join(ask: Ask, channel: Channel, users: list[User]) -> None:
    for user in users:
        channel.members.append(user.id)
        ask.record("channel.join", f"{channel.name}/{user.address}", user)
