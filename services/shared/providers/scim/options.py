"""Live choices of the form."""

from collections.abc import Sequence

from services.shared.providers.scim.client import GROUPS, ScimContext, list_all
from services.shared.providers.scim.discovery import load_features
from services.shared.providers.scim.groups import parse_group
from services.shared.sdk.contract import Option

_MOST = 200


async def groups(ctx: ScimContext, query: str) -> Sequence[Option]:
    """Groups whose name holds the query; none where the application has no groups."""
    features = await load_features(ctx)
    if not features.groups:
        return ()
    wanted = query.strip().lower()
    found: dict[str, Option] = {}
    async for body in list_all(ctx, GROUPS, page=features.page):
        group = parse_group(body)
        if wanted in group.name.lower() or wanted == group.id.lower():
            found[group.id] = Option(value=group.id, label=group.name)
        if len(found) == _MOST:
            break
    return sorted(found.values(), key=lambda one: one.label.lower())
