"""One request as a twin sees it, and one reply as it leaves."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

Headers = tuple[tuple[str, str], ...]

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class NotJsonError(ValueError):
    """The body is not the JSON object that the operation needs."""


@dataclass(slots=True)
class Call:
    """A request: decoded path segments, ordered query pairs, lower-case header names."""

    method: str
    path: str
    segments: tuple[str, ...]
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes
    base_url: str
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    at: float = field(default_factory=time.time)
    tenant: str | None = None
    prepared: Any = None
    """What a twin awaited before its answer, which never awaits."""

    @property
    def is_write(self) -> bool:
        return self.method not in _SAFE_METHODS

    @property
    def content_type(self) -> str:
        """The media type alone, lower case, or an empty string."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def bearer(self) -> str | None:
        """The bearer token; None when the header is missing or of another scheme."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" and token.strip() else None

    def json_object(self) -> dict[str, Any]:
        """Return the body as a JSON object; raise NotJsonError otherwise."""
        try:
            value = json.loads(self.body)
        except ValueError as error:
            raise NotJsonError(str(error)) from error
        if not isinstance(value, dict):
            raise NotJsonError("the body is not an object")
        return value


@dataclass(slots=True)
class Reply:
    status: int
    body: bytes = b""
    headers: Headers = ()

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own range


def json_bytes(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


async def read_call(scope: Scope, receive: Receive, prefix: str) -> Call:
    """Read the whole request; `prefix` (e.g. `/google`) is cut from the segments, not from `path`."""
    chunks: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            break
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    path = raw.decode("latin-1")
    # The raw path keeps an encoded slash inside its segment, as in orgunits/Sales%2FEMEA.
    segments = tuple(unquote(part) for part in path.removeprefix(prefix).split("/") if part)
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    return Call(
        method=scope["method"],
        path=path,
        segments=segments,
        query=parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True),
        headers=headers,
        body=b"".join(chunks),
        base_url=f"{scope.get('scheme', 'http')}://{headers.get('host', 'localhost')}",
    )


async def send_reply(send: Send, reply: Reply) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
    headers.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
