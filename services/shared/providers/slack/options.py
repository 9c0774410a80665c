"""Live choices of the form."""

from collections.abc import Sequence
from functools import cache
from zoneinfo import available_timezones

from services.shared.providers.slack.channels import list_channels, read_workspace
from services.shared.providers.slack.client import SlackContext, pages
from services.shared.providers.slack.groups import parse_group
from services.shared.sdk.contract import Option

_MOST = 200


def _matches(query: str, *texts: str) -> bool:
    wanted = query.strip().removeprefix("#").lower()
    return not wanted or any(wanted in text.lower() for text in texts)


async def groups(ctx: SlackContext, query: str) -> Sequence[Option]:
    """User groups whose name holds the query."""
    found: list[Option] = []
    async for item in pages(ctx, "Groups", count=_MOST):
        group = parse_group("GET Groups", item)
        if _matches(query, group.name, group.id):
            found.append(Option(value=group.id, label=group.name))
        if len(found) == _MOST:
            break
    return sorted(found, key=lambda one: one.label.lower())


async def channels(ctx: SlackContext, query: str) -> Sequence[Option]:
    """Channels that the token sees; none where it may not look, and names can be typed all the same."""
    listed = await list_channels(ctx, await read_workspace(ctx)) or []
    found = [
        Option(
            value=channel.id,
            label=channel.label,
            detail="Private" if channel.is_private else "Everybody is in it" if channel.is_general else None,
        )
        for channel in listed
        if _matches(query, channel.name, channel.id)
    ]
    return sorted(found, key=lambda one: one.label.lower())[:_MOST]


@cache
def _zones() -> tuple[str, ...]:
    return tuple(
        sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    )


async def timezones(ctx: SlackContext, query: str) -> Sequence[Option]:  # noqa: ARG001  # the table's shape
    """The world's time zones, by place."""
    wanted = query.replace(" ", "_")
    return [Option(value=zone, label=zone) for zone in _zones() if _matches(wanted, zone)][:_MOST]
