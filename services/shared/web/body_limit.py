"""Bodies that are too large are refused with problem details, before or while they come in."""

from collections.abc import Callable, MutableMapping
from typing import Any

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

from services.shared.web.correlation import Application, Receive, Scope, Send
from services.shared.web.problems import problem


class BodyLimitMiddleware:
    """At most `most` bytes, whether or not the client says beforehand how many there are.

    `on_refusal` is told the path of what was refused.
    """

    def __init__(
        self, app: Application, most: int, on_refusal: Callable[[str], None] = lambda _path: None
    ) -> None:
        self._app = app
        self._most = most
        self._on_refusal = on_refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        said = Headers(scope=scope).get("content-length", "")
        if said.isdecimal() and int(said[:20]) > self._most:
            self._on_refusal(scope["path"])
            await self._refusal()(scope, receive, send)
            return
        came = 0

        async def bounded() -> MutableMapping[str, Any]:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > self._most:
                self._on_refusal(scope["path"])
                raise HTTPException(413, self._words())
            return message

        await self._app(scope, bounded, send)

    def _words(self) -> str:
        return f"The body is larger than {self._most} bytes."

    def _refusal(self) -> Any:
        return problem(413, "content_too_large", self._words())
