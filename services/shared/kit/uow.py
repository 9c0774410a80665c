"""The unit of work: one transaction in one tenant's name. The edge owns it; nobody else commits."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.shared.kit.actors import Actor
from services.shared.kit.bell import Bell
from services.shared.kit.db import Sessions
from services.shared.kit.direct import DirectTransaction, Transaction, run
from services.shared.kit.events import Event
from services.shared.kit.faults import faultpoint
from services.shared.kit.ids import uuid7
from services.shared.kit.jobs.model import Job
from services.shared.kit.prepared import InsertRows, Prepared

LIVE = text("state IN ('queued', 'running')")
"""What the ledger's unique index holds apart: one live job per kind and subject."""
SET_TENANT = text("SELECT set_config('app.tenant_id', :tenant_id, true)")


_EVENTS = InsertRows(Event, "subject_id", "type", "data")


@dataclass(slots=True)
class UnitOfWork:
    """Everything that a service needs to change a tenant's data.

    Jobs and events exist if, and only if, the transaction commits; the bell rings after that.
    """

    transaction: Transaction
    tenant_id: UUID
    actor: Actor
    correlation_id: str
    rings: list[tuple[str, UUID]] = field(default_factory=list)
    news: set[UUID] = field(default_factory=set)
    told: list[dict[str, Any]] = field(default_factory=list)
    """Events that are not in the session."""

    @property
    def session(self) -> AsyncSession:
        """The session of this transaction."""
        if not isinstance(self.transaction, DirectTransaction):
            return self.transaction
        session = self.transaction.session
        if self.told:
            session.add_all(Event(tenant_id=self.tenant_id, **one) for one in self.told)
            self.told.clear()
        return session

    async def run(self, statement: Prepared, **values: Any) -> list[Any]:
        """A prepared statement's rows; `tenant_id` is given to it."""
        return await run(self.transaction, statement, tenant_id=self.tenant_id, **values)

    async def insert(self, into: InsertRows, rows: Sequence[Mapping[str, Any]]) -> None:
        """Store rows of this tenant."""
        if rows:
            await run(self.transaction, into.statement, **into.values(self.tenant_id, rows))

    def enqueue(
        self,
        kind: str,
        subject_id: UUID,
        *,
        priority: int = 0,
        lane: str | None = None,
        run_at: datetime | None = None,
    ) -> UUID:
        """Promise a job. `lane` is what a cool-down holds back (a vendor); `run_at` is not before."""
        job = Job(
            id=uuid7(),
            tenant_id=self.tenant_id,
            kind=kind,
            subject_id=subject_id,
            priority=priority,
            lane=lane,
            correlation_id=self.correlation_id,
        )
        if run_at is not None:
            job.run_at = run_at
        else:
            self.rings.append((kind, job.id))
        self.session.add(job)
        return job.id

    async def ensure_job(self, kind: str, subject_id: UUID, *, lane: str | None = None) -> UUID:
        """Promise a job that is due now, or make the one due that is promised already.

        A worker that holds that one and has looked already ends first, and a new one is promised; a
        worker that has not looked yet will see what this transaction wrote. `enqueue` before anybody
        can have promised it is cheaper.
        """
        row = {"id": uuid7(), "tenant_id": self.tenant_id, "kind": kind, "subject_id": subject_id}
        job_id: UUID | None = await self.session.scalar(
            insert(Job)
            .values(**row, lane=lane, correlation_id=self.correlation_id)
            .on_conflict_do_update(
                index_elements=[Job.tenant_id, Job.subject_id, Job.kind],
                index_where=LIVE,
                set_={"run_at": func.least(Job.run_at, func.now())},
            )
            .returning(Job.id)
        )
        if job_id is None:
            raise RuntimeError(f"no job was made for {kind} {subject_id}")
        self.rings.append((kind, job_id))
        return job_id

    def emit(self, event_type: str, subject_id: UUID, data: Mapping[str, Any]) -> None:
        """Tell what happened to whoever watches this subject."""
        told = {"subject_id": subject_id, "type": event_type, "data": dict(data)}
        if isinstance(self.transaction, DirectTransaction) and not self.transaction.has_session:
            self.told.append(told)
        else:
            # The session takes back what a part that failed has told.
            self.session.add(Event(tenant_id=self.tenant_id, **told))
        self.news.add(subject_id)

    async def store_events(self) -> None:
        """Store what was told and is not in the session. The edge does this at the end of its transaction."""
        if self.told:
            await self.insert(_EVENTS, self.told)
            self.told.clear()


async def enter_tenant(session: AsyncSession, tenant_id: UUID) -> None:
    """Make row-level security hold for this transaction, and this one alone."""
    await session.execute(SET_TENANT, {"tenant_id": str(tenant_id)})


@asynccontextmanager
async def unit_of_work(
    sessions: Sessions, bell: Bell, *, tenant_id: UUID, actor: Actor, correlation_id: str
) -> AsyncIterator[UnitOfWork]:
    """One transaction. Commits at the end, rolls back on any exception, rings after the commit."""
    async with sessions.begin() as session:
        await enter_tenant(session, tenant_id)
        uow = UnitOfWork(session, tenant_id, actor, correlation_id)
        yield uow
    if uow.rings:
        await faultpoint("request.after_commit")
    if uow.rings or uow.news:
        bell.ring(uow.rings, uow.news)
