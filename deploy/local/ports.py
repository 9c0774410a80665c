"""Choosing TCP ports on the loopback address."""

from __future__ import annotations

import random
import socket
from pathlib import Path

HOST = "127.0.0.1"
_FIRST = 20_000
_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_given: set[int] = set()


def is_free(port: int) -> bool:
    """Whether something could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _below_the_kernels() -> range:
    """Ports that the kernel does not hand out by itself: to outgoing connections and to whoever asks for any."""
    try:
        return range(_FIRST, int(_RANGE.read_text().split()[0]))
    except (OSError, ValueError, IndexError):
        return range(0)


def any_free() -> int:
    """A port that nothing listens on now, never the same twice.

    Another program may take it before it is used, though on Linux none that merely asks the kernel for a port: be
    ready to ask again.
    """
    ours = [port for port in _below_the_kernels() if port not in _given]
    for port in random.SystemRandom().sample(ours, min(len(ours), 50)):
        if is_free(port):
            _given.add(port)
            return port
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def wanted_or_free(wanted: int | None, *, avoid: frozenset[int] = frozenset()) -> int:
    """The wanted port when it is free, otherwise another one."""
    if wanted is not None and wanted not in avoid and is_free(wanted):
        return wanted
    while (port := any_free()) in avoid:
        pass
    return port
