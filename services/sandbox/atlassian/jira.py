"""People of the site, as Jira's API v3 sees them.

Modes: `email_visibility` (`shown`, `hidden`: the address is an empty text, `unfindable`: a search by it finds nobody
either), `existing_user` (`refused`, `refused_but_invited`: 400, and yet access is there afterwards).
"""

from __future__ import annotations

from typing import Any

from services.sandbox.atlassian.errors import JIRA, AtlassianError, invalid
from services.sandbox.atlassian.operations import Context, ok, operation
from services.sandbox.atlassian.seed import CONFLUENCE
from services.sandbox.atlassian.state import Account, Group
from services.sandbox.wire.call import Reply

API = "site/{site}/rest/api/3"
_PRODUCTS = ("jira-core", "jira-servicedesk", "jira-product-discovery", "jira-software")
_WINDOW = 1000
_NEW_USER = {
    "emailAddress": str, "products": [str], "displayName": str, "key": str, "name": str, "password": str,
    "applicationKeys": [str], "self": str,
}  # fmt: skip


@operation("GET", API + "/myself", JIRA, query=("expand",))
def myself(context: Context) -> Reply:
    account = context.caller or next(iter(context.org.accounts.values()))
    return ok(user_view(context, account, shows_email=True))


@operation("GET", API + "/serverInfo", JIRA)
def server_info(context: Context) -> Reply:
    return ok(
        {
            "baseUrl": f"{context.call.base_url}/atlassian/site/{context.org.site}",
            "version": "1001.0.0-SNAPSHOT",
            "versionNumbers": [1001, 0, 0],
            "deploymentType": "Cloud",
            "buildNumber": 100287,
            "serverTitle": "Jira",
        }
    )


@operation("GET", API + "/mypermissions", JIRA, query=("permissions", "projectKey", "projectId"))
def my_permissions(context: Context) -> Reply:
    """Of the global ones, the two that matter here."""
    asked = context.query.get("permissions")
    if not asked:
        raise invalid("The 'permissions' query parameter is required.")
    is_admin = context.caller is None or context.caller.is_admin
    known = {"ADMINISTER": is_admin, "USER_PICKER": True, "SYSTEM_ADMIN": False}
    names = asked.split(",")
    if set(names) - set(known):
        raise invalid("Unrecognized permission")
    body = {
        name: {"id": "1", "key": name, "name": name, "type": "GLOBAL", "havePermission": known[name]}
        for name in names
    }
    return ok({"permissions": body})


@operation("POST", API + "/user", JIRA, body=_NEW_USER)
def create_user(context: Context) -> Reply:
    """Invite to products: 201, and 201 again for who has access; 400 for who has an account without it, or no seat."""
    context.must_be_admin()
    org, email = context.org, context.body.get("emailAddress") or ""
    if "@" not in email:
        raise invalid("You must specify a valid email address.", "emailAddress")
    products = context.body.get("products")
    if products is None:
        raise invalid("products is required", "products")
    if any(key not in _PRODUCTS or key not in org.products for key in products):
        raise invalid("The product is not valid for this site.", "products")
    account = org.find_account(email)
    if account is not None and account.is_member:
        return _again(context, account, products)
    groups = _groups_for(context, products)
    _need_seats(context, Account(email=email, name=email), groups)
    if account is None:
        account = Account(email=email, name=email, is_invited=True, created_at=context.call.at, origin="api")
        org.accounts[account.id] = account
    account.is_member = True
    context.record("user.invite", email, account, {"products": products})
    _join(context, account, groups)
    return ok(user_view(context, account, shows_email=True), 201)


def _again(context: Context, account: Account, products: list[str]) -> Reply:
    org = context.org
    if org.has_access(account, *(key for key in _PRODUCTS if key in org.products)):
        return ok(user_view(context, account, shows_email=True), 201)
    if context.mode("existing_user", "refused") == "refused_but_invited":
        groups = _groups_for(context, products)
        _need_seats(context, account, groups)
        _join(context, account, groups)
    raise invalid(f"A user with the email {account.email} already exists.", "emailAddress")


def _groups_for(context: Context, products: list[str]) -> list[Group]:
    groups = context.org.groups.values()
    return [next(group for group in groups if key in group.default_for) for key in products]


def _need_seats(context: Context, account: Account, groups: list[Group]) -> None:
    for group in groups:
        lacking = context.org.lacking(account, group.products)
        if lacking:
            raise no_seat(context.org.products[lacking].name)


def no_seat(product: str) -> AtlassianError:
    return invalid(
        f"The number of users exceeds the license limit of {product}. Upgrade your plan to add users."
    )


def _join(context: Context, account: Account, groups: list[Group]) -> None:
    for group in groups:
        if account.id not in group.members:
            group.members[account.id] = None
            detail = {"group": group.name, "products": list(group.products)}
            context.record("member.add", group.name, account, detail)
    context.org.settle_seats()


@operation("GET", API + "/user", JIRA, query=("accountId", "expand"))
def get_user(context: Context) -> Reply:
    account = on_site(context, context.query.get("accountId"), write=False)
    expanded = context.query.get("expand", "").split(",")
    return ok(user_view(context, account, expanded=expanded))


@operation("DELETE", API + "/user", JIRA, query=("accountId",))
def delete_user(context: Context) -> Reply:
    """Out of Jira; the Atlassian account, and Confluence, stay."""
    context.must_be_admin()
    org, account = context.org, on_site(context, context.query.get("accountId"))
    groups = [group for group in org.groups_of(account) if set(group.products) - {CONFLUENCE}]
    if any(context.is_synced(group) for group in groups):
        raise invalid("The user is managed by an external directory and can not be removed here.")
    for group in groups:
        del group.members[account.id]
    org.settle_seats()
    context.record("user.remove", account.email, account, {"groups": [group.name for group in groups]})
    return Reply(204)


@operation("GET", API + "/user/search", JIRA, query=("query", "accountId", "startAt", "maxResults"))
def search_users(context: Context) -> Reply:
    """Active people of the site whose name or address begins so; up to the thousandth."""
    query, wanted = context.query.get("query"), context.query.get("accountId")
    if (query is None) == (wanted is None):
        raise invalid("Either the 'query' or the 'accountId' query parameter is required.")
    found = [one for one in _site_people(context) if one.is_usable]
    if wanted is not None:
        found = [one for one in found if one.id == wanted]
    else:
        found = [one for one in found if _matches(context, one, (query or "").lower())]
    start, count = context.integer("startAt", 0), context.integer("maxResults", 50)
    return ok([user_view(context, one) for one in found[:_WINDOW][start : start + count]])


def _matches(context: Context, account: Account, query: str) -> bool:
    names = [account.name.lower(), *account.name.lower().split()]
    if context.mode("email_visibility", "shown") != "unfindable":
        names.append(account.email.lower())
    return any(name.startswith(query) for name in names)


@operation("GET", API + "/users/search", JIRA, query=("startAt", "maxResults"))
def list_users(context: Context) -> Reply:
    """Everybody, inactive people too."""
    start, count = context.integer("startAt", 0), min(context.integer("maxResults", 50), _WINDOW)
    return ok([user_view(context, one) for one in _site_people(context)[start : start + count]])


@operation("GET", API + "/user/groups", JIRA, query=("accountId",))
def user_groups(context: Context) -> Reply:
    account = on_site(context, context.query.get("accountId"), write=False)
    return ok([group_name(context, group) for group in context.org.groups_of(account)])


def _site_people(context: Context) -> list[Account]:
    """Who has, or once had, something here."""
    behaviour = context.behaviour
    return [
        one
        for one in context.org.accounts.values()
        if one.is_member and not (behaviour.settle_lists and context.is_settling(one.created_at, one.origin))
    ]


def on_site(context: Context, key: str | None, *, write: bool = True) -> Account:
    if not key:
        raise invalid("The 'accountId' query parameter is required.")
    account = context.account(key, write=write)
    if not account.is_member:
        raise AtlassianError(404, f"Specified user does not exist: {key}")
    return account


def group_name(context: Context, group: Group) -> dict[str, Any]:
    base = f"{context.call.base_url}/atlassian/{API.format(site=context.org.site)}"
    return {"name": group.name, "groupId": group.id, "self": f"{base}/group?groupId={group.id}"}


def user_view(
    context: Context, account: Account, *, shows_email: bool = False, expanded: list[str] | None = None
) -> dict[str, Any]:
    """A user; its address may be hidden. `groups` and `applicationRoles` come when they are asked for."""
    hides = account.hides_email or context.mode("email_visibility", "shown") != "shown"
    base = f"{context.call.base_url}/atlassian/{API.format(site=context.org.site)}"
    view: dict[str, Any] = {
        "self": f"{base}/user?accountId={account.id}",
        "accountId": account.id,
        "accountType": "atlassian",
        "emailAddress": "" if hides and not shows_email else account.email,
        "avatarUrls": {},
        "displayName": account.name,
        "active": account.is_usable,
        "timeZone": "Europe/Berlin",
        "locale": "en_US",
    }
    if expanded and "groups" in expanded:
        groups = [group_name(context, group) for group in context.org.groups_of(account)]
        view["groups"] = {"size": len(groups), "items": groups}
    if expanded and "applicationRoles" in expanded:
        roles = [
            {"key": key, "name": context.org.products[key].name}
            for key in context.org.products
            if key != CONFLUENCE and context.org.has_access(account, key)
        ]
        view["applicationRoles"] = {"size": len(roles), "items": roles}
    return view
