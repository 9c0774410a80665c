"""Is the connection usable? One cheap read for each scope."""

from collections.abc import Sequence
from typing import Any

from services.shared.providers.google import manifest
from services.shared.providers.google.answers import GoogleAnswer
from services.shared.providers.google.client import GoogleContext, call
from services.shared.providers.google.skus import WORKSPACE
from services.shared.sdk.contract import Issue

_UNKNOWN_PRODUCT = frozenset({400, 404, 412})


async def find_issues(ctx: GoogleContext) -> Sequence[Issue]:
    """Name what is missing. A scope that only writes need shows when it is used.

    Raises:
        GoogleAnswer: what is not about permission: an expired token, throttling, a broken vendor.
    """
    issues: list[Issue] = []
    for scope, operation, parameters in _probes(ctx):
        try:
            await call(ctx, operation, **parameters)
        except GoogleAnswer as answer:
            if operation.startswith("licenseAssignments") and answer.status in _UNKNOWN_PRODUCT:
                continue  # a company with Cloud Identity alone has no Workspace licences to list
            if answer.status == 404 and operation.startswith("tokens"):  # noqa: PLR2004  # Not Found
                subject = ctx.settings.admin_subject
                issues.append(Issue(field="admin_subject", message=f"Google has no user {subject}."))
                continue
            if (issue := _issue(ctx, scope, answer)) is None:
                raise
            issues.append(issue)
    return tuple(dict.fromkeys(issues))


def _probes(ctx: GoogleContext) -> list[tuple[str, str, dict[str, Any]]]:
    customer = ctx.settings.customer_id
    probes: list[tuple[str, str, dict[str, Any]]] = [
        (manifest.USERS, "users.list", {"customer": customer, "maxResults": 1, "fields": "users(id)"}),
        (manifest.GROUPS, "groups.list", {"customer": customer, "maxResults": 1, "fields": "groups(id)"}),
        (
            manifest.ORG_UNITS,
            "orgunits.list",
            {"customerId": customer, "fields": "organizationUnits(orgUnitId)"},
        ),
        (
            manifest.LICENSING,
            "licenseAssignments.listForProduct",
            {
                "productId": WORKSPACE,
                "customerId": ctx.settings.licensing_customer,
                "maxResults": 1,
                "fields": "items(skuId)",
            },
        ),
    ]
    if ctx.settings.admin_subject:
        security = {"userKey": ctx.settings.admin_subject, "fields": "items(clientId)"}
        probes.append((manifest.SECURITY, "tokens.list", security))
    return probes


def _issue(ctx: GoogleContext, scope: str, answer: GoogleAnswer) -> Issue | None:
    if answer.status != 403:  # noqa: PLR2004  # Forbidden
        return None
    if answer.word == "insufficientPermissions":
        return Issue(field="scopes", message=f"The scope {scope} is missing.")
    if answer.is_plain_forbidden:
        who = ctx.settings.admin_subject or "The connected account"
        message = (
            f"{who} may not read this of the customer {ctx.settings.customer_id}: "
            "the customer ID is wrong, or the administrator's role is too small."
        )
        return Issue(field="customer_id", message=message)
    if answer.word in {"accessNotConfigured", "SERVICE_DISABLED"}:
        return Issue(field="project", message=f"An API is not switched on: {answer.message}")
    return None
