"""How connected accounts were when they were last heard of, and their newest tests.

Why: the auth service owns connections and may not be asked by every page, nor may it write here. What it told last is
kept, so that a change (expired, recovered) is told once and whatever waits for the account goes on. A test is a job of
the worker; its outcome is kept beside, one row for each connection. Both tables are new and small.

Revision ID: 0013
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

from migrations.isolation import isolate

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None

SEEN = """
CREATE FUNCTION api.connections_seen_until()
RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, api AS $$
  SELECT max(s.changed_at) FROM api.connection_states s
$$
"""
TO_TEST = """
CREATE FUNCTION api.connections_to_test(p_age interval, p_most int)
RETURNS TABLE (tenant_id uuid, connection_id uuid, vendor text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, api AS $$
  SELECT s.tenant_id, s.connection_id, s.vendor
    FROM api.connection_states s
    LEFT JOIN api.connection_tests t ON t.tenant_id = s.tenant_id AND t.connection_id = s.connection_id
   WHERE s.state IN ('active', 'expiring') AND greatest(s.since, t.asked_at) < now() - p_age
   ORDER BY greatest(s.since, t.asked_at) LIMIT p_most
$$
"""
FUNCTIONS = {"connections_seen_until()": SEEN, "connections_to_test(interval, int)": TO_TEST}
TABLES = {
    "connection_states": {"oneclick_api": "SELECT, INSERT, UPDATE", "oneclick_worker": "SELECT"},
    "connection_tests": {
        "oneclick_api": "SELECT, INSERT, UPDATE",
        "oneclick_worker": "SELECT, INSERT, UPDATE",
    },
}


def upgrade() -> None:
    op.create_table(
        "connection_states",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("vendor", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("remedy", sa.Text(), nullable=True),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "connection_id", name=op.f("pk_connection_states")),
        schema="api",
    )
    op.create_table(
        "connection_tests",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("vendor", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ok", sa.Boolean(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "connection_id", name=op.f("pk_connection_tests")),
        schema="api",
    )
    for table, grants in TABLES.items():
        isolate(f"api.{table}", grants)
        op.execute(f"GRANT SELECT ON api.{table} TO oneclick_ledger")
        op.execute(f"CREATE POLICY {table}_ledger ON api.{table} FOR SELECT TO oneclick_ledger USING (true)")
    _as_ledger(
        *FUNCTIONS.values(),
        *(f"REVOKE ALL ON FUNCTION api.{name} FROM PUBLIC" for name in FUNCTIONS),
        *(f"GRANT EXECUTE ON FUNCTION api.{name} TO oneclick_api" for name in FUNCTIONS),
    )


def _as_ledger(*definitions: str) -> None:
    """Make functions that belong to the role which may look across tenants."""
    op.execute("GRANT CREATE ON SCHEMA api TO oneclick_ledger")
    op.execute("SET LOCAL ROLE oneclick_ledger")
    for definition in definitions:
        op.execute(definition)
    op.execute("RESET ROLE")
    op.execute("REVOKE CREATE ON SCHEMA api FROM oneclick_ledger")


def downgrade() -> None:
    _as_ledger(*(f"DROP FUNCTION api.{name}" for name in FUNCTIONS))
    for table in TABLES:
        op.drop_table(table, schema="api")
