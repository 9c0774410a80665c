"""Is the connection usable? One cheap read for each kind of resource."""

from collections.abc import Sequence

from services.shared.providers.scim.answers import ScimAnswer
from services.shared.providers.scim.client import GROUPS, USERS, ScimContext, list_all
from services.shared.providers.scim.discovery import load_features, load_schemas
from services.shared.providers.scim.form import USER_NAME
from services.shared.providers.scim.paths import parse_path
from services.shared.sdk.contract import Issue

_FORBIDDEN, _NOT_FOUND = 403, 404


async def find_issues(ctx: ScimContext) -> Sequence[Issue]:
    """Name what is missing. What only writing needs shows when it is used.

    Raises:
        ScimAnswer: an expired token, throttling, a broken application.
    """
    issues: list[Issue] = []
    try:
        features = await load_features(ctx)
    except ScimAnswer as answer:
        if answer.status != _FORBIDDEN:
            raise
        return (_forbidden(GROUPS),)
    for kind in (USERS, GROUPS) if features.groups else (USERS,):
        try:
            async for _ in list_all(ctx, kind, page=1, most=1):
                break
        except ScimAnswer as answer:
            issue = _issue(kind, answer)
            if issue is None:
                raise
            issues.append(issue)
    schemas = await load_schemas(ctx)
    if not issues and schemas.find(parse_path(USER_NAME)) is None:
        issues.append(
            Issue(field="base_url", message="The application's schema has no userName: this is no SCIM 2.0.")
        )
    return tuple(issues)


def _issue(kind: str, answer: ScimAnswer) -> Issue | None:
    if answer.status == _FORBIDDEN:
        return _forbidden(kind)
    if answer.status == _NOT_FOUND and kind == USERS:
        message = "There is nothing at /Users below this address: give the address that ends before it."
        return Issue(field="base_url", message=message)
    return None


def _forbidden(kind: str) -> Issue:
    return Issue(field="token", message=f"The token may not read {kind}.")
