"""The bell over arq and Redis. Whatever happens to Redis, the caller does not notice."""

import asyncio
import json
import time
from collections import Counter as Counted
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from arq.connections import ArqRedis
from prometheus_client import Counter
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from services.shared.kit.bell import NEWS_CHANNEL
from services.shared.kit.logging import get_logger

log = get_logger(__name__)
QUEUE = "oneclick:bell"
BOUND = 1.0
"""Seconds that one ringing may take; also the pause after one that failed."""
MAX_RINGING = 200
EXPIRES = timedelta(minutes=1)
"""Workers poll the ledger every second, so an older ring tells nobody anything."""

MOST_RINGS = 20
"""Of one kind at once: whoever is rung claims whatever is due, so more would only wake the same workers again."""

RINGS = Counter("oneclick_bell_rings_total", "Rings of the bell, by what became of them", ["outcome"])


def serialize(job: dict[str, Any]) -> bytes:
    """A job of arq as JSON. A result that is no JSON is named, never pickled."""
    return json.dumps(job, default=repr, separators=(",", ":")).encode()


def deserialize(job: bytes) -> dict[str, Any]:
    """The reverse of `serialize`."""
    loaded: dict[str, Any] = json.loads(job)
    return loaded


def _some(jobs: Sequence[tuple[str, UUID]]) -> Iterator[tuple[str, UUID]]:
    rung = Counted[str]()
    for kind, job_id in jobs:
        rung[kind] += 1
        if rung[kind] <= MOST_RINGS:
            yield kind, job_id


class ArqBell:
    """Rings by arq jobs named after the kind, which carry the ledger's job id alone.

    Each ring is a task that nobody waits for. After one that failed the bell is silent for a second,
    then rings one at a time until Redis answers again: a Redis that hangs costs a handful of tasks.
    """

    def __init__(self, redis_url: str) -> None:
        self._redis = ArqRedis(
            ConnectionPool.from_url(
                redis_url, socket_timeout=BOUND, socket_connect_timeout=BOUND, max_connections=MAX_RINGING
            ),
            job_serializer=serialize,
            job_deserializer=deserialize,
            default_queue_name=QUEUE,
        )
        self._ringing: set[asyncio.Task[None]] = set()
        self._silent_until: float | None = None

    def ring(self, jobs: Iterable[tuple[str, UUID]], news: Iterable[UUID]) -> None:
        """Start to tell workers and readers, and return at once. Never raises."""
        if not self._may_ring():
            RINGS.labels("dropped").inc()
            return
        ringing = self._ring(tuple(jobs), tuple(news))
        try:
            task = asyncio.get_running_loop().create_task(ringing)
        except RuntimeError:
            ringing.close()
            RINGS.labels("dropped").inc()
            return
        self._ringing.add(task)
        task.add_done_callback(self._ringing.discard)

    def _may_ring(self) -> bool:
        if self._silent_until is None:
            return len(self._ringing) < MAX_RINGING
        return not self._ringing and time.monotonic() >= self._silent_until

    async def _ring(self, jobs: Sequence[tuple[str, UUID]], news: Sequence[UUID]) -> None:
        try:
            async with asyncio.timeout(BOUND):
                for kind, job_id in _some(jobs):
                    await self._redis.enqueue_job(kind, str(job_id), _queue_name=QUEUE, _expires=EXPIRES)
                if news:
                    await self._redis.publish(NEWS_CHANNEL, ",".join(str(subject) for subject in news))
        except (RedisError, OSError) as error:  # a TimeoutError is an OSError
            if self._silent_until is None:
                log.warning("bell_silent", error=type(error).__name__)
            self._silent_until = time.monotonic() + BOUND
            RINGS.labels("failed").inc()
        else:
            self._silent_until = None
            RINGS.labels("rung").inc()

    async def check(self) -> None:
        """Pass.

        Raises:
            RedisError, OSError: Redis does not answer.
        """
        async with asyncio.timeout(BOUND):
            await self._redis.ping()

    async def close(self) -> None:
        """Let what rings now end (it is bounded), then let go of Redis."""
        if self._ringing:
            await asyncio.wait(tuple(self._ringing), timeout=BOUND)
        for task in tuple(self._ringing):
            task.cancel()
        await self._redis.aclose(close_connection_pool=True)
