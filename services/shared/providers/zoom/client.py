"""Calls to Zoom: one function for reads, one for writes, one for lists."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx

from services.shared.providers.zoom.answers import ZoomAnswer
from services.shared.providers.zoom.form import ZoomSettings
from services.shared.sdk.answer import read_object
from services.shared.sdk.contract import Context, Outcome, OutcomeState

ZoomContext = Context[ZoomSettings]

_VERSION = "/v2"
_PAGE = 300
_MOST_PAGES = 100
_SOON = 2.0


def base_url(ctx: ZoomContext) -> str:
    """Where this account's API is: what Zoom said with the token (`api_url`, a host alone), else the usual place."""
    own = ctx.endpoints.get("api_url", "").rstrip("/")
    if not own:
        return ctx.endpoints["zoom_api"].rstrip("/")
    return own if own.endswith(_VERSION) else own + _VERSION


def path(*segments: str) -> str:
    """A path of encoded segments: ids may hold anything, addresses are segments too."""
    return "".join(f"/{quote(one, safe='')}" for one in segments)


async def _send(
    ctx: ZoomContext,
    method: str,
    where: str,
    params: Mapping[str, Any] | None,
    body: Mapping[str, Any] | None,
) -> httpx.Response:
    response = await ctx.http.request(method, base_url(ctx) + where, params=params, json=body)
    if not response.is_success:
        raise ZoomAnswer(f"{method} {where}", response)
    return response


async def read(ctx: ZoomContext, where: str, *, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A read whose answer must be an object.

    Raises:
        ZoomAnswer: anything but a success with a readable body.
        httpx.TransportError: timeouts and lost connections pass.
    """
    response = await _send(ctx, "GET", where, params, None)
    body = read_object(response)
    if body is None:
        raise ZoomAnswer(f"GET {where}", response, unread=True)
    return body


class Written(NamedTuple):
    """What a write answered; `unread` when it was a success in a language that nobody knows."""

    body: dict[str, Any]
    unread: ZoomAnswer | None = None

    def not_shown(self) -> Outcome:
        """What to say when reading back does not show the effect: settling, but never of an unread answer.

        Raises:
            ZoomAnswer: the unread one.
        """
        if self.unread is not None:
            raise self.unread
        return Outcome(state=OutcomeState.SETTLING, retry_after=_SOON)


async def write(
    ctx: ZoomContext,
    method: str,
    where: str,
    *,
    params: Mapping[str, Any] | None = None,
    body: Mapping[str, Any] | None = None,
) -> Written:
    """Send what changes something; the caller reads back. Most answers have no body.

    Raises:
        ZoomAnswer: anything but a success.
    """
    response = await _send(ctx, method, where, params, body)
    if not response.content:
        return Written({})
    answered = read_object(response)
    if answered is None:
        return Written({}, ZoomAnswer(f"{method} {where}", response, unread=True))
    return Written(answered)


async def pages(
    ctx: ZoomContext, where: str, member: str, *, params: Mapping[str, Any] | None = None
) -> AsyncIterator[dict[str, Any]]:
    """Every item of a list, page by page; a page's token lives 15 minutes."""
    token: str | None = None
    for _ in range(_MOST_PAGES):
        query = {**(params or {}), "page_size": _PAGE} | ({"next_page_token": token} if token else {})
        body = await read(ctx, where, params=query)
        for item in body.get(member) or ():
            if isinstance(item, dict):
                yield item
        token = body.get("next_page_token") or None
        if token is None:
            return
