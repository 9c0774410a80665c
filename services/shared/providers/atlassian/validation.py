"""Is the connection usable? One cheap read for each credential and permission."""

from collections.abc import Awaitable, Sequence

from services.shared.providers.atlassian.answers import AtlassianAnswer
from services.shared.providers.atlassian.client import (
    ADMIN,
    JIRA,
    SCIM,
    SITE,
    App,
    AtlassianContext,
    call,
    has,
    scim_path,
)
from services.shared.sdk.contract import Issue


async def find_issues(ctx: AtlassianContext, app: App) -> Sequence[Issue]:
    """Name what is missing. What only writes need shows when it is used.

    Raises:
        AtlassianAnswer: what is not about permission: a dead key, throttling, a broken vendor.
    """
    has_directory = bool(ctx.settings.directory_id) and has(ctx, SCIM)
    if not has_directory and not has(ctx, SITE):
        return [
            Issue(
                field="site_url", message="Give a SCIM directory with its key, or the site with an API token."
            )
        ]
    issues: list[Issue] = []
    if has_directory:
        missing = f"The SCIM key opens no directory {ctx.settings.directory_id}."
        for kind in ("Users", "Groups"):
            path = scim_path(ctx, kind)
            await _probe(issues, "directory_id", missing, call(ctx, SCIM, "GET", path, query={"count": "1"}))
    if has(ctx, SITE):
        for path, message in _site_probes(app):
            await _probe(issues, "site_url", message, call(ctx, SITE, "GET", path))
    if has(ctx, ADMIN) and ctx.settings.org_id:
        missing = f"The organisation's API key does not open the organisation {ctx.settings.org_id}."
        await _probe(
            issues, "org_id", missing, call(ctx, ADMIN, "GET", f"admin/v1/orgs/{ctx.settings.org_id}")
        )
    return tuple(dict.fromkeys(issues))


def _site_probes(app: App) -> list[tuple[str, str]]:
    if app is JIRA:
        return [
            ("rest/api/3/myself", "The site has no Jira, or the API token's owner may not use it."),
            ("rest/api/3/applicationrole", "The API token's owner does not administer Jira."),
        ]
    return [
        (
            "wiki/rest/api/user/current",
            "The site has no Confluence, or the API token's owner may not use it.",
        ),
        ("wiki/rest/api/group?limit=1", "The API token's owner may not see Confluence's groups."),
    ]


async def _probe(issues: list[Issue], field: str, message: str, read: Awaitable[object]) -> None:
    try:
        await read
    except AtlassianAnswer as answer:
        if not answer.is_not_permitted:
            raise
        issues.append(Issue(field=field, message=message))
