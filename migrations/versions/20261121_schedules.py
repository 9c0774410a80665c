"""Schedules, their runs, and rules that queue whoever gets a tag.

Why: most hires are known weeks ahead. A schedule holds a request's body and when it runs; a run is one of its times,
and the unique constraint on (tenant, schedule, time) is what makes it fire once however many schedulers and apis there
are. `due_schedules` tells which ones are due over all tenants, by priority, and `stray_runs` which runs lost their job:
ids and nothing else, as the ledger's other functions. A run's request is made by the worker, so its role may now make
requests, and people and role templates where they are not there yet. `requests.schedule_run_id` is how a request that
moves wakes its run. `tenant_settings.time_zone` is the clock that a tenant's times without a zone mean. Tag rules that
come with the code become rows when a tenant changes them, so nothing is seeded.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.isolation import isolate

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NEW_FOR_THE_WORKER = {
    "employees": "INSERT",
    "requests": "INSERT",
    "results": "INSERT",
    "role_templates": "SELECT, INSERT",
    "role_template_versions": "SELECT, INSERT",
}
OPEN = "state IN ('due', 'running', 'waiting_retry', 'needs_person')"

DUE = """
CREATE FUNCTION api.due_schedules(p_most int)
RETURNS TABLE (tenant_id uuid, schedule_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, api AS $$
  SELECT s.tenant_id, s.id FROM api.schedules s
   WHERE s.next_fire_at <= now() ORDER BY s.priority DESC, s.next_fire_at, s.id LIMIT p_most
$$
"""
NEXT = """
CREATE FUNCTION api.next_due_seconds()
RETURNS double precision
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, api AS $$
  SELECT extract(epoch FROM min(s.next_fire_at) - clock_timestamp())::float8
    FROM api.schedules s WHERE s.next_fire_at IS NOT NULL
$$
"""
STRAY = """
CREATE FUNCTION api.stray_runs(p_most int)
RETURNS TABLE (tenant_id uuid, run_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, api AS $$
  SELECT r.tenant_id, r.id FROM api.schedule_runs r
   WHERE r.state IN ('due', 'running', 'waiting_retry', 'needs_person')
     AND NOT EXISTS (SELECT FROM api.jobs j
                      WHERE j.tenant_id = r.tenant_id AND j.subject_id = r.id AND j.kind = 'schedule.fire'
                        AND j.state IN ('queued', 'running'))
   LIMIT p_most
$$
"""
FUNCTIONS = {"due_schedules(int)": DUE, "next_due_seconds()": NEXT, "stray_runs(int)": STRAY}


def upgrade() -> None:
    op.add_column("requests", sa.Column("schedule_run_id", sa.Uuid(), nullable=True), schema="api")
    op.add_column("tenant_settings", sa.Column("time_zone", sa.Text(), nullable=True), schema="api")
    _schedules()
    _runs()
    _rules()
    isolate(
        "api.schedules",
        {"oneclick_api": "SELECT, INSERT, UPDATE", "oneclick_worker": "SELECT, INSERT, UPDATE"},
    )
    isolate(
        "api.schedule_runs",
        {"oneclick_api": "SELECT, INSERT, UPDATE", "oneclick_worker": "SELECT, UPDATE"},
    )
    isolate("api.tag_rules", {"oneclick_api": "SELECT, INSERT, UPDATE", "oneclick_worker": "SELECT, INSERT"})
    for table, privileges in NEW_FOR_THE_WORKER.items():
        op.execute(f"GRANT {privileges} ON api.{table} TO oneclick_worker")
    for table in ("schedules", "schedule_runs"):
        op.execute(f"GRANT SELECT ON api.{table} TO oneclick_ledger")
        op.execute(f"CREATE POLICY {table}_ledger ON api.{table} FOR SELECT TO oneclick_ledger USING (true)")
    _as_ledger(
        *FUNCTIONS.values(),
        *(f"REVOKE ALL ON FUNCTION api.{name} FROM PUBLIC" for name in FUNCTIONS),
        *(f"GRANT EXECUTE ON FUNCTION api.{name} TO oneclick_api" for name in FUNCTIONS),
    )


def _schedules() -> None:
    op.create_table(
        "schedules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("body", JSONB(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("work_email", sa.Text(), nullable=False),
        sa.Column("tags", JSONB(), nullable=False),
        sa.Column("tag_slugs", JSONB(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recurrence", sa.Text(), nullable=True),
        sa.Column("next_fire_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("executed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retry_count", sa.Integer(), nullable=False),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("needs_person", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("tag_rule_id", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("priority >= 0", name=op.f("ck_schedules_priority")),
        sa.CheckConstraint(
            "state <> 'cancelled' OR next_fire_at IS NULL", name=op.f("ck_schedules_cancelled")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "employee_id"],
            ["api.employees.tenant_id", "api.employees.id"],
            name=op.f("fk_schedules_tenant_id_employee_id_employees"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedules")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_schedules_tenant_id_id")),
        schema="api",
    )
    op.create_index(
        "ix_schedules_due",
        "schedules",
        ["next_fire_at"],
        schema="api",
        postgresql_where=sa.text("next_fire_at IS NOT NULL"),
    )
    op.create_index("ix_schedules_tenant_id_at", "schedules", ["tenant_id", "at"], schema="api")
    op.create_index(
        "ix_schedules_tenant_id_employee_id", "schedules", ["tenant_id", "employee_id"], schema="api"
    )
    op.create_index(
        "uq_schedules_tag_rule",
        "schedules",
        ["tenant_id", "tag_rule_id", "employee_id"],
        unique=True,
        schema="api",
        postgresql_where=sa.text("tag_rule_id IS NOT NULL AND withdrawn_at IS NULL"),
    )


def _runs() -> None:
    op.create_table(
        "schedule_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("schedule_id", sa.Uuid(), nullable=False),
        sa.Column("fire_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("retry_count", sa.Integer(), nullable=False),
        sa.Column("max_retries", sa.Integer(), nullable=False),
        sa.Column("retry_seconds", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "schedule_id"],
            ["api.schedules.tenant_id", "api.schedules.id"],
            name=op.f("fk_schedule_runs_tenant_id_schedule_id_schedules"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule_runs")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_schedule_runs_tenant_id_id")),
        sa.UniqueConstraint(
            "tenant_id", "schedule_id", "fire_at", name=op.f("uq_schedule_runs_tenant_id_schedule_id_fire_at")
        ),
        schema="api",
    )
    op.create_index(
        "ix_schedule_runs_open",
        "schedule_runs",
        ["tenant_id", "schedule_id"],
        schema="api",
        postgresql_where=sa.text(OPEN),
    )


def _rules() -> None:
    op.create_table(
        "tag_rules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("role_template_id", sa.Uuid(), nullable=True),
        sa.Column("offset_days", sa.Integer(), nullable=False),
        sa.Column("time_of_day", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("priority >= 0", name=op.f("ck_tag_rules_priority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag_rules")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_tag_rules_tenant_id_id")),
        schema="api",
    )
    op.create_index(
        "uq_tag_rules_slug",
        "tag_rules",
        ["tenant_id", "slug"],
        unique=True,
        schema="api",
        postgresql_where=sa.text("deleted_at IS NULL"),
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
    for table, privileges in NEW_FOR_THE_WORKER.items():
        op.execute(f"REVOKE {privileges} ON api.{table} FROM oneclick_worker")
    op.drop_table("tag_rules", schema="api")
    op.drop_table("schedule_runs", schema="api")
    op.drop_table("schedules", schema="api")
    op.drop_column("tenant_settings", "time_zone", schema="api")
    op.drop_column("requests", "schedule_run_id", schema="api")
