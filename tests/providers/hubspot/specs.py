"""HubSpot by its published files. See tests/sandbox/judge/doors.py."""

from __future__ import annotations

from tests.sandbox.hubspot_client import FILES
from tests.sandbox.judge.doors import Door
from tests.sandbox.judge.openapi import Exceptional

DOORS = (
    Door(
        mount="/hubspot",
        files=FILES,
        exceptions=(
            Exceptional(
                r"\$\.status is undeclared", "live errors carry status: error beside the published members"
            ),
        ),
        ignores_last_slash="the published files spell list and create with it, clients and the guide without",
    ),
)
