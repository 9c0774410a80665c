"""The api's answers on their way to the browser: as they come, nothing gathered first."""

import asyncio
import contextlib
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import httpx
from pydantic import SecretStr
from starlette.responses import Response

from bff.auth_client import AuthUnavailable, SessionEnded
from bff.metrics import OPEN_STREAMS, STREAMS_ENDED, UPSTREAM_FAILURES
from bff.proxy.headers import towards_browser
from bff.session.keeper import SessionKeeper
from services.shared.kit.http import HTTP_FAILURES
from services.shared.kit.logging import get_logger
from services.shared.web.correlation import Receive, Scope, Send

log = get_logger(__name__)
_LAST_WORD = 1.0
"""Seconds that a browser which does not read may delay the end of its stream."""


class TruncatedAnswer(Exception):
    """The api's answer ended too soon; the connection is closed, so that nobody takes it for whole."""


class PassedOn(Response):
    """An ordinary answer of the api."""

    def __init__(self, upstream: httpx.Response, extra: Mapping[str, str] | None = None) -> None:
        self.upstream = upstream
        self.status_code = upstream.status_code
        self.background = None
        self.raw_headers = towards_browser(upstream.headers.raw)
        self.raw_headers += [(name.lower().encode(), value.encode()) for name, value in (extra or {}).items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # ASGI's own signature
        """Send it."""
        try:
            await self._start(send)
            await self._pass(send)
            await _send_body(send, b"", more=False)
        except HTTP_FAILURES as error:
            UPSTREAM_FAILURES.labels("api").inc()
            raise TruncatedAnswer(type(error).__name__) from None
        finally:
            await _close(self.upstream)

    async def _start(self, send: Send) -> None:
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": list(self.raw_headers)}
        )

    async def _pass(self, send: Send) -> None:
        async for chunk in self.upstream.aiter_raw():
            await _send_body(send, chunk, more=True)


class Watch(Protocol):
    """On what a stream depends besides the api and its reader."""

    def reasons(self) -> list[Coroutine[Any, Any, str]]:
        """Each returns, with the reason, when the stream must end."""
        ...

    def over(self) -> None:
        """The stream has ended."""


@dataclass(frozen=True, slots=True)
class ProgramWatch:
    """A program's stream depends on us alone here: the api itself looks after its key."""

    stopping: asyncio.Event

    def reasons(self) -> list[Coroutine[Any, Any, str]]:
        """See Watch."""
        return [_said(self.stopping, "stopping")]

    def over(self) -> None:
        """Nobody counts it here."""


@dataclass(frozen=True, slots=True)
class SessionWatch:
    """On what a stream depends: its session's life and rights, looked at every so many seconds, and ours."""

    keeper: SessionKeeper
    token: SecretStr
    rights: tuple[UUID, str]
    every: float
    cut: asyncio.Event
    stopping: asyncio.Event

    def reasons(self) -> list[Coroutine[Any, Any, str]]:
        """See Watch."""
        return [self.session(), _said(self.cut, "session_ended"), _said(self.stopping, "stopping")]

    def over(self) -> None:
        """Give its place in the session back."""
        self.keeper.close_stream(self.token, self.cut)

    async def session(self) -> str:
        """Return, with the reason, when the stream must end. Who cannot be asked about cannot be let on."""
        while True:
            await asyncio.sleep(self.every)
            try:
                live = await self.keeper.look_again(self.token)
            except SessionEnded:
                return "session_ended"
            except AuthUnavailable:
                return "session_unknown"
            if live.rights != self.rights:
                return "rights_changed"


class LiveStream(PassedOn):
    """An event stream. It always ends cleanly, whatever the reason, so that the browser reconnects by itself."""

    def __init__(self, upstream: httpx.Response, watch: Watch) -> None:
        super().__init__(upstream, {"X-Accel-Buffering": "no", "Cache-Control": "no-store, no-transform"})
        self._watch = watch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # ASGI's own signature
        """Send it until the first reason to end."""
        OPEN_STREAMS.inc()
        try:
            await self._start(send)
            reason = await self._until_over(receive, send)
            STREAMS_ENDED.labels(reason).inc()
            log.info("stream_ended", reason=reason)
            if reason != "browser_left":
                with contextlib.suppress(TimeoutError, OSError):
                    await asyncio.wait_for(_send_body(send, b"", more=False), _LAST_WORD)
        finally:
            OPEN_STREAMS.dec()
            self._watch.over()
            await _close(self.upstream)

    async def _until_over(self, receive: Receive, send: Send) -> str:
        reasons = [
            asyncio.create_task(reason)
            for reason in (self._events(send), _left(receive), *self._watch.reasons())
        ]
        try:
            done, _ = await asyncio.wait(reasons, return_when=asyncio.FIRST_COMPLETED)
            return next(iter(done)).result()
        finally:
            for reason in reasons:
                reason.cancel()
            await asyncio.gather(*reasons, return_exceptions=True)

    async def _events(self, send: Send) -> str:
        try:
            await self._pass(send)
        except HTTP_FAILURES:
            return "upstream_broken"
        return "upstream_ended"


async def _left(receive: Receive) -> str:
    while (await receive())["type"] != "http.disconnect":
        pass
    return "browser_left"


async def _said(event: asyncio.Event, reason: str) -> str:
    await event.wait()
    return reason


async def _send_body(send: Send, body: bytes, *, more: bool) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})


async def _close(upstream: httpx.Response) -> None:
    with contextlib.suppress(*HTTP_FAILURES):
        await upstream.aclose()
