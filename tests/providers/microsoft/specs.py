"""Graph by its CSDL. See tests/sandbox/judge/doors.py."""

from __future__ import annotations

from tests.sandbox.judge.doors import Door
from tests.sandbox.judge.microsoft import judge
from tests.sandbox.judge.wire import Exchange


def _judge(exchange: Exchange) -> list[str]:
    path = (exchange.below("/microsoft/v1.0") or "").lstrip("/")
    return judge(path, exchange.status or 0, dict(exchange.headers), exchange.answered)


DOORS = (Door(mount="/microsoft/v1.0", judge=_judge),)
