"""Calls to Atlassian's APIs, each behind its own base URL and credential, on the context's signed-in client."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote

from services.shared.providers.atlassian.answers import AtlassianAnswer, read_answer, unreadable
from services.shared.providers.atlassian.form import AtlassianSettings
from services.shared.sdk.contract import Context, Outcome, OutcomeState

AtlassianContext = Context[AtlassianSettings]

SCIM, ADMIN, SITE = "atlassian_scim", "atlassian_admin", "site_url"
CONFLUENCE_GATE = "confluence_url"
"""With a person's consent (OAuth 2.0) each product of the site is behind an address of its own:
developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps, "Make calls to the API using the access token"."""
_WIKI = "wiki/"
_NO_CONTENT = 204
_SOON = 2.0
_PAGE = 100
_MOST_PAGES = 200

Query = Mapping[str, str] | Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class App:
    """One of the two apps."""

    key: str
    title: str
    other: str
    """The title of the app with which it shares its accounts."""
    page: str
    """The path of the product on the site."""


JIRA = App("jira", "Jira", "Confluence", "/jira")
CONFLUENCE = App("confluence", "Confluence", "Jira", "/wiki")


def has(ctx: AtlassianContext, door: str) -> bool:
    """Whether the connection can use this API."""
    return door in ctx.endpoints


def scim_path(ctx: AtlassianContext, *parts: str) -> str:
    """A path below the directory."""
    return "/".join(quote(part, safe="") for part in (ctx.settings.directory_id or "", *parts))


async def call(
    ctx: AtlassianContext,
    door: str,
    method: str,
    path: str,
    *,
    query: Query = (),
    body: Mapping[str, Any] | None = None,
) -> Any:
    """Send one request; the answer's JSON, an empty object when it has none.

    Raises:
        AtlassianAnswer: anything but a success with a readable body.
        httpx.TransportError: timeouts and lost connections pass.
    """
    media = "application/scim+json" if door == SCIM else "application/json"
    headers = {"accept": media} | ({"content-type": media} if body is not None else {})
    response = await ctx.http.request(
        method,
        f"{_base(ctx, door, path).rstrip('/')}/{path}",
        params=list(query.items() if isinstance(query, Mapping) else query) or None,
        content=json.dumps(body).encode() if body is not None else None,
        headers=headers,
    )
    operation = f"{method} {path.partition('?')[0]}"
    if not response.is_success:
        raise read_answer(door, operation, response)
    if response.status_code == _NO_CONTENT or not response.content:
        return {}
    try:
        return json.loads(response.content)
    except ValueError:
        raise unreadable(door, operation, response.status_code, response.text) from None


def _base(ctx: AtlassianContext, door: str, path: str) -> str:
    if door == SITE and path.startswith(_WIKI):
        return ctx.endpoints.get(CONFLUENCE_GATE, ctx.endpoints[SITE])
    return ctx.endpoints[door]


async def read_object(ctx: AtlassianContext, door: str, path: str, *, query: Query = ()) -> dict[str, Any]:
    """GET an object.

    Raises:
        AtlassianAnswer: as Atlassian answers, also a success that is no object.
    """
    found = await call(ctx, door, "GET", path, query=query)
    if not isinstance(found, dict):
        raise unreadable(door, f"GET {path}", 200, str(found))
    return found


async def read_list(ctx: AtlassianContext, path: str, *, query: Query = ()) -> list[dict[str, Any]]:
    """GET a bare list of the site's.

    Raises:
        AtlassianAnswer: as the site answers, also a success that is no list of objects.
    """
    found = await call(ctx, SITE, "GET", path, query=query)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise unreadable(SITE, f"GET {path}", 200, str(found))
    return found


class Written(NamedTuple):
    """What a write answered; `unread` when it was a success in a language that nobody knows."""

    body: Any
    unread: AtlassianAnswer | None = None

    def not_shown(self) -> Outcome:
        """What to say when reading back does not show the effect: settling, but never of an unread answer.

        Raises:
            AtlassianAnswer: the unread one.
        """
        if self.unread is not None:
            raise self.unread
        return Outcome(state=OutcomeState.SETTLING, retry_after=_SOON)


async def write(
    ctx: AtlassianContext,
    door: str,
    method: str,
    path: str,
    *,
    query: Query = (),
    body: Mapping[str, Any] | None = None,
) -> Written:
    """Send a request that changes something; the caller reads back.

    Raises:
        AtlassianAnswer: anything but a success.
    """
    try:
        return Written(await call(ctx, door, method, path, query=query, body=body))
    except AtlassianAnswer as answer:
        if answer.is_unreadable:
            return Written({}, answer)
        raise


async def scim_list(
    ctx: AtlassianContext, kind: str, *, filter_text: str | None = None, most: int | None = None
) -> AsyncIterator[dict[str, Any]]:
    """Every resource of a kind in the directory, page by page; at most `most`.

    Raises:
        AtlassianAnswer: as the directory answers, or a list that is none.
    """
    path, start, seen = scim_path(ctx, kind), 1, 0
    for _ in range(_MOST_PAGES):
        query = {"startIndex": str(start), "count": str(min(_PAGE, most or _PAGE))}
        if filter_text is not None:
            query["filter"] = filter_text
        answered = await read_object(ctx, SCIM, path, query=query)
        total, found = answered.get("totalResults"), answered.get("Resources") or []
        if not isinstance(total, int) or not isinstance(found, list):
            raise unreadable(SCIM, f"GET {path}", 200, str(answered))
        for one in found:
            yield one
            seen += 1
            if seen == most:
                return
        start += len(found)
        if not found or start > total:
            return


async def site_pages(
    ctx: AtlassianContext, path: str, *, start: str, size: str, member: str, query: Query = ()
) -> AsyncIterator[dict[str, Any]]:
    """Every item of one of the site's lists; `start`, `size` and `member` are what this list calls them.

    Raises:
        AtlassianAnswer: as the site answers, or a list that is none.
    """
    position = 0
    for _ in range(_MOST_PAGES):
        pairs = list(query.items() if isinstance(query, Mapping) else query)
        pairs += [(start, str(position)), (size, str(_PAGE))]
        answered = await read_object(ctx, SITE, path, query=pairs)
        found = answered.get(member)
        if not isinstance(found, list):
            raise unreadable(SITE, f"GET {path}", 200, str(answered))
        for one in found:
            yield one
        position += len(found)
        # Jira says whether this was the last page, Confluence links to the next; both may cut the size asked for.
        goes_on = answered.get("isLast") is False or "next" in (answered.get("_links") or {})
        if not found or not goes_on:
            return


def equals(attribute: str, value: str) -> str:
    """The one filter that the directory has, quoted as JSON is (RFC 7644 3.4.2.2)."""
    return f"{attribute} eq {json.dumps(value)}"
