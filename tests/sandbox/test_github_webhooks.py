"""GitHub's webhook: what it tells, signed over the raw body, once more on demand."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.github_client import github_client, invite

SECRET = "sandbox-github-webhook-secret"
JOINER = "grace.hopper@acme.example"


class Listener:
    """Hears posts on the loopback: headers in lower case, raw body."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        pairs = [line.partition(":") for line in head.split("\r\n")[1:] if line]
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        body = await reader.readexactly(int(headers["content-length"]))
        self.heard.append((headers, body))
        writer.write(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    @property
    def actions(self) -> list[str]:
        return [json.loads(body).get("action", "") for _, body in self.heard]


@pytest.fixture
async def listener(sandbox: Sandbox) -> AsyncIterator[Listener]:
    made = Listener()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/webhooks/github"
    sandbox.act("github", "webhook", url=made.url, secret=SECRET)
    yield made
    server.close()
    await server.wait_closed()


async def drained(sandbox: Sandbox) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await asyncio.to_thread(sandbox.act, "github", "drain"))["deliveries"]
    return found


async def test_invited_added_and_removed_members_are_told_and_signed(
    sandbox: Sandbox, listener: Listener
) -> None:
    async with github_client(sandbox) as client:
        await invite(client, JOINER)
        await drained(sandbox)
        sandbox.act("github", "accept", email=JOINER, login="ghopper")
        await drained(sandbox)
        await client.delete("orgs/acme-example/memberships/ghopper")
        log = await drained(sandbox)
    assert listener.actions == ["member_invited", "member_added", "member_removed"]
    assert [entry["status"] for entry in log] == [202, 202, 202]
    for headers, body in listener.heard:
        digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        assert headers["x-hub-signature-256"] == f"sha256={digest}"
        assert headers["x-github-event"] == "organization"
        assert headers["user-agent"].startswith("GitHub-Hookshot/")
        assert headers["content-type"] == "application/json"
    invited, added, _removed = (json.loads(body) for _, body in listener.heard)
    assert (invited["invitation"]["email"], invited["invitation"]["login"]) == (JOINER, None)
    assert "user" not in invited
    assert added["membership"]["user"]["login"] == "ghopper"
    assert added["membership"]["state"] == "active"
    assert added["organization"]["login"] == "acme-example"
    assert added["installation"]["id"]
    assert len({headers["x-github-delivery"] for headers, _ in listener.heard}) == 3


async def test_declined_and_lapsed_invitations_are_not_told(sandbox: Sandbox, listener: Listener) -> None:
    async with github_client(sandbox) as client:
        await invite(client, JOINER)
        sandbox.act("github", "decline", email=JOINER)
        await invite(client, JOINER)
        sandbox.act("github", "expire", email=JOINER)
        await drained(sandbox)
    assert set(listener.actions) == {"member_invited"}


async def test_a_redelivery_and_duplicates_are_the_same_delivery(
    sandbox: Sandbox, listener: Listener
) -> None:
    sandbox.act("github", "webhook", url=listener.url, secret=SECRET, times=2)
    sandbox.act("github", "accept", email="freelancer@studio.example")
    await drained(sandbox)
    sandbox.act("github", "redeliver")
    log = await drained(sandbox)
    assert listener.actions == ["member_added"] * 3
    assert len({headers["x-github-delivery"] for headers, _ in listener.heard}) == 1
    assert len({body for _, body in listener.heard}) == 1
    assert (len(log), log[0]["attempts"]) == (1, 3)
    assert sandbox.state("github")["deliveries"] == log


async def test_events_of_other_kinds_and_by_other_hands(sandbox: Sandbox, listener: Listener) -> None:
    sandbox.act("github", "ping")
    sandbox.act("github", "invite", email="hand@studio.example")
    sandbox.act("github", "remove", login="lena-fischer")
    await drained(sandbox)
    assert sorted(listener.actions) == ["", "member_invited", "member_removed"]
    assert "ping" in [headers["x-github-event"] for headers, _ in listener.heard]


async def test_nothing_is_sent_before_a_webhook_is_set(sandbox: Sandbox) -> None:
    sandbox.act("github", "accept", email="freelancer@studio.example")
    assert await drained(sandbox) == []
    with pytest.raises(AssertionError, match="nothing was delivered"):
        sandbox.act("github", "redeliver")
    with pytest.raises(AssertionError, match="nobody does dance"):
        sandbox.act("github", "dance")
    with pytest.raises(AssertionError, match="no pending invitation"):
        sandbox.act("github", "accept", email="nobody@acme.example")
