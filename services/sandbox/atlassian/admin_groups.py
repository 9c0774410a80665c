"""Groups of the administration API, and inviting people into them.

Mode `plan` (`paid`, `free`): inviting needs a paid subscription.
"""

from __future__ import annotations

from typing import Any

from services.sandbox.atlassian.admin import CURSOR, DIRECTORY, need_directory, need_org, page, resource
from services.sandbox.atlassian.errors import ADMIN, AtlassianError, invalid, not_found
from services.sandbox.atlassian.operations import Context, ok, operation
from services.sandbox.atlassian.state import Account, Group, Organisation
from services.sandbox.wire.call import Reply


@operation("GET", DIRECTORY + "/groups", ADMIN, query=(*CURSOR, "searchTerm", "groupIds", "accountIds"))
def list_groups(context: Context) -> Reply:
    org = need_directory(context)
    term, ids = context.query.get("searchTerm", "").lower(), context.query.get("groupIds")
    accounts = context.query.get("accountIds")
    found = [
        group
        for group in org.groups.values()
        if term in group.name.lower()
        and (ids is None or group.id in ids.split(","))
        and (accounts is None or set(accounts.split(",")) & set(group.members))
    ]
    return page(context, [_group_view(context, group) for group in found])


@operation("GET", DIRECTORY + "/groups/{groupId}/role-assignments", ADMIN, query=CURSOR)
def list_group_roles(context: Context) -> Reply:
    """Which products the group grants."""
    org, group = need_directory(context), _need_group(context)
    data = [
        {"resourceId": resource(org, key), "resourceOwner": key, "roles": ["atlassian/user"]}
        for key in group.products
    ]
    return page(context, data)


@operation("POST", DIRECTORY + "/groups/{groupId}/memberships", ADMIN, body={"accountId": str})
def add_membership(context: Context) -> Reply:
    org, group = need_directory(context), _need_group(context)
    _must_be_local(context, group)
    account = context.account(context.body.get("accountId"))
    if account.id in group.members:
        return ok({"accountId": account.id, "groupId": group.id})
    lacking = org.lacking(account, group.products)
    if lacking:
        raise AtlassianError(409, f"The user limit of {lacking} is exceeded")
    group.members[account.id] = None
    org.settle_seats()
    context.record("member.add", group.name, account, {"group": group.name, "products": list(group.products)})
    return ok({"accountId": account.id, "groupId": group.id})


@operation("DELETE", DIRECTORY + "/groups/{groupId}/memberships/{accountId}", ADMIN)
def remove_membership(context: Context) -> Reply:
    org, group = need_directory(context), _need_group(context)
    _must_be_local(context, group)
    account = context.account(context.args["accountId"])
    if account.id not in group.members:
        raise not_found("The user is not a member of the group")
    del group.members[account.id]
    org.settle_seats()
    context.record("member.remove", group.name, account, {"group": group.name})
    return Reply(204)


_INVITE = {
    "emails": [str],
    "permissionRules": [{"resource": str, "role": str}],
    "additionalGroups": [str],
    "sendNotification": bool,
    "notificationText": str,
}


@operation("POST", "admin/v2/orgs/{orgId}/users/invite", ADMIN, body=_INVITE)
def invite_users(context: Context) -> Reply:
    """Accounts, products and groups in one call; a mail only when asked for."""
    org, body = need_org(context), context.body
    emails = body.get("emails") or []
    if not emails or any("@" not in one for one in emails):
        raise invalid("emails must hold at least one valid email")
    if context.mode("plan", "paid") == "free":
        raise AtlassianError(402, "A paid subscription is required")
    groups = [_ruled(org, rule) for rule in body.get("permissionRules") or []]
    groups += [_named_group(context, key) for key in body.get("additionalGroups") or []]
    data = [_invite(context, email, groups, mails=bool(body.get("sendNotification"))) for email in emails]
    return ok({"data": data})


def _invite(context: Context, email: str, groups: list[Group], *, mails: bool) -> dict[str, Any]:
    org = context.org
    account = org.find_account(email)
    probe = account or Account(email=email, name=email)
    for group in groups:
        lacking = org.lacking(probe, group.products)
        if lacking:
            raise AtlassianError(409, f"The user limit of {lacking} is exceeded")
    if account is None:
        account = Account(email=email, name=email, is_invited=True, created_at=context.call.at, origin="api")
        org.accounts[account.id] = account
        context.record("user.invite", email, account, {"mail": mails})
    elif not account.is_member:
        account.is_member, account.removed_at = True, None
        context.record("user.invite", email, account, {"mail": mails})
    for group in groups:
        if account.id not in group.members:
            group.members[account.id] = None
            detail = {"group": group.name, "products": list(group.products)}
            context.record("member.add", group.name, account, detail)
    org.settle_seats()
    return {"id": account.id, "email": email, "results": {"roleAssignments": [], "groupAssignments": []}}


def _ruled(org: Organisation, rule: dict[str, Any]) -> Group:
    product = next((key for key in org.products if rule.get("resource") == resource(org, key)), None)
    if product is None or rule.get("role") != "atlassian/user":
        raise invalid("permissionRules holds an unknown resource or role")
    return next(group for group in org.groups.values() if product in group.default_for)


def _named_group(context: Context, key: str) -> Group:
    group = context.org.groups.get(key)
    if group is None:
        raise invalid(f"additionalGroups: group {key} does not exist")
    _must_be_local(context, group)
    return group


def _need_group(context: Context) -> Group:
    group = context.org.groups.get(context.args["groupId"])
    if group is None:
        raise not_found("Group not found")
    return group


def _must_be_local(context: Context, group: Group) -> None:
    if context.is_synced(group):
        raise invalid("The group is synced from your identity provider. Manage it there.")


def _group_view(context: Context, group: Group) -> dict[str, Any]:
    return {
        "id": group.id,
        "name": group.name,
        "description": "",
        "directoryId": context.org.user_directory_id,
        "externalSynced": context.is_synced(group),
    }
