"""Tests of connected accounts: asked for by people and by the clock, done by the worker with reads alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from services.shared.domain.connection.models import ConnectionState, ConnectionTest
from services.shared.kit.db import Sessions
from services.shared.kit.uow import UnitOfWork

CONNECTION_TEST = "connection.test"
WEEK = timedelta(days=7)
LIVE = ("active", "expiring")
MOST_MESSAGE = 1000
DOUBT = timedelta(minutes=10)
"""A vendor that refuses us is not asked about it more often than this."""

_TO_TEST = text(
    "SELECT tenant_id, connection_id, vendor FROM api.connections_to_test(make_interval(secs => :age), :most)"
)


@dataclass(frozen=True, slots=True)
class TestWork:
    """A connection to be tested."""

    connection_id: UUID
    vendor: str


@dataclass(frozen=True, slots=True)
class DueTest:
    """A connection whose last test is too long ago."""

    tenant_id: UUID
    connection_id: UUID
    vendor: str


async def ask_test(uow: UnitOfWork, connection_id: UUID, vendor: str) -> None:
    """Promise a test. One that is underway already looks at the vendor once more at most."""
    row = {"tenant_id": uow.tenant_id, "connection_id": connection_id, "vendor": vendor}
    await uow.session.execute(
        insert(ConnectionTest)
        .values(**row, asked_at=func.now())
        .on_conflict_do_update(
            index_elements=[ConnectionTest.tenant_id, ConnectionTest.connection_id],
            set_={"asked_at": func.now(), "vendor": vendor},
        )
    )
    await uow.ensure_job(CONNECTION_TEST, connection_id)


async def list_tests(uow: UnitOfWork) -> dict[UUID, ConnectionTest]:
    """The newest test of every connection of the tenant."""
    rows = await uow.session.scalars(select(ConnectionTest).where(ConnectionTest.tenant_id == uow.tenant_id))
    return {row.connection_id: row for row in rows}


def is_underway(test: ConnectionTest) -> bool:
    """Whether its outcome is still to come."""
    return test.finished_at is None or test.finished_at < test.asked_at


async def load_test(uow: UnitOfWork, connection_id: UUID) -> TestWork | None:
    """What to test. None when nobody asked."""
    row = await uow.session.get(ConnectionTest, (uow.tenant_id, connection_id))
    return TestWork(row.connection_id, row.vendor) if row is not None else None


async def store_test(uow: UnitOfWork, connection_id: UUID, *, ok: bool, message: str) -> None:
    """What came of it, in words for people."""
    row = await uow.session.get(ConnectionTest, (uow.tenant_id, connection_id), with_for_update=True)
    if row is None:
        return
    row.finished_at = func.clock_timestamp()
    row.ok, row.message = ok, message[:MOST_MESSAGE]
    uow.emit("connection.tested", connection_id, {"connection_id": str(connection_id), "ok": ok})


async def doubt(uow: UnitOfWork, vendor: str) -> None:
    """A vendor refused us: have its connection tested, unless that was done a moment ago."""
    found = await uow.session.execute(
        select(ConnectionState.connection_id)
        .outerjoin(
            ConnectionTest,
            (ConnectionTest.tenant_id == ConnectionState.tenant_id)
            & (ConnectionTest.connection_id == ConnectionState.connection_id),
        )
        .where(
            ConnectionState.tenant_id == uow.tenant_id,
            ConnectionState.vendor == vendor,
            ConnectionState.state.in_(LIVE),
            func.coalesce(ConnectionTest.asked_at < func.now() - DOUBT, True),
        )
    )
    for (connection_id,) in found:
        await ask_test(uow, connection_id, vendor)


async def find_due_tests(sessions: Sessions, most: int, *, age: timedelta = WEEK) -> Sequence[DueTest]:
    """Connections of all tenants that work and were not tested for so long."""
    async with sessions.begin() as session:
        rows = await session.execute(_TO_TEST, {"age": age.total_seconds(), "most": most})
        return [DueTest(row.tenant_id, row.connection_id, row.vendor) for row in rows]
