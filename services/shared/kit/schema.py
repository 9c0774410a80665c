"""Which schema this code needs, so that a process is not ready before the migrations ran."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

NEEDED = "0021"
"""The newest migration that the code relies on. Revisions are numbered, so later ones sort behind it."""


class SchemaTooOld(RuntimeError):
    """The migrations have not run, or not all of them."""


async def check_schema(engine: AsyncEngine) -> None:
    """Pass when the database is there and has what this code needs; a newer schema is fine.

    Raises:
        SchemaTooOld: an older schema.
        SQLAlchemyError, OSError: the database does not answer.
    """
    async with engine.connect() as connection:
        found = await connection.scalar(text("SELECT version_num FROM public.alembic_version"))
    if found is None or str(found) < NEEDED:
        raise SchemaTooOld(f"needed {NEEDED}, found {found}")
