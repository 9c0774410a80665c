"""Calls to HubSpot, and under which of its paths the users live."""

from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import quote

from services.shared.providers.hubspot.answers import HubSpotAnswer
from services.shared.providers.hubspot.form import HubSpotSettings
from services.shared.sdk.answer import read_object
from services.shared.sdk.contract import Context
from services.shared.sdk.errors import Refused

HubSpotContext = Context[HubSpotSettings]

CLASSIC = "/settings/v3/users"
SPLIT = "/settings/users/v3"
DATED = "/settings/users/2026-03"
BETA = "/settings/users/2026-09-beta"
FAMILIES = (CLASSIC, SPLIT, DATED, BETA)
_PAGE = 100
_MOST_PAGES = 100


class Paths:
    """The family of paths of one connection.

    The published v3 file lists and creates at `/settings/users/v3` and does everything else at
    `/settings/v3/users`; the other families have one path for all.
    """

    def __init__(self, ctx: HubSpotContext) -> None:
        self._base = ctx.endpoints["hubspot_api"].rstrip("/")
        self.family = ctx.settings.users_path.rstrip("/")

    @property
    def collection(self) -> str:
        """List and create."""
        return self._base + self.family

    @property
    def members(self) -> str:
        """One person, permission sets, teams."""
        return self._base + (CLASSIC if self.family == SPLIT else self.family)

    def member(self, key: str) -> str:
        """One person, by id or address."""
        return f"{self.members}/{quote(key, safe='')}"

    @property
    def account(self) -> str:
        """The portal itself."""
        return f"{self._base}/account-info/v3/details"

    @property
    def tells_seats(self) -> bool:
        """Whether this family lists seats and how many are free."""
        return self.family.endswith("-beta")

    @property
    def takes_seats(self) -> bool:
        """Whether a person's seats can be written; the dated family has no `seatNames`."""
        return self.family in {CLASSIC, SPLIT} or self.tells_seats


async def send(
    ctx: HubSpotContext,
    method: str,
    url: str,
    *,
    body: Mapping[str, Any] | None = None,
    params: Mapping[str, Any] | None = None,
) -> dict[str, Any] | None:
    """Send one call; the answer's object, None where a success has no body that can be read.

    Raises:
        HubSpotAnswer: anything but a success.
        httpx.TransportError: timeouts and lost connections pass.
    """
    response = await ctx.http.request(method, url, json=body, params=params)
    if not response.is_success:
        raise HubSpotAnswer(method, response)
    return read_object(response)


async def read(ctx: HubSpotContext, url: str, *, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A read whose answer must be an object.

    Raises:
        HubSpotAnswer: anything but a success.
        Refused: a success in no language of HubSpot's.
    """
    body = await send(ctx, "GET", url, params=params)
    if body is None:
        raise Refused("HubSpot answered something that OneClick does not know.")
    return body


async def results(ctx: HubSpotContext, url: str) -> list[dict[str, Any]]:
    """A list that comes in one piece: permission sets, teams, seats."""
    found = (await read(ctx, url)).get("results")
    if not isinstance(found, list):
        raise Refused("HubSpot answered something that OneClick does not know.")
    return [one for one in found if isinstance(one, dict)]


async def people(ctx: HubSpotContext) -> AsyncIterator[dict[str, Any]]:
    """Every user of the portal, page by page."""
    url, after = Paths(ctx).collection, None
    for _ in range(_MOST_PAGES):
        params: dict[str, Any] = {"limit": _PAGE} if after is None else {"limit": _PAGE, "after": after}
        body = await read(ctx, url, params=params)
        for one in body.get("results") or ():
            yield one
        after = ((body.get("paging") or {}).get("next") or {}).get("after")
        if after is None:
            return
