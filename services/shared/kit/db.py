"""Engines, sessions and the base of every model."""

from datetime import datetime
from typing import Any

from pydantic import SecretStr
from sqlalchemy import DateTime, MetaData
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

Sessions = async_sessionmaker[AsyncSession]
DatabaseFailure = SQLAlchemyError
"""Whatever the database, or the way to it, refuses: for edges that must let it pass and know no SQL."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of every table. Times are timestamptz, JSON is jsonb."""

    metadata = MetaData(naming_convention=NAMING)
    # No RETURNING for defaults: a role that may only add to a table could not insert with it.
    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012  # SQLAlchemy reads it from the class
    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy reads it from the class
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB(none_as_null=True),
        list[Any]: JSONB(none_as_null=True),
        list[str]: JSONB(none_as_null=True),
    }


def create_engine(
    url: SecretStr | str,
    *,
    name: str,
    pool_size: int = 10,
    idle_seconds: float = 60.0,
    statement_seconds: float = 30.0,
    transaction_seconds: float | None = None,
) -> AsyncEngine:
    """An engine for one service role. `name` shows in pg_stat_activity.

    A connection that died while pooled is noticed by the statement that meets it, and the whole pool is
    made anew then; asking before each use would cost every transaction a round trip. Statements are
    bounded to `statement_seconds` and idle transactions to `idle_seconds`, so that a process that stands still does
    not hold its locks for longer. Each of these clocks begins anew when a transaction that waited for another's lock
    gets it, so the transactions of one frozen process can end one after the other; `transaction_seconds` bounds
    each as a whole, from its beginning (PostgreSQL 17).
    """
    value = url.get_secret_value() if isinstance(url, SecretStr) else url
    return create_async_engine(
        value,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=10,
        hide_parameters=True,  # bound values are people's data and do not belong in logs
        connect_args={
            "server_settings": {
                "application_name": name,
                "statement_timeout": str(int(statement_seconds * 1000)),
                "idle_in_transaction_session_timeout": str(int(idle_seconds * 1000)),
                "timezone": "UTC",
                "jit": "off",
                **_bound(transaction_seconds),
            }
        },
    )


def _bound(transaction_seconds: float | None) -> dict[str, str]:
    if transaction_seconds is None:
        return {}
    return {"transaction_timeout": str(int(transaction_seconds * 1000))}


def create_sessions(engine: AsyncEngine) -> Sessions:
    """Sessions that keep what they loaded after commit."""
    return async_sessionmaker(engine, expire_on_commit=False)


def create_single_sessions(engine: AsyncEngine) -> Sessions:
    """Sessions on the same pool whose every statement is a transaction of its own."""
    return async_sessionmaker(engine.execution_options(isolation_level="AUTOCOMMIT"), expire_on_commit=False)
