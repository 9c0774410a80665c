"""`/api/*`: the browser's call goes to the api in the name of its session."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, ClassVar

import httpx
from fastapi import APIRouter, Depends, Request
from pydantic import SecretStr
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from bff.auth_client import LiveSession
from bff.browser.csrf import EVENT_STREAM, wants_events
from bff.metrics import UPSTREAM_FAILURES
from bff.proxy.address import api_target
from bff.proxy.answers import LiveStream, PassedOn, Watch
from bff.proxy.headers import towards_api
from bff.session.endpoints import needed_token
from bff.session.keeper import SessionKeeper
from bff.settings import BffSettings
from services.shared.kit.errors import FieldError, InvalidInput, Unavailable
from services.shared.kit.http import HTTP_FAILURES
from services.shared.kit.logging import get_logger

log = get_logger(__name__)
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class ApiUnavailable(Unavailable):
    """The api does not answer; whether it took the call is not known."""

    code: ClassVar[str] = "api_unavailable"


class _Body:
    """A request's body on its way. `broken` is why it could not be read to its end."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self.broken: HTTPException | ClientDisconnect | None = None

    @property
    def is_there(self) -> bool:
        headers = self._request.headers
        return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"

    async def chunks(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._request.stream():
                if chunk:
                    yield chunk
        except (HTTPException, ClientDisconnect) as error:
            self.broken = error
            raise


def router(
    keeper: SessionKeeper,
    settings: BffSettings,
    *,
    calls: httpx.AsyncClient,
    streams: httpx.AsyncClient,
    stopping: asyncio.Event,
) -> APIRouter:
    """Two clients, so that open streams never use up the connections of ordinary calls."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/api/{path:path}", methods=METHODS)
    async def pass_to_api(
        request: Request,
        target: Annotated[str, Depends(api_target)],
        token: Annotated[SecretStr, Depends(needed_token)],
    ) -> PassedOn:
        if wants_events(request.method, request.headers):
            return await open_stream(request, target, token)
        live = await keeper.live(token)
        return PassedOn(await _send(calls, request, target, live, keeper, token))

    async def open_stream(request: Request, target: str, token: SecretStr) -> PassedOn:
        # As it is now: a stream that begins on an old answer would outlive its session by that answer's age.
        live = await keeper.look_again(token)
        cut = keeper.open_stream(token, settings.streams_per_session)
        watched = False
        try:
            upstream = await _send(streams, request, target, live, keeper, token)
            if not upstream.headers.get("content-type", "").startswith(EVENT_STREAM):
                return PassedOn(upstream)
            watch = Watch(keeper, token, live.rights, settings.stream_check_seconds, cut, stopping)
            watched = True
            return LiveStream(upstream, watch)
        finally:
            if not watched:
                keeper.close_stream(token, cut)

    return routes


async def _send(
    client: httpx.AsyncClient,
    request: Request,
    target: str,
    live: LiveSession,
    keeper: SessionKeeper,
    token: SecretStr,
) -> httpx.Response:
    """The api's answer, its body not read yet.

    Raises:
        ApiUnavailable: no answer.
        HTTPException: the body is too large (413).
        InvalidInput: an address that cannot be sent on.
    """
    body = _Body(request)
    try:
        call = client.build_request(
            request.method,
            target,
            headers=towards_api(request.headers, live.access_token.get_secret_value()),
            content=body.chunks() if body.is_there else None,
        )
    except httpx.InvalidURL:
        raise InvalidInput([FieldError("", "The address cannot be read.", "invalid_address")]) from None
    try:
        answer = await client.send(call, stream=True)
    except HTTP_FAILURES as error:
        if isinstance(body.broken, HTTPException):
            raise body.broken from None
        UPSTREAM_FAILURES.labels("api").inc()
        log.error("api_unavailable", error=type(error).__name__, method=request.method)  # noqa: TRY400  # a state of the network, not of this code
        raise ApiUnavailable("OneClick cannot be reached now. Try again in a moment.") from None
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        keeper.forget(token)
    return answer
