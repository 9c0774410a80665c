"""Microsoft's change notifications: subscriptions, what arrived, messages, gaps.

Why: a mail in a connected mailbox is in OneClick within seconds, once, and whatever was missed is known and closed.
The receiver signs nobody in, so the tenant comes from the subscription: `find_subscriptions` tells whose a vendor's
subscription is, to whoever names it, with the hash that its client state must have; `take_notifications` stores what
was accepted and promises the work in one statement, and looks itself whether the hash is the subscription's.
`due_subscriptions` and `watched_subscriptions` are for the hourly sweep, `sweep_notifications` for retention.
`auth.notification_keys` holds the key pairs that rich notifications are sealed for: the private half in the vault.

Revision ID: 0015
Revises: 0013
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.isolation import isolate

revision = "0015"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES = ("webhook_gaps", "messages", "webhook_events", "webhook_subscriptions")

FIND = """
CREATE FUNCTION api.find_subscriptions(p_remote_ids text[], p_hashes bytea[])
RETURNS TABLE (tenant_id uuid, id uuid, remote_id text, client_state_hash bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, api AS $$
  SELECT s.tenant_id, s.id, s.remote_id, s.client_state_hash FROM api.webhook_subscriptions s
   WHERE s.remote_id = ANY(p_remote_ids) AND s.wanted AND s.client_state_hash IS NOT NULL
  UNION ALL  -- it is being made now: the vendor tells us of changes before it tells us the id
  SELECT s.tenant_id, s.id, NULL, s.client_state_hash FROM api.webhook_subscriptions s
   WHERE s.remote_id IS NULL AND s.wanted AND s.client_state_hash = ANY(p_hashes)
$$
"""
TAKE = """
CREATE FUNCTION api.take_notifications(p_items jsonb)
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
DUE = """
CREATE FUNCTION api.due_subscriptions(p_within interval, p_most int)
RETURNS TABLE (tenant_id uuid, subscription_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, api AS $$
  SELECT s.tenant_id, s.id FROM api.webhook_subscriptions s
   WHERE (s.wanted AND (s.remote_id IS NULL OR s.problem IS NOT NULL OR s.expires_at < now() + p_within
                        OR s.renew_at <= now()))
      OR (NOT s.wanted AND s.state <> 'deleted')
   ORDER BY s.expires_at NULLS FIRST LIMIT p_most
$$
"""
WATCHED = """
CREATE FUNCTION api.watched_subscriptions(p_reconcile interval)
RETURNS TABLE (tenant_id uuid, subscription_id uuid, reconcile boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, api AS $$
  SELECT s.tenant_id, s.id,
         s.remote_id IS NOT NULL AND coalesce(s.last_resync_at, s.created_at) < now() - p_reconcile
    FROM api.webhook_subscriptions s WHERE s.wanted
$$
"""
SWEEP = """
CREATE FUNCTION api.sweep_notifications(p_keep interval)
RETURNS TABLE (what text, rows bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, api AS $$
DECLARE n bigint;
BEGIN
  DELETE FROM api.webhook_events e WHERE e.received_at < now() - p_keep AND e.state IN ('done', 'dead');
  GET DIAGNOSTICS n = ROW_COUNT; what := 'webhook_events'; rows := n; RETURN NEXT;
  DELETE FROM api.messages m WHERE m.stored_at < now() - p_keep;
  GET DIAGNOSTICS n = ROW_COUNT; what := 'messages'; rows := n; RETURN NEXT;
  DELETE FROM api.webhook_gaps g WHERE g.closed_at < now() - p_keep;
  GET DIAGNOSTICS n = ROW_COUNT; what := 'webhook_gaps'; rows := n; RETURN NEXT;
  DELETE FROM api.webhook_subscriptions s
   WHERE s.state = 'deleted' AND s.deleted_at < now() - p_keep
     AND NOT EXISTS (SELECT FROM api.webhook_events e WHERE e.tenant_id = s.tenant_id AND e.subscription_id = s.id)
     AND NOT EXISTS (SELECT FROM api.messages m WHERE m.tenant_id = s.tenant_id AND m.subscription_id = s.id)
     AND NOT EXISTS (SELECT FROM api.webhook_gaps g WHERE g.tenant_id = s.tenant_id AND g.subscription_id = s.id);
  GET DIAGNOSTICS n = ROW_COUNT; what := 'webhook_subscriptions'; rows := n; RETURN NEXT;
END $$
"""
FUNCTIONS = {
    "find_subscriptions(text[], bytea[])": FIND,
    "take_notifications(jsonb)": TAKE,
    "due_subscriptions(interval, int)": DUE,
    "watched_subscriptions(interval)": WATCHED,
    "sweep_notifications(interval)": SWEEP,
}
LEDGER_MAY = {
    "webhook_subscriptions": "SELECT, DELETE",
    "webhook_events": "SELECT, INSERT, DELETE",
    "messages": "SELECT, DELETE",
    "webhook_gaps": "SELECT, DELETE",
}


def _at(name: str, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=more.pop("nullable", True), **more)


def _now(name: str) -> sa.Column[Any]:
    return _at(name, nullable=False, server_default=sa.text("now()"))


def _text(name: str, *, nullable: bool = False, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=nullable, **more)


def _zero(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), server_default="0", nullable=False)


def _of_a_subscription(table: str) -> tuple[Any, ...]:
    return (
        sa.ForeignKeyConstraint(
            ["tenant_id", "subscription_id"],
            ["api.webhook_subscriptions.tenant_id", "api.webhook_subscriptions.id"],
            name=f"fk_{table}_subscription",
        ),
        *_keys(table),
    )


def _keys(table: str) -> tuple[Any, ...]:
    return (
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f(f"uq_{table}_tenant_id_id")),
    )


def upgrade() -> None:
    _subscriptions()
    _events()
    _messages()
    _gaps()
    _keys_of_connections()
    both = "SELECT, INSERT, UPDATE"
    isolate("api.webhook_subscriptions", {"oneclick_api": both, "oneclick_worker": "SELECT, UPDATE"})
    isolate("api.webhook_events", {"oneclick_api": "SELECT, UPDATE", "oneclick_worker": "SELECT, UPDATE"})
    isolate("api.messages", {"oneclick_api": "SELECT", "oneclick_worker": both})
    isolate("api.webhook_gaps", {"oneclick_api": "SELECT, INSERT, UPDATE", "oneclick_worker": both})
    for table, privileges in LEDGER_MAY.items():
        op.execute(f"GRANT {privileges} ON api.{table} TO oneclick_ledger")
        op.execute(
            f"CREATE POLICY {table}_ledger ON api.{table} TO oneclick_ledger USING (true) WITH CHECK (true)"
        )
    op.execute("GRANT INSERT ON api.jobs TO oneclick_ledger")
    _as_ledger(
        *FUNCTIONS.values(),
        *(f"REVOKE ALL ON FUNCTION api.{name} FROM PUBLIC" for name in FUNCTIONS),
        *(f"GRANT EXECUTE ON FUNCTION api.{name} TO oneclick_api" for name in FUNCTIONS),
    )


def _subscriptions() -> None:
    op.create_table(
        "webhook_subscriptions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        _text("resource"),
        _text("resource_kind"),
        _text("change_types"),
        sa.Column("rich", sa.Boolean(), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        _text("state"),
        _text("asked", nullable=True),
        _text("remote_id", nullable=True),
        sa.Column("client_state_hash", sa.LargeBinary(), nullable=True),
        _at("sent_at"),
        sa.Column("life_minutes", sa.Integer(), nullable=False),
        _at("granted_at"),
        _at("expires_at"),
        _at("renew_at"),
        _zero("failures"),
        sa.Column("problem", JSONB(), nullable=True),
        sa.Column("cursors", JSONB(), nullable=False),
        _at("last_event_at"),
        _at("last_resync_at"),
        _text("created_by"),
        _now("created_at"),
        _now("updated_at"),
        _at("deleted_at"),
        *_keys("webhook_subscriptions"),
        schema="api",
    )
    op.create_index(
        "ix_webhook_subscriptions_remote_id", "webhook_subscriptions", ["remote_id"], schema="api"
    )
    op.create_index(
        "uq_webhook_subscriptions_wanted",
        "webhook_subscriptions",
        ["tenant_id", sa.text("lower(resource)"), "change_types"],
        unique=True,
        schema="api",
        postgresql_where=sa.text("wanted"),
    )


def _events() -> None:
    op.create_table(
        "webhook_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        _text("kind"),
        _text("change_type"),
        _text("resource"),
        _text("change_key", nullable=True),
        sa.Column("dedupe", sa.LargeBinary(), nullable=False),
        sa.Column("coalesces", sa.Boolean(), nullable=False),
        sa.Column("encrypted", JSONB(), nullable=True),
        _text("state", server_default="queued"),
        _zero("tries"),
        _zero("replays"),
        sa.Column("error", JSONB(), nullable=True),
        sa.Column("outcome", JSONB(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        _text("correlation_id"),
        _now("received_at"),
        _at("processed_at"),
        sa.CheckConstraint(
            "state IN ('queued', 'retrying', 'done', 'dead')", name=op.f("ck_webhook_events_state")
        ),
        sa.UniqueConstraint(
            "tenant_id",
            "subscription_id",
            "dedupe",
            name=op.f("uq_webhook_events_tenant_id_subscription_id_dedupe"),
        ),
        *_of_a_subscription("webhook_events"),
        schema="api",
    )
    op.create_index(
        "ix_webhook_events_open",
        "webhook_events",
        ["tenant_id", "state"],
        schema="api",
        postgresql_where=sa.text("state <> 'done'"),
    )
    op.create_index(
        "ix_webhook_events_received_at",
        "webhook_events",
        ["received_at"],
        schema="api",
        postgresql_using="brin",
    )


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        _text("remote_id"),
        _text("internet_message_id", nullable=True),
        _text("conversation_id", nullable=True),
        sa.Column("sender", JSONB(), nullable=True),
        sa.Column("recipients", JSONB(), nullable=False),
        _text("subject", nullable=True),
        _text("body_preview", nullable=True),
        sa.Column("has_attachments", sa.Boolean(), nullable=False),
        sa.Column("is_read", sa.Boolean(), nullable=True),
        _at("sent_at"),
        _at("received_at"),
        _text("change_key", nullable=True),
        _at("seen_at", nullable=False),
        _at("deleted_at"),
        _now("stored_at"),
        sa.UniqueConstraint("tenant_id", "remote_id", name=op.f("uq_messages_tenant_id_remote_id")),
        *_of_a_subscription("messages"),
        schema="api",
    )
    op.create_index(
        "ix_messages_tenant_id_received_at", "messages", ["tenant_id", "received_at"], schema="api"
    )
    op.create_index("ix_messages_stored_at", "messages", ["stored_at"], schema="api", postgresql_using="brin")


def _gaps() -> None:
    op.create_table(
        "webhook_gaps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        _text("reason"),
        _at("from_at", nullable=False),
        _at("to_at"),
        _at("closed_at"),
        _text("closed_by", nullable=True),
        _zero("found"),
        *_of_a_subscription("webhook_gaps"),
        schema="api",
    )
    op.create_index(
        "ix_webhook_gaps_open",
        "webhook_gaps",
        ["tenant_id", "subscription_id"],
        schema="api",
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def _keys_of_connections() -> None:
    op.create_table(
        "notification_keys",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        _text("certificate_id"),
        _text("certificate"),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        _text("kek_id"),
        _now("created_at"),
        _at("expires_at", nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "connection_id"],
            ["auth.connections.tenant_id", "auth.connections.id"],
            name=op.f("fk_notification_keys_tenant_id_connection_id_connections"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "connection_id", "certificate_id", name=op.f("pk_notification_keys")
        ),
        schema="auth",
    )
    isolate("auth.notification_keys", {"oneclick_auth": "SELECT, INSERT, UPDATE, DELETE"})


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
    op.execute("REVOKE INSERT ON api.jobs FROM oneclick_ledger")
    op.drop_table("notification_keys", schema="auth")
    for table in TABLES:
        op.drop_table(table, schema="api")
