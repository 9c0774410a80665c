"""What a vendor sends by itself: posts of prepared bytes in the background, and a log of how they were received."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

_TIMEOUT_SECONDS = 10.0
_KEPT_BODY = 2_000
_SUCCESS = 2


@dataclass(slots=True)
class Attempt:
    """One post: `status` is None while it is on its way and where no answer came, which `error` then explains."""

    at: str
    status: int | None = None
    error: str | None = None
    reply: bytes = b""
    content_type: str = ""


@dataclass(slots=True)
class Delivery:
    """Bytes for one address. Each attempt sends the very same bytes and headers, as a redelivery does."""

    id: str
    label: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    attempts: list[Attempt] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        last = self.attempts[-1] if self.attempts else None
        return {
            "id": self.id,
            "label": self.label,
            "url": self.url,
            "body": self.body.decode("utf-8", "replace"),
            "attempts": len(self.attempts),
            "status": last.status if last else None,
            "error": last.error if last else None,
            "reply": last.reply.decode("utf-8", "replace") if last else "",
        }


class Deliveries:
    """Posts to webhooks without making the twin's own answer wait. Call it on the event loop."""

    def __init__(self) -> None:
        self._log: list[Delivery] = []
        self._on_their_way: set[asyncio.Task[Attempt]] = set()

    def send(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        label: str,
        id: str | None = None,
        times: int = 1,
    ) -> Delivery:
        """Post in the background; `times` above one sends duplicates side by side."""
        delivery = Delivery(id or str(uuid.uuid4()), label, url, dict(headers), body)
        self._log.append(delivery)
        for _ in range(times):
            self._start(delivery)
        return delivery

    def resend(self, delivery: Delivery, times: int = 1) -> None:
        """Post the same bytes with the same headers again, in the background."""
        for _ in range(times):
            self._start(delivery)

    async def ask(self, url: str, body: bytes, headers: Mapping[str, str], *, label: str) -> Attempt:
        """Post and wait for the answer, for handshakes; the log keeps it like the others."""
        delivery = Delivery(str(uuid.uuid4()), label, url, dict(headers), body)
        self._log.append(delivery)
        return await self._start(delivery)

    async def insist(
        self, url: str, body: bytes, headers: Mapping[str, str], *, label: str, waits: Sequence[float]
    ) -> Delivery:
        """Post until a 2xx comes, pausing so many seconds after each try that had none; the last has no pause."""
        delivery = Delivery(str(uuid.uuid4()), label, url, dict(headers), body)
        self._log.append(delivery)
        for wait in (*waits, None):
            attempt = await self._start(delivery)
            if wait is None or (attempt.status is not None and attempt.status // 100 == _SUCCESS):
                break
            await asyncio.sleep(wait)
        return delivery

    async def drain(self) -> None:
        """Return when nothing is on its way any more."""
        while self._on_their_way:
            await asyncio.gather(*self._on_their_way)

    def last(self, label: str | None = None, id: str | None = None) -> Delivery | None:
        """The latest delivery, or the latest with this label or id."""
        for delivery in reversed(self._log):
            if label in {None, delivery.label} and id in {None, delivery.id}:
                return delivery
        return None

    def list_deliveries(self) -> list[dict[str, Any]]:
        return [delivery.as_json() for delivery in self._log]

    def clear(self) -> None:
        """Forget the log; what is on its way still arrives."""
        self._log.clear()

    def _start(self, delivery: Delivery) -> asyncio.Task[Attempt]:
        attempt = Attempt(datetime.now(UTC).isoformat())
        delivery.attempts.append(attempt)
        task = asyncio.get_running_loop().create_task(_post(delivery, attempt))
        self._on_their_way.add(task)
        task.add_done_callback(self._on_their_way.discard)
        return task


async def _post(delivery: Delivery, attempt: Attempt) -> Attempt:
    try:
        # A client of its own: a shared one would belong to whichever event loop used it first.
        async with httpx.AsyncClient(
            timeout=_TIMEOUT_SECONDS,
            trust_env=False,
            verify=False,  # noqa: S501 - loopback over plain HTTP: no CA files to load
        ) as client:
            reply = await client.post(delivery.url, content=delivery.body, headers=dict(delivery.headers))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        attempt.error = f"{type(error).__name__}: {error}"
    else:
        attempt.status, attempt.reply = reply.status_code, reply.content[:_KEPT_BODY]
        attempt.content_type = reply.headers.get("content-type", "")
    return attempt
