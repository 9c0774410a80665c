"""The organisation itself, people's public profiles, and the rate limit."""

from __future__ import annotations

from services.sandbox.github.errors import not_found
from services.sandbox.github.operations import Context, ok, operation
from services.sandbox.github.views import org_view, profile_view
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


@operation("GET", "rate_limit")
def get_rate_limit(context: Context) -> Reply:
    reset = int(context.call.at) // 3600 * 3600 + 3600
    core = {"limit": HOURLY, "remaining": HOURLY, "reset": reset, "used": 0}
    search = {"limit": 30, "remaining": 30, "reset": reset, "used": 0}
    return ok({"resources": {"core": core, "search": search}, "rate": core})
