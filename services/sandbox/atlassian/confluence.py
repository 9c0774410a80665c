"""The site's Confluence: people are read, access is a matter of groups alone."""

from __future__ import annotations

import re
from typing import Any

from services.sandbox.atlassian.errors import CONFLUENCE, AtlassianError, invalid, not_found
from services.sandbox.atlassian.jira_groups import add, must_be_local, remove
from services.sandbox.atlassian.operations import Context, ok, operation
from services.sandbox.atlassian.seed import CONFLUENCE as PRODUCT
from services.sandbox.atlassian.seed import SITE_ADMINS
from services.sandbox.atlassian.state import Account, Group
from services.sandbox.wire.call import Reply

_API = "site/{site}/wiki/rest/api"
_PAGE = ("start", "limit")
_CQL = re.compile(r'\s*user(\.fullname|\.accountid)?\s*(=|~|in)\s*"?([^")]+)"?\s*', re.IGNORECASE)


@operation("GET", _API + "/user/current", CONFLUENCE, query=("expand",))
def current_user(context: Context) -> Reply:
    return ok(_user_view(context, context.caller or next(iter(context.org.accounts.values()))))


@operation("GET", _API + "/user", CONFLUENCE, query=("accountId", "expand"))
def get_user(context: Context) -> Reply:
    return ok(_user_view(context, _person(context, context.query.get("accountId"), write=False)))


@operation("GET", _API + "/user/memberof", CONFLUENCE, query=("accountId", *_PAGE))
def member_of(context: Context) -> Reply:
    account = _person(context, context.query.get("accountId"), write=False)
    return _groups(context, context.org.groups_of(account))


@operation("GET", _API + "/group", CONFLUENCE, query=(*_PAGE, "accessType"))
def list_groups(context: Context) -> Reply:
    """Everybody's groups, or with `accessType` those that give this access to Confluence."""
    access = context.query.get("accessType")
    if access not in {None, "user", "admin", "site-admin"}:
        raise invalid(f"accessType is none of user, admin, site-admin: {access}")
    found = [
        group
        for group in context.org.groups.values()
        if access is None or (PRODUCT in group.products if access == "user" else group.name == SITE_ADMINS)
    ]
    return _groups(context, sorted(found, key=lambda one: one.name.lower()))


@operation("GET", _API + "/group/picker", CONFLUENCE, query=("query", *_PAGE, "shouldReturnTotalSize"))
def pick_groups(context: Context) -> Reply:
    text = context.query.get("query")
    if text is None:
        raise invalid("query is required")
    return _groups(context, [one for one in context.org.groups.values() if text.lower() in one.name.lower()])


@operation("GET", _API + "/group/by-id", CONFLUENCE, query=("id",))
def get_group(context: Context) -> Reply:
    return ok(_group_view(context, _need(context, context.query.get("id"))))


@operation("GET", _API + "/group/{groupId}/membersByGroupId", CONFLUENCE,
           query=(*_PAGE, "shouldReturnTotalSize", "expand"))  # fmt: skip
def list_members(context: Context) -> Reply:
    group = _need(context, context.args["groupId"])
    people = [_user_view(context, context.org.accounts[key]) for key in group.members]
    return ok(_page(context, people))


@operation("POST", _API + "/group/userByGroupId", CONFLUENCE, query=("groupId",), body={"accountId": str})
def add_member(context: Context) -> Reply:
    context.must_be_admin()
    group = _need(context, context.query.get("groupId"))
    add(context, group, _person(context, context.body.get("accountId")))
    return Reply(201)


@operation("DELETE", _API + "/group/userByGroupId", CONFLUENCE, query=("groupId", "accountId"))
def remove_member(context: Context) -> Reply:
    """204 also for who is not in the group."""
    context.must_be_admin()
    group = _need(context, context.query.get("groupId"))
    account = _person(context, context.query.get("accountId"))
    must_be_local(context, group)
    if account.id in group.members:
        remove(context, group, account)
    return Reply(204)


@operation(
    "GET", _API + "/search/user", CONFLUENCE, query=("cql", *_PAGE, "expand", "sitePermissionTypeFilter")
)
def search_users(context: Context) -> Reply:
    """People with access to Confluence; the query knows names and account ids, no addresses."""
    match = _CQL.fullmatch(context.query.get("cql", ""))
    if match is None:
        raise invalid("Could not parse cql")
    field, wanted = (match[1] or "").lower(), match[3].strip().lower()
    found = [
        one
        for one in context.org.accounts.values()
        if context.org.has_access(one, PRODUCT)
        and (wanted in one.name.lower() if field == ".fullname" else one.id.lower() == wanted)
    ]
    results = [
        {
            "user": _user_view(context, one),
            "title": one.name,
            "excerpt": "",
            "url": f"/people/{one.id}",
            "breadcrumbs": [],
            "entityType": "user",
            "iconCssClass": "",
            "lastModified": "2026-01-01T00:00:00.000Z",
            "score": 0,
        }
        for one in found
    ]
    page = _page(context, results)
    return ok(page | {"totalSize": len(results), "cqlQuery": context.query["cql"], "searchDuration": 3})


def _person(context: Context, key: str | None, *, write: bool = True) -> Account:
    if not key:
        raise invalid("accountId is required")
    account = context.account(key, write=write)
    if not account.is_member:
        raise not_found(f"No user found with account id {key}")
    return account


def _need(context: Context, key: str | None) -> Group:
    if not key:
        raise invalid("groupId is required")
    group = context.org.groups.get(key)
    if group is None:
        raise AtlassianError(404, f"No group found with id {key}")
    return group


def _groups(context: Context, groups: list[Group]) -> Reply:
    return ok(_page(context, [_group_view(context, one) for one in groups]))


def _group_view(context: Context, group: Group) -> dict[str, Any]:
    return {"type": "group", "name": group.name, "id": group.id, "_links": {"self": _base(context)}}


def _base(context: Context) -> str:
    return f"{context.call.base_url}/atlassian/site/{context.org.site}/wiki"


def _page(context: Context, items: list[dict[str, Any]]) -> dict[str, Any]:
    start, limit = context.integer("start", 0), min(context.integer("limit", 200), 200)
    part = items[start : start + limit]
    links = {"self": _base(context), "base": _base(context)}
    if start + limit < len(items):
        links["next"] = f"{context.call.path.partition('/wiki')[2]}?start={start + limit}&limit={limit}"
    return {"results": part, "start": start, "limit": limit, "size": len(part), "_links": links}


def _user_view(context: Context, account: Account) -> dict[str, Any]:
    hides = account.hides_email or context.mode("email_visibility", "shown") != "shown"
    return {
        "type": "known",
        "accountId": account.id,
        "accountType": "atlassian",
        "email": "" if hides else account.email,
        "publicName": account.name,
        "displayName": account.name,
        "profilePicture": {
            "path": "/wiki/aa-avatar/default",
            "width": 48,
            "height": 48,
            "isDefault": True,
        },
        "isExternalCollaborator": False,
        "_expandable": {"operations": "", "personalSpace": ""},
        "_links": {"self": f"{_base(context)}/rest/api/user?accountId={account.id}"},
    }
