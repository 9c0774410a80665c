"""The organisation itself, people's public profiles, the search for them, and the rate limit."""

from __future__ import annotations

from services.sandbox.github.errors import invalid_request, not_found
from services.sandbox.github.operations import PAGING, Context, ok, operation
from services.sandbox.github.views import org_view, profile_view, user_view
from services.sandbox.wire.call import Reply

HOURLY = 15_000
"""Requests an hour for an app's installation on Enterprise Cloud."""


@operation("GET", "orgs/{org}")
def get_org(context: Context) -> Reply:
    """Anybody sees the public part; the plan needs the permission `organization_plan`."""
    org = context.world.organizations.get(context.args["org"].lower())
    if org is None:
        raise not_found()
    token = context.token
    may_read = token is not None and token.org == org.login and "organization_plan" in token.permissions
    return ok(org_view(org, context.base, has_plan=may_read))


@operation("GET", "users/{username}")
def get_user(context: Context) -> Reply:
    """By login alone: GitHub finds nobody by address."""
    return ok(profile_view(context.need_account(), context.base))


@operation("GET", "search/users", query=(*PAGING, "q", "sort", "order"))
def search_users(context: Context) -> Reply:
    """`<address> in:email` finds who shows the address on the public profile; other searches find nobody here."""
    query = context.query.get("q", "").strip()
    if not query:
        raise invalid_request('"q" wasn\'t supplied.')
    wanted, _, qualifier = query.partition(" ")
    found = [
        {**user_view(account, context.base), "score": 1.0}
        for account in context.world.accounts.values()
        if qualifier.strip() == "in:email" and (account.public_email or "").lower() == wanted.lower()
    ]
    page, links = context.cut(found)
    reply = ok({"total_count": len(found), "incomplete_results": False, "items": page})
    reply.headers += links
    return reply


@operation("GET", "rate_limit")
def get_rate_limit(context: Context) -> Reply:
    reset = int(context.call.at) // 3600 * 3600 + 3600
    core = {"limit": HOURLY, "remaining": HOURLY, "reset": reset, "used": 0}
    search = {"limit": 30, "remaining": 30, "reset": reset, "used": 0}
    return ok({"resources": {"core": core, "search": search}, "rate": core})
