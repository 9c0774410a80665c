"""The ClickUp twin seen from behind, and what people do there."""

from __future__ import annotations

import time
from typing import Any

from services.sandbox.clickup.authorizing import CLIENT_ID, CLIENT_SECRET
from services.sandbox.clickup.state import ADMIN, GUEST, MEMBER, Group, User, Workspace
from services.sandbox.clickup.twin import ClickUpTwin
from services.sandbox.clickup.views import stamp
from services.sandbox.consent import control
from services.sandbox.control.models import AccountCreate, LicensePatch
from services.sandbox.control.sandbox import UnknownNameError
from services.sandbox.settings import SandboxSettings

_SEATS = {"members": "member_seats", "guests": "guest_seats"}


class ClickUpInspector:
    def __init__(self, twin: ClickUpTwin) -> None:
        self._twin = twin

    @property
    def twin(self) -> ClickUpTwin:
        return self._twin

    def state(self, *, tenant: str | None, user: str | None) -> dict[str, Any]:
        workspaces = [self._workspace(tenant)] if tenant else self._twin.workspaces
        return {
            "users": [
                _user(workspace, one)
                for workspace in workspaces
                for one in (*workspace.users.values(), *workspace.gone.values())
                if user is None or user.lower() in {key.lower() for key in one.keys}
            ],
            "groups": [
                _group(workspace, one) for workspace in workspaces for one in workspace.groups.values()
            ],
            "skus": [_sku(workspace, key) for workspace in workspaces for key in _SEATS],
        }

    def _workspace(self, name: str | None) -> Workspace:
        for workspace in self._twin.workspaces:
            if name in {workspace.id, workspace.domain}:
                return workspace
        raise UnknownNameError(f"no Workspace {name}")

    def _person(self, body: dict[str, Any]) -> tuple[Workspace, User]:
        key = str(body.get("email") or body.get("user") or "")
        workspaces = [self._workspace(body["tenant"])] if body.get("tenant") else self._twin.workspaces
        for workspace in workspaces:
            user = workspace.find_user(key)
            if user is not None:
                return workspace, user
        raise UnknownNameError(f"no user {key}")

    def add_account(self, account: AccountCreate) -> dict[str, Any]:
        """A member, or with `fields` `{"guest": true}` a guest; `{"pending": true}`: the invitation is out."""
        domain = account.address.rpartition("@")[2]
        known = {one.domain for one in self._twin.workspaces}
        workspace = self._workspace(account.tenant or (domain if domain in known else "acme.example"))
        if workspace.find_user(account.address) is not None:
            raise UnknownNameError(f"{account.address} exists already")
        if account.licenses:
            raise UnknownNameError("ClickUp has no licences by name")
        is_pending = bool(account.fields.get("pending"))
        role = ADMIN if account.admin else MEMBER
        user = User(
            email=account.address,
            role=GUEST if account.fields.get("guest") else role,
            username=None if is_pending else f"{account.given_name} {account.family_name}",
            joined_at=None if is_pending else time.time(),
            invited_by=workspace.acting,
        )
        workspace.users[user.id] = user
        for name in account.groups:
            _need_group(workspace, name).members[user.id] = None
        if account.deleted or not account.enabled:
            workspace.remove(user)
        return _user(workspace, user)

    def change_license(self, sku: str, change: LicensePatch) -> list[dict[str, Any]]:
        """`members` and `guests` are what seats there are."""
        if sku not in _SEATS:
            raise UnknownNameError(f"no licence {sku}")
        workspaces = [self._workspace(change.tenant)] if change.tenant else self._twin.workspaces
        for workspace in workspaces:
            if change.enabled is not None:
                setattr(workspace, _SEATS[sku], change.enabled)
        return [_sku(workspace, sku) for workspace in workspaces]

    def has_password(self, user: str, password: str, *, tenant: str | None) -> bool:  # noqa: ARG002 - the protocol's
        raise UnknownNameError("ClickUp's API sets no passwords")

    async def act(self, verb: str, body: dict[str, Any]) -> dict[str, Any]:
        """`join` (`email`, `username`: the invitation is accepted), `leave` (out of the Workspace).

        `group` and `ungroup` take a `group`, by name or id. Also what `consent/control.py` can do.
        """
        done = control.act(self._twin.desk.book, self._twin.redirects, verb, body)
        if done is not None:
            return done
        workspace, user = self._person(body)
        match verb:
            case "join":
                if user.joined_at is not None:
                    raise UnknownNameError(f"no invitation of {user.email} is out")
                user.joined_at = time.time()
                user.username = str(body.get("username") or user.username or user.email.partition("@")[0])
            case "leave":
                workspace.remove(user)
            case "group":
                _need_group(workspace, str(body["group"])).members[user.id] = None
            case "ungroup":
                _need_group(workspace, str(body["group"])).members.pop(user.id, None)
            case _:
                raise UnknownNameError(f"nobody can {verb} at ClickUp")
        return _user(workspace, user)

    def info(self, base_url: str) -> dict[str, Any]:
        api_url = f"{base_url}/clickup/api/v2"
        acme = self._twin.workspaces[0]
        return {
            "api_url": api_url,
            "oauth": {
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
                "authorize_url": f"{base_url}/clickup/api",
                "token_url": f"{api_url}/oauth/token",
            },
            "rate_limit_forms": sorted(self._twin.rate_limit_forms()),
            "environment": {
                "auth": {
                    "CLICKUP_API_TOKEN": acme.token,
                    "CLICKUP_TEAM_ID": acme.id,
                    "CLICKUP_OAUTH_CLIENT_ID": CLIENT_ID,
                    "CLICKUP_OAUTH_CLIENT_SECRET": CLIENT_SECRET,
                    "CLICKUP_AUTHORIZE_URL": f"{base_url}/clickup/api",
                    "CLICKUP_API_URL": api_url,
                },
                "worker": {"CLICKUP_API_URL": api_url},
            },
            "tenants": [
                {
                    "team_id": workspace.id,
                    "name": workspace.name,
                    "domain": workspace.domain,
                    "token": workspace.token,
                    "oauth_token": workspace.oauth_token,
                    "groups": {one.name: one.id for one in workspace.groups.values()},
                    "roles": {one.name: one.id for one in workspace.roles.values()},
                    "places": _places(workspace),
                }
                for workspace in self._twin.workspaces
            ],
        }


def _places(workspace: Workspace) -> dict[str, str]:
    """Names of folders and lists to `folder/…` and `list/…`."""
    places = {}
    for space in workspace.spaces.values():
        for folder in space.folders.values():
            places[folder.name] = f"folder/{folder.id}"
            places |= {name: f"list/{key}" for key, name in folder.lists.items()}
        places |= {name: f"list/{key}" for key, name in space.lists.items()}
    return places


def _need_group(workspace: Workspace, name: str) -> Group:
    for group in workspace.groups.values():
        if name in {group.id, group.name}:
            return group
    raise UnknownNameError(f"no group {name}")


def _user(workspace: Workspace, user: User) -> dict[str, Any]:
    is_there = user.removed_at is None
    groups = workspace.groups_of(user) if is_there else []
    return {
        "tenant": workspace.domain,
        "id": str(user.id),
        "address": user.email,
        "name": user.username,
        "enabled": is_there and user.joined_at is not None,
        "deleted": not is_there,
        "pending": is_there and user.joined_at is None,
        "role": user.role,
        "custom_role": user.custom_role,
        "guest": user.is_guest,
        "paid": not user.is_guest or workspace.is_paid(user),
        "flags": user.flags,
        "shares": user.shares,
        "licenses": [],
        "groups": sorted(group.name for group in groups),
        "origin": user.origin,
        "invited_at": stamp(user.invited_at),
        "joined_at": stamp(user.joined_at),
    }


def _group(workspace: Workspace, group: Group) -> dict[str, Any]:
    return {
        "tenant": workspace.domain,
        "id": group.id,
        "name": group.name,
        "members": [workspace.users[key].email for key in group.members],
    }


def _sku(workspace: Workspace, key: str) -> dict[str, Any]:
    filled = workspace.filled_members if key == "members" else workspace.filled_guests
    seats = getattr(workspace, _SEATS[key])
    return {"tenant": workspace.domain, "id": key, "name": key, "enabled": seats, "free": seats - filled}


def make_inspector(settings: SandboxSettings) -> ClickUpInspector:
    """The twin as freshly seeded."""
    return ClickUpInspector(ClickUpTwin(settings.behaviour(), settings.app_url))
