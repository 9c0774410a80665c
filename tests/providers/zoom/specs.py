"""Zoom by its published file. See tests/sandbox/judge/doors.py."""

from __future__ import annotations

from tests.sandbox.judge.doors import Door
from tests.sandbox.judge.openapi import Exceptional

DOORS = (
    Door(
        mount="/zoom/v2",
        files=("zoom/zoom-users-v2.openapi.json",),
        exceptions=(
            Exceptional(r"\$\.display_name is undeclared", "newer than the file: @zoom/rivet 0.4.0"),
            Exceptional(
                r"answer (400|404|409): the body should be empty", "the file describes error bodies in prose"
            ),
        ),
    ),
)
