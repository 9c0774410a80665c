"""So many calls a minute: counted in Redis for all replicas, in this process while Redis is away."""

import time
from collections import OrderedDict

from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.shared.kit.logging import get_logger

log = get_logger(__name__)
PATIENCE = 0.5
"""Seconds that a call waits for Redis at most."""
PAUSE = 2.0
"""Seconds for which Redis is not asked again after it failed: calls must not wait for it one by one."""
MOST_KEPT = 10_000
_PREFIX = "oneclick:throttle:"
# One number per name: the time at which its bucket would be full again (the generic cell rate algorithm, GCRA). A
# call moves it on by one interval; when it is further ahead than the whole bucket, the call must wait.
_TAKE = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local interval, bucket, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local wait = full + interval - bucket - now
if wait > 0 then return string.format('%.3f', wait) end
if cost > 0 then
  full = full + interval
  redis.call('SET', KEYS[1], string.format('%.6f', full), 'PX', math.ceil((full - now) * 1000) + 1)
end
return '0'
"""


class Throttle:
    """Each name has a bucket of one minute's calls, which fills up evenly: bursts pass, the rate holds."""

    def __init__(self, redis: Redis) -> None:
        self._take = redis.register_script(_TAKE)
        self._away_until = 0.0
        self._here: OrderedDict[str, float] = OrderedDict()

    async def take(self, name: str, per_minute: int) -> float:
        """Count one call: 0.0 if it may go on, else the seconds until one may. A refused call is not counted."""
        return await self._ask(name, per_minute, cost=1)

    async def look(self, name: str, per_minute: int) -> float:
        """The same without counting."""
        return await self._ask(name, per_minute, cost=0)

    async def _ask(self, name: str, per_minute: int, *, cost: int) -> float:
        interval = 60.0 / per_minute
        if time.monotonic() >= self._away_until:
            try:
                return float(await self._take(keys=[_PREFIX + name], args=[interval, 60.0, cost]))
            except (RedisError, OSError) as error:
                self._away_until = time.monotonic() + PAUSE
                log.warning("throttle_alone", error=type(error).__name__)
        return self._ask_here(name, interval, cost)

    def _ask_here(self, name: str, interval: float, cost: int) -> float:
        now = time.monotonic()
        full = max(self._here.get(name, 0.0), now)
        wait = full + interval - 60.0 - now
        if wait > 0:
            return wait
        if cost:
            self._here[name] = full + interval
            self._here.move_to_end(name)
            while len(self._here) > MOST_KEPT:
                self._here.popitem(last=False)
        return 0.0
