"""The organisation administration API, version 2 (and what of version 1 has no successor).

Modes: `empty_body` (`refused`: suspend and restore answer 415 without a JSON media type; `accepted`),
`remove_status` (`204`, `202`), `v1` (`gone`: the retired forms answer 410; `on`: they answer as before).
"""

from __future__ import annotations

from typing import Any

from services.sandbox.atlassian.errors import ADMIN, AtlassianError, invalid, not_found
from services.sandbox.atlassian.operations import Context, ok, operation
from services.sandbox.atlassian.scim_views import stamp
from services.sandbox.atlassian.state import Account, Organisation
from services.sandbox.wire.call import Reply

_ORGS = "admin/v1/orgs"
_ORG = _ORGS + "/{orgId}"
_DIRECTORIES = "admin/v2/orgs/{orgId}/directories"
DIRECTORY = _DIRECTORIES + "/{directoryId}"
_USER = DIRECTORY + "/users/{accountId}"
CURSOR = ("cursor", "limit")
_EVERY = "-"


@operation("GET", _ORGS, ADMIN, query=("cursor",))
def list_orgs(context: Context) -> Reply:
    return ok({"data": [_org_view(context.org)], "links": {"self": context.call.base_url}})


@operation("GET", _ORG, ADMIN)
def get_org(context: Context) -> Reply:
    return ok({"data": _org_view(need_org(context))})


@operation("GET", _ORG + "/domains", ADMIN, query=("cursor",))
def list_domains(context: Context) -> Reply:
    org = need_org(context)
    data = [
        {
            "id": domain,
            "type": "domains",
            "attributes": {"name": domain, "claim": {"type": "dns", "status": "verified"}},
        }
        for domain in org.domains
    ]
    return page(context, data)


@operation("GET", _ORG + "/users", ADMIN, query=("cursor",))
def list_managed(context: Context) -> Reply:
    """Accounts that the organisation owns."""
    org = need_org(context)
    data = [
        {
            "account_id": one.id,
            "account_type": "atlassian",
            "account_status": "active" if one.is_active else "inactive",
            "name": one.name,
            "email": one.email,
            "access_billable": bool(_products(org, one)),
            "product_access": [{"key": key, "name": org.products[key].name} for key in _products(org, one)],
        }
        for one in org.accounts.values()
        if org.is_verified(one.email)
    ]
    return page(context, data)


@operation("GET", _DIRECTORIES, ADMIN, query=CURSOR)
def list_directories(context: Context) -> Reply:
    org = need_org(context)
    return page(context, [{"directoryId": org.user_directory_id, "name": "Default directory"}])


@operation(
    "GET", DIRECTORY + "/users", ADMIN, query=(*CURSOR, "accountIds", "searchTerm", "status", "groupIds")
)
def list_users(context: Context) -> Reply:
    org = need_directory(context)
    ids = context.query.get("accountIds")
    term = context.query.get("searchTerm", "").lower()
    status, groups = context.query.get("status"), context.query.get("groupIds")
    found = [
        one
        for one in _members(context)
        if (ids is None or one.id in ids.split(","))
        and (not term or term in one.email.lower() or term in one.name.lower())
        and (status is None or _status(one) == status)
        and (groups is None or {group.id for group in org.groups_of(one)} & set(groups.split(",")))
    ]
    return page(context, [_user_view(org, one) for one in found])


@operation("POST", DIRECTORY + "/users/search", ADMIN,
           body={"emails": [str], "accountIds": [str], "limit": int, "cursor": str})  # fmt: skip
def search_users(context: Context) -> Reply:
    """Exact addresses or account ids, any case."""
    org = need_directory(context)
    emails = {one.lower() for one in context.body.get("emails") or []}
    ids = set(context.body.get("accountIds") or [])
    if not emails and not ids:
        raise invalid("emails or accountIds is required")
    found = [one for one in _members(context) if one.id in ids or one.email.lower() in emails]
    return page(context, [_user_view(org, one) for one in found])


@operation("GET", _USER, ADMIN)
def get_user(context: Context) -> Reply:
    return ok({"data": _user_view(need_directory(context), _need_member(context, write=False))})


@operation("POST", _USER + "/suspend", ADMIN, needs_json=True)
def suspend_user(context: Context) -> Reply:
    """No product any more, and no seat; groups and roles are kept for the day of restoring."""
    org, account = need_directory(context), _need_member(context)
    if not account.is_suspended:
        account.is_suspended = True
        org.settle_seats()
        context.record("user.suspend", account.email, account)
    return Reply(204)


@operation("POST", _USER + "/restore", ADMIN, needs_json=True)
def restore_user(context: Context) -> Reply:
    org, account = need_directory(context), _need_member(context)
    if account.is_suspended:
        account.is_suspended = False
        for group in org.groups_of(account):
            lacking = org.lacking(account, group.products)
            if lacking:
                account.is_suspended = True
                raise AtlassianError(409, f"The user limit of {lacking} is exceeded")
        org.settle_seats()
        context.record("user.restore", account.email, account)
    return Reply(204)


@operation("DELETE", _USER, ADMIN)
def remove_user(context: Context) -> Reply:
    """Out of the organisation's directory; queued, and gone once it has settled."""
    org, account = need_directory(context), _need_member(context)
    if context.has_scim and org.scim_of(account) is not None:
        raise invalid("The user is synced from your identity provider. Remove it there.")
    context.record("user.remove", account.email, account)
    org.leave_everything(account)
    account.is_member, account.removed_at = False, context.call.at
    org.settle_seats()
    return Reply(int(context.mode("remove_status", "204")))


@operation("POST", "admin/v2/orgs/{orgId}/workspaces", ADMIN,
           body={"limit": int, "cursor": str, "query": object, "sort": object})  # fmt: skip
def list_workspaces(context: Context) -> Reply:
    """The products with what was bought (`capacity`) and what is used (`usage`)."""
    org = need_org(context)
    data = [
        {
            "id": resource(org, product.key),
            "type": "workspace",
            "attributes": {
                "name": org.site,
                "typeKey": product.key,
                "type": product.name,
                "status": "online",
                "usage": len(product.holders),
                "capacity": product.seats,
                "hostUrl": f"{context.call.base_url}/atlassian/site/{org.site}",
            },
        }
        for product in org.products.values()
    ]
    return page(context, data)


@operation("POST", _ORG + "/directory/users/{accountId}/suspend-access", ADMIN, needs_json=True)
def suspend_access(context: Context) -> Reply:
    """The form that was retired on 30 June 2026."""
    return _retired(context, suspend_user)


@operation("POST", _ORG + "/directory/users/{accountId}/restore-access", ADMIN, needs_json=True)
def restore_access(context: Context) -> Reply:
    return _retired(context, restore_user)


def _retired(context: Context, successor: Any) -> Reply:
    if context.mode("v1", "gone") == "gone":
        raise AtlassianError(410, "This API has been retired. Use the v2 API.")
    context.args["directoryId"] = _EVERY
    reply: Reply = successor(context)
    return reply


def resource(org: Organisation, product: str) -> str:
    return f"ari:cloud:{product}::site/{org.cloud_id}"


def need_org(context: Context) -> Organisation:
    if context.args["orgId"] != context.org.id:
        raise not_found("Organization not found")
    return context.org


def need_directory(context: Context) -> Organisation:
    org = need_org(context)
    if context.args["directoryId"] not in {_EVERY, org.user_directory_id}:
        raise not_found("Directory not found")
    return org


def _members(context: Context) -> list[Account]:
    behaviour = context.behaviour
    return [
        one
        for one in context.org.accounts.values()
        if one.is_member and not (behaviour.settle_lists and context.is_settling(one.created_at, one.origin))
    ]


def _need_member(context: Context, *, write: bool = True) -> Account:
    account = context.account(context.args["accountId"], write=write)
    if not account.is_member:
        raise not_found("User not found")
    return account


def _products(org: Organisation, account: Account) -> list[str]:
    return [key for key in org.products if org.has_access(account, key)]


def _status(account: Account) -> str:
    if not account.is_active:
        return "deactivated"
    return "suspended" if account.is_suspended else "active"


def _org_view(org: Organisation) -> dict[str, Any]:
    return {"id": org.id, "type": "orgs", "attributes": {"name": org.name}}


def _user_view(org: Organisation, account: Account) -> dict[str, Any]:
    return {
        "accountId": account.id,
        "name": account.name,
        "nickname": account.nickname,
        "email": account.email,
        "emailVerified": not account.is_invited,
        "accountType": "atlassian",
        "accountStatus": "active" if account.is_active else "inactive",
        "membershipStatus": "suspended" if account.is_suspended else "active",
        "status": _status(account),
        "claimStatus": "managed" if org.is_verified(account.email) else "unmanaged",
        "platformRoles": ["atlassian/org-admin"] if account.is_admin else [],
        "addedToOrg": stamp(account.created_at),
        "mfaEnabled": False,
    }


_DEFAULT_LIMIT, _MOST = 25, 100


def page(context: Context, data: list[dict[str, Any]]) -> Reply:
    """A page; `links.next` is a cursor that nobody should read."""
    source = context.body if context.call.method == "POST" else context.query
    limit = min(int(source.get("limit") or _DEFAULT_LIMIT), _MOST)
    cursor = str(source.get("cursor") or "c-0")
    if not cursor.removeprefix("c-").isdigit():
        raise invalid("The cursor is invalid")
    start = int(cursor.removeprefix("c-"))
    end = start + limit
    links = {"self": cursor} | ({"next": f"c-{end}"} if end < len(data) else {})
    return ok({"data": data[start:end], "links": links})
