"""Is the connection usable? One cheap read for each permission."""

from collections.abc import Sequence

from services.shared.providers.microsoft import manifest, requests
from services.shared.providers.microsoft.answers import GraphAnswer
from services.shared.providers.microsoft.client import MicrosoftContext, fetch_all
from services.shared.providers.microsoft.wire import Organization, Wire
from services.shared.sdk.contract import Issue
from services.shared.sdk.together import together


class _Anything(Wire):
    """Whatever it is: only whether it may be read matters."""


async def find_issues(ctx: MicrosoftContext) -> Sequence[Issue]:
    """Name each missing permission, and a tenant or domain that is not the connection's.

    Raises:
        GraphAnswer: what is not about permission: an expired token, throttling, a broken vendor.
    """
    async with together() as reads:
        found = [
            reads.create_task(one)
            for one in (
                _about_organization(ctx),
                _may(ctx, requests.list_users(), manifest.USERS, "users"),
                _may(ctx, requests.list_groups(), manifest.MEMBERS, "groups"),
                _may(ctx, requests.list_skus(), manifest.ORGANIZATION, "licences"),
            )
        ]
    return tuple(dict.fromkeys(issue for issues in found for issue in issues.result()))


async def _may(
    ctx: MicrosoftContext, request: requests.GraphRequest, permission: str, what: str
) -> list[Issue]:
    try:
        await fetch_all(ctx, request, _Anything, pages=1)
    except GraphAnswer as answer:
        if not answer.is_denied:
            raise
        return [_missing(permission, what)]
    return []


def _missing(permission: str, what: str) -> Issue:
    return Issue(
        field="permissions",
        message=f"The app may not read {what}: grant it the application permission {permission} in Microsoft "
        "Entra, with an administrator's consent.",
    )


async def _about_organization(ctx: MicrosoftContext) -> list[Issue]:
    try:
        tenants = await fetch_all(ctx, requests.get_organization(), Organization)
    except GraphAnswer as answer:
        if not answer.is_denied:
            raise
        return [_missing(manifest.ORGANIZATION, "the organisation")]
    issues = []
    directory = ctx.settings.directory_id.lower()
    if not any(tenant.id.lower() == directory for tenant in tenants):
        issues.append(
            Issue(field="directory_id", message="The connection signs in to another tenant than this one.")
        )
    domain = ctx.settings.domain
    if domain and not any(domain.lower() in tenant.domains for tenant in tenants):
        issues.append(
            Issue(field="domain", message=f"{domain} is not a verified domain of this Microsoft 365 tenant.")
        )
    return issues
