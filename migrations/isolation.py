"""Row-level security as every tenant table has it."""

from alembic import op

TENANT = "nullif(current_setting('app.tenant_id', true), '')::uuid"


def isolate(table: str, grants: dict[str, str]) -> None:
    """Enable and force row-level security on `schema.table` and grant privileges to service roles.

    `grants` maps a role to its privileges, e.g. `{"oneclick_api": "SELECT, INSERT"}`. The owner is
    subject to the policy too; nobody with BYPASSRLS is a service role.
    """
    name = table.split(".")[1]
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY {name}_tenant ON {table} USING (tenant_id = {TENANT}) WITH CHECK (tenant_id = {TENANT})"
    )
    grant(table, grants)


def grant(table: str, grants: dict[str, str]) -> None:
    """Grant privileges on a table to service roles."""
    for role, privileges in grants.items():
        op.execute(f"GRANT {privileges} ON {table} TO {role}")
