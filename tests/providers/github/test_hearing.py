"""What GitHub's deliveries are heard as."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.shared.providers.github.provider import GitHub
from services.shared.sdk.optional import Heard, HearsEvents
from services.shared.sdk.suite.driver import onboard
from tests.fixtures.sandbox import Sandbox
from tests.providers.github.harness import LOGIN, OrganizationHarness

HEADERS = {"x-github-event": "organization"}


def hear(body: Any, headers: dict[str, str] = HEADERS) -> tuple[Heard, ...]:
    return tuple(GitHub().hear(headers, body))


def deliveries(sandbox: Sandbox) -> list[dict[str, Any]]:
    return [json.loads(one["body"]) for one in sandbox.state("github")["deliveries"]]


async def test_what_the_sandbox_posts_is_understood(github: OrganizationHarness) -> None:
    assert isinstance(GitHub(), HearsEvents)
    github.sandbox.act("github", "webhook", url="http://127.0.0.1:1/nobody", secret="x")
    books, _ = await onboard(github)
    github.sandbox.act("github", "remove", login=LOGIN, tenant="acme.example")
    github.sandbox.act("github", "drain")
    number, address = books.known.remote_id, github.joiner.work_email
    heard = [one for body in deliveries(github.sandbox) for one in hear(body)]
    github.sandbox.act("github", "webhook")
    assert heard == [
        Heard(kind="changed", email=address),
        Heard(kind="activated", remote_id=number, login=LOGIN),
        Heard(kind="removed", remote_id=number, login=LOGIN),
    ]


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"x-github-event": "ping"}, {"zen": "Speak like a human."}),
        ({"x-github-event": "push"}, {"action": "member_added", "membership": {"user": {"id": 1}}}),
        ({}, {"action": "member_added"}),
        (HEADERS, {}),
        (HEADERS, {"action": "renamed"}),
        (HEADERS, {"action": "member_added"}),
        (HEADERS, {"action": "member_added", "membership": None}),
        (HEADERS, {"action": "member_added", "membership": "x", "user": ["y"]}),
        (HEADERS, {"action": ["member_added"]}),
    ],
)
def test_nothing_else_concerns_us(headers: dict[str, str], body: dict[str, Any]) -> None:
    assert hear(body, headers) == ()
