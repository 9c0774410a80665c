"""The enterprise's SCIM: where it is, and lists that come by `startIndex`."""

from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import quote

from services.shared.providers.github.client import GitHubContext, call, strange
from services.shared.sdk.errors import ConsentLost

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_PAGE = 100


def _path(ctx: GitHubContext, kind: str, *parts: str) -> str:
    if not ctx.settings.enterprise:
        raise ConsentLost("The connection does not name its enterprise. Reconnect it.")
    enterprise = quote(ctx.settings.enterprise, safe="")
    return "/".join((f"/scim/v2/enterprises/{enterprise}/{kind}", *(quote(one, safe="") for one in parts)))


def users_path(ctx: GitHubContext, *parts: str) -> str:
    """Users, or one of them."""
    return _path(ctx, "Users", *parts)


def groups_path(ctx: GitHubContext, *parts: str) -> str:
    """Groups, or one of them."""
    return _path(ctx, "Groups", *parts)


def patch(*operations: Mapping[str, Any]) -> dict[str, Any]:
    """A PatchOp. GitHub takes no filters in paths (its page on provisioning with SCIM)."""
    return {"schemas": [PATCH_OP], "Operations": [dict(one) for one in operations]}


async def resources(
    ctx: GitHubContext, path: str, *, query: Mapping[str, Any] | None = None
) -> AsyncIterator[dict[str, Any]]:
    """Every resource of a list."""
    start = 1
    while True:
        body = await call(ctx, "GET", path, query={**(query or {}), "startIndex": start, "count": _PAGE})
        items = body.get("Resources") if isinstance(body, dict) else None
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise strange(f"GET {path}", body)
        for item in items:
            yield item
        start += len(items)
        if not items or start > int(body.get("totalResults") or 0):
            return
