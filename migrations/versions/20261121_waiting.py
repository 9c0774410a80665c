"""Invitations and tasks for people that a request waits for, and vendors' own deliveries.

Why: an invitation waits for the invited person and a manual task for one of us, for days, without holding a
worker. The action says when it is looked at next, by what names the vendor's events may call it, whose task it
is and who said that it is done. `incoming_deliveries` remembers the ids of vendors' webhook deliveries, so that a
repeated one does nothing; what they said is not kept. `job_depth` tells jobs that are not due yet (`later`) from
those that wait for a worker (`queued`): an invitation's next look is no backlog, nor is a lane that cools down.

The index is built first and on its own, since the table is live; what an interrupted build left is dropped. The new
columns are empty or have a constant default, so adding them rewrites nothing.

Revision ID: 0006
Revises: 0005
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.isolation import isolate

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WAITING = "state IN ('awaiting_acceptance', 'awaiting_person')"
COLUMNS: dict[str, sa.types.TypeEngine[Any]] = {
    "look_at": sa.DateTime(timezone=True),
    "known_as": JSONB(),
    "assignee_id": sa.Text(),
    "assignee_name": sa.Text(),
    "said_done": JSONB(),
}
DEPTH = """
CREATE OR REPLACE FUNCTION api.job_depth()
RETURNS TABLE (kind text, state text, jobs bigint, oldest_seconds double precision)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, api AS $$
  SELECT j.kind, j.state, count(*),
         coalesce(extract(epoch FROM max(now() - j.run_at) FILTER (WHERE j.run_at <= now())), 0)::float8
    FROM (SELECT k.kind, greatest(k.run_at, d.until) AS run_at,
                 CASE WHEN k.state = 'queued' AND greatest(k.run_at, d.until) > now() THEN 'later' ELSE k.state END
                   AS state
            FROM api.jobs k LEFT JOIN api.cooldowns d ON d.tenant_id = k.tenant_id AND d.lane = k.lane
           WHERE k.state <> 'done') j
   GROUP BY j.kind, j.state
$$
"""
DEPTH_BEFORE = """
CREATE OR REPLACE FUNCTION api.job_depth()
RETURNS TABLE (kind text, state text, jobs bigint, oldest_seconds double precision)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, api AS $$
  SELECT j.kind, j.state, count(*),
         coalesce(extract(epoch FROM max(now() - j.run_at) FILTER (WHERE j.run_at <= now())), 0)::float8
    FROM api.jobs j WHERE j.state <> 'done' GROUP BY j.kind, j.state
$$
"""
SWEEP = """
CREATE FUNCTION api.sweep_deliveries(p_keep interval)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, api AS $$
DECLARE n bigint;
BEGIN
  DELETE FROM api.incoming_deliveries WHERE received_at < now() - p_keep;
  GET DIAGNOSTICS n = ROW_COUNT;
  RETURN n;
END $$
"""


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS api.ix_actions_waiting")
        op.execute(
            f"CREATE INDEX CONCURRENTLY ix_actions_waiting ON api.actions (tenant_id, result_id) WHERE {WAITING}"
        )
    for name, kind in COLUMNS.items():
        op.add_column("actions", sa.Column(name, kind, nullable=True), schema="api")
    op.add_column(
        "actions", sa.Column("looks", sa.Integer(), server_default="0", nullable=False), schema="api"
    )
    op.alter_column("accounts", "remote_id", nullable=True, schema="api")
    _deliveries()
    _as_ledger(
        DEPTH,
        SWEEP,
        "REVOKE ALL ON FUNCTION api.sweep_deliveries(interval) FROM PUBLIC",
        "GRANT EXECUTE ON FUNCTION api.sweep_deliveries(interval) TO oneclick_api",
    )


def _deliveries() -> None:
    op.create_table(
        "incoming_deliveries",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("vendor", sa.Text(), nullable=False),
        sa.Column("heard", sa.Integer(), nullable=False),
        sa.Column("hastened", sa.Integer(), nullable=False),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "connection_id", "delivery_id", name=op.f("pk_incoming_deliveries")
        ),
        schema="api",
    )
    op.create_index(
        "ix_incoming_deliveries_received_at", "incoming_deliveries", ["received_at"], schema="api"
    )
    isolate("api.incoming_deliveries", {"oneclick_api": "SELECT, INSERT, UPDATE"})
    op.execute("GRANT SELECT, DELETE ON api.incoming_deliveries TO oneclick_ledger")
    op.execute(
        "CREATE POLICY incoming_deliveries_ledger ON api.incoming_deliveries TO oneclick_ledger"
        " USING (true) WITH CHECK (true)"
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
    _as_ledger(DEPTH_BEFORE, "DROP FUNCTION api.sweep_deliveries(interval)")
    op.drop_table("incoming_deliveries", schema="api")
    op.execute("DELETE FROM api.accounts WHERE remote_id IS NULL")
    op.alter_column("accounts", "remote_id", nullable=False, schema="api")
    for name in ("looks", *COLUMNS):
        op.drop_column("actions", name, schema="api")
    op.drop_index("ix_actions_waiting", "actions", schema="api")
