"""Invitations and tasks for people that a request waits for.

Why: to be said with the feature.

Revision ID: 0006
Revises: 0005
"""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled in with the feature."""


def downgrade() -> None:
    """Filled in with the feature."""
