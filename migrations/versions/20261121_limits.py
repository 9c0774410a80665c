"""Rate budgets when Redis is away.

Why: to be said with the feature.

Revision ID: 0005
Revises: 0004
"""

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled in with the feature."""


def downgrade() -> None:
    """Filled in with the feature."""
