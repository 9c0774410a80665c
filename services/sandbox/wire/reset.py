"""Dropping a connection so that the caller's socket really sees a reset."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from services.sandbox.wire.call import Receive, Scope

_TRANSPORT = "sandbox.transport"


class ResettableProtocol(H11Protocol):
    """uvicorn's HTTP protocol, which also shows the application the connection it serves."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn names the narrower transport too
        super().connection_made(transport)
        served = self.app

        async def with_transport(scope: Any, receive: Any, send: Any) -> None:
            scope[_TRANSPORT] = transport
            await served(scope, receive, send)

        self.app = with_transport


async def reset_connection(scope: Scope, receive: Receive) -> None:
    """Reset the TCP connection with no reply.

    Without a socket (the application called in-process) a ConnectionResetError goes to the caller instead.
    """
    transport: asyncio.Transport | None = scope.get(_TRANSPORT)
    if transport is None:
        raise ConnectionResetError("the vendor dropped the connection")
    connection: socket.socket | None = transport.get_extra_info("socket")
    if connection is not None:
        # Lingering for zero seconds makes the kernel send RST where a close would send FIN.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    # Returning before uvicorn has noticed would make it write a 500 of its own.
    while (await receive())["type"] != "http.disconnect":
        continue
