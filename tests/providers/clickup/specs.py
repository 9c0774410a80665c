"""ClickUp's published file. See tests/sandbox/judge/doors.py."""

from __future__ import annotations

from tests.sandbox.judge.doors import Door
from tests.sandbox.judge.openapi import Exceptional

DOORS = (
    Door(
        mount="/clickup/api",
        files=("clickup/clickup-v2.openapi.json",),
        exceptions=(
            Exceptional(
                r"^GET /v2/team answer 200: \$\.teams\[\d+\]\.members\[\d+\]\."
                r"(invited_by|user\.(role|custom_role|last_active|date_joined|date_invited)) is undeclared$",
                "what the list really shows; the file refers to the shorter user of GET /user",
            ),
            Exceptional(
                r"answer 200: .*\.(username|profilePicture|avatar|custom_role): None is not of type",
                "the file is made of examples in which somebody had set them",
            ),
            Exceptional(
                r"answer 200: .*\.shared\.(lists|folders)\[\d+\]: .* is not of type 'string'",
                "its own example of sharing has objects there",
                seldom=True,
            ),
            Exceptional(
                r"answer 200: .*\.folders: \[.*is not of type 'object'",
                "the file forgot that a space has several folders",
            ),
            Exceptional(
                r"^GET /v2/team/\{team_id\}/guest/\{guest_id\} answer 200",
                "the file has no schema for this answer",
                seldom=True,
            ),
            Exceptional(
                r"request: \$\.custom_role_id: None is not of type 'integer'$",
                "how a custom role is taken away is published nowhere; the member is required",
                seldom=True,
            ),
        ),
    ),
)
