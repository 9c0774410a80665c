"""The gates' books in Redis."""

from collections.abc import Sequence

from services.worker.limits.asking import (
    GRACE_SECONDS,
    LEASE_SECONDS,
    Answer,
    Ask,
    BooksAway,
    Held,
    Key,
    Outcome,
)
from services.worker.limits.link import LIFE, Link


class RedisBooks:
    """See `scripts.py`."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def take(self, ask: Ask) -> Answer:
        """Ask for a turn.

        Raises:
            BooksAway: as all of these do.
        """
        buckets = [value for item in ask.buckets for value in (item.key, item.spacing, item.slack)]
        found = await self._link.ask(
            "take",
            _keys(ask.key),
            ask.held.holder,
            ask.held.object,
            ask.patience,
            LEASE_SECONDS,
            GRACE_SECONDS,
            ask.concurrency,
            *buckets,
        )
        if not isinstance(found, list):
            raise BooksAway("Redis answers something else")
        return Answer(Outcome(found[0].decode()), float(found[1]), max(found[2] - 1, 0))

    async def hold(self, key: Key, held: Sequence[Held]) -> None:
        """Say again who is inside."""
        said = [value for one in held for value in (one.holder, one.object)]
        await self._link.ask("hold", _keys(key), LEASE_SECONDS, *said)

    def leave(self, key: Key, held: Held) -> None:
        """A call has ended."""
        self._link.tell("leave", _keys(key), held.holder, held.object)

    async def close(self, key: Key, seconds: float) -> None:
        """Let nobody in for so long."""
        await self._link.ask("close", _keys(key), seconds)

    async def closed(self, key: Key) -> float:
        """For how many more seconds nobody is let in."""
        found = await self._link.ask("closed", _keys(key))
        return float(found) if isinstance(found, bytes) else 0.0


def _keys(key: Key) -> tuple[str, str, str]:
    base = f"oneclick:limits:{key.tenant_id}:{key.gate}"
    return (base, f"{base}:calls", LIFE)
