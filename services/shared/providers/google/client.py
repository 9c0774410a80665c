"""Calls to Google: built by Google's library, sent by the context's signed-in client."""

import json
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

from services.shared.providers.google.answers import GoogleAnswer, read_answer, unreadable
from services.shared.providers.google.form import GoogleSettings
from services.shared.providers.google.requests import build
from services.shared.sdk.contract import Context, Outcome, OutcomeState

GoogleContext = Context[GoogleSettings]

_NO_CONTENT = 204
_SOON = 2.0


async def call(ctx: GoogleContext, operation: str, **parameters: Any) -> dict[str, Any]:
    """Send one operation, e.g. `users.get`; the answer's object, empty when it has no body.

    Raises:
        GoogleAnswer: anything but a success with a readable body.
        httpx.TransportError: timeouts and lost connections pass.
    """
    request = build(operation, **parameters)
    response = await ctx.http.request(
        request.method,
        f"{ctx.endpoints[request.endpoint].rstrip('/')}/{request.path}",
        content=request.body,
        headers=request.headers,
    )
    if not response.is_success:
        raise read_answer(operation, response)
    if response.status_code == _NO_CONTENT or not response.content:
        return {}
    try:
        body = json.loads(response.content)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise unreadable(operation, response)
    return body


class Written(NamedTuple):
    """What a write answered; `unread` when it was a success in a language that nobody knows."""

    body: dict[str, Any]
    unread: GoogleAnswer | None = None

    def not_shown(self) -> Outcome:
        """What to say when reading back does not show the effect: settling, but never of an unread answer.

        Raises:
            GoogleAnswer: the unread one.
        """
        if self.unread is not None:
            raise self.unread
        return Outcome(state=OutcomeState.SETTLING, retry_after=_SOON)


async def write(ctx: GoogleContext, operation: str, **parameters: Any) -> Written:
    """Send an operation that changes something; the caller reads back.

    Raises:
        GoogleAnswer: anything but a success.
    """
    try:
        return Written(await call(ctx, operation, **parameters))
    except GoogleAnswer as answer:
        if answer.is_unreadable:
            return Written({}, answer)
        raise


async def pages(
    ctx: GoogleContext, operation: str, member: str, *, limit: int | None = None, **parameters: Any
) -> AsyncIterator[dict[str, Any]]:
    """Every item of a list, page by page; at most `limit` pages. Google leaves `member` out when empty."""
    token: str | None = None
    count = 0
    while True:
        body = await call(ctx, operation, pageToken=token, **parameters)
        for item in body.get(member) or ():
            yield item
        token = body.get("nextPageToken")
        count += 1
        if not token or count == limit:
            return
