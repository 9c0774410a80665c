"""What must answer before this service takes calls."""

import re
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.auth.vault.context import Context
from services.auth.vault.secret import Secret
from services.auth.vault.vault import Vault

MIGRATIONS = Path(__file__).parents[2] / "migrations" / "versions"
_REVISION = re.compile(r'^(down_)?revision = (?:"([^"]+)"|None)', re.MULTILINE)
_VERSIONS = text("SELECT version_num FROM public.alembic_version")
_PROBE = Context(None, UUID(int=0), "readiness.probe")


class MigrationsPending(Exception):
    """The database is older than this build."""


class KeyRingBroken(Exception):
    """What was sealed a moment ago does not open."""


@dataclass(frozen=True, slots=True)
class Revisions:
    """What this build knows of the migrations."""

    known: frozenset[str]
    heads: frozenset[str]


def read_revisions(folder: Path = MIGRATIONS) -> Revisions:
    """From the files alone: importing the migration tool would cost more than this service's other parts."""
    known: set[str] = set()
    below: set[str] = set()
    for file in folder.glob("*.py"):
        for is_below, name in _REVISION.findall(file.read_text(encoding="utf-8")):
            (below if is_below else known).add(name)
    return Revisions(frozenset(known), frozenset(known - below))


class Readiness:
    """The checks of `/ready`."""

    def __init__(self, engine: AsyncEngine, vault: Vault, revisions: Revisions) -> None:
        self._engine = engine
        self._vault = vault
        self._revisions = revisions

    async def database(self) -> None:
        """Answers."""
        async with self._engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def migrations(self) -> None:
        """At this build's head. A revision that we do not know is a newer build's, and old code keeps running.

        Raises:
            MigrationsPending: it is not.
        """
        async with self._engine.connect() as connection:
            current = set(await connection.scalars(_VERSIONS))
        if not current or current & (self._revisions.known - self._revisions.heads):
            raise MigrationsPending

    async def key_ring(self) -> None:
        """Seals and opens.

        Raises:
            KeyRingBroken: it does not.
        """
        probe = Secret("probe")
        if await self._vault.open(_PROBE, await self._vault.seal(_PROBE, probe)) != probe:
            raise KeyRingBroken
