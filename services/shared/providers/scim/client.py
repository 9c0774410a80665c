"""Calls to a SCIM application: one page of them, on the context's signed-in client."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from services.shared.providers.scim.answers import ScimAnswer, read_answer, unreadable
from services.shared.providers.scim.form import ScimSettings
from services.shared.providers.scim.paths import member
from services.shared.sdk.answer import UNREADABLE
from services.shared.sdk.contract import Context, Outcome, OutcomeState

ScimContext = Context[ScimSettings]

USERS, GROUPS = "Users", "Groups"
_MEDIA = "application/scim+json"
_NO_CONTENT = 204
_SOON = 2.0
_PAGE = 100
_MOST_PAGES = 500


def resource(kind: str, remote_id: str) -> str:
    """The path of one resource below the base URL."""
    return f"{kind}/{quote(remote_id, safe='')}"


async def call(
    ctx: ScimContext,
    method: str,
    path: str,
    *,
    query: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
    version: str | None = None,
) -> dict[str, Any]:
    """Send one request; the answer's object, empty when it has no body. `version` becomes `If-Match`.

    Raises:
        ScimAnswer: anything but a success with a readable body.
        httpx.TransportError: timeouts and lost connections pass.
    """
    headers = {"accept": f"{_MEDIA}, application/json"}
    if body is not None:
        headers["content-type"] = _MEDIA
    if version is not None:
        headers["if-match"] = version
    response = await ctx.http.request(
        method,
        f"{ctx.endpoints['base_url'].rstrip('/')}/{path}",
        params=dict(query) if query else None,
        content=json.dumps(body).encode() if body is not None else None,
        headers=headers,
    )
    operation = f"{method} /{path.partition('/')[0]}"
    if not response.is_success:
        raise read_answer(operation, response)
    if response.status_code == _NO_CONTENT or not response.content:
        return {}
    try:
        answered = json.loads(response.content)
    except ValueError:
        answered = None
    if not isinstance(answered, dict):
        raise unreadable(operation, response)
    return answered


class Written(NamedTuple):
    """What a write answered; `unread` when it was a success in a language that nobody knows."""

    body: dict[str, Any]
    unread: ScimAnswer | None = None

    def not_shown(self, what: str | None = None) -> Outcome:
        """What to say when reading back does not show the effect: settling, but never of an unread answer.

        Raises:
            ScimAnswer: the unread one.
        """
        if self.unread is not None:
            raise self.unread
        note = f"The application accepted this and does not show it yet: {what}" if what else None
        return Outcome(state=OutcomeState.SETTLING, retry_after=_SOON, note=note)


async def write(
    ctx: ScimContext,
    method: str,
    path: str,
    body: Mapping[str, Any] | None = None,
    version: str | None = None,
) -> Written:
    """Send a request that changes something; the caller reads back.

    Raises:
        ScimAnswer: anything but a success.
    """
    try:
        return Written(await call(ctx, method, path, body=body, version=version))
    except ScimAnswer as answer:
        if answer.is_unreadable:
            return Written({}, answer)
        raise


async def list_all(
    ctx: ScimContext, kind: str, *, filter_text: str | None = None, page: int = _PAGE, most: int | None = None
) -> AsyncIterator[dict[str, Any]]:
    """Every resource of a kind, page by page (RFC 7644 3.4.2.4); at most `most`.

    Raises:
        ScimAnswer: as the application answers, or a list that never ends.
    """
    start, seen = 1, 0
    for _ in range(_MOST_PAGES):
        query = {"startIndex": str(start), "count": str(page)}
        if filter_text is not None:
            query["filter"] = filter_text
        answered = await call(ctx, "GET", kind, query=query)
        total = member(answered, "totalResults")
        found = member(answered, "Resources")
        if not isinstance(total, int) or not isinstance(found, list | None):
            raise ScimAnswer(f"GET /{kind}", 200, UNREADABLE, str(answered)[:_PAGE])
        for one in found or ():
            if isinstance(one, dict):
                yield one
            seen += 1
            if seen == most:
                return
        start += len(found or ())
        if not found or seen >= total:
            return
    raise ScimAnswer(f"GET /{kind}", 200, UNREADABLE, f"more than {_MOST_PAGES} pages")


def equals(attribute: str, value: str) -> str:
    """A filter for one value, quoted as JSON is (RFC 7644 3.4.2.2)."""
    return f"{attribute} eq {json.dumps(value)}"
