"""The schema is what the models say."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

import services.auth.app
from services.shared.kit.db import Base
from tests.fixtures.postgres import Database

assert services.auth.app  # every model is imported by the application


def _differences(connection: Connection) -> list[Any]:
    options = {
        "include_schemas": True,
        "include_name": lambda name, kind, _parents: kind != "schema" or name == "auth",
        "version_table_schema": "public",
    }
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata))


async def test_the_migrations_make_what_the_models_say(database: Database) -> None:
    engine = create_async_engine(database.url("oneclick_migrate"))
    async with engine.connect() as connection:
        differences = await connection.run_sync(_differences)
    await engine.dispose()
    assert [found for found in differences if "auth" in str(found)] == []
    tables = {table.name for table in Base.metadata.tables.values() if table.schema == "auth"}
    assert len(tables) == 16
