"""Connections with several credentials.

Why: Atlassian opens three doors with three different keys. Each credential has its own access token, so a
token's key gains the credential's name; the one of every other connection is `default`. Both statements hold
their locks for a moment only: the table has a row for each connection.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE auth.connection_tokens ADD COLUMN credential text NOT NULL DEFAULT 'default'")
    op.execute(
        "ALTER TABLE auth.connection_tokens DROP CONSTRAINT pk_connection_tokens,"
        " ADD CONSTRAINT pk_connection_tokens PRIMARY KEY (tenant_id, connection_id, credential)"
    )


def downgrade() -> None:
    op.execute("DELETE FROM auth.connection_tokens WHERE credential <> 'default'")
    op.execute(
        "ALTER TABLE auth.connection_tokens DROP CONSTRAINT pk_connection_tokens,"
        " ADD CONSTRAINT pk_connection_tokens PRIMARY KEY (tenant_id, connection_id)"
    )
    op.execute("ALTER TABLE auth.connection_tokens DROP COLUMN credential")
