"""Somebody who is posted to by Graph: answers the handshake and keeps what came."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse


@dataclass
class Receiver:
    """`shake` answers the handshake's token; `statuses` are for the next notifications, then 202."""

    url: str = ""
    shake: Callable[[str], Response] = PlainTextResponse
    statuses: list[int] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)

    @property
    def items(self) -> list[dict[str, Any]]:
        return [item for post in self.posts for item in post["value"]]

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/hook", response_model=None)
        async def hook(request: Request) -> Response:
            token = request.query_params.get("validationToken")
            if token is not None:
                self.tokens.append(token)
                return self.shake(token)
            self.posts.append(await request.json())
            self.queries.append(request.url.query)
            return Response(status_code=self.statuses.pop(0) if self.statuses else 202)

        return app


@asynccontextmanager
async def listening() -> AsyncIterator[Receiver]:
    """A receiver on a free port of the loopback."""
    receiver = Receiver()
    config = uvicorn.Config(receiver.app(), host="127.0.0.1", port=0, log_level="warning", ws="none")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    await eventually(lambda: server.started)
    receiver.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/hook"
    yield receiver
    server.should_exit = True
    await task


async def eventually(holds: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to be"
        await asyncio.sleep(0.01)


def in_minutes(minutes: int) -> str:
    return (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def wish(url: str, **changes: Any) -> dict[str, Any]:
    """The body of a subscription to Ada's mail; a change to `...` leaves the member out."""
    body = {
        "changeType": "created,updated,deleted",
        "notificationUrl": url,
        "lifecycleNotificationUrl": url,
        "resource": "users/admin@acme.example/messages",
        "expirationDateTime": in_minutes(600),
        "clientState": "a secret",
        **changes,
    }
    return {name: value for name, value in body.items() if value is not ...}


async def subscribe(graph: httpx.AsyncClient, url: str, **changes: Any) -> dict[str, Any]:
    reply = await graph.post("subscriptions", json=wish(url, **changes))
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made
