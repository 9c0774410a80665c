"""Row-level security of every table in the schema auth, from the catalogue, and who may touch what."""

from collections.abc import AsyncIterator, Callable
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from services.shared.kit.db import create_engine
from tests.auth.conftest import Auth
from tests.auth.test_api_keys import make_key
from tests.auth.test_first_password import Passwords
from tests.auth.test_sign_in import sign_in
from tests.fixtures.postgres import Database

pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")
TenantId = Callable[..., UUID]
STATE = "\\x" + "5a" * 32
GLOBAL = {"tenants", "operators", "sign_in_states", "signing_keys", "security_events"}


def tables(database: Database) -> set[str]:
    return set(
        database.psql(
            "SELECT relname FROM pg_class WHERE relnamespace = 'auth'::regnamespace AND relkind = 'r'"
        ).split()
    )


def tenant_tables(database: Database) -> list[str]:
    return sorted(tables(database) - GLOBAL)


@pytest.fixture
async def filled(auth: Auth, database: Database, tenant_id: TenantId) -> Auth:
    """Acme has a row in every table."""
    await sign_in(auth)
    await auth.call("worker", "POST", "tenant-token", {"tenant_id": str(tenant_id()), "provider": "google"})
    await Passwords(auth, tenant_id()).store()
    await make_key(auth, tenant_id())
    database.psql(
        "INSERT INTO auth.oauth_states (state_hash, tenant_id, session_id, operator_id, vendor, method, salt, return_to,"
        f" expires_at) VALUES ('{STATE}', '{tenant_id()}', gen_random_uuid(), gen_random_uuid(), 'google',"
        " 'authorization_code', '', '', now())"
    )
    database.psql(
        "INSERT INTO auth.notification_keys (tenant_id, connection_id, certificate_id, certificate, envelope, kek_id,"
        " expires_at) SELECT tenant_id, id, 'c1', '', '', 'k1', now() FROM auth.connections LIMIT 1"
    )
    return auth


@pytest.fixture
async def as_auth(database: Database) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database.url("oneclick_auth"), name="test")
    yield engine
    await engine.dispose()


async def enter(connection: AsyncConnection, tenant: UUID | None) -> None:
    value = "" if tenant is None else str(tenant)
    await connection.execute(text("SELECT set_config('app.tenant_id', :t, true)"), {"t": value})


def test_every_table_with_a_tenant_is_isolated_by_force(database: Database) -> None:
    rows = database.psql(
        "SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, "
        "EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id') "
        "FROM pg_class c WHERE relnamespace = 'auth'::regnamespace AND relkind = 'r'"
    )
    for row in rows.splitlines():
        name, enabled, forced, has_tenant = row.split("|")
        assert (has_tenant == "t") == (name not in GLOBAL), name
        assert (enabled, forced) == (("f", "f") if name in GLOBAL else ("t", "t")), name


async def test_no_table_shows_or_takes_a_row_outside_its_tenant(
    filled: Auth, database: Database, as_auth: AsyncEngine, tenant_id: TenantId
) -> None:
    acme, globex = tenant_id(), tenant_id("globex")
    for table in tenant_tables(database):
        rights = database.psql(
            "SELECT string_agg(privilege_type, ',') FROM information_schema.role_table_grants "
            f"WHERE grantee = 'oneclick_auth' AND table_schema = 'auth' AND table_name = '{table}'"
        )
        for tenant, sees in ((None, False), (uuid4(), False), (globex, False), (acme, True)):
            async with as_auth.connect() as connection:
                await enter(connection, tenant)
                count = f"SELECT count(*) FROM auth.{table} WHERE tenant_id = '{acme}'"
                assert bool(await connection.scalar(text(count))) is sees, (table, tenant)
                for right, statement in (
                    ("UPDATE", f"UPDATE auth.{table} SET tenant_id = tenant_id WHERE tenant_id = '{acme}'"),
                    ("DELETE", f"DELETE FROM auth.{table} WHERE tenant_id = '{acme}'"),
                ):
                    if right in rights and not sees:
                        assert (await connection.execute(text(statement))).rowcount == 0, (table, right)
                await connection.rollback()
        async with as_auth.connect() as connection:
            await enter(connection, globex)
            columns = database.psql(
                "SELECT string_agg(quote_ident(attname), ',') FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped "
                f"AND attrelid = 'auth.{table}'::regclass"
            )
            copied = database.psql(
                f"SELECT to_json(t)::text FROM auth.{table} t WHERE tenant_id = '{acme}' LIMIT 1"
            )
            insert = (
                f"INSERT INTO auth.{table} ({columns}) "
                f"SELECT {columns} FROM json_populate_record(NULL::auth.{table}, CAST(:row AS json))"
            )
            with pytest.raises(ProgrammingError, match="row-level security"):
                await connection.execute(text(insert), {"row": copied})


async def test_no_row_can_be_moved_to_another_tenant(
    filled: Auth, database: Database, as_auth: AsyncEngine, tenant_id: TenantId
) -> None:
    for table in tenant_tables(database):
        async with as_auth.connect() as connection:
            await enter(connection, tenant_id())
            statement = text(f"UPDATE auth.{table} SET tenant_id = '{tenant_id('globex')}'")
            with pytest.raises(ProgrammingError, match=r"row-level security|permission denied"):
                await connection.execute(statement)


async def test_other_roles_have_no_way_into_the_schema(filled: Auth, database: Database) -> None:
    for role in ("oneclick_api", "oneclick_worker"):
        engine = create_async_engine(database.url(role))
        async with engine.connect() as connection:
            for table in sorted(tables(database)):
                with pytest.raises(ProgrammingError, match="permission denied"):
                    await connection.execute(text(f"SELECT 1 FROM auth.{table}"))
                await connection.rollback()
        await engine.dispose()


async def test_the_audit_log_is_appended_alone(filled: Auth, as_auth: AsyncEngine) -> None:
    for table in ("audit_entries", "security_events"):
        for statement in (f"UPDATE auth.{table} SET action = 'x'", f"DELETE FROM auth.{table}"):
            async with as_auth.connect() as connection:
                with pytest.raises(ProgrammingError, match="permission denied"):
                    await connection.execute(text(statement))


async def test_lookups_before_a_tenant_is_known_show_only_what_the_caller_holds(
    filled: Auth, database: Database, as_auth: AsyncEngine
) -> None:
    await sign_in(filled, "admin@globex.example")
    operator = database.psql("SELECT id FROM auth.operators WHERE email = 'admin@acme.example'")
    session = database.psql(
        f"SELECT encode(token_hash, 'hex') FROM auth.sessions WHERE operator_id = '{operator}'"
    )
    connection_id = database.psql("SELECT id FROM auth.connections LIMIT 1")
    key_id = database.psql("SELECT id FROM auth.api_keys")
    held = {
        ("app.api_key_id", key_id): "api_keys",
        ("app.operator_id", operator): "memberships",
        ("app.session_hash", session): "sessions",
        ("app.connection_id", connection_id): "connections",
        ("app.oauth_state", STATE.removeprefix("\\x")): "oauth_states",
        ("app.groups", '["oneclick-helpdesk"]'): "group_roles",
    }
    for (name, value), visible in held.items():
        async with as_auth.connect() as connection:
            await connection.execute(text("SELECT set_config(:n, :v, true)"), {"n": name, "v": value})
            for table in tenant_tables(database):
                count = await connection.scalar(text(f"SELECT count(*) FROM auth.{table}"))
                assert count == (1 if table == visible else 0), (name, table)


async def test_a_setting_does_not_outlive_its_transaction(
    filled: Auth, as_auth: AsyncEngine, tenant_id: TenantId
) -> None:
    async with as_auth.connect() as connection:
        await enter(connection, tenant_id())
        await connection.rollback()
        assert await connection.scalar(text("SELECT count(*) FROM auth.connections")) == 0
