"""Slack's published limits per organisation, and its lock per object."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.sandbox.quota import Quota
from services.sandbox.wire.call import Call

_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class _Limit:
    per_minute: float
    burst: float


_WRITES, _READS = _Limit(600, 180), _Limit(1000, 1000)
_USER_READS, _USER_WRITES = _Limit(300, 300), _Limit(180, 20)


@dataclass(slots=True)
class Limits:
    """Writes and reads of an organisation have a bucket each; one user's read and every user write another."""

    _buckets: dict[str, Quota] = field(default_factory=dict)

    def take(self, call: Call, tenant: str) -> bool:
        """Take one call; False when a bucket is empty."""
        wanted = {"writes": _WRITES} if call.is_write else {"reads": _READS}
        if call.segments[2:3] == ("Users",):
            if call.is_write:
                wanted["user writes"] = _USER_WRITES
            elif len(call.segments) > 3:  # noqa: PLR2004 - scim, v2, Users, the id
                wanted["user reads"] = _USER_READS
        return all(
            self._buckets.setdefault(name, Quota()).take(tenant, limit.per_minute / _MINUTE, limit.burst)
            for name, limit in wanted.items()
        )


@dataclass(slots=True)
class Locks:
    """One write at a time for each user and each group."""

    _in_flight: set[tuple[str, str]] = field(default_factory=set)
    _held: set[tuple[str, str]] = field(default_factory=set)
    """Held by somebody else's write, until it is let go."""

    def take(self, tenant: str, object_id: str) -> bool:
        key = (tenant, object_id)
        if key in self._in_flight or key in self._held:
            return False
        self._in_flight.add(key)
        return True

    def give_back(self, tenant: str, object_id: str) -> None:
        self._in_flight.discard((tenant, object_id))

    def hold(self, tenant: str, object_id: str) -> None:
        self._held.add((tenant, object_id))

    def let_go(self, tenant: str, object_id: str) -> None:
        self._held.discard((tenant, object_id))
