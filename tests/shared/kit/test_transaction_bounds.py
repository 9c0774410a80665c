"""A process that stands still lets go of its locks, however many of its transactions wait for one another."""

import asyncio

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.shared.kit.db import create_engine
from tests.fixtures.postgres import Database

LOCK = text("SELECT pg_advisory_xact_lock(4711)")
SESSIONS = 4
IDLE_SECONDS, TRANSACTION_SECONDS = 1.0, 1.5


async def _stand_still(engine: AsyncEngine) -> list[str]:
    """What became of transactions that each take the lock and then do nothing: `had it`, or why not."""
    connections: list[AsyncConnection] = [await engine.connect() for _ in range(SESSIONS)]
    # All of them begin at the same moment: the bound of each counts from its own beginning.
    await asyncio.gather(*(connection.execute(text("SELECT 1")) for connection in connections))

    async def take(connection: AsyncConnection) -> str:
        try:
            await connection.execute(LOCK)
        except DBAPIError as error:
            return str(error.orig)
        return "had it"

    ends = await asyncio.gather(*(take(connection) for connection in connections))
    for connection in connections:
        await connection.invalidate()
        await connection.close()
    return list(ends)


async def _try(database: Database, transaction_seconds: float | None) -> list[str]:
    engine = create_engine(
        database.url("oneclick_worker"),
        name="still",
        idle_seconds=IDLE_SECONDS,
        transaction_seconds=transaction_seconds,
    )
    try:
        return await _stand_still(engine)
    finally:
        await engine.dispose()


async def test_idle_bounds_alone_add_up(module_database: Database) -> None:
    """Why the other bound is there: each that got the lock begins to be idle only then."""
    assert await _try(module_database, None) == ["had it"] * SESSIONS


async def test_a_bound_of_the_whole_transaction_ends_them_together(module_database: Database) -> None:
    for _ in range(5):
        ends = await _try(module_database, TRANSACTION_SECONDS)
        had = ends.count("had it")
        if had < SESSIONS:
            break  # on a busy machine we may ask for the lock so late that each gets it just before its bound
    assert 1 <= had < SESSIONS, ends
    assert sum("transaction timeout" in end for end in ends) == SESSIONS - had, ends
