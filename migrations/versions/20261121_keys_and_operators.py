"""API keys, and roles that administrators give in the product.

Why: programs (an HR system) call the API without a person's session, so a tenant has keys; a key is found by its
id, which its holder sends, before the tenant is known. What an administrator decides about an operator counts before
the installation's file and the groups, so a membership may be switched off, and one from a group remembers which
groups gave it: when a group loses its role, whoever had it by that group loses it at once. A tenant's groups that were
set in the product are not the file's any more. All columns have defaults; the tables are small.

Revision ID: 0011
Revises: 0010
"""

from alembic import op

from migrations.isolation import isolate

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

AUTH = "oneclick_auth"

API_KEYS = """
CREATE TABLE auth.api_keys (
    id uuid CONSTRAINT pk_api_keys PRIMARY KEY,
    tenant_id uuid NOT NULL CONSTRAINT fk_api_keys_tenant_id_tenants REFERENCES auth.tenants (id),
    name text NOT NULL,
    secret_hash bytea NOT NULL,
    scopes jsonb NOT NULL,
    calls_per_minute integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by uuid NOT NULL,
    created_by_name text NOT NULL,
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz,
    revoked_by_name text,
    CONSTRAINT uq_api_keys_tenant_id_id UNIQUE (tenant_id, id)
)
"""
ONE_NAME = """
CREATE UNIQUE INDEX uq_api_keys_name ON auth.api_keys (tenant_id, lower(name)) WHERE revoked_at IS NULL
"""
NAMED = f"""
CREATE POLICY api_keys_named ON auth.api_keys FOR SELECT TO {AUTH}
    USING (id = nullif(current_setting('app.api_key_id', true), '')::uuid)
"""


def upgrade() -> None:
    op.execute(API_KEYS)
    op.execute(ONE_NAME)
    isolate("auth.api_keys", {AUTH: "SELECT, INSERT, UPDATE"})
    op.execute(NAMED)
    op.execute("ALTER TABLE auth.memberships ADD COLUMN disabled boolean NOT NULL DEFAULT false")
    op.execute("ALTER TABLE auth.memberships ADD COLUMN group_names jsonb NOT NULL DEFAULT '[]'")
    op.execute("ALTER TABLE auth.tenants ADD COLUMN groups_set_at timestamptz")


def downgrade() -> None:
    op.execute("ALTER TABLE auth.tenants DROP COLUMN groups_set_at")
    op.execute("ALTER TABLE auth.memberships DROP COLUMN group_names")
    op.execute("DELETE FROM auth.memberships WHERE disabled OR source = 'operator'")
    op.execute("ALTER TABLE auth.memberships DROP COLUMN disabled")
    op.execute("DROP TABLE auth.api_keys")
