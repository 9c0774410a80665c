"""Is the connection usable? One cheap read for each permission."""

from collections.abc import Sequence

from services.shared.providers.github import manifest
from services.shared.providers.github.answers import NOT_FOUND, GitHubAnswer
from services.shared.providers.github.client import GitHubContext, call, org_path
from services.shared.providers.github.managed.client import users_path
from services.shared.sdk.contract import Issue

_FORBIDDEN = 403


async def find_issues(ctx: GitHubContext) -> Sequence[Issue]:
    """Name what is missing. What only writing needs shows when it is used.

    Raises:
        GitHubAnswer: what is not about permission: an expired token, throttling, a broken vendor.
    """
    if ctx.settings.mode == "managed_users":
        return await _managed_issues(ctx)
    issues = [
        await _probe(ctx, org_path(ctx), manifest.PLAN, _no_org(ctx)),
        await _probe(ctx, org_path(ctx, "members"), manifest.MEMBERS, _no_org(ctx)),
        await _probe(ctx, org_path(ctx, "invitations"), manifest.MEMBERS, _no_invitations(ctx)),
        # Without a subscription GitHub answers 404: then there is nothing that a permission would open.
        await _probe(ctx, org_path(ctx, "copilot", "billing"), manifest.COPILOT, None),
    ]
    return tuple(dict.fromkeys(issue for issue in issues if issue is not None))


def _no_org(ctx: GitHubContext) -> Issue:
    message = f"GitHub shows no organisation {ctx.settings.org}: the name is wrong, or the App is not installed there."
    return Issue(field="org", message=message)


def _no_invitations(ctx: GitHubContext) -> Issue:
    message = (
        f"{ctx.settings.org} shows no invitations: the App is not installed there, or the enterprise manages the "
        "accounts; then connect it for managed users."
    )
    return Issue(field="org", message=message)


async def _probe(ctx: GitHubContext, path: str, permission: str, missing: Issue | None) -> Issue | None:
    query = {"per_page": 1} if path.endswith(("/members", "/invitations")) else None
    try:
        await call(ctx, "GET", path, query=query)
    except GitHubAnswer as answer:
        if answer.status == _FORBIDDEN and not answer.is_rate:
            return Issue(field="scopes", message=f"The permission {permission} is missing: {answer.message}")
        if answer.status == NOT_FOUND:
            return missing
        raise
    return None


async def _managed_issues(ctx: GitHubContext) -> Sequence[Issue]:
    if not ctx.settings.enterprise:
        return (Issue(field="enterprise", message="Managed users need the enterprise's short name."),)
    try:
        await call(ctx, "GET", users_path(ctx), query={"count": 1})
    except GitHubAnswer as answer:
        if answer.status == _FORBIDDEN and not answer.is_rate:
            return (Issue(field="scopes", message=f"The scope {manifest.SCIM} is missing: {answer.message}"),)
        if answer.status == NOT_FOUND:
            message = (
                f"GitHub shows no enterprise {ctx.settings.enterprise} with managed users to this token."
            )
            return (Issue(field="enterprise", message=message),)
        raise
    return ()
