"""What a tenant knows of its operators is its own.

Why: a person may be an operator of several tenants. Whether and when they came in, and what they are called before they
did, is each tenant's own: an administrator who adds an address must not learn from it that, when and as whom its owner
signs in elsewhere. Rows from before say nothing until the next sign-in. Both columns may be null; no row is rewritten.

Revision ID: 0016
Revises: 0015
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE auth.memberships ADD COLUMN entered_at timestamptz, ADD COLUMN given_name text")


def downgrade() -> None:
    op.execute("ALTER TABLE auth.memberships DROP COLUMN given_name, DROP COLUMN entered_at")
