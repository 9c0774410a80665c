"""Role templates, and which apps a tenant has switched on.

Why: to be said with the feature.

Revision ID: 0007
Revises: 0006
"""

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled in with the feature."""


def downgrade() -> None:
    """Filled in with the feature."""
