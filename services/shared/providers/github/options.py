"""Live choices for the form."""

from collections.abc import Sequence

from services.shared.providers.github.client import GitHubContext
from services.shared.providers.github.managed.groups import list_groups
from services.shared.providers.github.teams import list_teams
from services.shared.sdk.contract import Option

_MOST = 200


async def teams(ctx: GitHubContext, query: str) -> Sequence[Option]:
    """Teams of the organisation; for managed users the enterprise's groups."""
    if ctx.settings.mode == "managed_users":
        found = [Option(value=one.name, label=one.name) for one in await list_groups(ctx)]
    else:
        found = [Option(value=one.slug, label=one.name, detail=one.slug) for one in await list_teams(ctx)]
    wanted = query.strip().lower()
    fitting = [one for one in found if wanted in one.label.lower() or wanted in one.value.lower()]
    return sorted(fitting, key=lambda one: one.label.lower())[:_MOST]
