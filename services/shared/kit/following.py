"""Following events without gaps: a cursor that a late commit cannot slip behind."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.shared.kit.uow import UnitOfWork

_WRITTEN = re.compile(r"([0-9]{1,20})-([0-9]{1,19})")
_MAX_TX = 2**64 - 1
_MAX_ID = 2**63 - 1

_PRESENT = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")
# The order is the column's, a number: the output's name without its table is its text, and "1000" comes before "999".
_READ = text(
    "SELECT e.id, e.tx::text AS tx, e.type, e.data, e.created_at FROM api.events e"
    " WHERE e.tenant_id = :tenant_id AND e.subject_id = :subject_id"
    " AND (e.tx, e.id) > (CAST(CAST(:tx AS text) AS xid8), :id)"
    " AND e.tx < pg_snapshot_xmin(pg_current_snapshot())"
    " ORDER BY e.tx, e.id LIMIT :limit"
)


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """A place in the order of events: everything up to and including it was read."""

    tx: int
    id: int

    def __str__(self) -> str:
        return f"{self.tx}-{self.id}"


@dataclass(frozen=True, slots=True)
class Told:
    """One event as a follower reads it."""

    cursor: Cursor
    type: str
    data: dict[str, Any]
    at: datetime


def parse_cursor(written: str) -> Cursor:
    """The cursor that `str(cursor)` wrote.

    Raises:
        ValueError: it is not one of ours.
    """
    found = _WRITTEN.fullmatch(written)
    if found is None:
        raise ValueError("not a cursor")
    tx, number = int(found[1]), int(found[2])
    if tx > _MAX_TX or number > _MAX_ID:
        raise ValueError("not a cursor")
    return Cursor(tx, number)


async def present_cursor(uow: UnitOfWork) -> Cursor:
    """Now: whoever follows from here is told everything that a read before this could not have seen."""
    return Cursor(int(await uow.session.scalar(_PRESENT) or 0), 0)


async def read_events(uow: UnitOfWork, subject_id: UUID, after: Cursor, *, limit: int) -> Sequence[Told]:
    """Events about a subject after the cursor, in order, of transactions older than every running one."""
    rows = await uow.session.execute(
        _READ,
        {
            "tenant_id": uow.tenant_id,
            "subject_id": subject_id,
            "tx": str(after.tx),
            "id": after.id,
            "limit": limit,
        },
    )
    return [Told(Cursor(int(row.tx), row.id), row.type, row.data, row.created_at) for row in rows]
