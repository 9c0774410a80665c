"""Live choices of the form."""

from collections.abc import Sequence

from services.shared.providers.clickup.client import ClickUpContext
from services.shared.providers.clickup.groups import list_groups, list_roles
from services.shared.providers.clickup.places import list_places
from services.shared.sdk.contract import Option

_MOST = 200


def _matching(options: Sequence[Option], query: str) -> Sequence[Option]:
    wanted = query.strip().lower()
    found = [one for one in options if wanted in one.label.lower()]
    return sorted(found, key=lambda one: one.label.lower())[:_MOST]


async def groups(ctx: ClickUpContext, query: str) -> Sequence[Option]:
    """The Workspace's user groups."""
    found = (await list_groups(ctx)).values()
    options = [Option(value=one.id, label=one.name, detail=_count(len(one.members))) for one in found]
    return _matching(options, query)


def _count(members: int) -> str:
    return "1 member" if members == 1 else f"{members} members"


async def custom_roles(ctx: ClickUpContext, query: str) -> Sequence[Option]:
    """The Workspace's custom roles."""
    return _matching([Option(value=one.id, label=one.name) for one in await list_roles(ctx)], query)


async def lists(ctx: ClickUpContext, query: str) -> Sequence[Option]:
    """Lists, with the space and folder that they are in."""
    return await _places(ctx, "list", query)


async def folders(ctx: ClickUpContext, query: str) -> Sequence[Option]:
    """Folders, with the space that they are in."""
    return await _places(ctx, "folder", query)


async def _places(ctx: ClickUpContext, kind: str, query: str) -> Sequence[Option]:
    found = [one for one in (await list_places(ctx)).values() if one.kind == kind]
    return _matching([Option(value=one.id, label=one.name) for one in found], query)
