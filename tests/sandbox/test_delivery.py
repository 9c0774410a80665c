"""Posts that a twin sends by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.sandbox.delivery import Deliveries


class Ear:
    """A listener on the loopback that answers each post with `status` and keeps what it heard."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.status = 200
        self.gate = asyncio.Event()
        self.gate.set()
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        )
        self.heard.append(head + await reader.readexactly(length))
        await self.gate.wait()
        writer.write(f"HTTP/1.1 {self.status} X\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@pytest.fixture
async def ear() -> AsyncIterator[Ear]:
    ear = Ear()
    server = await asyncio.start_server(ear.serve, "127.0.0.1", 0)
    ear.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    yield ear
    server.close()
    await server.wait_closed()


async def test_sending_does_not_wait_and_the_log_learns_the_answer(ear: Ear) -> None:
    deliveries = Deliveries()
    ear.gate.clear()
    deliveries.send(ear.url, b'{"a":1}', {"x-one": "1"}, label="first", id="abc")
    assert deliveries.list_deliveries()[0]["status"] is None
    ear.gate.set()
    await deliveries.drain()
    entry = deliveries.list_deliveries()[0]
    assert (entry["id"], entry["status"], entry["attempts"], entry["reply"]) == ("abc", 200, 1, "ok")
    assert ear.heard[0].endswith(b'{"a":1}')
    assert b"x-one: 1" in ear.heard[0].lower()


async def test_duplicates_and_redeliveries_are_the_very_same_bytes(ear: Ear) -> None:
    deliveries = Deliveries()
    delivery = deliveries.send(ear.url, b"same", {}, label="twice", times=2)
    await deliveries.drain()
    ear.status = 500
    deliveries.resend(delivery)
    await deliveries.drain()
    assert len(ear.heard) == 3
    assert len(set(ear.heard)) == 1
    assert deliveries.list_deliveries()[0]["status"] == 500
    assert deliveries.last("twice") is delivery
    assert deliveries.last("other") is None


async def test_an_address_that_nobody_answers_is_an_error_in_the_log() -> None:
    deliveries = Deliveries()
    deliveries.send("http://127.0.0.1:1/hook", b"", {}, label="lost")
    await deliveries.drain()
    entry = deliveries.list_deliveries()[0]
    assert entry["status"] is None
    assert "ConnectError" in entry["error"]


async def test_a_handshake_waits_for_the_answer(ear: Ear) -> None:
    deliveries = Deliveries()
    attempt = await deliveries.ask(ear.url, b"?", {}, label="handshake")
    assert (attempt.status, attempt.reply) == (200, b"ok")
    deliveries.clear()
    assert deliveries.list_deliveries() == []
