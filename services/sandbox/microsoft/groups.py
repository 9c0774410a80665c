"""Graph groups."""

from __future__ import annotations

import re
import uuid

from services.sandbox.microsoft import filters
from services.sandbox.microsoft.errors import bad_request, unsupported_query
from services.sandbox.microsoft.operations import Context, operation
from services.sandbox.microsoft.properties import GROUP_PROPERTIES
from services.sandbox.microsoft.state import Group
from services.sandbox.microsoft.views import GROUP_DEFAULT, group_view
from services.sandbox.wire.call import Reply

WRITE = ("Group.ReadWrite.All", "Directory.ReadWrite.All")
READ = (*WRITE, "Group.Read.All", "GroupMember.Read.All", "GroupMember.ReadWrite.All", "Directory.Read.All")
_OPTIONS = ("$count", "$filter", "$orderby", "$search", "$select", "$skiptoken", "$top")
_SEARCH = re.compile(r'"(displayName|description):([^"]+)"')
_WRITABLE = frozenset(
    {
        "description",
        "displayName",
        "groupTypes",
        "mailEnabled",
        "mailNickname",
        "membershipRule",
        "membershipRuleProcessingState",
        "securityEnabled",
        "visibility",
    }
)


@operation("GET", "groups", permissions=READ, query=_OPTIONS)
def list_groups(context: Context) -> Reply:
    names = context.selected(GROUP_PROPERTIES, GROUP_DEFAULT, "group")
    groups = list(context.tenant.groups.values())
    text, search, order = (context.query.get(name) for name in ("$filter", "$search", "$orderby"))
    if text:
        wanted = filters.parse(text, filters.GROUP_RULES)
        if wanted.is_advanced or order:
            context.must_be_advanced()
        groups = [group for group in groups if wanted.test(group_view(group))]
    if search:
        if not context.is_eventual:
            raise unsupported_query(
                "Request with $search query parameter only works through MSGraph with a special request header:"
                " 'ConsistencyLevel: eventual'"
            )
        match = _SEARCH.fullmatch(search.strip())
        if match is None:
            raise bad_request(f"Syntax error in search '{search}'.", code="BadRequest")
        name, word = match[1], match[2].lower()
        groups = [group for group in groups if word in str(group_view(group)[name] or "").lower()]
    if order:
        if order not in {"displayName", "displayName asc", "displayName desc"}:
            raise unsupported_query(f"Sorting by '{order}' is not supported.")
        groups.sort(key=lambda group: group.display_name.lower(), reverse=order.endswith("desc"))
    suffix = f"groups({context.query['$select']})" if "$select" in context.query else "groups"
    return context.page(groups, suffix, lambda group: group_view(group, names))


@operation("GET", "groups/{group}", permissions=READ, query=("$select",))
def get_group(context: Context) -> Reply:
    names = context.selected(GROUP_PROPERTIES, GROUP_DEFAULT, "group")
    return context.entity(group_view(context.need_group(), names), "groups/$entity")


@operation("POST", "groups", permissions=WRITE, body=True)
def create_group(context: Context) -> Reply:
    body, tenant = context.body, context.tenant
    for name in body:
        if name not in _WRITABLE:
            raise bad_request(f"Invalid property '{name}'.", target=name)
    for name in ("displayName", "mailEnabled", "mailNickname", "securityEnabled"):
        if body.get(name) is None:
            raise bad_request(f"A value is required for property '{name}' of resource 'Group'.", target=name)
    types = body.get("groupTypes") or []
    kind = "dynamic" if "DynamicMembership" in types else "unified" if "Unified" in types else "security"
    if (kind == "unified") != bool(body["mailEnabled"]):
        raise bad_request("The service does not support writes to mail-enabled groups of this type.")
    nickname = str(body["mailNickname"])
    group = Group(
        id=str(uuid.uuid4()),
        display_name=str(body["displayName"]),
        mail_nickname=nickname,
        kind=kind,
        mail=f"{nickname}@{tenant.domains[0]}" if kind == "unified" else None,
        description=body.get("description"),
    )
    tenant.groups[group.id] = group
    context.record("group.create", group.id, None, {"group": group.display_name})
    return context.entity(group_view(group), "groups/$entity", 201)


@operation("DELETE", "groups/{group}", permissions=WRITE)
def delete_group(context: Context) -> Reply:
    group = context.need_group()
    del context.tenant.groups[group.id]
    context.record("group.delete", group.id, None, {"group": group.display_name})
    return Reply(204)
