"""${message}

Why:

Old code runs against the new schema for minutes: expand, backfill (migrations/backfills), contract,
each in a migration of its own. Statements wait at most 5 s for a lock (env.py): if one times out,
nothing has changed and it can simply be run again. Build indexes on live tables CONCURRENTLY, in an
`op.get_context().autocommit_block()`. Every table with a tenant_id calls `isolate(...)`.

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
"""

from alembic import op
import sqlalchemy as sa
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
