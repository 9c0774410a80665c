"""Google by its discovery documents. See tests/sandbox/judge/doors.py."""

from __future__ import annotations

from tests.sandbox.judge.doors import Door
from tests.sandbox.judge.google import find, judge
from tests.sandbox.judge.wire import Exchange


def _judge(exchange: Exchange) -> list[str]:
    path = (exchange.below("/google") or "").lstrip("/")
    method = find(exchange.method, path)
    if method is None:
        return [f"{exchange.method} {path} is no method of the API"]
    faults = [
        f"{method.id}: the query parameter {name} is unknown"
        for name, _ in exchange.query
        if name not in method.parameters | {"fields", "alt"}
    ]
    return faults + judge(exchange.method, path, exchange.status or 0, exchange.answered)


DOORS = (Door(mount="/google", judge=_judge),)
