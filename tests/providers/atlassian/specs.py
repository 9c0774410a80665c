"""Atlassian by its published files. See tests/sandbox/judge/doors.py."""

from __future__ import annotations

from tests.sandbox.judge.doors import Door
from tests.sandbox.judge.openapi import Exceptional

DOORS = (
    Door(
        mount="/atlassian",
        files=("atlassian/user-provisioning-scim.openapi.json",),
        exceptions=(
            Exceptional(
                r"POST .*/Users request: \$\.(schemas|externalId) does not belong",
                "marked read-only, and described as required and as set by the client",
            ),
            Exceptional(
                r"PATCH .* request: \$\.Operations is undeclared", "its own example spells it so, as the RFC"
            ),
        ),
    ),
    Door(
        mount="/atlassian/admin",
        unpublished="The organisation API's file could not be obtained.",
        seldom=True,
    ),
    Door(
        mount="/atlassian/users",
        unpublished="The user management API's file could not be obtained.",
        seldom=True,
    ),
    Door(
        mount="/atlassian/site/acme",
        files=("atlassian/jira-platform-v3.openapi.json", "atlassian/confluence-v1.openapi.json"),
    ),
)
