"""Nothing that this service says is kept by anybody on the way."""

from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import MutableHeaders

from services.shared.web.correlation import Application, Receive, Scope, Send


class NoStoreMiddleware:
    """`Cache-Control: no-store` on every answer that does not say otherwise."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""

        async def answer(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).setdefault("cache-control", "no-store")
            await send(message)

        await self._app(scope, receive, answer)
