"""The schema auth: who may, and with whose consent.

Why: sign-in, sessions, roles, connections and everything sealed live apart from the product's data, and
only oneclick_auth can read them. Tables with a tenant_id are isolated. Three lookups happen before a
tenant is known; each has a policy that shows only rows whose key the caller already holds: a session by the
hash of its token, a connection by its id, and an operator's memberships and a sign-in's groups.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

from migrations.isolation import grant, isolate

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

AUTH = "oneclick_auth"

GLOBAL = """
CREATE TABLE auth.tenants (
    id uuid CONSTRAINT pk_tenants PRIMARY KEY,
    slug text NOT NULL CONSTRAINT uq_tenants_slug UNIQUE,
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE auth.operators (
    id uuid CONSTRAINT pk_operators PRIMARY KEY,
    email text NOT NULL CONSTRAINT uq_operators_email UNIQUE,
    name text NOT NULL,
    issuer text,
    subject text,
    platform_admin boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_sign_in_at timestamptz,
    CONSTRAINT uq_operators_issuer_subject UNIQUE (issuer, subject),
    CONSTRAINT ck_operators_email_lower CHECK (email = lower(email))
);
CREATE TABLE auth.sign_in_states (
    state_hash bytea CONSTRAINT pk_sign_in_states PRIMARY KEY,
    binding_hash bytea NOT NULL,
    salt bytea NOT NULL,
    return_to text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE TABLE auth.signing_keys (
    id uuid CONSTRAINT pk_signing_keys PRIMARY KEY,
    public_jwk jsonb NOT NULL,
    private_envelope bytea NOT NULL,
    kek_id text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    active_at timestamptz NOT NULL,
    expires_at timestamptz
);
CREATE TABLE auth.security_events (
    id uuid CONSTRAINT pk_security_events PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    action text NOT NULL,
    subject text NOT NULL,
    outcome text NOT NULL,
    details jsonb NOT NULL DEFAULT '{}',
    correlation_id text NOT NULL
);
CREATE INDEX ix_security_events_at ON auth.security_events (at);
"""

PEOPLE = """
CREATE TABLE auth.memberships (
    tenant_id uuid NOT NULL CONSTRAINT fk_memberships_tenant_id_tenants REFERENCES auth.tenants (id),
    operator_id uuid NOT NULL CONSTRAINT fk_memberships_operator_id_operators REFERENCES auth.operators (id),
    source text NOT NULL,
    role text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_memberships PRIMARY KEY (tenant_id, operator_id, source)
);
CREATE INDEX ix_memberships_operator_id ON auth.memberships (operator_id);
CREATE TABLE auth.group_roles (
    tenant_id uuid NOT NULL CONSTRAINT fk_group_roles_tenant_id_tenants REFERENCES auth.tenants (id),
    group_name text NOT NULL,
    role text NOT NULL,
    CONSTRAINT pk_group_roles PRIMARY KEY (tenant_id, group_name)
);
CREATE INDEX ix_group_roles_group_name ON auth.group_roles (group_name);
CREATE TABLE auth.sessions (
    id uuid CONSTRAINT pk_sessions PRIMARY KEY,
    tenant_id uuid NOT NULL CONSTRAINT fk_sessions_tenant_id_tenants REFERENCES auth.tenants (id),
    operator_id uuid NOT NULL CONSTRAINT fk_sessions_operator_id_operators REFERENCES auth.operators (id),
    token_hash bytea NOT NULL CONSTRAINT uq_sessions_token_hash UNIQUE,
    issuer_session text,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    idle_expires_at timestamptz NOT NULL,
    absolute_expires_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX ix_sessions_tenant_id_operator_id ON auth.sessions (tenant_id, operator_id);
"""

CONNECTIONS = """
CREATE TABLE auth.connections (
    id uuid CONSTRAINT pk_connections PRIMARY KEY,
    tenant_id uuid NOT NULL CONSTRAINT fk_connections_tenant_id_tenants REFERENCES auth.tenants (id),
    vendor text NOT NULL,
    method text NOT NULL,
    source text NOT NULL,
    display_name text NOT NULL,
    settings jsonb NOT NULL,
    status text NOT NULL DEFAULT 'active',
    reason_code text,
    reason text,
    created_at timestamptz NOT NULL DEFAULT now(),
    connected_at timestamptz NOT NULL DEFAULT now(),
    last_refreshed_at timestamptz,
    refresh_attempt_id uuid,
    refresh_started_at timestamptz,
    failure_count integer NOT NULL DEFAULT 0,
    cool_down_until timestamptz,
    CONSTRAINT uq_connections_tenant_id_id UNIQUE (tenant_id, id)
);
CREATE UNIQUE INDEX uq_connections_tenant_id_vendor ON auth.connections (tenant_id, vendor)
    WHERE status <> 'disconnected';
CREATE TABLE auth.connection_secrets (
    tenant_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    field text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    envelope bytea NOT NULL,
    kek_id text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_connection_secrets PRIMARY KEY (tenant_id, connection_id, field),
    CONSTRAINT fk_connection_secrets_tenant_id_connection_id_connections
        FOREIGN KEY (tenant_id, connection_id) REFERENCES auth.connections (tenant_id, id) ON DELETE CASCADE
);
CREATE TABLE auth.connection_tokens (
    tenant_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    version integer NOT NULL,
    envelope bytea NOT NULL,
    kek_id text NOT NULL,
    minted_at timestamptz NOT NULL DEFAULT now(),
    refresh_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT pk_connection_tokens PRIMARY KEY (tenant_id, connection_id),
    CONSTRAINT fk_connection_tokens_tenant_id_connection_id_connections
        FOREIGN KEY (tenant_id, connection_id) REFERENCES auth.connections (tenant_id, id) ON DELETE CASCADE
);
CREATE TABLE auth.first_passwords (
    tenant_id uuid NOT NULL CONSTRAINT fk_first_passwords_tenant_id_tenants REFERENCES auth.tenants (id),
    action_id uuid NOT NULL,
    request_id uuid NOT NULL,
    app text NOT NULL,
    envelope bytea,
    kek_id text,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revealed_at timestamptz,
    revealed_by uuid,
    CONSTRAINT pk_first_passwords PRIMARY KEY (tenant_id, action_id)
);
CREATE TABLE auth.audit_entries (
    id uuid CONSTRAINT pk_audit_entries PRIMARY KEY,
    tenant_id uuid NOT NULL CONSTRAINT fk_audit_entries_tenant_id_tenants REFERENCES auth.tenants (id),
    at timestamptz NOT NULL DEFAULT now(),
    actor_kind text NOT NULL,
    actor_id text NOT NULL,
    action text NOT NULL,
    target_kind text NOT NULL,
    target_id text NOT NULL,
    outcome text NOT NULL,
    details jsonb NOT NULL DEFAULT '{}',
    correlation_id text NOT NULL,
    count integer NOT NULL DEFAULT 1
);
CREATE INDEX ix_audit_entries_tenant_id_at ON auth.audit_entries (tenant_id, at);
"""

GLOBAL_GRANTS = {
    "tenants": "SELECT, INSERT, UPDATE",
    "operators": "SELECT, INSERT, UPDATE",
    "sign_in_states": "SELECT, INSERT, DELETE",
    "signing_keys": "SELECT, INSERT, UPDATE, DELETE",
    "security_events": "SELECT, INSERT",
}
TENANT_GRANTS = {
    "memberships": "SELECT, INSERT, UPDATE, DELETE",
    "group_roles": "SELECT, INSERT, UPDATE, DELETE",
    "sessions": "SELECT, INSERT, UPDATE, DELETE",
    "connections": "SELECT, INSERT, UPDATE",
    "connection_secrets": "SELECT, INSERT, UPDATE, DELETE",
    "connection_tokens": "SELECT, INSERT, UPDATE, DELETE",
    "first_passwords": "SELECT, INSERT, UPDATE, DELETE",
    "audit_entries": "SELECT, INSERT",
}

HELD = "nullif(current_setting('app.{}', true), '')"
SESSION_HASH = f"token_hash = decode({HELD.format('session_hash')}, 'hex')"
LOOKUPS = f"""
CREATE POLICY memberships_operator ON auth.memberships FOR SELECT TO {AUTH}
    USING (operator_id = {HELD.format("operator_id")}::uuid);
CREATE POLICY group_roles_held ON auth.group_roles FOR SELECT TO {AUTH}
    USING (group_name IN (SELECT jsonb_array_elements_text({HELD.format("groups")}::jsonb)));
CREATE POLICY sessions_held ON auth.sessions FOR SELECT TO {AUTH} USING ({SESSION_HASH});
CREATE POLICY sessions_held_update ON auth.sessions FOR UPDATE TO {AUTH}
    USING ({SESSION_HASH}) WITH CHECK ({SESSION_HASH});
CREATE POLICY connections_named ON auth.connections FOR SELECT TO {AUTH}
    USING (id = {HELD.format("connection_id")}::uuid);
"""


def _run(statements: str) -> None:
    # The driver takes one statement at a time.
    for statement in statements.split(";\n"):
        if statement.strip():
            op.execute(statement)


def upgrade() -> None:
    _run(GLOBAL)
    _run(PEOPLE)
    _run(CONNECTIONS)
    for table, privileges in GLOBAL_GRANTS.items():
        grant(f"auth.{table}", {AUTH: privileges})
    for table, privileges in TENANT_GRANTS.items():
        isolate(f"auth.{table}", {AUTH: privileges})
    _run(LOOKUPS)


def downgrade() -> None:
    for table in (*reversed(TENANT_GRANTS), *reversed(GLOBAL_GRANTS)):
        op.execute(f"DROP TABLE auth.{table}")
