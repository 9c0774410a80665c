"""One connection's gate as this process sees it: who of us is inside, and who waits."""

import asyncio
import math
import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from services.shared.kit.logging import get_logger
from services.worker import metrics
from services.worker.limits.asking import LEASE_SECONDS, Answer, Ask, Books, BooksAway, Held, Key, Outcome
from services.worker.limits.rates import Bucket, Rates
from services.worker.limits.throttled import Throttled

log = get_logger(__name__)
TURN_SECONDS = 1.0
"""How long a call waits in place for its turn where nothing is lost by coming again later."""
PLACE_SECONDS = 3.0
POLL_SECONDS = 0.05
"""How often a place is asked for that frees up at an unknown time."""
CROWD_SECONDS = 10.0
"""Whose turn is farther off than this would not have come sooner with fewer beside it: a day's calls are used up."""
MARGIN_SECONDS = 1.0
LOOK_SECONDS = 0.02
"""A wait longer than this is followed by a look whether the vendor has asked us to wait meanwhile."""
_random = random.SystemRandom()


@dataclass(slots=True)
class Permit:
    """A call that may be made now, until `good_until` on this process's monotonic clock."""

    held: Held
    taken_at: float
    good_until: float


class Gate:
    """Lets calls through as its books say. All of one tenant's jobs at one vendor share it."""

    def __init__(self, key: Key, books: Books, names: Callable[[], str]) -> None:
        self.key = key
        self.inside: dict[str, Permit] = {}
        self._asking: dict[str, Held] = {}
        """Counted before the answer is there, so that those who ask meanwhile see it."""
        self._books = books
        self._names = names
        self._closed_until = 0.0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def enter(
        self, rates: Rates, method: str, path: str, *, patience: float, waits: Callable[[float], None]
    ) -> Permit:
        """Wait for the turn of one call; `leave` when it has ended.

        Its time must come within `patience` seconds; a place is waited for longer, since calls soon end.
        `waits` is told of every wait before it begins, so that it does not count as the vendor's time.

        Raises:
            Throttled: the turn does not come so soon; nothing was taken.
        """
        deadline = time.monotonic() + max(patience, PLACE_SECONDS)
        buckets, target = rates.buckets(method, path), rates.object_of(method, path)
        while True:
            held = Held(self._names(), target)
            left = max(deadline - time.monotonic(), 0.0)
            answer = self._known(held, rates) or await self._take(
                Ask(self.key, held, patience, rates.concurrency, buckets)
            )
            if answer.outcome is Outcome.GO:
                permit = await self._through(held, answer.seconds, waits)
                if permit is not None:
                    return permit
                continue
            nap = self._nap(answer, left)
            if nap is None:
                raise self._throttled(answer, rates, buckets)
            waits(nap)
            await self._idle(nap)

    def leave(self, permit: Permit) -> None:
        """The call has ended, or is not made after all."""
        if self.inside.pop(permit.held.holder, None) is not None:
            self._books.leave(self.key, permit.held)
            self._wake_one()

    def may_go(self, permit: Permit) -> bool:
        """Whether a permit still holds: this process may have stood still, or the vendor asked us to wait."""
        now = time.monotonic()
        return permit.held.holder in self.inside and now < permit.good_until and now >= self._closed_until

    async def close(self, seconds: float) -> None:
        """The vendor asked us to wait: no call of any worker is let through for so long."""
        self._closed_until = max(self._closed_until, time.monotonic() + seconds)
        await self._books.close(self.key, seconds)

    async def hold(self, older_than: float) -> None:
        """Say again who is inside.

        Raises:
            BooksAway: nobody heard it.
        """
        now = time.monotonic()
        permits = [permit for permit in self.inside.values() if now - permit.taken_at >= older_than]
        if permits:
            await self._books.hold(self.key, [permit.held for permit in permits])
            for permit in permits:
                permit.good_until = max(permit.good_until, now + LEASE_SECONDS - MARGIN_SECONDS)

    # What needs no question

    def _known(self, held: Held, rates: Rates) -> Answer | None:
        closed = self._closed_until - time.monotonic()
        if closed > 0:
            return Answer(Outcome.CLOSED, closed)
        if held.object and (
            any(permit.held.object == held.object for permit in self.inside.values())
            or any(one.object == held.object for one in self._asking.values())
        ):
            return Answer(Outcome.BUSY)
        full = len(self.inside) + len(self._asking) >= rates.concurrency
        return Answer(Outcome.FULL) if full else None

    async def _take(self, ask: Ask) -> Answer:
        self._asking[ask.held.holder] = ask.held
        answer: Answer | None = None
        try:
            answer = await self._books.take(ask)
        except BooksAway as away:
            raise Throttled(
                "OneClick's own books cannot be reached now.", delay=_random.uniform(1.0, 3.0)
            ) from away
        finally:
            del self._asking[ask.held.holder]
            if answer is None:
                self._books.leave(self.key, ask.held)
            if answer is None or answer.outcome is not Outcome.GO:
                self._wake_one()
        if answer.outcome is Outcome.CLOSED:
            self._closed_until = max(self._closed_until, time.monotonic() + answer.seconds)
        return answer

    async def _through(self, held: Held, seconds: float, waits: Callable[[float], None]) -> Permit | None:
        """The permit once its time has come; None when the vendor asked us to wait in the meantime."""
        now = time.monotonic()
        permit = Permit(held, now, now + seconds + LEASE_SECONDS - MARGIN_SECONDS)
        self.inside[held.holder] = permit
        if seconds <= 0:
            return permit
        metrics.LIMIT_WAITS.labels(self.key.vendor).observe(seconds)
        try:
            waits(seconds)
            await asyncio.sleep(seconds)
            if seconds > LOOK_SECONDS:
                closed = await self._books.closed(self.key)
                if closed > 0:
                    self._closed_until = max(self._closed_until, time.monotonic() + closed)
        except BooksAway:
            pass
        except BaseException:
            self.leave(permit)
            raise
        if time.monotonic() < self._closed_until:
            self.leave(permit)
            return None
        return permit

    # Waiting for what frees up at an unknown time

    def _nap(self, answer: Answer, left: float) -> float | None:
        """How long until it makes sense to ask again; None when patience ends before."""
        match answer.outcome:
            case Outcome.LATE:
                return None
            case Outcome.CLOSED:
                # Nobody sleeps on what a vendor asked for.
                return answer.seconds + 0.01 if answer.seconds < min(left, TURN_SECONDS) else None
            case Outcome.NEW:
                return answer.seconds + 0.01 if answer.seconds < left else None
            case _:
                return min(POLL_SECONDS, left) if left > 0 else None

    async def _idle(self, seconds: float) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await asyncio.wait([turn], timeout=seconds)
        finally:
            if not turn.done():
                self._waiting.remove(turn)

    def _wake_one(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    # Saying no

    def _throttled(self, answer: Answer, rates: Rates, buckets: tuple[Bucket, ...]) -> Throttled:
        title = rates.title
        metrics.LIMIT_PUT_OFF.labels(self.key.vendor, answer.outcome).inc()
        log.info("call_put_off", vendor=self.key.vendor, why=answer.outcome, seconds=round(answer.seconds, 2))
        match answer.outcome:
            case Outcome.CLOSED:
                delay = answer.seconds + _random.uniform(0.0, 0.25)
                return Throttled(f"{title} asked OneClick to wait.", delay=delay, closed=answer.seconds)
            case Outcome.LATE:
                # Back while there still are some before it, so that the vendor's rate is used to the end.
                delay = max(answer.seconds - TURN_SECONDS / 2, 0.1)
                bucket = buckets[answer.budget]
                words = f"OneClick keeps to {title}'s limit of {bucket.words}."
                # Each job makes a call a second or more, unless the vendor is slow; then more were running.
                enough = math.ceil(TURN_SECONDS / bucket.spacing) if answer.seconds < CROWD_SECONDS else None
                return Throttled(words, delay=delay, closed=TURN_SECONDS / 4, enough=enough)
            case Outcome.FULL:
                words = f"OneClick keeps to {title}'s limit of {rates.concurrency} calls at once."
                return Throttled(words, delay=_random.uniform(0.25, 1.0), enough=rates.concurrency)
            case Outcome.BUSY:
                words = f"OneClick makes one change at a time to the same thing in {title}."
                return Throttled(words, delay=_random.uniform(0.25, 1.0))
            case _:
                words = f"OneClick is counting its calls to {title} anew."
                return Throttled(words, delay=_random.uniform(0.25, 1.0))
