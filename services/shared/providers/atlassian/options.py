"""Live choices for the form's fields: groups by name."""

from collections.abc import Sequence

from services.shared.providers.atlassian.access import Landscape, Product, read_landscape
from services.shared.providers.atlassian.client import App, AtlassianContext
from services.shared.providers.atlassian.homes import home_of
from services.shared.sdk.contract import Option

_MOST = 200


async def groups(ctx: AtlassianContext, app: App, query: str) -> Sequence[Option]:
    """Every group that memberships can be given in; access groups say which product they give."""
    return (await _listed(ctx, app, query, await read_landscape(ctx, app)))[:_MOST]


async def _listed(ctx: AtlassianContext, app: App, query: str, landscape: Landscape) -> list[Option]:
    found = [
        _option(group.name, landscape.mine, landscape.others)
        async for group in home_of(ctx, app).list_groups()
        if query.strip().lower() in group.name.lower()
    ]
    return sorted(found, key=lambda one: one.label.lower())


async def access_groups(ctx: AtlassianContext, app: App, query: str) -> Sequence[Option]:
    """The groups that give access to this app; all groups where the site does not tell."""
    landscape = await read_landscape(ctx, app)
    offered = await _listed(ctx, app, query, landscape)
    if landscape.mine is not None:
        offered = [one for one in offered if landscape.gives_mine(one.value)]
    return offered[:_MOST]


def _option(name: str, *landscapes: tuple[Product, ...] | None) -> Option:
    products = [product for products in landscapes for product in products or () if product.is_given_by(name)]
    detail = ", ".join(product.title for product in products)
    free = min((product.free for product in products if product.free is not None), default=None)
    return Option(value=name, label=name, detail=f"Gives {detail}" if detail else None, free=free)
