"""Transactions straight over asyncpg, on the pool of an engine: for the worker's busiest paths.

SQLAlchemy takes about half a millisecond of processor time for a transaction and a third for each statement, asyncpg a
twentieth. Whoever needs a session inside of such a transaction gets one, made when it is asked for.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeAlias

import asyncpg
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.util import greenlet_spawn

from services.shared.kit.prepared import Prepared

_FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)


class DriverError(Exception):
    """What the driver said, without the values that it met: those are people's data."""

    def __init__(self, error: Exception) -> None:
        super().__init__(f"{type(error).__name__}: {error.args[0] if error.args else ''}")
        self.sqlstate: str = getattr(error, "sqlstate", None) or ""


class DirectTransaction:
    """One transaction. Statements are `Prepared`, or SQLAlchemy's on `session`."""

    def __init__(self, engine: AsyncEngine, pooled: PoolProxiedConnection, driver: Any) -> None:
        self._engine = engine
        self._pooled = pooled
        self._driver = driver
        self._session: AsyncSession | None = None

    @property
    def session(self) -> AsyncSession:
        """A session within this transaction, behind a savepoint of its own: two round trips more."""
        if self._session is None:
            connection = AsyncConnection(
                self._engine, Connection(self._engine.sync_engine, connection=self._pooled)
            )
            self._session = AsyncSession(bind=connection, expire_on_commit=False)
        return self._session

    @property
    def has_session(self) -> bool:
        """Whether somebody has asked for the session."""
        return self._session is not None

    async def run(self, statement: Prepared, values: Mapping[str, Any]) -> list[Any]:
        """Its rows, after what the session has pending.

        Raises:
            DatabaseFailure: the database, or the way to it, refuses.
        """
        if self._session is not None:
            await _flush(self._session)
        with _TRANSLATED:
            return _rows(statement, await self._driver.fetch(statement.sql, *statement.arguments(values)))

    async def close(self, *, keep: bool) -> None:
        """End the session, if there is one: what it did becomes part of the transaction, or does not."""
        if self._session is None:
            return
        try:
            if keep:
                await self._session.commit()
        finally:
            await self._session.close()


class Direct:
    """Begins transactions on an engine's pool."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[DirectTransaction]:
        """One transaction. Commits at the end, rolls back on any exception.

        Raises:
            DatabaseFailure: the database, or the way to it, refuses.
        """
        pooled, driver = await self._take()
        whole = False
        try:
            begun = driver.transaction()
            with _TRANSLATED:
                await begun.start()
            transaction = DirectTransaction(self._engine, pooled, driver)
            try:
                yield transaction
                await transaction.close(keep=True)
            except BaseException as error:
                # What cannot be rolled back is still in a transaction, and so given up below.
                with suppress(SQLAlchemyError), _TRANSLATED:
                    await transaction.close(keep=False)
                    await begun.rollback()
                    whole = isinstance(error, Exception)
                raise
            with _TRANSLATED:
                await begun.commit()
            whole = True
        finally:
            await _give_back(pooled, driver, whole=whole)

    async def once(self, statement: Prepared, values: Mapping[str, Any]) -> list[Any]:
        """One statement that is its own transaction; its rows.

        Raises:
            DatabaseFailure: the database, or the way to it, refuses.
        """
        pooled, driver = await self._take()
        whole = True
        try:
            with _TRANSLATED:
                return _rows(statement, await driver.fetch(statement.sql, *statement.arguments(values)))
        except asyncio.CancelledError:
            whole = False
            raise
        finally:
            await _give_back(pooled, driver, whole=whole)

    async def _take(self) -> tuple[PoolProxiedConnection, Any]:
        """A pooled connection and the driver's own; one that was closed meanwhile is made anew."""
        with _TRANSLATED:
            pooled = await self._engine.raw_connection()
            driver: Any = pooled.driver_connection
            if driver.is_closed():
                pooled.invalidate()
                pooled = await self._engine.raw_connection()
                driver = pooled.driver_connection
            return pooled, driver


Transaction: TypeAlias = AsyncSession | DirectTransaction


async def run(transaction: Transaction | Direct, statement: Prepared, **values: Any) -> list[Any]:
    """The statement's rows, in whichever kind of transaction; in one of its own with `Direct`.

    Raises:
        DatabaseFailure: the database, or the way to it, refuses.
    """
    if isinstance(transaction, DirectTransaction):
        return await transaction.run(statement, values)
    if isinstance(transaction, Direct):
        return await transaction.once(statement, values)
    await _flush(transaction)
    connection = await transaction.connection()
    result = await connection.exec_driver_sql(statement.sql, tuple(statement.arguments(values)))
    return statement.rows(result.keys(), result.all()) if result.returns_rows else []


def _rows(statement: Prepared, records: Sequence[Any]) -> list[Any]:
    return statement.rows(records[0].keys(), records) if records else []


async def _flush(session: AsyncSession) -> None:
    if session.new or session.dirty or session.deleted:
        await session.flush()


async def _give_back(pooled: PoolProxiedConnection, driver: Any, *, whole: bool) -> None:
    """Back to the pool; one that was left in disorder is given up.

    So is one whose statement was cancelled, however orderly it seems: a BEGIN that is answered later opens a
    transaction that nobody knows of, and whoever comes next writes behind a savepoint of it and commits nothing.
    """
    if not whole or driver.is_closed() or driver.is_in_transaction():
        pooled.invalidate()
    else:
        await greenlet_spawn(pooled.close)


class _Translated:
    """The driver's errors as SQLAlchemy's, which are what everybody expects."""

    def __enter__(self) -> None:
        """Nothing to do before."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, _FAILURES):
            integrity = isinstance(error, asyncpg.IntegrityConstraintViolationError)
            failure = IntegrityError if integrity else OperationalError
            raise failure(None, None, DriverError(error), hide_parameters=True) from None


_TRANSLATED = _Translated()
