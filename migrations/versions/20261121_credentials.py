"""Connections with several credentials.

Why: to be said with the feature.

Revision ID: 0008
Revises: 0007
"""

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled in with the feature."""


def downgrade() -> None:
    """Filled in with the feature."""
