"""How long to wait before the next try."""

import random
from datetime import timedelta

CAP_SECONDS = 300.0
SETTLE_CAP_SECONDS = 10.0
LOOK_GROWTH = 1.2
LOOK_MOST = 4.0
LAPSE_SECONDS = 60.0
"""After an invitation's end: clocks differ."""
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


def look_delay(looks: int, *, every: float, expires_in: float | None = None) -> timedelta:
    """Until an invitation that waits is looked at again: `every` seconds, growing to four times as long.

    One that lapses before is looked at soon after that. Jittered, so that what was sent together is not looked at
    together.
    """
    seconds = every * min(LOOK_GROWTH ** min(looks, 100), LOOK_MOST)
    if expires_in is not None and 0 < expires_in < seconds:
        seconds = expires_in + LAPSE_SECONDS
    return timedelta(seconds=seconds * _random.uniform(0.9, 1.1))
