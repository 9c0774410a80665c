"""SCIM groups of an enterprise with managed users; a team that is linked to one is filled by it."""

from __future__ import annotations

import uuid
from typing import Any

from services.sandbox.github.errors import ScimError, not_found
from services.sandbox.github.operations import Context, no_content, operation
from services.sandbox.github.scim_enterprise import domain_of
from services.sandbox.github.scim_patch import PATCH_BODY, read_operations
from services.sandbox.github.scim_views import GROUP, group_resource, listed, read_filter, scim
from services.sandbox.github.state import Enterprise, ScimGroup, World
from services.sandbox.wire.call import Reply

_GROUPS = "scim/v2/enterprises/{enterprise}/Groups"
_ONE = _GROUPS + "/{group}"
_FILTERS = {name.lower(): name for name in ("id", "externalId", "displayName")}
_BODY = {"schemas": ["string"], "externalId": "string", "displayName": "string", "members": ["object"]}
_NEEDS = ("schemas", "externalId", "displayName")


@operation("GET", _GROUPS, query=("filter", "excludedAttributes", "startIndex", "count"), is_scim=True)
def list_groups(context: Context) -> Reply:
    enterprise = context.enterprise
    chosen = read_filter(context, _FILTERS)
    found = [one for one in enterprise.groups.values() if chosen is None or _matches(one, *chosen)]
    return listed(context, [_shown(context, enterprise, one) for one in found])


def _matches(group: ScimGroup, name: str, value: str) -> bool:
    own = {"id": group.id, "externalId": group.external_id, "displayName": group.name}[name]
    return own.lower() == value.lower()


def _shown(context: Context, enterprise: Enterprise, group: ScimGroup) -> dict[str, Any]:
    has_members = "members" not in context.query.get("excludedAttributes", "")
    return group_resource(group, enterprise, context.base, has_members=has_members)


@operation("POST", _GROUPS, body=_BODY, required=_NEEDS, is_scim=True)
def create_group(context: Context) -> Reply:
    enterprise, body = context.enterprise, context.body
    if GROUP not in body["schemas"]:
        raise ScimError(400, f"schemas must have {GROUP}", scim_type="invalidSyntax")
    for other in enterprise.groups.values():
        if body["externalId"] == other.external_id or _matches(other, "displayName", body["displayName"]):
            raise ScimError(409, "Group already exists in this enterprise", scim_type="uniqueness")
    members = _members(enterprise, body.get("members") or [])
    group = ScimGroup(str(uuid.uuid4()), body["displayName"], body["externalId"], members)
    enterprise.groups[group.id] = group
    context.record("group.create", group.name, [group.id], domain=domain_of(context, enterprise))
    return scim(_shown(context, enterprise, group), 201)


def _members(enterprise: Enterprise, items: list[dict[str, Any]]) -> list[str]:
    ids = [str(one.get("value")) for one in items]
    for one in ids:
        if one not in enterprise.identities:
            raise ScimError(400, f"Unknown member: {one}", scim_type="invalidValue")
    return ids


def _need(context: Context) -> tuple[Enterprise, ScimGroup]:
    enterprise = context.enterprise
    group = enterprise.groups.get(context.args["group"])
    if group is None:
        raise not_found()
    return enterprise, group


@operation("GET", _ONE, query=("excludedAttributes",), is_scim=True)
def get_group(context: Context) -> Reply:
    enterprise, group = _need(context)
    return scim(_shown(context, enterprise, group))


@operation("PUT", _ONE, body=_BODY, required=_NEEDS, is_scim=True)
def replace_group(context: Context) -> Reply:
    enterprise, group = _need(context)
    group.name, group.external_id = context.body["displayName"], context.body["externalId"]
    _set_members(context, enterprise, group, _members(enterprise, context.body.get("members") or []))
    return scim(_shown(context, enterprise, group))


@operation("PATCH", _ONE, body=PATCH_BODY, required=("schemas", "Operations"), is_scim=True)
def patch_group(context: Context) -> Reply:
    enterprise, group = _need(context)
    members, name = list(group.members), group.name
    for verb, path, value in read_operations(context.body["Operations"]):
        changes = {path: value} if path else value
        if not isinstance(changes, dict) or set(changes) - {"members", "displayName", "externalId"}:
            raise ScimError(400, f"Unsupported path: {path}", scim_type="invalidPath")
        name = changes.get("displayName") or name
        if "members" in changes:
            members = _changed_members(verb, members, _members(enterprise, changes["members"] or []))
    group.name = name
    _set_members(context, enterprise, group, members)
    return scim(_shown(context, enterprise, group))


def _changed_members(verb: str, before: list[str], named: list[str]) -> list[str]:
    match verb:
        case "add":
            return before + [one for one in named if one not in before]
        case "remove":
            return [one for one in before if one not in named] if named else []
        case _:
            return named


def _set_members(context: Context, enterprise: Enterprise, group: ScimGroup, members: list[str]) -> None:
    domain = domain_of(context, enterprise)
    for verb, ids in (
        ("add", [one for one in members if one not in group.members]),
        ("remove", [one for one in group.members if one not in members]),
    ):
        for one in ids:
            keys = enterprise.identities[one].keys
            context.record(f"group_member.{verb}", group.name, keys, {"group": group.id}, domain=domain)
    group.members = members
    fill_teams(context.world, enterprise, group)


def fill_teams(world: World, enterprise: Enterprise, group: ScimGroup) -> None:
    """Teams that are linked to the group get its members; who is not in the organisation yet joins it."""
    for org in world.organizations.values():
        for team in org.teams.values():
            if org.enterprise is not enterprise or team.external_group != group.id:
                continue
            accounts = [enterprise.identities[one].account for one in group.members]
            living = [one for one in accounts if one is not None and not one.is_suspended]
            for account in living:
                if account.id not in org.members and org.free_seats > 0:
                    org.join(account)
            team.members = {one.id: "member" for one in living if one.id in org.members}


@operation("DELETE", _ONE, is_scim=True)
def delete_group(context: Context) -> Reply:
    enterprise, group = _need(context)
    del enterprise.groups[group.id]
    context.record("group.delete", group.name, [group.id], domain=domain_of(context, enterprise))
    return no_content()
