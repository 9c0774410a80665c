"""Live pages hear of notifications when they arrive, and not only when the worker has looked.

Why: `take_notifications` stores what came and promises the work; now it also tells, in the same statement, how many
there are: one event for each tenant of a batch, however many came. Code that does not name a feed is not told of.

Revision ID: 0019
Revises: 0018
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TAKE = """
CREATE OR REPLACE FUNCTION api.take_notifications(p_items jsonb)
RETURNS TABLE (id uuid, job_id uuid)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, api AS $$
  WITH known AS (
    SELECT g.* FROM jsonb_to_recordset(p_items) AS g(
             id uuid, job_id uuid, tenant_id uuid, feed_id uuid, subscription_id uuid, hash text, kind text, change_type text,
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
  ), told AS (
    INSERT INTO api.events (tenant_id, subject_id, type, data)
    SELECT k.tenant_id, k.feed_id, 'notification.arrived', jsonb_build_object('count', count(*))
      FROM known k JOIN stored USING (id) WHERE k.feed_id IS NOT NULL GROUP BY k.tenant_id, k.feed_id
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
    INSERT INTO api.jobs (id, tenant_id, kind, subject_id, lane, priority, correlation_id)
    SELECT k.job_id, k.tenant_id, 'notification.process', k.id, 'microsoft', -1, k.correlation_id
      FROM known k JOIN stored USING (id)
    RETURNING jobs.subject_id, jobs.id
  )
  SELECT p.subject_id, p.id FROM promised p
$$
"""


def upgrade() -> None:
    op.execute("GRANT INSERT ON api.events TO oneclick_ledger")
    _as_ledger(TAKE)


def downgrade() -> None:
    _as_ledger(TAKE_BEFORE)
    op.execute("REVOKE INSERT ON api.events FROM oneclick_ledger")


def _as_ledger(definition: str) -> None:
    """Replace the function of the role that may look across tenants."""
    op.execute("GRANT CREATE ON SCHEMA api TO oneclick_ledger")
    op.execute("SET LOCAL ROLE oneclick_ledger")
    op.execute(definition)
    op.execute("RESET ROLE")
    op.execute("REVOKE CREATE ON SCHEMA api FROM oneclick_ledger")
