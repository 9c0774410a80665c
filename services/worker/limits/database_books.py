"""The gates' books in the database, for while Redis is away: each question is one statement of its own."""

import asyncio
from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, DOUBLE_PRECISION, TEXT
from sqlalchemy.exc import SQLAlchemyError

from services.shared.kit.direct import Direct
from services.shared.kit.logging import get_logger
from services.shared.kit.prepared import Prepared
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

log = get_logger(__name__)
_TAKE = Prepared(
    text(
        "SELECT outcome, seconds, budget FROM api.take_turn(:tenant_id, :gate, :holder, :patience, :lease, :grace,"
        " :concurrency, :object, :keys, :spacings, :slacks)"
    ).bindparams(
        bindparam("keys", type_=ARRAY(TEXT)),
        bindparam("spacings", type_=ARRAY(DOUBLE_PRECISION)),
        bindparam("slacks", type_=ARRAY(DOUBLE_PRECISION)),
    )
)
_HOLD = Prepared(
    text("SELECT api.hold_turns(:tenant_id, :gate, :lease, :holders, :objects)").bindparams(
        bindparam("holders", type_=ARRAY(TEXT)), bindparam("objects", type_=ARRAY(TEXT))
    )
)
_LEAVE = Prepared(text("SELECT api.leave_turn(:tenant_id, :gate, :holder, :object)"))
_CLOSE = Prepared(text("SELECT api.close_gate(:tenant_id, :gate, :seconds)"))
_CLOSED = Prepared(text("SELECT api.gate_closed(:tenant_id, :gate)"))


class DatabaseBooks:
    """See the migration of `api.call_gates`."""

    def __init__(self, direct: Direct) -> None:
        self._direct = direct
        self._leaving: set[asyncio.Task[None]] = set()

    async def take(self, ask: Ask) -> Answer:
        """Ask for a turn.

        Raises:
            BooksAway: as all of these do.
        """
        row = await self._say(
            _TAKE,
            ask.key,
            holder=ask.held.holder,
            object=ask.held.object,
            patience=ask.patience,
            lease=LEASE_SECONDS,
            grace=GRACE_SECONDS,
            concurrency=ask.concurrency,
            keys=[item.key for item in ask.buckets],
            spacings=[item.spacing for item in ask.buckets],
            slacks=[item.slack for item in ask.buckets],
        )
        return Answer(Outcome(row.outcome), row.seconds, max(row.budget - 1, 0))

    async def hold(self, key: Key, held: Sequence[Held]) -> None:
        """Say again who is inside."""
        holders, objects = [one.holder for one in held], [one.object for one in held]
        await self._say(_HOLD, key, lease=LEASE_SECONDS, holders=holders, objects=objects)

    def leave(self, key: Key, held: Held) -> None:
        """A call has ended."""
        task = asyncio.create_task(self._leave(key, held))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def settle(self) -> None:
        """Until every `leave` so far is written down."""
        await asyncio.gather(*self._leaving)

    async def _leave(self, key: Key, held: Held) -> None:
        try:
            await self._say(_LEAVE, key, holder=held.holder, object=held.object)
        except BooksAway:
            log.warning("limits_database_lost")

    async def close(self, key: Key, seconds: float) -> None:
        """Let nobody in for so long."""
        await self._say(_CLOSE, key, seconds=seconds)

    async def closed(self, key: Key) -> float:
        """For how many more seconds nobody is let in."""
        return (await self._say(_CLOSED, key))[0] or 0.0

    async def _say(self, statement: Prepared, key: Key, **values: Any) -> Any:
        try:
            said = await self._direct.once(
                statement, {"tenant_id": key.tenant_id, "gate": key.gate, **values}
            )
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            raise BooksAway(type(error).__name__) from error
        return said[0]
