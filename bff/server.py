"""uvicorn, told about open streams: they end first, so that a stop takes seconds and not until everybody has left."""

import asyncio
import socket

import uvicorn

from bff.app import create_app, surround
from bff.settings import BffSettings

_KEEP_ALIVE = 130
"""Seconds; longer than the two minutes after which the proxy before us closes an idle connection by itself."""


class BffServer(uvicorn.Server):
    """Serves until `should_exit`, or a signal."""

    def __init__(self, settings: BffSettings) -> None:
        self._stopping = asyncio.Event()
        app = surround(create_app(settings, self._stopping), settings)
        super().__init__(
            uvicorn.Config(
                app,
                host=settings.host,
                port=settings.port,
                lifespan="on",
                ws="none",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=_KEEP_ALIVE,
                timeout_graceful_shutdown=settings.stop_seconds,
            )
        )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then stop as usual; hang up on whoever does not read what is left for them."""
        self._stopping.set()
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):
            transport = getattr(connection, "transport", None)
            if transport is not None:
                transport.abort()
        await asyncio.sleep(0)
