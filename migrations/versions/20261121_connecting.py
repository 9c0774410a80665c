"""Connecting vendor accounts from the page.

Why: a connection now knows whose consent it is (operator, account, granted scopes, when it ends), which company at the
vendor it belongs to, and counts its changes so that others can follow them. A way to a vendor and back has a state of
its own. One installation of our GitHub App, and one directory that admitted our Microsoft app, belong to one tenant:
the index sees every tenant's rows, which no query of a service may. New columns are nullable or have a constant
default; the table has a row for each connection.

Revision ID: 0010
Revises: 0009
"""

from alembic import op

from migrations.isolation import isolate

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

COLUMNS = (
    "external_id text",
    "account text",
    "connected_by_id uuid",
    "connected_by text",
    "scopes_granted text[]",
    "grant_expires_at timestamptz",
    "generation integer NOT NULL DEFAULT 1",
    "changed_at timestamptz NOT NULL DEFAULT now()",
)
HELD = "state_hash = decode(nullif(current_setting('app.oauth_state', true), ''), 'hex')"
TOLD = (
    "status", "reason_code", "reason", "method", "source", "display_name", "connected_at", "scopes_granted",
    "grant_expires_at",
)  # fmt: skip


def upgrade() -> None:
    op.execute(f"ALTER TABLE auth.connections {', '.join(f'ADD COLUMN {column}' for column in COLUMNS)}")
    op.execute(
        "UPDATE auth.connections SET external_id = settings->>'installation_id'"
        " WHERE vendor = 'github' AND method = 'app_installation'"
    )
    op.execute(
        "CREATE UNIQUE INDEX uq_connections_vendor_external_id ON auth.connections (vendor, external_id)"
        " WHERE status <> 'disconnected' AND method IN ('app_installation', 'admin_consent')"
    )
    op.execute(
        """
        CREATE FUNCTION auth.count_connection_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.generation := OLD.generation + 1;
            NEW.changed_at := clock_timestamp();
            RETURN NEW;
        END $$
        """
    )
    old, new = (", ".join(f"{row}.{column}" for column in TOLD) for row in ("OLD", "NEW"))
    op.execute(
        "CREATE TRIGGER connections_changed BEFORE UPDATE ON auth.connections FOR EACH ROW"
        f" WHEN (({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION auth.count_connection_change()"
    )
    op.execute(
        """
        CREATE TABLE auth.oauth_states (
            state_hash bytea CONSTRAINT pk_oauth_states PRIMARY KEY,
            tenant_id uuid NOT NULL CONSTRAINT fk_oauth_states_tenant_id_tenants REFERENCES auth.tenants (id),
            session_id uuid NOT NULL,
            operator_id uuid NOT NULL,
            vendor text NOT NULL,
            method text NOT NULL,
            connection_id uuid,
            external_id text,
            salt bytea NOT NULL,
            return_to text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            expires_at timestamptz NOT NULL,
            used_at timestamptz
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_oauth_states_tenant_id_expires_at ON auth.oauth_states (tenant_id, expires_at)"
    )
    isolate("auth.oauth_states", {"oneclick_auth": "SELECT, INSERT, UPDATE, DELETE"})
    # Somebody else's state must be recognised to be refused and told: whoever holds the state may see and use it up.
    op.execute(
        f"CREATE POLICY oauth_states_held ON auth.oauth_states FOR SELECT TO oneclick_auth USING ({HELD})"
    )
    op.execute(
        "CREATE POLICY oauth_states_held_update ON auth.oauth_states FOR UPDATE TO oneclick_auth"
        f" USING ({HELD}) WITH CHECK ({HELD})"
    )


def downgrade() -> None:
    op.execute("DROP TABLE auth.oauth_states")
    op.execute("DROP TRIGGER connections_changed ON auth.connections")
    op.execute("DROP FUNCTION auth.count_connection_change()")
    op.execute("DROP INDEX auth.uq_connections_vendor_external_id")
    for column in COLUMNS:
        op.execute(f"ALTER TABLE auth.connections DROP COLUMN {column.split()[0]}")
