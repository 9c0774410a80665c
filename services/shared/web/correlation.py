"""The correlation id: made at the edge, bound to every log line, answered in `X-Correlation-Id`."""

import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from contextvars import ContextVar
from typing import Any

from starlette.datastructures import Headers, MutableHeaders

from services.shared.kit.ids import uuid7
from services.shared.kit.logging import bind, get_logger, unbind_all
from services.shared.web.metrics import observe_request

log = get_logger(__name__)
HEADER = "x-correlation-id"
_ACCEPTED = re.compile(r"^[A-Za-z0-9._-]{8,64}$")
_current: ContextVar[str] = ContextVar("correlation_id", default="")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
QUIET = frozenset({"/health", "/ready", "/metrics"})


def current_correlation_id() -> str:
    """The id of the request being served; empty outside of one."""
    return _current.get()


class CorrelationMiddleware:
    """Binds the id, logs and measures every request once."""

    def __init__(self, app: Application, service: str) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        correlation_id = given if _ACCEPTED.match(given) else str(uuid7())
        _current.set(correlation_id)
        unbind_all()
        bind(service=self._service, correlation_id=correlation_id)
        began = time.perf_counter()
        status = 500

        async def answer(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = correlation_id
            await send(message)

        try:
            await self._app(scope, receive, answer)
        finally:
            if scope["path"] not in QUIET:
                seconds = time.perf_counter() - began
                route = scope.get("route")
                path = getattr(route, "path", "unmatched")
                observe_request(scope["method"], path, status, seconds)
                log.info(
                    "request",
                    method=scope["method"],
                    route=path,
                    status=status,
                    ms=round(seconds * 1000, 1),
                )
