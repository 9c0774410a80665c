"""Notifications behind what people wait for.

Why: notifications share a tenant's lane at Microsoft with its requests. Ten thousand mails at once must not make somebody
who joins wait for minutes, so what `take_notifications` promises comes behind requests and plans. Nothing else changes.

Revision ID: 0018
Revises: 0017
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TAKE = """
CREATE OR REPLACE FUNCTION api.take_notifications(p_items jsonb)
RETURNS TABLE (id uuid, job_id uuid)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, api AS $$
  WITH known AS (
    SELECT g.* FROM jsonb_to_recordset(p_items) AS g(
             id uuid, job_id uuid, tenant_id uuid, subscription_id uuid, hash text, kind text, change_type text,
             resource text, change_key text, dedupe text, coalesces boolean, encrypted jsonb, correlation_id text)
      JOIN api.webhook_subscriptions s
        ON s.tenant_id = g.tenant_id AND s.id = g.subscription_id
       AND s.wanted AND s.client_state_hash = decode(g.hash, 'hex')
  ), stored AS (
    INSERT INTO api.webhook_events (id, tenant_id, subscription_id, kind, change_type, resource, change_key, dedupe,
                                    coalesces, encrypted, correlation_id)
    SELECT k.id, k.tenant_id, k.subscription_id, k.kind, k.change_type, k.resource, k.change_key,
           decode(k.dedupe, 'hex'), k.coalesces, k.encrypted, k.correlation_id
      FROM known k ORDER BY k.tenant_id, k.subscription_id, k.dedupe  -- so that two at once never wait for each other
    ON CONFLICT (tenant_id, subscription_id, dedupe) DO NOTHING
    RETURNING webhook_events.id
  ), promised AS (
    INSERT INTO api.jobs (id, tenant_id, kind, subject_id, lane, priority, correlation_id)
    SELECT k.job_id, k.tenant_id, 'notification.process', k.id, 'microsoft', -1, k.correlation_id
      FROM known k JOIN stored USING (id)
    RETURNING jobs.subject_id, jobs.id
  )
  SELECT p.subject_id, p.id FROM promised p
$$
"""
TAKE_BEFORE = """
CREATE OR REPLACE FUNCTION api.take_notifications(p_items jsonb)
RETURNS TABLE (id uuid, job_id uuid)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, api AS $$
  WITH known AS (
    SELECT g.* FROM jsonb_to_recordset(p_items) AS g(
             id uuid, job_id uuid, tenant_id uuid, subscription_id uuid, hash text, kind text, change_type text,
             resource text, change_key text, dedupe text, coalesces boolean, encrypted jsonb, correlation_id text)
      JOIN api.webhook_subscriptions s
        ON s.tenant_id = g.tenant_id AND s.id = g.subscription_id
       AND s.wanted AND s.client_state_hash = decode(g.hash, 'hex')
  ), stored AS (
    INSERT INTO api.webhook_events (id, tenant_id, subscription_id, kind, change_type, resource, change_key, dedupe,
                                    coalesces, encrypted, correlation_id)
    SELECT k.id, k.tenant_id, k.subscription_id, k.kind, k.change_type, k.resource, k.change_key,
           decode(k.dedupe, 'hex'), k.coalesces, k.encrypted, k.correlation_id
      FROM known k ORDER BY k.tenant_id, k.subscription_id, k.dedupe  -- so that two at once never wait for each other
    ON CONFLICT (tenant_id, subscription_id, dedupe) DO NOTHING
    RETURNING webhook_events.id
  ), promised AS (
    INSERT INTO api.jobs (id, tenant_id, kind, subject_id, lane, correlation_id)
    SELECT k.job_id, k.tenant_id, 'notification.process', k.id, 'microsoft', k.correlation_id
      FROM known k JOIN stored USING (id)
    RETURNING jobs.subject_id, jobs.id
  )
  SELECT p.subject_id, p.id FROM promised p
$$
"""


def upgrade() -> None:
    _as_ledger(TAKE)


def downgrade() -> None:
    _as_ledger(TAKE_BEFORE)


def _as_ledger(definition: str) -> None:
    """Replace the function of the role that may look across tenants."""
    op.execute("GRANT CREATE ON SCHEMA api TO oneclick_ledger")
    op.execute("SET LOCAL ROLE oneclick_ledger")
    op.execute(definition)
    op.execute("RESET ROLE")
    op.execute("REVOKE CREATE ON SCHEMA api FROM oneclick_ledger")
