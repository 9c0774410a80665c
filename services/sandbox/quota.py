"""A token bucket per tenant."""

from __future__ import annotations

import time


class Quota:
    def __init__(self) -> None:
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, tenant: str, per_second: float, burst: float | None) -> bool:
        """Take one call; False when the tenant's bucket is empty. The bucket holds `burst` or one second's worth."""
        size = burst or max(1.0, per_second)
        now = time.monotonic()
        level, seen = self._buckets.get(tenant, (size, now))
        level = min(size, level + (now - seen) * per_second)
        allowed = level >= 1
        self._buckets[tenant] = (level - 1 if allowed else level, now)
        return allowed
