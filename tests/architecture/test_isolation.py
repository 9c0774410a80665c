"""Tenants cannot see each other, even through wrong SQL. Made from the catalogue: a new table is in it at once.

Every table of the schemas `api` and `auth`, every service role, with no tenant, the wrong one and the right one
set, for select, insert, update and delete, as the service roles themselves.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from services.shared.kit.ids import uuid7
from tests.fixtures.postgres import Database

ROLES = ("oneclick_api", "oneclick_worker", "oneclick_auth")
OPERATIONS = ("select", "insert", "update", "delete")
CONTEXTS = ("none", "wrong", "right")
WITHOUT_TENANT = {
    "auth.tenants": "the list of tenants itself",
    "auth.operators": "a person may belong to several tenants; memberships are isolated",
    "auth.sign_in_states": "before sign-in no tenant is known",
    "auth.signing_keys": "the service's own keys",
    "auth.security_events": "failed sign-ins belong to no tenant",
}
"""Tables that hold nothing of a tenant, each with its reason. Only the auth service may look into them."""

EXTRA_POLICIES = {
    "auth.memberships": {
        "memberships_operator": "sign-in finds the tenants of the person who proved who they are"
    },
    "auth.group_roles": {"group_roles_held": "sign-in finds the tenants of the groups that the token holds"},
    "auth.sessions": {
        "sessions_held": "a session is found by the hash of its token, which is the proof",
        "sessions_held_update": "and moved along by the same proof",
    },
    "auth.api_keys": {
        "api_keys_named": "a key is found by its id, which its holder sends, before it is compared"
    },
    "auth.oauth_states": {
        "oauth_states_held": "a vendor's answer is matched by the state, which only the browser's session was given",
        "oauth_states_held_update": "and used up by the same proof",
    },
    "auth.connections": {"connections_named": "a token is asked for by the connection's id"},
}
LEDGER_TABLES = {
    "jobs",
    "cooldowns",
    "plans",
    "idempotency_keys",
    "option_lists",
    "events",
    "incoming_deliveries",
    "schedules",
    "schedule_runs",
    "connection_states",
    "connection_tests",
    "webhook_subscriptions",
    "webhook_events",
    "messages",
    "webhook_gaps",
}
RIGHT, WRONG = uuid7(), uuid7()


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str
    default: bool
    generated: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A table with what is needed to put a row into it."""

    name: str
    columns: tuple[Column, ...]
    checks: str

    @property
    def isolated(self) -> bool:
        return any(column.name == "tenant_id" for column in self.columns)

    def insert(self, tenant: UUID) -> str:
        """A statement that inserts a row that every check accepts."""
        wanted = [c for c in self.columns if not c.generated and (not c.default or c.name == "tenant_id")]
        values = [f"'{tenant}'" if c.name == "tenant_id" else self._value(c) for c in wanted]
        names = ", ".join(f'"{c.name}"' for c in wanted)
        return f"INSERT INTO {self.name} ({names}) VALUES ({', '.join(values)})"

    def _value(self, column: Column) -> str:
        allowed = re.search(rf"\({column.name} = ANY \(ARRAY\['([^']+)'", self.checks)
        if allowed:
            return f"'{allowed[1]}'"
        return {
            "uuid": "gen_random_uuid()",
            "text": "md5(random()::text)",
            "jsonb": "'{}'",
            "boolean": "false",
            "bytea": "decode(md5(random()::text), 'hex')",
            "date": "current_date",
            "timestamp with time zone": "now()",
        }.get(column.type, "1")


def _tables(database: Database) -> dict[str, Table]:
    columns: dict[str, list[Column]] = {}
    for line in database.psql("""
        SELECT format('%s.%s', n.nspname, c.relname), a.attname, format_type(a.atttypid, NULL),
               a.atthasdef OR NOT a.attnotnull, a.attidentity <> '' OR a.attgenerated <> ''
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE n.nspname IN ('api', 'auth') AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
         ORDER BY 1, a.attnum
    """).splitlines():
        table, name, kind, default, generated = line.split("|")
        columns.setdefault(table, []).append(Column(name, kind, default == "t", generated == "t"))
    checks = {
        table: database.psql(
            "SELECT coalesce(string_agg(pg_get_constraintdef(oid), ' '), '') FROM pg_constraint"
            f" WHERE contype = 'c' AND conrelid = '{table}'::regclass"
        )
        for table in columns
    }
    return {name: Table(name, tuple(found), checks[name]) for name, found in columns.items()}


@pytest.fixture(scope="module")
def tables(module_database: Database) -> dict[str, Table]:
    """Every table, with one row of each of two tenants in it."""
    found = _tables(module_database)
    rows = [
        table.insert(tenant) + ";" for table in found.values() if table.isolated for tenant in (RIGHT, WRONG)
    ]
    # Foreign keys are not what is tested here.
    module_database.psql("SET session_replication_role = replica;\n" + "\n".join(rows))
    return found


@pytest.fixture(scope="module")
async def connections(module_database: Database) -> AsyncIterator[dict[str, asyncpg.Connection]]:
    opened = {role: await asyncpg.connect(module_database.url(role, driver="postgresql")) for role in ROLES}
    yield opened
    for connection in opened.values():
        await connection.close()


async def _attempt(connection: Any, context: str, statement: str) -> str:
    """What came of a statement: rows, `denied` (no privilege), `isolated` (the policy) or `constraint`."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        if context != "none":
            tenant = RIGHT if context == "right" else WRONG
            await connection.execute("SELECT set_config('app.tenant_id', $1, true)", str(tenant))
        if statement.startswith("SELECT"):
            return str(await connection.fetchval(statement))
        return str((await connection.execute(statement)).rpartition(" ")[2])
    except asyncpg.InsufficientPrivilegeError as refused:
        return "isolated" if "row-level security" in str(refused) else "denied"
    except asyncpg.IntegrityConstraintViolationError:
        return "constraint"
    finally:
        await transaction.rollback()


def _statement(table: Table, operation: str) -> str:
    mine = f"tenant_id = '{RIGHT}'"
    return {
        "select": f"SELECT count(*) FROM {table.name} WHERE {mine}",
        "insert": table.insert(RIGHT),
        "update": f"UPDATE {table.name} SET tenant_id = tenant_id WHERE {mine}",
        "delete": f"DELETE FROM {table.name} WHERE {mine}",
    }[operation]


def _expected(operation: str, context: str, *, privileged: bool) -> set[str]:
    if not privileged:
        return {"denied"}
    if context == "right":
        return {"1", "constraint"}
    return {"isolated"} if operation == "insert" else {"0"}


def _privileges(database: Database) -> set[tuple[str, str, str]]:
    """(table, role, operation) for which the role has the privilege, and select where it must find rows first."""
    roles = ", ".join(f"('{role}')" for role in ROLES)
    operations = ", ".join(f"('{operation}')" for operation in OPERATIONS)
    lines = database.psql(f"""
        SELECT t.schemaname || '.' || t.tablename, r.role, o.operation
          FROM pg_tables t, (VALUES {roles}) AS r(role), (VALUES {operations}) AS o(operation)
         WHERE t.schemaname IN ('api', 'auth')
           AND has_schema_privilege(r.role, t.schemaname, 'USAGE')
           AND has_table_privilege(r.role, format('%I.%I', t.schemaname, t.tablename), o.operation)
           AND (o.operation = 'insert'
                OR has_table_privilege(r.role, format('%I.%I', t.schemaname, t.tablename), 'select'))
    """).splitlines()
    return {(line.split("|")[0], line.split("|")[1], line.split("|")[2]) for line in lines}


async def test_every_table_role_context_and_operation(
    tables: dict[str, Table], connections: dict[str, Any], module_database: Database
) -> None:
    granted = _privileges(module_database)
    isolated = [table for table in tables.values() if table.isolated]
    tried: dict[str, int] = {}
    wrong: list[str] = []
    for table in isolated:
        for role, connection in connections.items():
            for operation in OPERATIONS:
                privileged = (table.name, role, operation) in granted
                for context in CONTEXTS:
                    came = await _attempt(connection, context, _statement(table, operation))
                    tried[came] = tried.get(came, 0) + 1
                    if came not in _expected(operation, context, privileged=privileged):
                        wrong.append(f"{table.name} {role} {operation} {context}: {came}")
    assert not wrong, "\n".join(wrong)
    assert sum(tried.values()) == len(isolated) * len(ROLES) * len(OPERATIONS) * len(CONTEXTS)
    assert set(tried) >= {"0", "1", "isolated", "denied"}, "the suite must see every kind of answer"


async def test_with_a_tenant_set_only_its_rows_are_there_at_all(
    tables: dict[str, Table], connections: dict[str, Any], module_database: Database
) -> None:
    granted = _privileges(module_database)
    for table in tables.values():
        for role, connection in connections.items():
            if table.isolated and (table.name, role, "select") in granted:
                count = f"SELECT count(*) FROM {table.name}"
                seen = [await _attempt(connection, context, count) for context in CONTEXTS]
                assert seen == ["0", "1", "1"], (table.name, role)


async def test_no_row_can_be_moved_to_another_tenant(
    tables: dict[str, Table], connections: dict[str, Any], module_database: Database
) -> None:
    granted = _privileges(module_database)
    moved = 0
    for table in tables.values():
        for role, connection in connections.items():
            if table.isolated and (table.name, role, "update") in granted:
                statement = f"UPDATE {table.name} SET tenant_id = '{WRONG}' WHERE tenant_id = '{RIGHT}'"
                assert await _attempt(connection, "right", statement) == "isolated", (table.name, role)
                moved += 1
    assert moved > 10


async def test_the_setting_ends_with_its_transaction(connections: dict[str, Any]) -> None:
    connection = connections["oneclick_api"]
    assert await _attempt(connection, "right", "SELECT count(*) FROM api.requests") == "1"
    assert await _attempt(connection, "none", "SELECT count(*) FROM api.requests") == "0"
    assert await connection.fetchval("SELECT current_setting('app.tenant_id', true)") in {None, ""}


def test_every_table_with_a_tenant_forces_its_policies(
    module_database: Database, tables: dict[str, Table]
) -> None:
    forced = set(
        module_database.psql("""
            SELECT format('%s.%s', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relrowsecurity AND c.relforcerowsecurity AND n.nspname IN ('api', 'auth')
        """).splitlines()
    )
    assert forced == {table.name for table in tables.values() if table.isolated}


def test_tables_without_a_tenant_are_the_known_ones(
    tables: dict[str, Table], module_database: Database
) -> None:
    assert {table.name for table in tables.values() if not table.isolated} == set(WITHOUT_TENANT)
    readers = {(table, role) for table, role, _ in _privileges(module_database) if table in WITHOUT_TENANT}
    assert {role for _, role in readers} == {"oneclick_auth"}


def test_every_policy_is_the_tenants_or_has_its_reason(
    module_database: Database, tables: dict[str, Table]
) -> None:
    policies: dict[str, set[str]] = {}
    for line in module_database.psql(
        "SELECT schemaname || '.' || tablename, policyname, roles::text FROM pg_policies"
    ).splitlines():
        held_by, policy, roles = line.split("|")
        policies.setdefault(held_by, set()).add(policy)
        if policy.endswith("_ledger"):
            assert roles == "{oneclick_ledger}", policy
    for table in tables.values():
        if table.isolated:
            schema, name = table.name.split(".")
            expected = {f"{name}_tenant", *EXTRA_POLICIES.get(table.name, ())}
            if schema == "api" and name in LEDGER_TABLES:
                expected.add(f"{name}_ledger")
            assert policies[table.name] == expected


def test_views_and_functions_open_no_way_around(module_database: Database) -> None:
    assert module_database.psql("SELECT count(*) FROM pg_views WHERE schemaname IN ('api', 'auth')") == "0"
    definers = module_database.psql("""
        SELECT p.proname, p.proowner::regrole, coalesce(array_to_string(p.proconfig, ','), ''),
               has_function_privilege('public', p.oid, 'EXECUTE')
          FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
         WHERE n.nspname IN ('api', 'auth') AND p.prosecdef ORDER BY 1
    """).splitlines()
    assert [line.split("|")[0] for line in definers] == [
        "claim_jobs", "connections_seen_until", "connections_to_test", "due_schedules", "due_subscriptions",
        "extend_leases", "find_subscriptions", "hand_back_jobs", "job_depth", "next_due_seconds", "stray_runs", "sweep",
        "sweep_deliveries", "sweep_notifications", "take_notifications", "watched_subscriptions",
    ]  # fmt: skip
    for line in definers:
        _, owner, config, public = line.split("|")
        assert (owner, public) == ("oneclick_ledger", "f")
        assert config.startswith("search_path=pg_catalog")


def test_unique_keys_and_references_stay_inside_a_tenant(
    module_database: Database, tables: dict[str, Table]
) -> None:
    """A unique key across tenants would tell what exists elsewhere; a reference could point there."""
    for line in module_database.psql("""
        SELECT x.indrelid::regclass, i.relname, pg_get_indexdef(x.indexrelid) FROM pg_index x
          JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_namespace n ON n.oid = i.relnamespace
         WHERE n.nspname = 'api' AND x.indisunique AND NOT x.indisprimary
    """).splitlines():
        assert "(tenant_id" in line.split("|")[2], line
    for line in module_database.psql("""
        SELECT conrelid::regclass, pg_get_constraintdef(oid) FROM pg_constraint
         WHERE contype = 'f' AND connamespace = 'api'::regnamespace
    """).splitlines():
        assert "FOREIGN KEY (tenant_id, " in line.split("|")[1], line
