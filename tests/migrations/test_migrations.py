"""The migrations make what the models say, from empty, in one line, under a lock timeout."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.ext.asyncio import create_async_engine

import services.auth
import services.shared.domain
from deploy.local.postgres import Postgres
from services.shared.kit.db import Base
from services.shared.kit.events import Xid8
from services.shared.kit.schema import NEEDED, SchemaTooOld, check_schema
from tests.fixtures.postgres import ROOT, Database, migrate

SCHEMAS = {"api", "auth"}


@pytest.fixture(scope="module", autouse=True)
def _every_model() -> Iterator[None]:
    for package in (services.shared.domain, services.auth):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.rpartition(".")[2] == "models":
                importlib.import_module(module.name)
    importlib.import_module("services.shared.kit.jobs.model")
    ischema_names["xid8"] = Xid8  # SQLAlchemy does not know the type when it looks at a database
    yield
    del ischema_names["xid8"]


def _differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(
        connection,
        opts={
            "include_schemas": True,
            "include_name": lambda name, kind, _: kind != "schema" or name in SCHEMAS,
            "version_table_schema": "public",
            "compare_type": True,
            "compare_server_default": False,
        },
    )
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        found = list(compare_metadata(context, Base.metadata))
    assert [str(item.message) for item in heard] == []
    return found


async def test_up_from_empty_makes_exactly_what_the_models_say(database: Database) -> None:
    engine = create_async_engine(database.url("oneclick_migrate"))
    async with engine.connect() as connection:
        differences = await connection.run_sync(_differences)
    await engine.dispose()
    assert differences == []


def test_there_is_one_line_of_migrations_and_the_code_needs_its_end() -> None:
    scripts = ScriptDirectory(str(ROOT / "migrations"))
    revisions = [script.revision for script in scripts.walk_revisions()]
    assert scripts.get_heads() == [NEEDED]
    assert revisions == sorted(revisions, reverse=True), "later revisions sort behind earlier ones"
    for script in scripts.walk_revisions():
        assert script.doc
        assert "Why:" in (script.longdoc or ""), f"{script.revision} does not say why"


def test_down_to_empty_and_up_again(postgres: Postgres) -> None:
    name = "oneclick_down_and_up"
    postgres.create_database(name)
    try:
        migrate(postgres, name)
        _downgrade(postgres, name)
        left = postgres.psql(
            "SELECT count(*) FROM pg_tables WHERE schemaname IN ('api', 'auth')", database=name
        )
        assert left == "0"
        migrate(postgres, name)
    finally:
        postgres.drop_database(name)


def _downgrade(postgres: Postgres, name: str) -> None:
    import os
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "alembic", "downgrade", "base"],
        cwd=ROOT,
        env={**os.environ, "MIGRATE_DATABASE_URL": postgres.url("oneclick_migrate", name)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


async def test_a_process_is_not_ready_before_the_migrations_ran(postgres: Postgres) -> None:
    name = "oneclick_half_migrated"
    postgres.create_database(name)
    engine = create_async_engine(postgres.url("oneclick_api", name))
    try:
        migrate(postgres, name, "0003")
        with pytest.raises(SchemaTooOld):
            await check_schema(engine)
        migrate(postgres, name)
        await check_schema(engine)
    finally:
        await engine.dispose()
        postgres.drop_database(name)


async def test_services_cannot_change_the_schema_or_the_audit_log(module_database: Database) -> None:
    for role in ("oneclick_api", "oneclick_worker", "oneclick_auth"):
        connection = await asyncpg.connect(module_database.url(role, driver="postgresql"))
        for statement in (
            "CREATE TABLE api.mine (id int)",
            "CREATE TABLE public.mine (id int)",
            "ALTER TABLE api.requests DISABLE ROW LEVEL SECURITY",
            "TRUNCATE api.audit_entries",
            "UPDATE api.audit_entries SET outcome = 'ok'",
            "DELETE FROM api.audit_entries",
            "SET ROLE oneclick_ledger",
            "SET ROLE oneclick_migrate",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
        await connection.close()


async def test_not_even_the_owner_changes_the_audit_log(module_database: Database) -> None:
    owner = await asyncpg.connect(module_database.url("oneclick_migrate", driver="postgresql"))
    for statement in ("UPDATE api.audit_entries SET outcome = ''", "DELETE FROM api.audit_entries"):
        with pytest.raises(asyncpg.RaiseError, match="append-only"):
            await owner.execute(statement)
    await owner.close()


def test_migrations_wait_for_no_lock_for_long() -> None:
    assert "lock_timeout = '5s'" in Path(ROOT / "migrations" / "env.py").read_text()
