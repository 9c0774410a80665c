"""Choosing TCP ports on the loopback address."""

from __future__ import annotations

import socket

HOST = "127.0.0.1"


def is_free(port: int) -> bool:
    """Whether something could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def any_free() -> int:
    """A port that nothing listens on now. Another program may take it before it is used: be ready to ask again."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def wanted_or_free(wanted: int | None, *, avoid: frozenset[int] = frozenset()) -> int:
    """The wanted port when it is free, otherwise another one."""
    if wanted is not None and wanted not in avoid and is_free(wanted):
        return wanted
    while (port := any_free()) in avoid:
        pass
    return port
