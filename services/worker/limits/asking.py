"""What a gate asks of its books, and what they answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from services.worker.limits.rates import Bucket

LEASE_SECONDS = 5.0
"""How long a call is believed to go on without being said again: a dead worker's calls are forgotten then."""
GRACE_SECONDS = 0.8
"""Books that are new let nobody in for so long: until then everybody has said again who is inside."""


class Outcome(StrEnum):
    GO = "go"
    """After `seconds`; the place is taken."""
    LATE = "late"
    """Too many are before it; nothing was taken. `seconds` from now there will be room."""
    CLOSED = "closed"
    """The vendor asked us to wait, `seconds` more."""
    FULL = "full"
    """As many calls are under way as the vendor takes at once."""
    BUSY = "busy"
    """The object is being written."""
    NEW = "new"
    """The books were opened just now: see `GRACE_SECONDS`."""


@dataclass(frozen=True, slots=True)
class Key:
    """One connection of one tenant: what a vendor's limits hold for."""

    tenant_id: UUID
    vendor: str
    connection_id: UUID

    @property
    def gate(self) -> str:
        """Its name within the tenant."""
        return f"{self.vendor}:{self.connection_id}"


@dataclass(frozen=True, slots=True)
class Held:
    """A call that is under way, or about to be."""

    holder: str
    object: str
    """What it writes, where one write at a time is allowed; else empty."""


@dataclass(frozen=True, slots=True)
class Ask:
    """May this call be made within `patience` seconds? If so it is counted, in all of its buckets or in none."""

    key: Key
    held: Held
    patience: float
    concurrency: int
    buckets: Sequence[Bucket]


@dataclass(frozen=True, slots=True)
class Answer:
    """`budget` is the place of the bucket that decided, in the order asked; only with GO and LATE."""

    outcome: Outcome
    seconds: float = 0.0
    budget: int = 0


class BooksAway(Exception):
    """These books cannot be asked now."""


class Books(Protocol):
    """Shared by all workers. Each call raises BooksAway rather than wait."""

    async def take(self, ask: Ask) -> Answer:
        """Ask for a turn."""
        ...

    async def hold(self, key: Key, held: Sequence[Held]) -> None:
        """Say again who is inside."""
        ...

    def leave(self, key: Key, held: Held) -> None:
        """A call has ended. Not waited for; what is lost ends with its lease."""
        ...

    async def close(self, key: Key, seconds: float) -> None:
        """Let nobody in for so long, and then begin with empty buckets."""
        ...

    async def closed(self, key: Key) -> float:
        """For how many more seconds nobody is let in."""
        ...
