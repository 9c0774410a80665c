"""The RFCs' own schemas. See tests/sandbox/judge/doors.py."""

from __future__ import annotations

from tests.sandbox.judge.doors import Door
from tests.sandbox.judge.scim import judge

_MOUNT = "/scim/acme/v2"

DOORS = (Door(mount=_MOUNT, judge=lambda exchange: judge(exchange, _MOUNT)),)
