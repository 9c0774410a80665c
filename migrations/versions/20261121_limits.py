"""Vendors' limits held across all workers: gates for when Redis is away, and lanes that are only so wide.

Why: a vendor's rate is kept in Redis, which may vanish at any time; then the same books are kept in
`api.call_gates`, by functions that each are one short statement. And claiming ten thousand jobs of a vendor that
takes three calls a second would only put them off again: a lane (a tenant's jobs at one vendor) is claimed no wider
than its vendor can use, narrower for a while after a job did not get its turn, and not at all while it cools down.
Claims hop from lane to lane instead of from tenant to tenant, so a lane that is closed costs one step and no longer a
rewrite of all its jobs. The index for that is built first and on its own, since the table is live; the new columns
are empty, so adding them rewrites nothing.

Revision ID: 0005
Revises: 0004
"""

import runpy
from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.isolation import isolate

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

CLAIM = """
CREATE FUNCTION api.claim_jobs(p_worker text, p_kinds text[], p_slots int, p_lease interval,
                               p_lanes text[] DEFAULT '{}', p_widths int[] DEFAULT '{}')
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
  WITH RECURSIVE waiting AS (  -- one row per lane that has queued work, by hopping through the index
    (SELECT j.tenant_id, coalesce(j.lane, '') AS lane FROM api.jobs j WHERE j.state = 'queued'
      ORDER BY j.tenant_id, coalesce(j.lane, '') LIMIT 1)
    UNION ALL
    SELECT n.tenant_id, n.lane FROM waiting w CROSS JOIN LATERAL (
      SELECT j.tenant_id, coalesce(j.lane, '') AS lane FROM api.jobs j
       WHERE j.state = 'queued' AND (j.tenant_id, coalesce(j.lane, '')) > (w.tenant_id, w.lane)
       ORDER BY j.tenant_id, coalesce(j.lane, '') LIMIT 1) n
  ),
  busy AS (
    SELECT r.tenant_id, coalesce(r.lane, '') AS lane, count(*) AS running FROM api.jobs r
     WHERE r.state = 'running' GROUP BY r.tenant_id, coalesce(r.lane, '')
  ),
  share AS (SELECT b.tenant_id, sum(b.running) AS running FROM busy b GROUP BY b.tenant_id),
  open AS (  -- lanes that are not cooling down, and how many more of each may run
    SELECT w.tenant_id, w.lane, d.until,
           least(p_slots, least(g.width, CASE WHEN d.narrow_until > now() THEN d.width END) - coalesce(b.running, 0))
             AS room
      FROM waiting w
      LEFT JOIN busy b ON b.tenant_id = w.tenant_id AND b.lane = w.lane
      LEFT JOIN api.cooldowns d ON d.tenant_id = w.tenant_id AND d.lane = w.lane
      LEFT JOIN unnest(p_lanes, p_widths) AS g(lane, width) ON g.lane = w.lane
     WHERE d.until IS NULL OR d.until <= now()
  ),
  candidates AS (
    SELECT c.id, c.run_at, greatest(c.run_at, o.until) AS due_at,
           row_number() OVER (PARTITION BY o.tenant_id ORDER BY c.priority DESC, c.run_at)
             + coalesce(s.running, 0) AS turn
      FROM open o
      LEFT JOIN share s ON s.tenant_id = o.tenant_id
      CROSS JOIN LATERAL (
        SELECT j.id, j.priority, j.run_at FROM api.jobs j
         WHERE j.tenant_id = o.tenant_id AND coalesce(j.lane, '') = o.lane AND j.state = 'queued'
           AND j.run_at <= now() AND j.kind = ANY(p_kinds)
         ORDER BY j.priority DESC, j.run_at LIMIT o.room FOR UPDATE OF j SKIP LOCKED
      ) c
     WHERE o.room > 0
  ),
  chosen AS (SELECT k.id, k.due_at FROM candidates k ORDER BY k.turn, k.run_at LIMIT p_slots)
  UPDATE api.jobs AS j
     SET state = 'running', attempt = j.attempt + 1, fence = j.fence + 1, locked_by = p_worker,
         lease_until = now() + p_lease
    FROM chosen WHERE j.id = chosen.id
  RETURNING j.id, j.tenant_id, j.kind, j.subject_id, j.attempt, j.crash_count, j.fence, j.correlation_id,
            chosen.due_at, now();
END $$
"""

# The gates' functions run as the worker, under row-level security. Each is one statement and its own transaction.
# Times in the documents are seconds of the database's clock. The same rules, in Lua, are in
# services/worker/limits/scripts.py; tests hold the two against each other.
TURN = """
CREATE FUNCTION api.take_turn(p_tenant_id uuid, p_gate text, p_holder text, p_patience float8, p_lease float8,
                              p_grace float8, p_concurrency int, p_object text,
                              p_keys text[], p_spacings float8[], p_slacks float8[])
RETURNS TABLE (outcome text, seconds float8, budget int)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  g api.call_gates;
  at float8; born float8; closed float8; tat float8; wait float8 := 0; turn float8; worst int := 1;
  fill float8; tats float8[] := '{}';
BEGIN
  PERFORM set_config('app.tenant_id', p_tenant_id::text, true);
  INSERT INTO api.call_gates (tenant_id, gate) VALUES (p_tenant_id, p_gate) ON CONFLICT DO NOTHING;
  SELECT * INTO STRICT g FROM api.call_gates WHERE tenant_id = p_tenant_id AND gate = p_gate FOR UPDATE;
  at := extract(epoch FROM clock_timestamp());
  IF g.seen_at IS NULL OR g.seen_at < clock_timestamp() - interval '10 seconds' THEN
    -- Nobody used these books lately: who holds what, and what was spent, is not in them yet.
    g.opened_at := clock_timestamp();
    g.leases := '{}'; g.objects := '{}';
  END IF;
  g.seen_at := clock_timestamp();
  born := extract(epoch FROM g.opened_at);
  closed := coalesce(extract(epoch FROM g.closed_until), 0);
  SELECT coalesce(jsonb_object_agg(key, value), '{}') INTO g.leases
    FROM jsonb_each(g.leases) WHERE value::float8 > at;
  SELECT coalesce(jsonb_object_agg(key, value), '{}') INTO g.objects
    FROM jsonb_each(g.objects) WHERE (value ->> 1)::float8 > at;
  budget := 0;
  IF closed > at THEN
    outcome := 'closed'; seconds := closed - at;
  ELSIF p_object <> '' AND g.objects ? p_object THEN
    outcome := 'busy'; seconds := (g.objects -> p_object ->> 1)::float8 - at;
  ELSIF (SELECT count(*) FROM jsonb_object_keys(g.leases)) >= p_concurrency THEN
    outcome := 'full'; seconds := 0;
  ELSIF born + p_grace > at THEN
    outcome := 'new'; seconds := born + p_grace - at;
  ELSE
    FOR i IN 1 .. cardinality(p_keys) LOOP
      -- As if the bucket had been empty when the vendor let us in again, or the books were opened; but one that
      -- takes longer than a minute to fill was nearly full then.
      fill := p_slacks[i] + p_spacings[i];
      IF fill > 60 THEN fill := least(p_slacks[i], 10); END IF;
      tat := greatest(coalesce((g.turns ->> p_keys[i])::float8, 0), greatest(born, closed) + fill);
      tats := tats || tat;
      IF tat - p_slacks[i] - at > wait THEN wait := tat - p_slacks[i] - at; worst := i; END IF;
    END LOOP;
    seconds := wait; budget := worst;
    IF wait > p_patience THEN
      outcome := 'late';
      turn := greatest(coalesce((g.turns ->> (p_keys[worst] || ' later'))::float8, 0), at + wait) + p_spacings[worst];
      turn := least(turn, at + wait + greatest(30, 20 * p_spacings[worst]));
      g.turns := g.turns || jsonb_build_object(p_keys[worst] || ' later', turn);
      seconds := turn - at;
    ELSE
      outcome := 'go';
      FOR i IN 1 .. cardinality(p_keys) LOOP
        tat := greatest(tats[i], at) + p_spacings[i];
        g.turns := g.turns || jsonb_build_object(p_keys[i], tat);
      END LOOP;
      g.leases := g.leases || jsonb_build_object(p_holder, at + wait + p_lease);
      IF p_object <> '' THEN
        g.objects := g.objects || jsonb_build_object(p_object, jsonb_build_array(p_holder, at + wait + p_lease));
      END IF;
    END IF;
  END IF;
  UPDATE api.call_gates SET opened_at = g.opened_at, seen_at = g.seen_at, turns = g.turns, leases = g.leases,
                            objects = g.objects
   WHERE tenant_id = p_tenant_id AND gate = p_gate;
  RETURN NEXT;
END $$
"""

# Says again who holds what; books that are newly opened learn it so.
HOLD = """
CREATE FUNCTION api.hold_turns(p_tenant_id uuid, p_gate text, p_lease float8, p_holders text[], p_objects text[])
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  until float8 := extract(epoch FROM clock_timestamp()) + p_lease;
  held jsonb; locked jsonb;
BEGIN
  PERFORM set_config('app.tenant_id', p_tenant_id::text, true);
  SELECT coalesce(jsonb_object_agg(h.holder, until), '{}'),
         coalesce(jsonb_object_agg(h.object, jsonb_build_array(h.holder, until)) FILTER (WHERE h.object <> ''), '{}')
    INTO held, locked FROM unnest(p_holders, p_objects) AS h(holder, object);
  INSERT INTO api.call_gates AS g (tenant_id, gate, opened_at, seen_at, leases, objects)
  VALUES (p_tenant_id, p_gate, clock_timestamp(), clock_timestamp(), held, locked)
  ON CONFLICT (tenant_id, gate) DO UPDATE
     SET opened_at = CASE WHEN g.seen_at >= clock_timestamp() - interval '10 seconds' THEN g.opened_at
                          ELSE clock_timestamp() END,
         seen_at = clock_timestamp(), leases = g.leases || held, objects = g.objects || locked;
END $$
"""

LEAVE = """
CREATE FUNCTION api.leave_turn(p_tenant_id uuid, p_gate text, p_holder text, p_object text)
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('app.tenant_id', p_tenant_id::text, true);
  UPDATE api.call_gates
     SET leases = leases - p_holder,
         objects = CASE WHEN objects -> p_object ->> 0 = p_holder THEN objects - p_object ELSE objects END
   WHERE tenant_id = p_tenant_id AND gate = p_gate;
END $$
"""

CLOSE = """
CREATE FUNCTION api.close_gate(p_tenant_id uuid, p_gate text, p_seconds float8)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE until timestamptz := clock_timestamp() + make_interval(secs => p_seconds);
BEGIN
  PERFORM set_config('app.tenant_id', p_tenant_id::text, true);
  INSERT INTO api.call_gates AS g (tenant_id, gate, closed_until) VALUES (p_tenant_id, p_gate, until)
  ON CONFLICT (tenant_id, gate) DO UPDATE SET closed_until = greatest(g.closed_until, until);
END $$
"""

CLOSED = """
CREATE FUNCTION api.gate_closed(p_tenant_id uuid, p_gate text)
RETURNS float8
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('app.tenant_id', p_tenant_id::text, true);
  RETURN (SELECT greatest(extract(epoch FROM closed_until - clock_timestamp()), 0) FROM api.call_gates
           WHERE tenant_id = p_tenant_id AND gate = p_gate);
END $$
"""

GATES = {
    "take_turn(uuid, text, text, float8, float8, float8, int, text, text[], float8[], float8[])": TURN,
    "hold_turns(uuid, text, float8, text[], text[])": HOLD,
    "leave_turn(uuid, text, text, text)": LEAVE,
    "close_gate(uuid, text, float8)": CLOSE,
    "gate_closed(uuid, text)": CLOSED,
}
CLAIM_BEFORE = "claim_jobs(text, text[], int, interval)"
CLAIM_NOW = "claim_jobs(text, text[], int, interval, text[], int[])"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS api.ix_jobs_lanes")
        op.execute(
            "CREATE INDEX CONCURRENTLY ix_jobs_lanes"
            " ON api.jobs (tenant_id, coalesce(lane, ''), priority DESC, run_at) WHERE state = 'queued'"
        )
    op.add_column("cooldowns", sa.Column("width", sa.Integer(), nullable=True), schema="api")
    op.add_column(
        "cooldowns", sa.Column("narrow_until", sa.DateTime(timezone=True), nullable=True), schema="api"
    )
    _gates()
    _replace_claim(CLAIM_BEFORE, CLAIM_NOW, CLAIM)
    op.drop_index("ix_jobs_claimable", "jobs", schema="api")


def downgrade() -> None:
    op.create_index(
        "ix_jobs_claimable",
        "jobs",
        ["tenant_id", sa.text("priority DESC"), "run_at"],
        schema="api",
        postgresql_where=sa.text("state = 'queued'"),
    )
    before = runpy.run_path(str(Path(__file__).with_name("20261120_ledger.py")))
    _replace_claim(CLAIM_NOW, CLAIM_BEFORE, before["CLAIM"])
    for signature in GATES:
        op.execute(f"DROP FUNCTION api.{signature}")
    op.drop_table("call_gates", schema="api")
    op.drop_column("cooldowns", "narrow_until", schema="api")
    op.drop_column("cooldowns", "width", schema="api")
    op.drop_index("ix_jobs_lanes", "jobs", schema="api")


def _gates() -> None:
    empty = sa.text("'{}'::jsonb")
    op.create_table(
        "call_gates",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("gate", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("turns", JSONB(), server_default=empty, nullable=False),
        sa.Column("leases", JSONB(), server_default=empty, nullable=False),
        sa.Column("objects", JSONB(), server_default=empty, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "gate", name=op.f("pk_call_gates")),
        schema="api",
    )
    isolate("api.call_gates", {"oneclick_worker": "SELECT, INSERT, UPDATE"})
    for definition in GATES.values():
        op.execute(definition)


def _replace_claim(old: str, new: str, definition: str) -> None:
    """A worker of the version before calls the new one just the same: what it does not say has a default."""
    op.execute("SET LOCAL ROLE oneclick_ledger")
    op.execute(f"DROP FUNCTION api.{old}")
    op.execute("RESET ROLE")
    op.execute("GRANT CREATE ON SCHEMA api TO oneclick_ledger")
    op.execute(definition)
    op.execute(f"REVOKE ALL ON FUNCTION api.{new} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION api.{new} TO oneclick_worker")
    op.execute(f"ALTER FUNCTION api.{new} OWNER TO oneclick_ledger")
    op.execute("REVOKE CREATE ON SCHEMA api FROM oneclick_ledger")
