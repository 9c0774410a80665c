"""The product's tables: people, requests, plans, results, actions, accounts, jobs, events, audit.

Why: everything that the API promises and the worker does rests on these. Row-level security is
forced on every table; nobody can look across tenants, except the ledger's narrow functions in the
next migration.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.isolation import isolate
from services.shared.kit.events import Xid8

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = (
    "audit_entries",
    "employees",
    "accounts",
    "tenant_settings",
    "option_lists",
    "idempotency_keys",
    "requests",
    "plans",
    "results",
    "actions",
    "app_plans",
    "provider_calls",
    "jobs",
    "cooldowns",
    "events",
)

# What each service may do. The audit log can be added to and read, by nobody changed.
GRANTS: dict[str, dict[str, str]] = {
    "audit_entries": {"oneclick_api": "SELECT, INSERT", "oneclick_worker": "INSERT"},
    "employees": {"oneclick_api": "SELECT, INSERT, UPDATE", "oneclick_worker": "SELECT, UPDATE"},
    "accounts": {"oneclick_api": "SELECT", "oneclick_worker": "SELECT, INSERT, UPDATE"},
    "tenant_settings": {"oneclick_api": "SELECT, INSERT, UPDATE", "oneclick_worker": "SELECT"},
    "option_lists": {"oneclick_api": "SELECT, INSERT, UPDATE", "oneclick_worker": "SELECT, UPDATE"},
    "idempotency_keys": {"oneclick_api": "SELECT, INSERT, UPDATE, DELETE"},
    "requests": {"oneclick_api": "SELECT, INSERT, UPDATE", "oneclick_worker": "SELECT, UPDATE"},
    "plans": {"oneclick_api": "SELECT, INSERT, UPDATE", "oneclick_worker": "SELECT, INSERT, UPDATE"},
    "results": {"oneclick_api": "SELECT, INSERT, UPDATE", "oneclick_worker": "SELECT, UPDATE"},
    "actions": {"oneclick_api": "SELECT, UPDATE", "oneclick_worker": "SELECT, INSERT, UPDATE"},
    "app_plans": {"oneclick_api": "SELECT, INSERT, UPDATE", "oneclick_worker": "SELECT, INSERT, UPDATE"},
    "provider_calls": {"oneclick_api": "SELECT", "oneclick_worker": "INSERT"},
    "jobs": {"oneclick_api": "SELECT, INSERT, UPDATE", "oneclick_worker": "SELECT, INSERT, UPDATE"},
    "cooldowns": {"oneclick_api": "SELECT", "oneclick_worker": "SELECT, INSERT, UPDATE"},
    "events": {"oneclick_api": "SELECT, INSERT", "oneclick_worker": "SELECT, INSERT"},
}


def upgrade() -> None:
    _people()
    _requests()
    _results()
    _work()
    for table in TABLES:
        isolate(f"api.{table}", GRANTS[table])
    op.execute("""
        CREATE FUNCTION api.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$
    """)
    op.execute("""
        CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON api.audit_entries
        FOR EACH STATEMENT EXECUTE FUNCTION api.refuse_change()
    """)


def _people() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("target_kind", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Text(), nullable=False),
        sa.Column("target_label", sa.Text(), nullable=False),
        sa.Column("before", JSONB(), nullable=True),
        sa.Column("after", JSONB(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
        schema="api",
    )
    op.create_index(
        "ix_audit_entries_tenant_id_at", "audit_entries", ["tenant_id", "at"], unique=False, schema="api"
    )
    op.create_table(
        "employees",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("work_email", sa.Text(), nullable=False),
        sa.Column("work_email_key", sa.Text(), nullable=False),
        sa.Column("personal_email", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("job_title", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("manager_email", sa.Text(), nullable=True),
        sa.Column("start_date", sa.Date(), nullable=True),
        sa.Column("end_date", sa.Date(), nullable=True),
        sa.Column("tags", JSONB(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("status IN ('prospective', 'active', 'left')", name=op.f("ck_employees_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employees")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_employees_tenant_id_id")),
        sa.UniqueConstraint(
            "tenant_id", "work_email_key", name=op.f("uq_employees_tenant_id_work_email_key")
        ),
        schema="api",
    )
    op.create_index(
        "uq_employees_external_id",
        "employees",
        ["tenant_id", "external_id"],
        unique=True,
        schema="api",
        postgresql_where=sa.text("external_id IS NOT NULL"),
    )
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("app", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("adopted", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("grants", JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state IN ('active', 'suspended', 'deleted')", name=op.f("ck_accounts_state")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "employee_id"],
            ["api.employees.tenant_id", "api.employees.id"],
            name=op.f("fk_accounts_tenant_id_employee_id_employees"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint(
            "tenant_id", "employee_id", "app", name=op.f("uq_accounts_tenant_id_employee_id_app")
        ),
        schema="api",
    )
    op.create_index(
        "uq_accounts_remote_id",
        "accounts",
        ["tenant_id", "app", "remote_id"],
        unique=True,
        schema="api",
        postgresql_where=sa.text("state <> 'deleted'"),
    )
    op.create_table(
        "tenant_settings",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("allowed_domains", JSONB(), nullable=False),
        sa.Column("unmanaged", sa.Text(), nullable=False),
        sa.Column("plan_lifetime_seconds", sa.Integer(), nullable=False),
        sa.CheckConstraint("unmanaged IN ('keep', 'remove')", name=op.f("ck_tenant_settings_unmanaged")),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_tenant_settings")),
        schema="api",
    )
    op.create_table(
        "option_lists",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("app", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("items", JSONB(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_option_lists")),
        sa.UniqueConstraint(
            "tenant_id", "app", "name", "query", name=op.f("uq_option_lists_tenant_id_app_name_query")
        ),
        schema="api",
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", JSONB(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "actor", "key", name=op.f("pk_idempotency_keys")),
        schema="api",
    )


def _requests() -> None:
    op.create_table(
        "requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("person", JSONB(), nullable=False),
        sa.Column("existing", sa.Boolean(), nullable=False),
        sa.Column("existing_account", sa.Text(), nullable=False),
        sa.Column("presence", sa.Text(), nullable=False),
        sa.Column("tags", JSONB(), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "employee_id"],
            ["api.employees.tenant_id", "api.employees.id"],
            name=op.f("fk_requests_tenant_id_employee_id_employees"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_requests_tenant_id_id")),
        schema="api",
    )
    op.create_index(
        "ix_requests_tenant_id_created_at",
        "requests",
        ["tenant_id", "created_at"],
        unique=False,
        schema="api",
    )
    op.create_index(
        "ix_requests_tenant_id_employee_id",
        "requests",
        ["tenant_id", "employee_id"],
        unique=False,
        schema="api",
    )
    op.create_table(
        "plans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "request_id"],
            ["api.requests.tenant_id", "api.requests.id"],
            name=op.f("fk_plans_tenant_id_request_id_requests"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_plans_tenant_id_id")),
        schema="api",
    )
    op.create_index(
        "ix_plans_tenant_id_request_id",
        "plans",
        ["tenant_id", "request_id", "created_at"],
        unique=False,
        schema="api",
    )
    op.create_table(
        "app_plans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("result_id", sa.Uuid(), nullable=False),
        sa.Column("app", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("document", JSONB(), nullable=True),
        sa.Column("selected", JSONB(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=True),
        sa.Column("error", JSONB(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "plan_id"],
            ["api.plans.tenant_id", "api.plans.id"],
            name=op.f("fk_app_plans_tenant_id_plan_id_plans"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_plans")),
        sa.UniqueConstraint("tenant_id", "plan_id", "app", name=op.f("uq_app_plans_tenant_id_plan_id_app")),
        schema="api",
    )


def _results() -> None:
    op.create_table(
        "results",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("app", sa.Text(), nullable=False),
        sa.Column("vendor", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("fields", JSONB(), nullable=False),
        sa.Column("decisions", JSONB(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiting_reason", sa.Text(), nullable=True),
        sa.Column("error", JSONB(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "request_id"],
            ["api.requests.tenant_id", "api.requests.id"],
            name=op.f("fk_results_tenant_id_request_id_requests"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_results")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_results_tenant_id_id")),
        sa.UniqueConstraint(
            "tenant_id", "request_id", "app", name=op.f("uq_results_tenant_id_request_id_app")
        ),
        schema="api",
    )
    op.create_table(
        "actions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("result_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("before", JSONB(), nullable=True),
        sa.Column("after", JSONB(), nullable=True),
        sa.Column("reversible", sa.Boolean(), nullable=False),
        sa.Column("depends_on", JSONB(), nullable=False),
        sa.Column("params", JSONB(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=True),
        sa.Column("fence", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("settles", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("has_password", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("error", JSONB(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "result_id"],
            ["api.results.tenant_id", "api.results.id"],
            name=op.f("fk_actions_tenant_id_result_id_results"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actions")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_actions_tenant_id_id")),
        sa.UniqueConstraint(
            "tenant_id", "result_id", "round", "key", name=op.f("uq_actions_tenant_id_result_id_round_key")
        ),
        schema="api",
    )
    op.create_index(
        "ix_actions_tenant_id_request_id", "actions", ["tenant_id", "request_id"], unique=False, schema="api"
    )
    op.create_table(
        "provider_calls",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("result_id", sa.Uuid(), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("ms", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("request_body", JSONB(), nullable=True),
        sa.Column("response_body", JSONB(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_calls")),
        schema="api",
    )
    op.create_index(
        "ix_provider_calls_tenant_id_action_id",
        "provider_calls",
        ["tenant_id", "action_id"],
        unique=False,
        schema="api",
    )
    op.create_index(
        "ix_provider_calls_tenant_id_result_id",
        "provider_calls",
        ["tenant_id", "result_id"],
        unique=False,
        schema="api",
    )


def _work() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), server_default="queued", nullable=False),
        sa.Column("priority", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("lane", sa.Text(), nullable=True),
        sa.Column("run_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("crash_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("locked_by", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.Column("last_error", JSONB(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('queued', 'running', 'done', 'dead')", name=op.f("ck_jobs_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        schema="api",
    )
    op.create_index(
        "ix_jobs_claimable",
        "jobs",
        ["tenant_id", sa.text("priority DESC"), "run_at"],
        unique=False,
        schema="api",
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "ix_jobs_running",
        "jobs",
        ["lease_until"],
        unique=False,
        schema="api",
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_index(
        "uq_jobs_live",
        "jobs",
        ["tenant_id", "subject_id", "kind"],
        unique=True,
        schema="api",
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )
    op.create_index(
        "ix_jobs_finished",
        "jobs",
        ["finished_at"],
        unique=False,
        schema="api",
        postgresql_where=sa.text("state IN ('done', 'dead')"),
    )
    op.create_table(
        "cooldowns",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "lane", name=op.f("pk_cooldowns")),
        schema="api",
    )
    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("tx", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("data", JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        schema="api",
    )
    op.create_index(
        "ix_events_tenant_id_subject_id_tx_id",
        "events",
        ["tenant_id", "subject_id", "tx", "id"],
        unique=False,
        schema="api",
    )
    op.create_index("ix_events_tx_id", "events", ["tx", "id"], unique=False, schema="api")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE api.{table} CASCADE")
    op.execute("DROP FUNCTION api.refuse_change()")
