"""What a tenant's apps are filled in with where a request says nothing.

Why: some fields have one answer for a whole company (the country that Microsoft wants for each licence), and neither a
role template that ships with OneClick nor an HR system knows it. The column has a constant default: no row is rewritten.

Revision ID: 0020
Revises: 0019
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE api.tenant_settings ADD COLUMN app_defaults jsonb NOT NULL DEFAULT '{}'")


def downgrade() -> None:
    op.execute("ALTER TABLE api.tenant_settings DROP COLUMN app_defaults")
