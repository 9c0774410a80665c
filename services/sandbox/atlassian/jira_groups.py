"""Groups of the site and the seats of its Jira products.

Mode `group_again`: adding a member once more answers `400` or `201`.
"""

from __future__ import annotations

from typing import Any

from services.sandbox.atlassian.errors import JIRA, AtlassianError, invalid
from services.sandbox.atlassian.jira import API, group_name, no_seat, on_site, user_view
from services.sandbox.atlassian.operations import Context, ok, operation
from services.sandbox.atlassian.seed import CONFLUENCE
from services.sandbox.atlassian.state import Account, Group, Product
from services.sandbox.wire.call import Reply

_ONE = ("groupname", "groupId")


@operation("GET", API + "/group/bulk", JIRA,
           query=("startAt", "maxResults", "groupId", "groupName", "accessType", "applicationKey"))  # fmt: skip
def list_groups(context: Context) -> Reply:
    query = context.query
    found = [
        group
        for group in context.org.groups.values()
        if ("groupId" not in query or group.id in query["groupId"].split(","))
        and ("groupName" not in query or group.name in query["groupName"].split(","))
        and ("applicationKey" not in query or query["applicationKey"] in group.products)
    ]
    return _page(context, [{"name": group.name, "groupId": group.id} for group in found])


@operation("GET", API + "/group/member", JIRA, query=(*_ONE, "includeInactiveUsers", "startAt", "maxResults"))
def list_members(context: Context) -> Reply:
    group = need_group(context)
    everybody = context.query.get("includeInactiveUsers") == "true"
    people = [context.org.accounts[key] for key in group.members]
    views = [user_view(context, one) for one in people if everybody or one.is_usable]
    for view in views:
        view.pop("locale")
    return _page(context, views)


@operation("GET", API + "/groups/picker", JIRA,
           query=("query", "exclude", "excludeId", "maxResults", "caseInsensitive"))  # fmt: skip
def pick_groups(context: Context) -> Reply:
    text = context.query.get("query", "").lower()
    found = [group for group in context.org.groups.values() if text in group.name.lower()]
    shown = found[: context.integer("maxResults", 20)]
    groups = [{"name": one.name, "groupId": one.id, "html": one.name, "labels": []} for one in shown]
    return ok(
        {
            "header": f"Showing {len(shown)} of {len(found)} matching groups",
            "total": len(found),
            "groups": groups,
        }
    )


@operation("POST", API + "/group/user", JIRA, query=_ONE, body={"accountId": str, "name": str})
def add_member(context: Context) -> Reply:
    context.must_be_admin()
    group = need_group(context)
    if not context.body.get("accountId"):
        raise invalid("accountId is required", "accountId")
    add(context, group, on_site(context, context.body["accountId"]))
    return ok({**group_name(context, group)}, 201)


def add(context: Context, group: Group, account: Account) -> None:
    """Put somebody in; 400 for a synced group, for who is in already, and where no seat is left."""
    must_be_local(context, group)
    if account.id in group.members:
        if context.mode("group_again", "400") == "400":
            raise invalid(f"Cannot add user '{account.id}', user is already a member of '{group.name}'")
        return
    lacking = context.org.lacking(account, group.products)
    if lacking:
        raise no_seat(context.org.products[lacking].name)
    group.members[account.id] = None
    context.org.settle_seats()
    context.record("member.add", group.name, account, {"group": group.name, "products": list(group.products)})


@operation("DELETE", API + "/group/user", JIRA, query=(*_ONE, "accountId"))
def remove_member(context: Context) -> Reply:
    context.must_be_admin()
    group, account = need_group(context), on_site(context, context.query.get("accountId"))
    must_be_local(context, group)
    if account.id not in group.members:
        raise invalid(
            f"Cannot remove user '{account.id}' from group '{group.name}' since user is not a member"
        )
    remove(context, group, account)
    return Reply(200)


def remove(context: Context, group: Group, account: Account) -> None:
    del group.members[account.id]
    context.org.settle_seats()
    context.record("member.remove", group.name, account, {"group": group.name})


@operation("GET", API + "/applicationrole", JIRA)
def list_roles(context: Context) -> Reply:
    """The Jira products with their groups and seats."""
    context.must_be_admin()
    products = [one for one in context.org.products.values() if one.key != CONFLUENCE]
    return ok([_role(context, one) for one in products])


@operation("GET", API + "/applicationrole/{key}", JIRA)
def get_role(context: Context) -> Reply:
    context.must_be_admin()
    product = context.org.products.get(context.args["key"])
    if product is None or product.key == CONFLUENCE:
        raise AtlassianError(404, "The application role does not exist.")
    return ok(_role(context, product))


def _role(context: Context, product: Product) -> dict[str, Any]:
    groups = [one for one in context.org.groups.values() if product.key in one.products]
    defaults = [one for one in groups if product.key in one.default_for]
    return {
        "key": product.key,
        "name": product.name,
        "groups": [one.name for one in groups],
        "groupDetails": [group_name(context, one) for one in groups],
        "defaultGroups": [one.name for one in defaults],
        "defaultGroupsDetails": [group_name(context, one) for one in defaults],
        "selectedByDefault": False,
        "defined": True,
        "numberOfSeats": product.seats,
        "remainingSeats": product.free,
        "userCount": len(product.holders),
        "userCountDescription": "users",
        "hasUnlimitedSeats": False,
        "platform": False,
    }


@operation("GET", API + "/license/approximateLicenseCount/product/{applicationKey}", JIRA)
def license_count(context: Context) -> Reply:
    """Up to seven days old: mode `license_count` says a number that is not true any more."""
    context.must_be_admin()
    key = context.args["applicationKey"]
    product = context.org.products.get(key)
    if product is None or key == CONFLUENCE:
        raise invalid("The product is not valid for this site.")
    value = context.mode("license_count", str(len(product.holders)))
    return ok({"key": f"license.{key}.approximateUserCount", "value": value})


def need_group(context: Context) -> Group:
    """The group that `groupId` or `groupname` names."""
    group_id, name = context.query.get("groupId"), context.query.get("groupname")
    if (group_id is None) == (name is None):
        raise invalid("Exactly one of 'groupname' and 'groupId' is required.")
    for group in context.org.groups.values():
        if (group_id is not None and group.id == group_id) or (name is not None and group.name == name):
            return group
    raise AtlassianError(404, f"The group named '{name or group_id}' does not exist.")


def must_be_local(context: Context, group: Group) -> None:
    if context.is_synced(group):
        raise invalid(
            f"Group '{group.name}' is managed by an external directory and can not be changed here."
        )


def _page(context: Context, values: list[dict[str, Any]]) -> Reply:
    start, count = context.integer("startAt", 0), context.integer("maxResults", 50)
    part = values[start : start + count]
    return ok(
        {
            "maxResults": count,
            "startAt": start,
            "total": len(values),
            "isLast": start + count >= len(values),
            "values": part,
        }
    )
