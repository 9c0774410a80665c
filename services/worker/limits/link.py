"""One connection to Redis for short questions, and whether it can be relied on.

All questions of a process go down one connection, one behind the other, so a question costs little and none waits for
a free connection. When an answer stays out for longer than a Redis that is well ever needs, the connection is given
up and everybody who waits is told; from then on nobody is kept waiting, and the way back is looked for in the background.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress

from redis.asyncio.connection import AbstractConnection, ConnectionPool
from redis.exceptions import RedisError, ResponseError

from services.shared.kit.logging import get_logger
from services.worker.limits.asking import BooksAway

log = get_logger(__name__)
ANSWER_SECONDS = 0.25
"""A busy machine answers late now and then; taking that for a loss costs more than waiting for it."""
LATE_SECONDS = 0.02
"""A look at the clock that comes later than this says that this process was busy, not Redis."""
CONNECT_SECONDS = 0.5
PAUSE_SECONDS = 0.25

_Waiting = tuple[asyncio.Future[object] | None, float]


class Link:
    """Asks scripts by name. `changed` is called whenever Redis is lost or found again."""

    def __init__(self, url: str, scripts: Mapping[str, str], changed: Callable[[], None]) -> None:
        self._pool = ConnectionPool.from_url(url, socket_connect_timeout=CONNECT_SECONDS)
        self._scripts = scripts
        self._changed = changed
        self._digests: dict[str, bytes] = {}
        self._out: list[bytes] = []
        self._wake = asyncio.Event()
        self._waiting: deque[_Waiting] = deque()
        self._watch: asyncio.TimerHandle | None = None
        self._lost: asyncio.Future[None] | None = None
        self._connection: AbstractConnection | None = None
        self._task: asyncio.Task[None] | None = None
        self._first = asyncio.Event()

    @property
    def up(self) -> bool:
        """Whether it makes sense to ask."""
        return self._connection is not None

    async def start(self) -> None:
        """Connect; returns after a moment whether or not that worked."""
        self._task = asyncio.create_task(self._run())
        with suppress(TimeoutError):
            await asyncio.wait_for(self._first.wait(), CONNECT_SECONDS)

    async def stop(self) -> None:
        """Let go of Redis."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def ask(self, script: str, keys: tuple[str, ...], *values: str | float) -> object:
        """Run a script.

        Raises:
            BooksAway: Redis does not answer, or refuses.
        """
        answer = asyncio.get_running_loop().create_future()
        self._send(script, keys, values, answer)
        return await answer

    def tell(self, script: str, keys: tuple[str, ...], *values: str | float) -> None:
        """Run a script whose answer nobody needs; nothing happens when Redis is away."""
        with suppress(BooksAway):
            self._send(script, keys, values, None)

    def _send(
        self,
        script: str,
        keys: tuple[str, ...],
        values: tuple[str | float, ...],
        answer: asyncio.Future[object] | None,
    ) -> None:
        if self._connection is None:
            raise BooksAway("Redis is away")
        packed = self._connection.pack_command(b"EVALSHA", self._digests[script], len(keys), *keys, *values)
        self._out += packed
        self._waiting.append((answer, time.monotonic()))
        self._wake.set()
        if self._watch is None:
            self._look_again(ANSWER_SECONDS)

    # The watch: one timer for all, and it looks at the oldest question only.

    def _look_again(self, seconds: float, *, patient: bool = True) -> None:
        due = time.monotonic() + seconds
        self._watch = asyncio.get_running_loop().call_later(seconds, self._look, due, patient)

    def _look(self, due: float, patient: bool) -> None:  # noqa: FBT001  # call_later passes no keywords
        self._watch = None
        if not self._waiting:
            return
        now = time.monotonic()
        left = self._waiting[0][1] + ANSWER_SECONDS - now
        if left > 0:
            self._look_again(left)
        elif patient and now - due > LATE_SECONDS:
            self._look_again(LATE_SECONDS, patient=False)
        elif self._lost is not None and not self._lost.done():
            self._lost.set_exception(TimeoutError())
            self._give_up()

    # The connection, again and again

    async def _run(self) -> None:
        before = False
        while True:
            serving = False
            connection: AbstractConnection = self._pool.make_connection()  # type: ignore[no-untyped-call]  # redis-py 5 leaves it untyped
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    await self._prepare(connection, "back" if before else "new")
                self._connection = connection
                before = serving = True
                self._first.set()
                self._changed()
                await self._serve(connection)
            except Exception as error:  # noqa: BLE001  # whatever breaks it, the way back is looked for
                if serving:
                    log.warning("limits_redis_lost", error=type(error).__name__)
            finally:
                self._give_up()
                with suppress(RedisError, OSError):
                    await connection.disconnect(nowait=True)
            await asyncio.sleep(PAUSE_SECONDS)

    async def _prepare(self, connection: AbstractConnection, how: str) -> None:
        await connection.connect()  # type: ignore[no-untyped-call]  # the same
        for name, script in self._scripts.items():
            await connection.send_command("SCRIPT", "LOAD", script)
            self._digests[name] = await connection.read_response()
        await connection.send_command("EVALSHA", self._digests["return"], 1, LIFE, how)
        await connection.read_response()

    async def _serve(self, connection: AbstractConnection) -> None:
        """Until the connection breaks or an answer stays out."""
        self._lost = asyncio.get_running_loop().create_future()
        halves = [asyncio.ensure_future(half) for half in (self._write(connection), self._read(connection))]
        try:
            done, _ = await asyncio.wait([*halves, self._lost], return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                one.result()
        finally:
            for half in halves:
                half.cancel()
            self._lost.cancel()
            await asyncio.gather(*halves, return_exceptions=True)

    async def _write(self, connection: AbstractConnection) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            out, self._out = self._out, []
            await connection.send_packed_command(out, check_health=False)

    async def _read(self, connection: AbstractConnection) -> None:
        while True:
            try:
                reply = await connection.read_response(disconnect_on_error=False)
            except ResponseError as refused:
                # Out of memory, read-only, scripts forgotten: it answers, but not to us.
                self._give_up()
                raise ConnectionError(str(refused)) from refused
            self._answer(reply)

    def _answer(self, reply: object) -> None:
        waiting = self._waiting.popleft()[0]
        if waiting is None or waiting.done():
            return
        if reply is None:
            waiting.set_exception(BooksAway("Redis refuses"))
        else:
            waiting.set_result(reply)

    def _give_up(self) -> None:
        """Nothing more is asked, and whoever waits is told."""
        was_up, self._connection = self._connection is not None, None
        self._out.clear()
        self._wake.clear()
        while self._waiting:
            self._answer(None)
        if was_up:
            self._changed()


LIFE = "oneclick:limits:life"
