"""Users and groups as Slack's SCIM shows them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.sandbox.slack.bodies import (
    CORE_GROUP,
    CORE_USER,
    ENTERPRISE,
    GUEST,
    LISTS,
    PROFILE,
    STRINGS,
)
from services.sandbox.slack.state import Channel, Group, User, Workspace

LIST_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
_SHOWN_STRINGS = tuple(
    name for name in STRINGS if name not in {"externalId", "userType", "preferredLanguage", "locale"}
)


def stamp(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S-00:00")


def _meta(base_url: str, kind: str, id: str, created_at: float) -> dict[str, Any]:
    return {"created": stamp(created_at), "location": f"{base_url}/slack/scim/v2/{kind}/{id}"}


def user_view(workspace: Workspace, user: User, base_url: str) -> dict[str, Any]:
    """The User resource: unset fields are null, `externalId` is "", the type of an address is gone."""
    fields = user.fields
    name = fields.get("name") or {}
    body: dict[str, Any] = {
        "schemas": [CORE_USER, ENTERPRISE, PROFILE],
        "id": user.id,
        "externalId": fields.get("externalId") or "",
        "meta": _meta(base_url, "Users", user.id, user.created_at),
        "userName": user.user_name,
        "name": {"givenName": name.get("givenName"), "familyName": name.get("familyName")},
        "active": user.active,
        "emails": [dict(email) for email in user.emails],
        "groups": [{"value": one.id, "display": one.name} for one in workspace.groups_of(user)] or None,
        ENTERPRISE: _enterprise(workspace, user),
        PROFILE: {"startDate": (fields.get("profile") or {}).get("startDate")},
    }
    body |= {one: fields.get(one) for one in _SHOWN_STRINGS}
    body |= {one: fields.get(one) or None for one in LISTS}
    if user.guest is not None:
        body["schemas"].append(GUEST)
        channels = [{"value": one.id, "display": one.name} for one in workspace.channels_of(user)]
        body[GUEST] = {**user.guest, "channels": channels or None}
    return body


def _enterprise(workspace: Workspace, user: User) -> dict[str, Any]:
    held = dict(user.fields.get("enterprise") or {})
    manager = held.pop("manager", None)
    shown: dict[str, Any] = held
    found = workspace.find_user(manager["managerId"]) if manager else None
    shown["manager"] = {"managerId": found.id, "displayName": found.label} if found else {}
    return shown


def document(user: User) -> dict[str, Any]:
    """What a client may write of this user, as it would send it: what PATCH starts from."""
    fields = dict(user.fields)
    extension, profile = fields.pop("enterprise", None), fields.pop("profile", None)
    body: dict[str, Any] = {
        "schemas": [CORE_USER, ENTERPRISE, GUEST, PROFILE],
        "userName": user.user_name,
        "emails": [dict(email) for email in user.emails],
        "active": user.active,
        **{name: value for name, value in fields.items() if value},
    }
    if extension:
        body[ENTERPRISE] = dict(extension)
    if profile:
        body[PROFILE] = dict(profile)
    if user.guest is not None:
        body[GUEST] = dict(user.guest)
    return body


def group_view(workspace: Workspace, group: Group, base_url: str) -> dict[str, Any]:
    members = [
        {"value": key, "display": workspace.users[key].label}
        for key in group.members
        if key in workspace.users
    ]
    return {
        "schemas": [CORE_GROUP],
        "id": group.id,
        "meta": _meta(base_url, "Groups", group.id, group.created_at),
        "displayName": group.name,
        "members": members or None,
    }


def web_user(workspace: Workspace, user: User) -> dict[str, Any]:
    """The Web API's user object, with what provisioning reads of it."""
    return {
        "id": user.id,
        "team_id": workspace.id,
        "name": user.user_name,
        "deleted": not user.active,
        "real_name": user.real_name,
        "profile": {
            "display_name": user.fields.get("displayName") or "",
            "display_name_normalized": user.fields.get("displayName") or "",
            "real_name": user.real_name,
            "real_name_normalized": user.real_name,
            "title": user.fields.get("title") or "",
            "email": user.address,
            "team": workspace.id,
        },
        "is_admin": user.role != "member",
        "is_owner": user.role in {"owner", "primary_owner"},
        "is_primary_owner": user.role == "primary_owner",
        "is_restricted": user.guest is not None,
        "is_ultra_restricted": False,
        "is_bot": False,
        "is_app_user": False,
        "updated": int(user.created_at),
    }


def enterprise_user(workspace: Workspace, user: User) -> dict[str, Any]:
    """The user in the organisation, with the workspaces that they are in."""
    return {
        "id": user.id,
        "enterprise_id": workspace.enterprise_id,
        "enterprise_name": workspace.name,
        "is_admin": False,
        "is_owner": False,
        "teams": [workspace.id] if user.in_workspace else [],
    }


def web_channel(workspace: Workspace, channel: Channel) -> dict[str, Any]:
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.is_private,
        "is_general": channel.is_general,
        "is_archived": channel.is_archived,
        "is_shared": False,
        "is_org_shared": False,
        "is_ext_shared": False,
        "is_pending_ext_shared": False,
        "is_member": workspace.acting in channel.members,
        "created": int(channel.created_at),
        "creator": workspace.acting,
        "unlinked": 0,
        "pending_shared": [],
        "previous_names": [],
        "purpose": {"creator": "", "last_set": 0, "value": ""},
        "topic": {"creator": "", "last_set": 0, "value": ""},
        "num_members": len(channel.members),
    }
