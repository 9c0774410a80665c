"""What Zoom posts by itself: the challenge, signed events, and the same again."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.zoom_client import create, zoom_client

GRACE = "grace.hopper@acme.example"
SECRET = "a-secret-token"


class Listener:
    """A webhook's address on the loopback; answers the challenge with `secret`, everything else with 200."""

    def __init__(self) -> None:
        self.secret = SECRET
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:]
        pairs = (line.split(": ", 1) for line in head if line)
        headers = {name.lower(): value for name, value in pairs}
        body = await reader.readexactly(int(headers["content-length"]))
        self.heard.append((headers, body))
        reply = self.answer(json.loads(body))
        writer.write(f"HTTP/1.1 200 OK\r\ncontent-length: {len(reply)}\r\n\r\n".encode() + reply)
        await writer.drain()
        writer.close()

    def answer(self, event: dict[str, Any]) -> bytes:
        if event["event"] != "endpoint.url_validation":
            return b""
        plain = event["payload"]["plainToken"]
        encrypted = hmac.new(self.secret.encode(), plain.encode(), hashlib.sha256).hexdigest()
        return json.dumps({"plainToken": plain, "encryptedToken": encrypted}).encode()

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.heard]


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    one = Listener()
    server = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    one.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/zoom"
    yield one
    server.close()
    await server.wait_closed()


@pytest.fixture
async def zoom(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with zoom_client(sandbox) as client:
        yield client


async def act(sandbox: Sandbox, verb: str, **body: Any) -> dict[str, Any]:
    """Off the loop: the twin posts to a server that this loop runs."""
    return await asyncio.to_thread(sandbox.act, "zoom", verb, **body)


async def test_the_address_is_challenged_and_kept_only_when_it_knows_the_secret(
    sandbox: Sandbox, listener: Listener, zoom: httpx.AsyncClient
) -> None:
    assert not (await act(sandbox, "webhook", url=listener.url, secret="another-secret"))["validated"]
    await create(zoom, GRACE)
    await act(sandbox, "deliveries")
    assert [one["event"] for one in listener.events()] == ["endpoint.url_validation"]
    assert (await act(sandbox, "webhook", url=listener.url, secret=SECRET))["validated"]


async def test_activation_is_told_with_a_signature_over_the_raw_body(
    sandbox: Sandbox, listener: Listener, zoom: httpx.AsyncClient
) -> None:
    await create(zoom, GRACE, type=2)
    await act(sandbox, "webhook", url=listener.url, secret=SECRET)
    await act(sandbox, "activate", email=GRACE)
    await act(sandbox, "deliveries")
    headers, body = listener.heard[-1]
    event = json.loads(body)
    assert event["event"] == "user.activated"
    assert event["payload"]["object"]["email"] == GRACE
    assert event["payload"]["account_id"] == sandbox.info()["zoom"]["tenants"][0]["account_id"]
    message = f"v0:{headers['x-zm-request-timestamp']}:".encode() + body
    assert headers["x-zm-signature"] == "v0=" + hmac.new(SECRET.encode(), message, hashlib.sha256).hexdigest()


async def test_whoever_brings_an_account_along_accepts_an_invitation_first(
    sandbox: Sandbox, listener: Listener, zoom: httpx.AsyncClient
) -> None:
    await create(zoom, "personal@acme.example")
    await act(sandbox, "webhook", url=listener.url, secret=SECRET)
    await act(sandbox, "activate", email="personal@acme.example")
    told = (await act(sandbox, "deliveries"))["items"]
    assert [one["label"] for one in told][1:] == ["user.invitation_accepted", "user.activated"]


async def test_a_redelivery_is_the_same_bytes_with_the_same_headers(
    sandbox: Sandbox, listener: Listener, zoom: httpx.AsyncClient
) -> None:
    await act(sandbox, "webhook", url=listener.url, secret=SECRET)
    await create(zoom, GRACE)
    await act(sandbox, "activate", email=GRACE)
    again = await act(sandbox, "redeliver", event="user.activated", times=2)
    assert again["attempts"] == 3
    bodies = [body for _, body in listener.heard if b"user.activated" in body]
    stamps = {headers["x-zm-request-timestamp"] for headers, body in listener.heard if body == bodies[0]}
    assert len(bodies) == 3
    assert len(set(bodies)) == 1
    assert len(stamps) == 1


async def test_anything_can_be_delivered_also_wrongly_signed(sandbox: Sandbox, listener: Listener) -> None:
    await act(sandbox, "webhook", url=listener.url, secret=SECRET)
    await act(sandbox, "deliver", event="meeting.started", payload={}, timestamp=1, signature="v0=00")
    headers, body = listener.heard[-1]
    assert json.loads(body)["event"] == "meeting.started"
    assert (headers["x-zm-signature"], headers["x-zm-request-timestamp"]) == ("v0=00", "1")


async def test_nobody_can_accept_what_is_not_out(sandbox: Sandbox) -> None:
    for verb, email in (("activate", "taken@acme.example"), ("expire", "nobody@acme.example")):
        with pytest.raises(AssertionError, match="404"):
            await act(sandbox, verb, email=email)
