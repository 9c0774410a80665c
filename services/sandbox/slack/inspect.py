"""The Slack twin seen from behind."""

from __future__ import annotations

from typing import Any

from services.sandbox.consent import control
from services.sandbox.control.models import AccountCreate, LicensePatch
from services.sandbox.control.sandbox import UnknownNameError
from services.sandbox.settings import SandboxSettings
from services.sandbox.slack.authorizing import CLIENT_ID, CLIENT_SECRET
from services.sandbox.slack.names import convert_name
from services.sandbox.slack.state import Channel, Group, User, Workspace
from services.sandbox.slack.twin import SlackTwin
from services.sandbox.slack.views import stamp
from services.sandbox.slack.web import ALL_SCOPES


class SlackInspector:
    def __init__(self, twin: SlackTwin) -> None:
        self._twin = twin

    @property
    def twin(self) -> SlackTwin:
        return self._twin

    def state(self, *, tenant: str | None, user: str | None) -> dict[str, Any]:
        workspaces = [self._workspace(tenant)] if tenant else list(self._twin.workspaces.values())
        wanted = user.lower() if user else None
        return {
            "users": [
                _user(workspace, one)
                for workspace in workspaces
                for one in workspace.users.values()
                if wanted is None or wanted in {key.lower() for key in one.keys}
            ],
            "groups": [
                {
                    "tenant": workspace.mail_domain,
                    "id": group.id,
                    "name": group.name,
                    "members": _addresses(workspace, group),
                }
                for workspace in workspaces
                for group in workspace.groups.values()
            ],
            "skus": [],
            "channels": [
                {
                    "tenant": workspace.mail_domain,
                    "id": channel.id,
                    "name": channel.name,
                    "private": channel.is_private,
                    "members": _addresses(workspace, channel),
                }
                for workspace in workspaces
                for channel in workspace.channels.values()
            ],
        }

    def _workspace(self, name: str | None) -> Workspace:
        for workspace in self._twin.workspaces.values():
            if name in {workspace.id, workspace.domain, workspace.mail_domain}:
                return workspace
        raise UnknownNameError(f"no workspace {name}")

    def add_account(self, account: AccountCreate) -> dict[str, Any]:
        workspace = self._workspace(account.tenant or account.address.rpartition("@")[2])
        if workspace.find_by_email(account.address) is not None:
            raise UnknownNameError(f"{account.address} exists already")
        if account.licenses:
            raise UnknownNameError("Slack has no licences by name")
        name = convert_name(account.address)
        if workspace.is_name_taken(name):
            name = f"{name[:19]}_2"
        addresses = [account.address.lower(), *account.aliases][:2]
        user = User(
            user_name=name,
            emails=[{"value": one, "primary": one == addresses[0]} for one in addresses],
            fields={
                "name": {"givenName": account.given_name, "familyName": account.family_name},
                **account.fields,
            },
            active=account.enabled and not account.deleted,
            role="admin" if account.admin else "member",
        )
        workspace.users[user.id] = user
        for group_name in account.groups:
            _group(workspace, group_name).members.append(user.id)
        return _user(workspace, user)

    def change_license(self, sku: str, change: LicensePatch) -> list[dict[str, Any]]:  # noqa: ARG002 - the protocol's
        raise UnknownNameError(f"Slack has no licence {sku}: its plan is the mode `plan`")

    def has_password(self, user: str, password: str, *, tenant: str | None) -> bool:  # noqa: ARG002 - the protocol's
        raise UnknownNameError("SCIM at Slack sets no passwords")

    async def act(self, verb: str, body: dict[str, Any]) -> dict[str, Any]:
        """`hold`, `release` (`object`: a user or group locked by another write), `rename`, `create_channel`.

        `join` and `leave` take `user` and `channel` or `group`; `rename` takes `user` and `display_name`. Also what
        `consent/control.py` can do.
        """
        done = control.act(self._twin.desk.book, self._twin.redirects, verb, body)
        if done is not None:
            return done
        workspace = self._workspace(body.get("tenant", "acme.example"))
        match verb:
            case "hold":
                self._twin.locks.hold(workspace.id, _object_id(workspace, body["object"]))
            case "release":
                self._twin.locks.let_go(workspace.id, _object_id(workspace, body["object"]))
            case "create_channel":
                made = Channel(name=body["name"], is_private=bool(body.get("private")))
                workspace.channels[made.id] = made
                return {"id": made.id}
            case "rename":
                user = _need(workspace, body["user"])
                user.fields["displayName"] = body["display_name"]
            case "join" | "leave":
                _move(workspace, verb, body)
            case _:
                raise UnknownNameError(f"nobody can {verb} at Slack")
        return {"done": verb}

    def info(self, base_url: str) -> dict[str, Any]:
        scim_url, api_url = f"{base_url}/slack/scim/v2", f"{base_url}/slack/api"
        first = next(iter(self._twin.workspaces.values()))
        return {
            "scim_url": scim_url,
            "api_url": api_url,
            "scopes": sorted(ALL_SCOPES),
            "oauth": {
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
                "authorize_url": f"{base_url}/slack/oauth/v2/authorize",
                "token_url": f"{api_url}/oauth.v2.access",
            },
            "rate_limit_forms": sorted(self._twin.rate_limit_forms()),
            "tenants": [
                {
                    "team_id": workspace.id,
                    "team_domain": workspace.domain,
                    "name": workspace.name,
                    "domain": workspace.mail_domain,
                    "token": workspace.token,
                    "groups": {group.name: group.id for group in workspace.groups.values()},
                    "channels": {channel.name: channel.id for channel in workspace.channels.values()},
                }
                for workspace in self._twin.workspaces.values()
            ],
            "environment": {
                "auth": {
                    "SLACK_SCIM_TOKEN": first.token,
                    "SLACK_TEAM_ID": first.id,
                    "SLACK_TEAM_DOMAIN": first.domain,
                    "SLACK_OAUTH_CLIENT_ID": CLIENT_ID,
                    "SLACK_OAUTH_CLIENT_SECRET": CLIENT_SECRET,
                    "SLACK_AUTHORIZE_URL": f"{base_url}/slack/oauth/v2/authorize",
                    "SLACK_API_URL": api_url,
                },
                "worker": {"SLACK_SCIM_URL": scim_url, "SLACK_API_URL": api_url},
            },
        }


def _addresses(workspace: Workspace, place: Group | Channel) -> list[str]:
    return [workspace.users[key].address for key in place.members if key in workspace.users]


def _need(workspace: Workspace, key: str) -> User:
    user = workspace.find_user(key)
    if user is None:
        raise UnknownNameError(f"no user {key}")
    return user


def _group(workspace: Workspace, name: str) -> Group:
    for group in workspace.groups.values():
        if name.lower() in {group.id.lower(), group.name.lower()}:
            return group
    raise UnknownNameError(f"no group {name}")


def _object_id(workspace: Workspace, name: str) -> str:
    user = workspace.find_user(name)
    return user.id if user else _group(workspace, name).id


def _move(workspace: Workspace, verb: str, body: dict[str, Any]) -> None:
    """Put somebody into a channel or group, or take them out, as a person at Slack does."""
    user = _need(workspace, body["user"])
    if body.get("group"):
        place: Group | Channel = _group(workspace, body["group"])
    else:
        wanted = body.get("channel")
        found = next((one for one in workspace.channels.values() if wanted in {one.id, one.name}), None)
        if found is None:
            raise UnknownNameError(f"no channel {wanted}")
        place = found
    if verb == "join" and user.id not in place.members:
        place.members.append(user.id)
    elif verb == "leave" and user.id in place.members:
        place.members.remove(user.id)


def _user(workspace: Workspace, user: User) -> dict[str, Any]:
    return {
        "tenant": workspace.mail_domain,
        "id": user.id,
        "address": user.address,
        "user_name": user.user_name,
        "emails": user.emails,
        "name": user.fields.get("name"),
        "enabled": user.active,
        "deleted": False,
        "role": user.role,
        "guest": user.guest,
        "licenses": [],
        "groups": [group.name for group in workspace.groups_of(user)],
        "channels": [channel.name for channel in workspace.channels_of(user)],
        "external_id": user.fields.get("externalId") or "",
        "manager": (user.fields.get("enterprise") or {}).get("manager"),
        "session_resets": user.session_resets,
        "origin": user.origin,
        "created_at": stamp(user.created_at),
        "fields": user.fields,
    }


def make_inspector(settings: SandboxSettings) -> SlackInspector:
    """The twin as freshly seeded."""
    return SlackInspector(SlackTwin(settings.behaviour(), settings.app_url))
