"""What really went over the wire: a transport that keeps requests and answers, without credentials."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import httpx

_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Exchange:
    """One request and its answer. Bodies are parsed; `status` is None when no answer came."""

    method: str
    path: str
    """As sent, percent-encoded, without the query."""
    query: tuple[tuple[str, str], ...]
    sent: Any
    status: int | None
    answered: Any
    headers: Mapping[str, str]
    """Of the answer, lower-case names."""

    def below(self, mount: str) -> str | None:
        """The path below a mount such as `/zoom/v2`, with its slash; None when it is elsewhere."""
        rest = self.path.removeprefix(mount)
        return rest if self.path.startswith(mount) and rest[:1] in {"", "/"} else None


class NotJsonError(AssertionError):
    """A body is neither JSON nor a form, and no fault was armed."""


class RecordingTransport(httpx.AsyncBaseTransport):
    """Passes everything on, and keeps it while `is_on`."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self.is_on = False
        self.exchanges: list[Exchange] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not self.is_on:
            return await self._inner.handle_async_request(request)
        await request.aread()
        try:
            response = await self._inner.handle_async_request(request)
        except httpx.TransportError:
            self.exchanges.append(_exchange(request, None))
            raise
        response.request = request
        self.exchanges.append(await read_exchange(response))
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


async def read_exchange(response: httpx.Response) -> Exchange:
    """What a response and its request said.

    Raises:
        NotJsonError: a body cannot be read.
    """
    await response.aread()
    return _exchange(response.request, response)


def _exchange(request: httpx.Request, response: httpx.Response | None) -> Exchange:
    path, _, query = request.url.raw_path.decode("ascii").partition("?")
    answer = response if response is not None else httpx.Response(0)
    return Exchange(
        method=request.method,
        path=path,
        query=tuple(parse_qsl(query, keep_blank_values=True)),
        sent=_parse(request.content, request.headers.get("content-type", "")),
        status=answer.status_code or None,
        answered=_parse(answer.content, answer.headers.get("content-type", "")),
        headers=dict(answer.headers),
    )


def _parse(content: bytes, kind: str) -> Any:
    if not content:
        return None
    if kind.startswith(_FORM):
        return dict(parse_qsl(content.decode(), keep_blank_values=True))
    try:
        return json.loads(content)
    except ValueError:
        raise NotJsonError(f"{kind}: {content[:200]!r}") from None
