"""How long to wait before the next try."""

import random
from datetime import timedelta

CAP_SECONDS = 300.0
SETTLE_CAP_SECONDS = 10.0
_random = random.SystemRandom()


def retry_delay(tries: int, *, base: float, retry_after: float | None = None) -> timedelta:
    """Full jitter over an exponential that ends at five minutes; never before `retry_after` seconds.

    `tries` counts the tries that have ended, the present one included.
    """
    if retry_after is not None:
        return timedelta(seconds=retry_after + _random.uniform(0, max(0.25, retry_after * 0.1)))
    ceiling = min(CAP_SECONDS, base * 2.0 ** min(tries, 20))
    return timedelta(seconds=_random.uniform(ceiling * 0.1, ceiling))


def settle_delay(settles: int, retry_after: float | None = None) -> timedelta:
    """Short looks first, then every ten seconds."""
    return timedelta(seconds=retry_after or min(SETTLE_CAP_SECONDS, 0.5 * 1.7**settles))


def settled_for(settles: int) -> float:
    """Seconds spent on that many looks, at most."""
    return sum(min(SETTLE_CAP_SECONDS, 0.5 * 1.7**n) for n in range(settles))
