"""GitHub by its OpenAPI file. See tests/sandbox/judge/doors.py."""

from __future__ import annotations

from tests.sandbox.judge.doors import Door
from tests.sandbox.judge.openapi import Exceptional

DOORS = (
    Door(
        mount="/github",
        files=("github/ghec-user-admin.openapi.json",),
        exceptions=(
            Exceptional(
                r"answer 404: the body should be empty", "described without a body: it has the usual one"
            ),
            Exceptional(r"answer 404: the status is undeclared", "common to every operation", seldom=True),
            Exceptional(
                r"PATCH /scim/v2/enterprises/.* request: \$\.Operations\[\d+\]\.value: .* is not of type 'string'",
                "the operations' own examples hold lists and booleans",
            ),
        ),
    ),
    Door(
        mount="/github/search",
        unpublished="The file is cut to the administration of users; docs.github.com/rest/search.",
    ),
)
