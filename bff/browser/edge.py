"""What surrounds every answer, errors of our own included: plain ASGI, so that streams are not touched."""

from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException

from services.shared.web.correlation import HEADER, Application, Receive, Scope, Send
from services.shared.web.problems import problem

BODY_LIMIT = 2 * 1024 * 1024
"""Bytes of one request's body."""
_TOO_LARGE = "The body is larger than 2 MiB."

DATA_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The content policy of everything that is no page."""
_PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "autoplay",
        "browsing-topics",
        "camera",
        "display-capture",
        "encrypted-media",
        "fullscreen",
        "geolocation",
        "gyroscope",
        "hid",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "picture-in-picture",
        "publickey-credentials-get",
        "screen-wake-lock",
        "serial",
        "usb",
        "xr-spatial-tracking",
    )
)
ALWAYS = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": _PERMISSIONS,
}
UNLESS_SAID = {"Content-Security-Policy": DATA_POLICY, "Cache-Control": "no-store"}


class StrictHeaders:
    """Each answer carries the strict headers; a page may bring its own content policy and a file its own caching."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def answer(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in ALWAYS.items():
                    headers[name] = value
                for name, value in UNLESS_SAID.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, answer)


class OwnCorrelation:
    """A browser does not choose the correlation id: it is made here."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] == "http":
            own = HEADER.encode()
            scope["headers"] = [(name, value) for name, value in scope["headers"] if name != own]
        await self._app(scope, receive, send)


class BodyLimit:
    """No body beyond the limit is read, whatever its length claims to be."""

    def __init__(self, app: Application, limit: int = BODY_LIMIT) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        claimed = Headers(scope=scope).get("content-length", "0")
        if not claimed.isdecimal() or int(claimed) > self._limit:
            await problem(413, "body_too_large", _TOO_LARGE)(scope, receive, send)
            return
        read = 0

        async def count() -> MutableMapping[str, Any]:
            nonlocal read
            message = await receive()
            if message["type"] == "http.request":
                read += len(message.get("body", b""))
                if read > self._limit:
                    raise HTTPException(413, _TOO_LARGE)
            return message

        await self._app(scope, count, send)


class InnerOnly:
    """`/health`, `/ready` and `/metrics` are for those who run this, not for who comes through the proxy."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] == "http" and scope["path"] in {"/health", "/ready", "/metrics"}:
            headers = Headers(scope=scope)
            if "x-forwarded-for" in headers or "forwarded" in headers:
                await problem(404, "not_found", "There is nothing here.")(scope, receive, send)
                return
        await self._app(scope, receive, send)
