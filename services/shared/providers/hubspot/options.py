"""Live choices of the form, and whether the connection is usable."""

from collections.abc import Sequence

from services.shared.providers.hubspot import manifest
from services.shared.providers.hubspot.answers import FORBIDDEN, HubSpotAnswer
from services.shared.providers.hubspot.client import HubSpotContext, Paths, people, read
from services.shared.providers.hubspot.person import explain_path, free_seats, roles, teams
from services.shared.sdk.contract import Issue, Option

_MOST = 200


def _pick(options: list[Option], query: str) -> Sequence[Option]:
    wanted = query.strip().lower()
    return [one for one in options if wanted in one.label.lower() or wanted == one.value.lower()][:_MOST]


async def permission_sets(ctx: HubSpotContext, query: str) -> Sequence[Option]:
    """The portal's permission sets."""
    found = sorted((await roles(ctx)).values(), key=lambda one: one.name.lower())
    return _pick([Option(value=one.id, label=one.name) for one in found], query)


async def team_choices(ctx: HubSpotContext, query: str) -> Sequence[Option]:
    """The portal's teams."""
    found = sorted((await teams(ctx)).values(), key=lambda one: one.name.lower())
    return _pick([Option(value=one.id, label=one.name) for one in found], query)


async def seats(ctx: HubSpotContext, query: str) -> Sequence[Option]:
    """Seats with how many are free; elsewhere than in the beta family, the names that people have already."""
    if Paths(ctx).tells_seats:
        known = await free_seats(ctx)
        options = [
            Option(value=name, label=name, free=free, disabled=free == 0) for name, free in known.items()
        ]
        return _pick(options, query)
    held = {str(name) async for one in people(ctx) for name in one.get("seatNames") or ()}
    return _pick([Option(value=name, label=name, detail="In use") for name in sorted(held)], query)


async def find_issues(ctx: HubSpotContext) -> Sequence[Issue]:
    """Name what is missing: one cheap read for each scope, and the portal's own number.

    Raises:
        HubSpotAnswer: what is not about permission: an expired token, throttling, a broken vendor.
    """
    paths = Paths(ctx)
    issues = []
    probes = [
        (manifest.READ, paths.collection, {"limit": 1}),
        (manifest.TEAMS, f"{paths.members}/teams", None),
    ]
    if paths.tells_seats:
        probes.append((manifest.BILLING, f"{paths.members}/seats", None))
    for scope, url, params in probes:
        try:
            await read(ctx, url, params=params)
        except HubSpotAnswer as answer:
            if answer.is_missing:
                return (Issue(field="users_path", message=await explain_path(ctx)),)
            if answer.status != FORBIDDEN:
                raise
            issues.append(Issue(field="scopes", message=f"The scope {scope} is missing."))
    if not issues:
        issues += await _portal_issues(ctx)
    return tuple(issues)


async def _portal_issues(ctx: HubSpotContext) -> list[Issue]:
    try:
        body = await read(ctx, Paths(ctx).account)
    except HubSpotAnswer as answer:
        if answer.status == FORBIDDEN or answer.is_missing:
            return []  # the number cannot be read without one more scope: no reason to refuse the connection
        raise
    if str(body.get("portalId")) == ctx.settings.portal_id:
        return []
    message = (
        f"This token belongs to the HubSpot account {body.get('portalId')}, not {ctx.settings.portal_id}."
    )
    return [Issue(field="portal_id", message=message)]
