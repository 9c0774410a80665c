"""The bell: best-effort hints that there is work or news. Postgres is the truth."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Protocol
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.shared.kit.logging import get_logger

log = get_logger(__name__)
NEWS_CHANNEL = "oneclick:news"


class Bell(Protocol):
    """Rings after a commit. Never raises and never delays the caller."""

    def ring(self, jobs: Iterable[tuple[str, UUID]], news: Iterable[UUID]) -> None:
        """`jobs` are (kind, job id); `news` the subjects about which there are new events."""
        ...


class SilentBell:
    """For processes without Redis: everything is found by polling."""

    def ring(self, jobs: Iterable[tuple[str, UUID]], news: Iterable[UUID]) -> None:
        """Do nothing."""


class News:
    """Hears about news and wakes whoever waits for that subject.

    Waiting always has a timeout: a lost message costs latency and nothing else.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._waiting: dict[UUID, set[asyncio.Event]] = defaultdict(set)

    async def listen(self) -> None:
        """Hear until cancelled, across any number of Redis outages."""
        while True:
            try:
                async with self._redis.pubsub(ignore_subscribe_messages=True) as pubsub:
                    await pubsub.subscribe(NEWS_CHANNEL)
                    async for message in pubsub.listen():
                        self._wake(message["data"])
            except (RedisError, OSError) as error:
                log.warning("news_interrupted", error=type(error).__name__)
            await asyncio.sleep(1)

    def _wake(self, data: bytes) -> None:
        for part in data.decode(errors="replace").split(","):
            try:
                subject = UUID(part)
            except ValueError:
                continue
            for event in self._waiting.get(subject, ()):
                event.set()

    @asynccontextmanager
    async def about(self, subject: UUID) -> AsyncIterator[asyncio.Event]:
        """An event that is set when there is news about this subject. Clear it before each look."""
        event = asyncio.Event()
        self._waiting[subject].add(event)
        try:
            yield event
        finally:
            self._waiting[subject].discard(event)
            if not self._waiting[subject]:
                del self._waiting[subject]


async def wait(event: asyncio.Event, seconds: float) -> None:
    """Until the event is set or the time is over."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
