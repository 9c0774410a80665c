"""Runs migrations as oneclick_migrate, one at a time, never waiting long for a lock."""

import asyncio
import os
from importlib import import_module
from pkgutil import walk_packages

from alembic import context
from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

import services.auth
import services.shared.domain
from services.shared.kit.db import Base

ADVISORY_LOCK = 7_113_020_260_112
SCHEMAS = frozenset({"auth", "api"})

for package in (services.shared.domain, services.auth):
    for module in walk_packages(package.__path__, f"{package.__name__}."):
        if module.name.rpartition(".")[2] == "models":
            import_module(module.name)
import_module("services.shared.kit.jobs.model")
import_module("services.shared.kit.events")


def _ours(name: str | None, kind: str, parents: object) -> bool:
    del parents
    return kind != "schema" or name in SCHEMAS


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_schemas=True,
        include_name=_ours,
        version_table_schema="public",
        compare_server_default=False,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def _online() -> None:
    engine = create_async_engine(os.environ["MIGRATE_DATABASE_URL"], poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.execute(text("SELECT pg_advisory_lock(:id)"), {"id": ADVISORY_LOCK})
        await connection.execute(text("SET lock_timeout = '5s'"))
        await connection.execute(text("SET statement_timeout = '10min'"))
        await connection.commit()
        await connection.run_sync(_run)
        await connection.commit()
    await engine.dispose()


asyncio.run(_online())
