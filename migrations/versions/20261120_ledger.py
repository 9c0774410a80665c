"""The job ledger's narrow functions.

Why: claiming, heartbeats and sweeping look across tenants, and no service role may. These functions
run as `oneclick_ledger` (no login), which has policies on just the tables they touch, and give back
ids and scheduling facts, never a tenant's data. Everything else happens inside a tenant.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LEDGER_MAY = {
    "jobs": "SELECT, UPDATE, DELETE",
    "cooldowns": "SELECT, DELETE",
    "plans": "SELECT, UPDATE",
    "idempotency_keys": "SELECT, DELETE",
    "option_lists": "SELECT, DELETE",
    "events": "SELECT, DELETE",
}

CLAIM = """
CREATE FUNCTION api.claim_jobs(p_worker text, p_kinds text[], p_slots int, p_lease interval)
RETURNS TABLE (id uuid, tenant_id uuid, kind text, subject_id uuid, attempt int, crash_count int,
               fence bigint, correlation_id text, run_at timestamptz, claimed_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, api AS $$
#variable_conflict use_column
BEGIN
  -- A worker that stopped its heartbeat lost its jobs: they are claimable at once.
  UPDATE api.jobs SET state = 'queued', crash_count = crash_count + 1, locked_by = NULL, lease_until = NULL
   WHERE jobs.id IN (SELECT lost.id FROM api.jobs lost
                      WHERE lost.state = 'running' AND lost.lease_until < now()
                      FOR UPDATE SKIP LOCKED);
  RETURN QUERY
  WITH RECURSIVE waiting AS (  -- one row per tenant that has queued work, by hopping through the index
    (SELECT j.tenant_id FROM api.jobs j WHERE j.state = 'queued' ORDER BY j.tenant_id LIMIT 1)
    UNION ALL
    SELECT (SELECT j.tenant_id FROM api.jobs j
             WHERE j.state = 'queued' AND j.tenant_id > w.tenant_id ORDER BY j.tenant_id LIMIT 1)
      FROM waiting w WHERE w.tenant_id IS NOT NULL
  ),
  busy AS (
    SELECT r.tenant_id, count(*) AS running FROM api.jobs r WHERE r.state = 'running' GROUP BY r.tenant_id
  ),
  candidates AS (
    SELECT c.id, c.run_at,
           row_number() OVER (PARTITION BY w.tenant_id ORDER BY c.priority DESC, c.run_at)
             + coalesce(b.running, 0) AS turn
      FROM waiting w
      LEFT JOIN busy b ON b.tenant_id = w.tenant_id
      CROSS JOIN LATERAL (
        SELECT j.id, j.priority, j.run_at FROM api.jobs j
         WHERE j.tenant_id = w.tenant_id AND j.state = 'queued' AND j.run_at <= now()
           AND j.kind = ANY(p_kinds)
           AND NOT EXISTS (SELECT FROM api.cooldowns d
                            WHERE d.tenant_id = j.tenant_id AND d.lane = j.lane AND d.until > now())
         ORDER BY j.priority DESC, j.run_at LIMIT p_slots FOR UPDATE OF j SKIP LOCKED
      ) c
     WHERE w.tenant_id IS NOT NULL
  ),
  chosen AS (SELECT k.id FROM candidates k ORDER BY k.turn, k.run_at LIMIT p_slots)
  UPDATE api.jobs AS j
     SET state = 'running', attempt = j.attempt + 1, fence = j.fence + 1, locked_by = p_worker,
         lease_until = now() + p_lease
    FROM chosen WHERE j.id = chosen.id
  RETURNING j.id, j.tenant_id, j.kind, j.subject_id, j.attempt, j.crash_count, j.fence, j.correlation_id,
            j.run_at, now();
END $$
"""

EXTEND = """
CREATE FUNCTION api.extend_leases(p_worker text, p_ids uuid[], p_fences bigint[], p_lease interval)
RETURNS SETOF uuid
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, api AS $$
  UPDATE api.jobs AS j SET lease_until = now() + p_lease
    FROM unnest(p_ids, p_fences) AS held(id, fence)
   WHERE j.id = held.id AND j.fence = held.fence AND j.state = 'running' AND j.locked_by = p_worker
  RETURNING j.id
$$
"""

HAND_BACK = """
CREATE FUNCTION api.hand_back_jobs(p_worker text, p_ids uuid[], p_fences bigint[])
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, api AS $$
  UPDATE api.jobs AS j
     SET state = 'queued', attempt = j.attempt - 1, locked_by = NULL, lease_until = NULL
    FROM unnest(p_ids, p_fences) AS held(id, fence)
   WHERE j.id = held.id AND j.fence = held.fence AND j.state = 'running' AND j.locked_by = p_worker
$$
"""

# Not a definer's function: it runs as the worker, under row-level security, in the job's transaction.
ENTER = """
CREATE FUNCTION api.enter_job(p_tenant_id uuid, p_id uuid, p_fence bigint)
RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('app.tenant_id', p_tenant_id::text, true);
  PERFORM FROM api.jobs WHERE id = p_id AND fence = p_fence AND state = 'running' FOR UPDATE;
  RETURN FOUND;
END $$
"""

# One round trip instead of four, because it stands before every write at a vendor.
MARK_SENT = """
CREATE FUNCTION api.mark_action_sent(p_tenant_id uuid, p_job_id uuid, p_fence bigint, p_action_id uuid,
                                     p_has_password boolean)
RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  IF NOT api.enter_job(p_tenant_id, p_job_id, p_fence) THEN RETURN false; END IF;
  UPDATE api.actions
     SET effect = 'sent', sent_at = now(), fence = p_fence, has_password = has_password OR p_has_password
   WHERE id = p_action_id;
  RETURN FOUND;
END $$
"""

DEPTH = """
CREATE FUNCTION api.job_depth()
RETURNS TABLE (kind text, state text, jobs bigint, oldest_seconds double precision)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, api AS $$
  SELECT j.kind, j.state, count(*),
         coalesce(extract(epoch FROM max(now() - j.run_at) FILTER (WHERE j.run_at <= now())), 0)::float8
    FROM api.jobs j WHERE j.state <> 'done' GROUP BY j.kind, j.state
$$
"""

SWEEP = """
CREATE FUNCTION api.sweep(p_keep interval)
RETURNS TABLE (what text, rows bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, api AS $$
#variable_conflict use_column
DECLARE n bigint;
BEGIN
  UPDATE api.plans SET state = 'expired'
   WHERE state IN ('ready', 'needs_decision') AND expires_at < now();
  GET DIAGNOSTICS n = ROW_COUNT; what := 'plans_expired'; rows := n; RETURN NEXT;
  DELETE FROM api.idempotency_keys WHERE created_at < now() - interval '24 hours';
  GET DIAGNOSTICS n = ROW_COUNT; what := 'idempotency_keys'; rows := n; RETURN NEXT;
  DELETE FROM api.option_lists WHERE asked_at < now() - interval '1 hour';
  GET DIAGNOSTICS n = ROW_COUNT; what := 'option_lists'; rows := n; RETURN NEXT;
  DELETE FROM api.cooldowns WHERE until < now();
  GET DIAGNOSTICS n = ROW_COUNT; what := 'cooldowns'; rows := n; RETURN NEXT;
  DELETE FROM api.jobs WHERE state = 'done' AND finished_at < now() - p_keep;
  GET DIAGNOSTICS n = ROW_COUNT; what := 'jobs'; rows := n; RETURN NEXT;
  DELETE FROM api.events WHERE created_at < now() - p_keep;
  GET DIAGNOSTICS n = ROW_COUNT; what := 'events'; rows := n; RETURN NEXT;
END $$
"""

FUNCTIONS = {
    "claim_jobs(text, text[], int, interval)": (CLAIM, "oneclick_worker"),
    "extend_leases(text, uuid[], bigint[], interval)": (EXTEND, "oneclick_worker"),
    "hand_back_jobs(text, uuid[], bigint[])": (HAND_BACK, "oneclick_worker"),
    "job_depth()": (DEPTH, "oneclick_worker"),
    "sweep(interval)": (SWEEP, "oneclick_api"),
}


def upgrade() -> None:
    for table, privileges in LEDGER_MAY.items():
        op.execute(f"GRANT {privileges} ON api.{table} TO oneclick_ledger")
        op.execute(
            f"CREATE POLICY {table}_ledger ON api.{table} TO oneclick_ledger USING (true) WITH CHECK (true)"
        )
    op.execute("GRANT CREATE ON SCHEMA api TO oneclick_ledger")
    for signature, (definition, caller) in FUNCTIONS.items():
        op.execute(definition)
        op.execute(f"REVOKE ALL ON FUNCTION api.{signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION api.{signature} TO {caller}")
        op.execute(f"ALTER FUNCTION api.{signature} OWNER TO oneclick_ledger")
    op.execute("REVOKE CREATE ON SCHEMA api FROM oneclick_ledger")
    op.execute(ENTER)
    op.execute(MARK_SENT)


def downgrade() -> None:
    op.execute("DROP FUNCTION api.mark_action_sent(uuid, uuid, bigint, uuid, boolean)")
    op.execute("DROP FUNCTION api.enter_job(uuid, uuid, bigint)")
    op.execute("SET LOCAL ROLE oneclick_ledger")
    for signature in FUNCTIONS:
        op.execute(f"DROP FUNCTION api.{signature}")
    op.execute("RESET ROLE")
    for table in LEDGER_MAY:
        op.execute(f"DROP POLICY {table}_ledger ON api.{table}")
        op.execute(f"REVOKE ALL ON api.{table} FROM oneclick_ledger")
