"""Live choices of the form, and whether the connection is usable."""

from collections.abc import Sequence

from services.shared.providers.zoom import manifest
from services.shared.providers.zoom.add_ons import LICENSED, Paid, read_seats
from services.shared.providers.zoom.answers import NO_RIGHT, ZoomAnswer
from services.shared.providers.zoom.client import ZoomContext, read
from services.shared.providers.zoom.people import MEMBER_ROLE, OWNER_ROLE
from services.shared.providers.zoom.places import list_groups, list_roles
from services.shared.sdk.contract import Issue, Option

_MOST = 200


def _pick(options: list[Option], query: str) -> Sequence[Option]:
    wanted = query.strip().lower()
    found = [one for one in options if wanted in one.label.lower() or wanted == one.value.lower()]
    return sorted(found, key=lambda one: one.label.lower())[:_MOST]


async def add_ons(ctx: ZoomContext, query: str) -> Sequence[Option]:
    """What the account bought, with the seats that are left."""
    options = [
        Option(
            value=key,
            label=Paid(key=key).label,
            free=seats.free,
            total=seats.total,
            disabled=seats.free == 0,
        )
        for key, seats in (await read_seats(ctx)).items()
        if key != LICENSED
    ]
    return _pick(options, query)


async def groups(ctx: ZoomContext, query: str) -> Sequence[Option]:
    """The account's groups."""
    found = (await list_groups(ctx)).values()
    return _pick([Option(value=one.id, label=one.name) for one in found], query)


async def roles(ctx: ZoomContext, query: str) -> Sequence[Option]:
    """The roles that can be given: Member is everybody's, Owner nobody's to give."""
    found = [one for one in (await list_roles(ctx)).values() if one.id not in {MEMBER_ROLE, OWNER_ROLE}]
    return _pick([Option(value=one.id, label=one.name) for one in found], query)


_PROBES = (
    (manifest.USER_READ, "/users", {"page_size": 1}),
    (manifest.GROUP_READ, "/groups", None),
    (manifest.ROLE_READ, "/roles", None),
    (manifest.ACCOUNT_READ, "/accounts/me/plans/usage", None),
)


async def find_issues(ctx: ZoomContext) -> Sequence[Issue]:
    """Name each reading scope that is missing. Those that only writing needs show when they are first used.

    Raises:
        ZoomAnswer: what is not about scopes: an expired token, throttling, a broken vendor.
    """
    issues = []
    for scope, where, params in _PROBES:
        try:
            await read(ctx, where, params=params)
        except ZoomAnswer as answer:
            if answer.lacks_scope:
                message = f"The scope {scope} is missing. {answer.message}"
                issues.append(Issue(field="scopes", message=message))
            elif answer.code != NO_RIGHT:  # a free account tells no seats
                raise
    return tuple(issues)
