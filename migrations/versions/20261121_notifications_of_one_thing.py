"""What was heard of one thing is found without reading a day of notifications.

Why: a sealed notification is taken at its word only when nothing else was heard of the same resource. That was looked for
among everything that came within a day, for each of them. A hash index, since resources are long and only ever compared.
It is built beside the writers; a build that was interrupted begins anew.

Revision ID: 0021
Revises: 0020
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS api.ix_webhook_events_resource")
        op.execute(
            "CREATE INDEX CONCURRENTLY ix_webhook_events_resource ON api.webhook_events USING hash (resource)"
        )


def downgrade() -> None:
    op.drop_index("ix_webhook_events_resource", "webhook_events", schema="api")
