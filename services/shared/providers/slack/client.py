"""Calls to Slack's SCIM API and Web API, by the context's signed-in client."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from services.shared.providers.slack.answers import SlackAnswer, read_scim, read_web, unreadable
from services.shared.providers.slack.form import SlackSettings
from services.shared.sdk.contract import Context, Outcome, OutcomeState

SlackContext = Context[SlackSettings]

_NO_CONTENT = 204
_SOON = 2.0
_PAGE = 1000
"""Slack: keep `count` at or below 1000 (docs.slack.dev/reference/scim-api)."""
_WEB_PAGE = 999
"""Web API lists: `limit` must be under 1000."""
SCOPES_HEADER = "x-oauth-scopes"


async def scim(
    ctx: SlackContext,
    method: str,
    path: str,
    *,
    query: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Call SCIM, e.g. `GET`, `Users/U123`; the answer's object, empty when it has no body.

    Raises:
        SlackAnswer: anything but a success with a readable body.
        httpx.TransportError: timeouts and lost connections pass.
    """
    operation = f"{method} {path.partition('/')[0]}"
    response = await ctx.http.request(
        method,
        f"{ctx.endpoints['slack_scim'].rstrip('/')}/{path}",
        params=dict(query) if query else None,
        json=dict(body) if body is not None else None,
        headers={"accept": "application/json"},
    )
    if not response.is_success:
        raise read_scim(operation, response)
    if response.status_code == _NO_CONTENT or not response.content:
        return {}
    try:
        found = json.loads(response.content)
    except ValueError:
        found = None
    if not isinstance(found, dict) or "schemas" not in found:
        raise unreadable(operation, response.status_code, response.text)
    return found


def path_of(kind: str, id: str) -> str:
    """`Users/U123`, percent-encoded."""
    return f"{kind}/{quote(id, safe='')}"


class Written(NamedTuple):
    """What a write answered; `unread` when it was a success in a language that nobody knows."""

    body: dict[str, Any]
    unread: SlackAnswer | None = None

    def not_shown(self) -> Outcome:
        """What to say when reading back does not show the effect: settling, but never of an unread answer.

        Raises:
            SlackAnswer: the unread one.
        """
        if self.unread is not None:
            raise self.unread
        return Outcome(state=OutcomeState.SETTLING, retry_after=_SOON)


async def write(ctx: SlackContext, method: str, path: str, body: Mapping[str, Any]) -> Written:
    """Send a SCIM write; the caller reads back.

    Raises:
        SlackAnswer: anything but a success.
    """
    try:
        return Written(await scim(ctx, method, path, body=body))
    except SlackAnswer as answer:
        if answer.is_unreadable:
            return Written({}, answer)
        raise


PATCH_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


async def patch(ctx: SlackContext, path: str, *operations: Mapping[str, Any]) -> Written:
    """Send a PatchOp."""
    body = {"schemas": [PATCH_SCHEMA], "Operations": [dict(one) for one in operations]}
    return await write(ctx, "PATCH", path, body)


async def pages(ctx: SlackContext, kind: str, *, count: int = _PAGE) -> AsyncIterator[dict[str, Any]]:
    """Every resource of `Users` or `Groups`, page by page.

    Raises:
        SlackAnswer: as Slack answers, or a page that is no list.
    """
    start = 1
    while True:
        body = await scim(ctx, "GET", kind, query={"startIndex": str(start), "count": str(count)})
        items, total = read_list(kind, body)
        for item in items:
            yield item
        start += len(items)
        if not items or start > total:
            return


def read_list(kind: str, body: Mapping[str, Any]) -> tuple[list[dict[str, Any]], int]:
    """The resources of one page, and how many there are in all.

    Raises:
        SlackAnswer: it is no ListResponse.
    """
    items, total = body.get("Resources"), body.get("totalResults")
    is_list = isinstance(items, list) and all(isinstance(one, dict) for one in items)
    if not is_list or not isinstance(total, int):
        raise unreadable(f"GET {kind}", 200, body)
    return list(items or ()), total


class WebReply(NamedTuple):
    """`scopes` are the token's, where Slack says them with its answer."""

    body: dict[str, Any]
    scopes: frozenset[str] | None


async def web(ctx: SlackContext, method: str, **arguments: str | None) -> WebReply:
    """Read by a method of the Web API.

    Raises:
        SlackAnswer: `ok: false`, or anything but a success.
    """
    given = {name: value for name, value in arguments.items() if value is not None}
    response = await ctx.http.get(_method_url(ctx, method), params=given)
    if (answer := read_web(method, response)) is not None:
        raise answer
    said = response.headers.get(SCOPES_HEADER)
    scopes = frozenset(one.strip() for one in said.split(",")) if said is not None else None
    return WebReply(response.json(), scopes)


async def web_write(ctx: SlackContext, method: str, **arguments: str) -> Written:
    """Change something by a method of the Web API; the caller reads back.

    Raises:
        SlackAnswer: `ok: false`, or anything but a success.
    """
    response = await ctx.http.post(_method_url(ctx, method), data=arguments)
    answer = read_web(method, response)
    if answer is None:
        return Written(response.json())
    if answer.is_unreadable:
        return Written({}, answer)
    raise answer


async def web_pages(
    ctx: SlackContext, method: str, member: str, **arguments: str | None
) -> AsyncIterator[dict[str, Any]]:
    """Every item of a list of the Web API, by its cursor."""
    cursor: str | None = None
    while True:
        reply = await web(ctx, method, limit=str(_WEB_PAGE), cursor=cursor, **arguments)
        for item in reply.body.get(member) or ():
            yield item
        cursor = (reply.body.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return


def _method_url(ctx: SlackContext, method: str) -> str:
    return f"{ctx.endpoints['slack_api'].rstrip('/')}/{method}"
