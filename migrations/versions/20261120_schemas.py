"""Schemas and who may look into them.

Why: only the auth service's role can read the schema `auth`; only the API's and the worker's roles
can read the schema `api`. The roles themselves are made with the database (deploy), because making
roles needs more rights than a migration should have.

Revision ID: 0001
Revises:
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    op.execute("CREATE SCHEMA auth")
    op.execute("CREATE SCHEMA api")
    op.execute("GRANT USAGE ON SCHEMA auth TO oneclick_auth")
    op.execute("GRANT USAGE ON SCHEMA api TO oneclick_api, oneclick_worker, oneclick_ledger")
    op.execute("GRANT SELECT ON public.alembic_version TO oneclick_auth, oneclick_api, oneclick_worker")


def downgrade() -> None:
    op.execute("DROP SCHEMA api")
    op.execute("DROP SCHEMA auth")
