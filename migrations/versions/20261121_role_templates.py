"""Role templates, and which apps a tenant has switched on.

Why: people who hire for the same role again and again fill in the same apps and fields. A template holds them;
each change makes a version that nobody can change (the api's role may not), and a request names the version that it
used. Three templates come with the code and become rows when a tenant first changes or uses its copy, so nothing is
seeded here. `tenant_settings.app_switches` holds what a tenant has decided against an app's own default.
`plans.read_at` says when the vendors' free seats were read, and the two indexes let a plan be set against what other
requests of the tenant were promised without reading all of its history.

The indexes are built first and on their own, since the tables are live; what an interrupted build left is dropped.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.isolation import isolate

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_plans_open": "api.plans (tenant_id, expires_at) WHERE state IN ('ready', 'needs_decision', 'applying')",
    "ix_results_begun": "api.results (tenant_id, finished_at) WHERE round > 0",
}


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for name, what in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS api.{name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {what}")
    _templates()
    op.add_column(
        "tenant_settings",
        sa.Column("app_switches", JSONB(), server_default=sa.text("'{}'"), nullable=False),
        schema="api",
    )
    op.add_column("plans", sa.Column("read_at", sa.DateTime(timezone=True), nullable=True), schema="api")
    op.add_column("requests", sa.Column("role_template_id", sa.Uuid(), nullable=True), schema="api")
    op.add_column("requests", sa.Column("role_template_version", sa.Integer(), nullable=True), schema="api")
    # Not validated: every row that is there has NULL, which the constraint does not look at.
    op.create_foreign_key(
        "fk_requests_role_template",
        "requests",
        "role_template_versions",
        ["tenant_id", "role_template_id", "role_template_version"],
        ["tenant_id", "template_id", "version"],
        source_schema="api",
        referent_schema="api",
        postgresql_not_valid=True,
    )


def _templates() -> None:
    op.create_table(
        "role_templates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_templates")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_role_templates_tenant_id_id")),
        schema="api",
    )
    for column in ("key", "name_key"):
        op.create_index(
            f"uq_role_templates_{column}",
            "role_templates",
            ["tenant_id", column],
            unique=True,
            schema="api",
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
    op.create_table(
        "role_template_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("template_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("apps", JSONB(), nullable=False),
        sa.Column("tags", JSONB(), nullable=False),
        sa.Column("conditions", JSONB(), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "template_id"],
            ["api.role_templates.tenant_id", "api.role_templates.id"],
            name=op.f("fk_role_template_versions_tenant_id_template_id_role_templates"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_template_versions")),
        sa.UniqueConstraint(
            "tenant_id",
            "template_id",
            "version",
            name=op.f("uq_role_template_versions_tenant_id_template_id_version"),
        ),
        schema="api",
    )
    isolate("api.role_templates", {"oneclick_api": "SELECT, INSERT, UPDATE"})
    # No UPDATE for anybody: a version stays what it was.
    isolate("api.role_template_versions", {"oneclick_api": "SELECT, INSERT"})


def downgrade() -> None:
    op.drop_constraint("fk_requests_role_template", "requests", schema="api", type_="foreignkey")
    op.drop_column("requests", "role_template_version", schema="api")
    op.drop_column("requests", "role_template_id", schema="api")
    op.drop_column("plans", "read_at", schema="api")
    op.drop_column("tenant_settings", "app_switches", schema="api")
    op.drop_table("role_template_versions", schema="api")
    op.drop_table("role_templates", schema="api")
    for name in INDEXES:
        op.drop_index(name, schema="api")
