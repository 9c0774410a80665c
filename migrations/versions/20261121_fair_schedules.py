"""Tenants take turns when schedules are due; schedules are found by their tags.

Why: `due_schedules` took what is due by priority over all tenants, so that one tenant with thousands due at one second,
or with claims that cannot be stored, kept the schedules of the others waiting. Now each tenant's first comes first.
Lists by tag looked at every schedule of a tenant.

Revision ID: 0017
Revises: 0016
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

FAIR = """
CREATE OR REPLACE FUNCTION api.due_schedules(p_most int)
RETURNS TABLE (tenant_id uuid, schedule_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, api AS $$
  SELECT d.tenant_id, d.id
    FROM (SELECT s.tenant_id, s.id, s.priority, s.next_fire_at,
                 row_number() OVER (PARTITION BY s.tenant_id ORDER BY s.priority DESC, s.next_fire_at, s.id) AS turn
            FROM api.schedules s WHERE s.next_fire_at <= now()) d
   ORDER BY d.turn, d.priority DESC, d.next_fire_at, d.id LIMIT p_most
$$
"""
BEFORE = """
CREATE OR REPLACE FUNCTION api.due_schedules(p_most int)
RETURNS TABLE (tenant_id uuid, schedule_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, api AS $$
  SELECT s.tenant_id, s.id FROM api.schedules s
   WHERE s.next_fire_at <= now() ORDER BY s.priority DESC, s.next_fire_at, s.id LIMIT p_most
$$
"""


def upgrade() -> None:
    _as_ledger(FAIR)
    op.create_index(
        "ix_schedules_tag_slugs", "schedules", ["tag_slugs"], schema="api", postgresql_using="gin"
    )


def downgrade() -> None:
    op.drop_index("ix_schedules_tag_slugs", "schedules", schema="api")
    _as_ledger(BEFORE)


def _as_ledger(definition: str) -> None:
    """Make a function that belongs to the role which may look across tenants."""
    op.execute("GRANT CREATE ON SCHEMA api TO oneclick_ledger")
    op.execute("SET LOCAL ROLE oneclick_ledger")
    op.execute(definition)
    op.execute("RESET ROLE")
    op.execute("REVOKE CREATE ON SCHEMA api FROM oneclick_ledger")
