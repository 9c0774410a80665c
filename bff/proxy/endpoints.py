"""`/api/*`: the browser's call goes to the api in the name of its session, a program's with its own API key."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, ClassVar

import httpx
from fastapi import APIRouter, Depends, Request
from pydantic import SecretStr
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from bff.auth_client import LiveSession
from bff.browser.api_key import api_key_headers
from bff.browser.csrf import EVENT_STREAM, wants_events
from bff.metrics import UPSTREAM_FAILURES
from bff.proxy.address import api_target
from bff.proxy.answers import LiveStream, PassedOn, ProgramWatch, SessionWatch
from bff.proxy.headers import in_name_of, towards_api
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
    async def pass_to_api(request: Request, target: Annotated[str, Depends(api_target)]) -> PassedOn:
        wants_stream = wants_events(request.method, request.headers)
        if key := api_key_headers(request.headers):
            upstream = await _send(streams if wants_stream else calls, request, target, key)
            return (
                LiveStream(upstream, ProgramWatch(stopping)) if _is_stream(upstream) else PassedOn(upstream)
            )
        token = needed_token(request)
        if wants_stream:
            return await open_stream(request, target, token)
        return PassedOn(await send_in_session(calls, request, target, await keeper.live(token), token))

    async def open_stream(request: Request, target: str, token: SecretStr) -> PassedOn:
        # As it is now: a stream that begins on an old answer would outlive its session by that answer's age.
        live = await keeper.look_again(token)
        cut = keeper.open_stream(token, settings.streams_per_session)
        watched = False
        try:
            upstream = await send_in_session(streams, request, target, live, token)
            if not _is_stream(upstream):
                return PassedOn(upstream)
            watch = SessionWatch(keeper, token, live.rights, settings.stream_check_seconds, cut, stopping)
            watched = True
            return LiveStream(upstream, watch)
        finally:
            if not watched:
                keeper.close_stream(token, cut)

    async def send_in_session(
        client: httpx.AsyncClient, request: Request, target: str, live: LiveSession, token: SecretStr
    ) -> httpx.Response:
        credentials = in_name_of(live.access_token.get_secret_value())
        answer = await _send(client, request, target, credentials)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            keeper.forget(token)
        return answer

    return routes


def _is_stream(upstream: httpx.Response) -> bool:
    kind: str = upstream.headers.get("content-type", "")
    return kind.startswith(EVENT_STREAM)


async def _send(
    client: httpx.AsyncClient, request: Request, target: str, credentials: Mapping[str, str]
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
            headers=towards_api(request.headers, credentials),
            content=body.chunks() if body.is_there else None,
        )
    except httpx.InvalidURL:
        raise InvalidInput([FieldError("", "The address cannot be read.", "invalid_address")]) from None
    try:
        return await client.send(call, stream=True)
    except HTTP_FAILURES as error:
        if isinstance(body.broken, HTTPException):
            raise body.broken from None
        UPSTREAM_FAILURES.labels("api").inc()
        log.error("api_unavailable", error=type(error).__name__, method=request.method)  # noqa: TRY400  # a state of the network, not of this code
        raise ApiUnavailable("OneClick cannot be reached now. Try again in a moment.") from None
