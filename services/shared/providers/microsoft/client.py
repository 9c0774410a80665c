"""Sending to Graph with the context's client, and reading what comes back."""

import json
from typing import Any, TypeVar

import httpx
from pydantic import ValidationError

from services.shared.providers.microsoft.answers import GraphAnswer, read_answer, unreadable
from services.shared.providers.microsoft.form import Microsoft365Settings
from services.shared.providers.microsoft.requests import GraphRequest
from services.shared.providers.microsoft.wire import Wire
from services.shared.sdk.contract import Context

MicrosoftContext = Context[Microsoft365Settings]
W = TypeVar("W", bound=Wire)

_PAGES = 50


def base_url(ctx: MicrosoftContext) -> str:
    """Graph's root with the version, without a slash at the end."""
    return ctx.endpoints["ms_graph"].rstrip("/") + "/v1.0"


def user_link(ctx: MicrosoftContext, user_id: str) -> str:
    """A user as the target of a `$ref`."""
    return f"{base_url(ctx)}/users/{user_id}"


def object_link(ctx: MicrosoftContext, object_id: str) -> str:
    """A directory object as the target of a `$ref`."""
    return f"{base_url(ctx)}/directoryObjects/{object_id}"


async def send(ctx: MicrosoftContext, request: GraphRequest) -> httpx.Response:
    """Send once. Nothing is retried and no redirect is followed.

    Raises:
        GraphAnswer: anything but a success.
        httpx.TransportError: timeouts and lost connections pass.
    """
    response = await ctx.http.request(
        request.method,
        base_url(ctx) + request.path,
        content=request.content,
        headers=request.headers,
        follow_redirects=False,
    )
    if not response.is_success:
        raise read_answer(request.operation, response)
    return response


async def fetch(ctx: MicrosoftContext, request: GraphRequest, model: type[W]) -> W:
    """One object.

    Raises:
        GraphAnswer: no success, or a body that is not such an object.
    """
    response = await send(ctx, request)
    return _parse(request.operation, response, model, _object(request.operation, response))


async def find(ctx: MicrosoftContext, request: GraphRequest, model: type[W]) -> W | None:
    """One object, or None on 404."""
    try:
        return await fetch(ctx, request, model)
    except GraphAnswer as answer:
        if answer.is_missing:
            return None
        raise


async def fetch_all(
    ctx: MicrosoftContext, request: GraphRequest, model: type[W], *, pages: int = _PAGES
) -> tuple[W, ...]:
    """A collection, following `@odata.nextLink` as it is, at most `pages` pages."""
    response = await send(ctx, request)
    found: list[W] = []
    while True:
        body = _object(request.operation, response)
        items = body.get("value")
        if not isinstance(items, list):
            raise unreadable(request.operation, response)
        found += [_parse(request.operation, response, model, item) for item in items]
        pages -= 1
        link = body.get("@odata.nextLink")
        if not link or pages <= 0:
            return tuple(found)
        response = await _follow(ctx, request, response, str(link))


async def _follow(
    ctx: MicrosoftContext, request: GraphRequest, response: httpx.Response, link: str
) -> httpx.Response:
    # The client adds the token to whatever it sends, so a link to another host is never followed.
    if httpx.URL(link).host != response.request.url.host:
        raise unreadable(request.operation, response)
    following = await ctx.http.get(link, headers=request.headers, follow_redirects=False)
    if not following.is_success:
        raise read_answer(request.operation, following)
    return following


def _object(operation: str, response: httpx.Response) -> dict[str, Any]:
    try:
        body = json.loads(response.content)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise unreadable(operation, response)
    return body


def _parse(operation: str, response: httpx.Response, model: type[W], body: Any) -> W:
    try:
        return model.model_validate(body)
    except ValidationError as error:
        raise unreadable(operation, response) from error
