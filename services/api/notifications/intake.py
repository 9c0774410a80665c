"""The way in for notifications: what comes at the same time is stored together, and answered when it is stored.

Whoever posts waits for the transaction that holds their notifications. While one statement is under way others
gather for the next, so a burst costs a few transactions and a lone notification waits for nobody.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.api.metrics import INTAKE_BATCH, NOTIFICATIONS_IN
from services.shared.domain.notification.taking import (
    Known,
    Notice,
    Taken,
    authentic,
    find_known,
    store_notices,
)
from services.shared.kit.bell import Bell
from services.shared.kit.db import DatabaseFailure, Sessions
from services.shared.kit.errors import Unavailable
from services.shared.kit.faults import faultpoint
from services.shared.kit.logging import get_logger

log = get_logger(__name__)
MOST_TOGETHER = 400
REMEMBER_SECONDS = 30.0
MOST_REMEMBERED = 20_000
AT_ONCE = 2
"""Statements under way in this process; while one waits for the disk, the next is prepared."""


@dataclass(slots=True)
class _Post:
    """What came with one request, and who waits for it."""

    notices: Sequence[Notice]
    done: "asyncio.Future[None]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Intake:
    """Stores what comes. `single` are sessions whose every statement is a transaction of its own."""

    def __init__(self, single: Sessions, bell: Bell) -> None:
        self._single = single
        self._bell = bell
        self._waiting: list[_Post] = []
        self._storing: set[asyncio.Task[None]] = set()
        self._known: dict[str, tuple[float, list[Known]]] = {}

    async def take(self, notices: Sequence[Notice]) -> None:
        """Store what is new and authentic of one request, in one transaction, and promise the work.

        The rest is dropped and counted: a wrong client state, an unknown subscription, what was heard before.

        Raises:
            Unavailable: nothing was stored; the vendor should send it again.
        """
        post = _Post(notices)
        self._waiting.append(post)
        if len(self._storing) < AT_ONCE:
            task = asyncio.get_running_loop().create_task(self._store_all())
            self._storing.add(task)
            task.add_done_callback(self._storing.discard)
        await post.done

    async def _store_all(self) -> None:
        while self._waiting:
            together: list[_Post] = []
            count = 0
            while self._waiting and (not together or count < MOST_TOGETHER):
                together.append(self._waiting.pop(0))
                count += len(together[-1].notices)
            await self._store(together)

    async def _store(self, posts: Sequence[_Post]) -> None:
        """A batch that fails as a whole is stored post by post, so that one's trouble is not everybody's."""
        INTAKE_BATCH.observe(len(posts))
        try:
            taken = await self._take([notice for post in posts for notice in post.notices])
        except (DatabaseFailure, OSError, TimeoutError) as error:
            if len(posts) > 1:
                for post in posts:
                    await self._store([post])
                return
            log.warning("intake_failed", error=type(error).__name__)
            _answer(posts, Unavailable("The notifications cannot be stored now."))
        except Exception as error:  # noqa: BLE001  # a defect is told to whoever waits, and does not end the intake
            _answer(posts, error)
        else:
            await faultpoint("notification.after_commit")
            if taken.jobs:
                # One ring wakes a worker, which then takes all there is.
                self._bell.ring(taken.jobs[:1], taken.feeds)
            _answer(posts, None)

    async def _take(self, notices: Sequence[Notice]) -> Taken:
        known = await self._look_up(notices)
        accepted: list[tuple[Notice, Known]] = []
        unknown = wrong = 0
        for notice in notices:
            whose = authentic(notice, known)
            if whose is not None:
                accepted.append((notice, whose))
            elif notice.remote_id in known:
                wrong += 1
            else:
                unknown += 1
        taken = await store_notices(self._single, accepted)
        for outcome, count in (
            ("stored", taken.stored),
            ("repeated", taken.repeated),
            ("wrong_client_state", wrong),
            ("unknown_subscription", unknown),
        ):
            if count:
                NOTIFICATIONS_IN.labels(outcome).inc(count)
        if wrong or unknown:
            log.warning("notifications_dropped", wrong_client_state=wrong, unknown_subscription=unknown)
        return taken

    async def _look_up(self, notices: Sequence[Notice]) -> dict[str, list[Known]]:
        """Whose they are: remembered for half a minute, since the statement that stores looks again itself."""
        now = time.monotonic()
        found: dict[str, list[Known]] = {}
        missing: list[Notice] = []
        for notice in notices:
            until, kept = self._known.get(notice.remote_id, (0.0, []))
            if until > now:
                found[notice.remote_id] = kept
            else:
                missing.append(notice)
        if missing:
            fresh = await find_known(self._single, missing)
            if len(self._known) > MOST_REMEMBERED:
                self._known.clear()
            for key, kept in fresh.items():
                if kept[0].remote_id is not None:
                    self._known[key] = (now + REMEMBER_SECONDS, kept)
            found |= fresh
        return found

    async def close(self) -> None:
        """Let what is being stored be stored."""
        if self._storing:
            await asyncio.wait(tuple(self._storing))


def _answer(posts: Sequence[_Post], error: Exception | None) -> None:
    for post in posts:
        if post.done.done():  # whoever waited has gone away
            continue
        if error is None:
            post.done.set_result(None)
        else:
            post.done.set_exception(error)
