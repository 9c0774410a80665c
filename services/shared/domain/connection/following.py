"""How connected accounts change: told once each, to people, to the log, and to whatever waits for the account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from services.shared.domain.audit import service as audit
from services.shared.domain.connection.models import ConnectionState
from services.shared.domain.provisioning.pausing import resume_vendor
from services.shared.kit.db import Sessions
from services.shared.kit.uow import UnitOfWork

WORKS = frozenset({"active", "expiring"})
BROKEN = frozenset({"needs_reauth", "error"})
DISCONNECTED = "disconnected"
_SEEN_UNTIL = text("SELECT api.connections_seen_until()")


@dataclass(frozen=True, slots=True)
class Told:
    """A connection as the auth service tells about it. `generation` counts its changes."""

    connection_id: UUID
    vendor: str
    title: str
    state: str
    reason: str | None
    remedy: str | None
    generation: int
    changed_at: datetime


async def seen_until(sessions: Sessions) -> datetime | None:
    """The newest change that was noticed, over all tenants, on the auth service's clock."""
    async with sessions.begin() as session:
        found: datetime | None = await session.scalar(_SEEN_UNTIL)
        return found


async def note(uow: UnitOfWork, told: Told) -> str | None:
    """Take over what was told; the event that it is, if it is one. What was known already changes nothing.

    An account that works again makes whatever waited for it due.
    """
    key = {"tenant_id": uow.tenant_id, "connection_id": told.connection_id}
    values = {name: getattr(told, name) for name in ("vendor", "title", "state", "reason", "remedy")}
    values |= {"generation": told.generation, "changed_at": told.changed_at}
    made = await uow.session.scalar(
        insert(ConnectionState)
        .values(**key, **values)
        .on_conflict_do_nothing(index_elements=[ConnectionState.tenant_id, ConnectionState.connection_id])
        .returning(ConnectionState.connection_id)
    )
    before: str | None = None
    if made is None:
        row = (await uow.session.scalars(select(ConnectionState).filter_by(**key).with_for_update())).one()
        if (row.generation, row.state) == (told.generation, told.state) or row.generation > told.generation:
            return None
        before = row.state
        for name, value in values.items():
            setattr(row, name, value)
        if before != told.state:
            row.since = func.now()
        await uow.session.flush()
    event = _event(before, told.state)
    if event is not None:
        _tell(uow, told, event, before)
    if told.state in WORKS and before not in WORKS:
        await resume_vendor(uow, told.vendor)
    return event


def _event(before: str | None, after: str) -> str | None:
    if after == before or {before, after} <= WORKS:
        return None
    if after == DISCONNECTED:
        return "connection.disconnected" if before is not None else None
    if after in BROKEN:
        return "connection.expired" if before not in BROKEN else None
    return "connection.recovered" if before in BROKEN else "connection.connected"


def _tell(uow: UnitOfWork, told: Told, event: str, before: str | None) -> None:
    after: Mapping[str, object] = {"vendor": told.vendor, "state": told.state, "reason": told.reason}
    uow.emit(event, told.connection_id, {"connection_id": str(told.connection_id), **after})
    audit.write_down(
        uow,
        event,
        target_kind="connection",
        target_id=told.connection_id,
        target_label=told.title,
        before={"state": before} if before is not None else None,
        after=after,
    )


async def list_trouble(uow: UnitOfWork) -> Sequence[ConnectionState]:
    """Accounts that somebody should look at, the worst and the oldest first."""
    rows = await uow.session.scalars(
        select(ConnectionState)
        .where(
            ConnectionState.tenant_id == uow.tenant_id,
            ConnectionState.state.in_([*BROKEN, "expiring"]),
        )
        .order_by(ConnectionState.since, ConnectionState.connection_id)
    )
    return sorted(rows, key=lambda row: row.state not in BROKEN)
