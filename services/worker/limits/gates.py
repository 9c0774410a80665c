"""All gates of this process: which books they are kept in, and saying again who is inside."""

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from services.shared.kit.ids import uuid7
from services.shared.kit.logging import get_logger
from services.shared.sdk.manifest import Manifest
from services.worker import metrics
from services.worker.limits.asking import Answer, Ask, Books, BooksAway, Held, Key, Outcome
from services.worker.limits.gate import Gate
from services.worker.limits.link import Link
from services.worker.limits.rates import Limiting, Rates
from services.worker.limits.redis_books import RedisBooks
from services.worker.limits.scripts import SCRIPTS

log = get_logger(__name__)
BEAT_SECONDS = 0.3
"""How often it is said again who is inside; well within the grace that new books give."""


class EitherBooks:
    """Redis as long as it answers, else the database."""

    def __init__(self, link: Link, database: Books) -> None:
        self._link = link
        self._redis = RedisBooks(link)
        self._database = database
        self._in_database: set[str] = set()

    async def take(self, ask: Ask) -> Answer:
        """As `Books` say it, like all of these."""
        if self._link.up:
            with suppress(BooksAway):
                return await self._redis.take(ask)
        self._in_database.add(ask.held.holder)
        answer = await self._database.take(ask)
        if answer.outcome is not Outcome.GO:
            self._in_database.discard(ask.held.holder)
        return answer

    async def hold(self, key: Key, held: Sequence[Held]) -> None:
        if self._link.up:
            with suppress(BooksAway):
                return await self._redis.hold(key, held)
        self._in_database.update(one.holder for one in held)
        return await self._database.hold(key, held)

    def leave(self, key: Key, held: Held) -> None:
        self._redis.leave(key, held)
        if held.holder in self._in_database:
            self._in_database.discard(held.holder)
            self._database.leave(key, held)

    async def close(self, key: Key, seconds: float) -> None:
        if self._link.up:
            with suppress(BooksAway):
                return await self._redis.close(key, seconds)
        return await self._database.close(key, seconds)

    async def closed(self, key: Key) -> float:
        if self._link.up:
            with suppress(BooksAway):
                return await self._redis.closed(key)
        return await self._database.closed(key)


class Gates:
    """Hands out gates. `start` before, `stop` after."""

    def __init__(
        self, redis_url: str, database: Books, overrides: Mapping[str, Mapping[str, Any]] | None = None
    ) -> None:
        self._changed = asyncio.Event()
        self._link = Link(redis_url, SCRIPTS, self._on_change)
        self._books = EitherBooks(self._link, database)
        self._limiting = Limiting(overrides)
        self._gates: dict[Key, Gate] = {}
        self._beating: asyncio.Task[None] | None = None
        name, numbers = str(uuid7()), itertools.count()
        self._names = lambda: f"{name}-{next(numbers)}"

    async def start(self) -> None:
        """Find Redis; without it, the database serves."""
        metrics.LIMITS_IN_DATABASE.set(1)
        await self._link.start()
        self._beating = asyncio.create_task(self._beat())

    async def stop(self) -> None:
        """Let go."""
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.gather(self._beating, return_exceptions=True)
        await self._link.stop()

    def rates(self, manifest: Manifest) -> Rates:
        """What an app's vendor allows."""
        return self._limiting.rates(manifest)

    def gate(self, tenant_id: UUID, vendor: str, connection_id: UUID) -> Gate:
        """The gate of one connection."""
        key = Key(tenant_id, vendor, connection_id)
        if key not in self._gates:
            self._gates[key] = Gate(key, self._books, self._names)
        return self._gates[key]

    def widths(self, manifests: Sequence[Manifest]) -> dict[str, int]:
        """How many jobs of one tenant are worth running at once, by vendor."""
        found: dict[str, int] = {}
        for manifest in manifests:
            width = self.rates(manifest).width
            found[manifest.vendor] = min(width, found.get(manifest.vendor, width))
        return found

    def _on_change(self) -> None:
        metrics.LIMITS_IN_DATABASE.set(0 if self._link.up else 1)
        self._changed.set()

    async def _beat(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), BEAT_SECONDS)
            older_than = 0.0 if self._changed.is_set() else BEAT_SECONDS
            self._changed.clear()
            for gate in [one for one in self._gates.values() if one.inside]:
                try:
                    await gate.hold(older_than)
                except BooksAway as away:
                    log.warning("limits_not_held", error=str(away))
