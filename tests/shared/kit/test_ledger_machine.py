"""The job ledger against a small model of it: whatever happens in whatever order, the two agree."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule
from sqlalchemy import text

from services.shared.kit.actors import service_actor
from services.shared.kit.bell import SilentBell
from services.shared.kit.db import create_engine, create_sessions
from services.shared.kit.ids import uuid7
from services.shared.kit.jobs import ledger
from services.shared.kit.jobs.ledger import Claim, LeaseLost
from services.shared.kit.uow import unit_of_work
from tests.fixtures.postgres import Database

T = TypeVar("T")
LEASE = timedelta(minutes=5)
KINDS = ("demo.one", "demo.two")
TENANTS = tuple(UUID(int=n) for n in (11, 12, 13))


@dataclass
class Expected:
    """One job as the model knows it."""

    tenant: UUID
    kind: str
    state: str = "queued"
    due: bool = True
    fence: int = 0
    attempt: int = 0
    crashes: int = 0
    owner: str | None = None
    expired: bool = False


class LedgerMachine(RuleBasedStateMachine):
    """Enqueue, claim, beat, finish, put back, hand back, bury, lose leases, come back late."""

    database: ClassVar[Database]
    claims = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.model: dict[UUID, Expected] = {}
        self.god = create_engine(self.database.url("postgres"), name="god", pool_size=1)
        self.sql("TRUNCATE api.jobs, api.events")
        self.engine = create_engine(self.database.url("oneclick_worker"), name="machine")
        self.sessions = create_sessions(self.engine)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def sql(self, statement: str, **values: Any) -> list[Any]:
        """As the superuser, for looking across tenants."""

        async def go() -> list[Any]:
            async with self.god.begin() as connection:
                done = await connection.execute(text(statement), values)
                return list(done.all()) if done.returns_rows else []

        return self.run(go())

    def teardown(self) -> None:
        self.run(self.engine.dispose())
        self.run(self.god.dispose())
        self.runner.close()

    @rule(tenant=st.sampled_from(TENANTS), kind=st.sampled_from(KINDS), priority=st.integers(0, 3))
    def enqueue(self, tenant: UUID, kind: str, priority: int) -> None:
        async def go() -> UUID:
            async with unit_of_work(
                self.sessions,
                SilentBell(),
                tenant_id=tenant,
                actor=service_actor("test"),
                correlation_id="c",
            ) as uow:
                return uow.enqueue(kind, uuid7(), priority=priority)

        self.model[self.run(go())] = Expected(tenant, kind)

    @rule(
        target=claims,
        worker=st.sampled_from(["ada", "bob"]),
        slots=st.integers(1, 4),
        kinds=st.sampled_from([KINDS, KINDS[:1]]),
    )
    def claim(self, worker: str, slots: int, kinds: tuple[str, ...]) -> Any:
        for job in self.model.values():
            if job.state == "running" and job.expired:
                job.state, job.owner, job.expired = "queued", None, False
                job.crashes += 1
        claimable = {
            key for key, job in self.model.items() if job.state == "queued" and job.due and job.kind in kinds
        }
        got = self.run(ledger.claim_jobs(self.sessions, worker=worker, kinds=kinds, slots=slots, lease=LEASE))
        assert len(got) == min(slots, len(claimable)), "as many as there are slots and due jobs"
        for held in got:
            assert held.id in claimable, "only what is due, free and of a known kind"
            job = self.model[held.id]
            job.state, job.owner = "running", worker
            job.fence += 1
            job.attempt += 1
            assert (held.fence, held.attempt, held.crash_count) == (job.fence, job.attempt, job.crashes)
        self.fair(got, claimable)
        return multiple(*got)

    def fair(self, got: list[Claim], claimable: set[UUID]) -> None:
        """Nobody gets a second job while another tenant with fewer running has one that is due."""
        running = {
            tenant: sum(j.state == "running" and j.tenant == tenant for j in self.model.values())
            for tenant in TENANTS
        }
        left = {self.model[key].tenant for key in claimable - {held.id for held in got}}
        for held in got:
            for waiting in left - {held.tenant_id}:
                assert running[held.tenant_id] <= running[waiting] + 1

    @rule(held=claims)
    def beat(self, held: Claim) -> None:
        job = self.model[held.id]
        kept = self.run(
            ledger.extend_leases(self.sessions, worker=job.owner or "ada", claims=[held], lease=LEASE)
        )
        ours = self.ours(held)
        assert (held.id in kept) == ours
        if ours:
            job.expired = False

    @rule(held=consumes(claims))
    def finish(self, held: Claim) -> None:
        if self.write(held, ledger.finish):
            self.model[held.id].state = "done"

    @rule(held=consumes(claims))
    def bury(self, held: Claim) -> None:
        async def bury(session: Any, claim: Claim) -> None:
            await ledger.bury(session, claim, {"error": "test"})

        if self.write(held, bury):
            self.model[held.id].state = "dead"

    @rule(held=consumes(claims), due=st.booleans())
    def later(self, held: Claim, due: bool) -> None:  # noqa: FBT001  # hypothesis passes it by name
        async def later(session: Any, claim: Claim) -> None:
            await ledger.later(session, claim, timedelta(0) if due else timedelta(hours=1))

        if self.write(held, later):
            job = self.model[held.id]
            job.state, job.owner, job.due, job.crashes, job.expired = "queued", None, due, 0, False

    @rule(held=consumes(claims))
    def hand_back(self, held: Claim) -> None:
        job, ours = self.model[held.id], self.ours(held)
        self.run(ledger.hand_back(self.sessions, worker=job.owner or "ada", claims=[held]))
        if ours:
            job.state, job.owner, job.expired = "queued", None, False
            job.attempt -= 1

    @rule(worker=st.sampled_from(["ada", "bob"]))
    def lose(self, worker: str) -> None:
        """This worker's heartbeat stopped."""
        self.sql(
            "UPDATE api.jobs SET lease_until = now() - interval '1 second'"
            " WHERE locked_by = :worker AND state = 'running'",
            worker=worker,
        )
        for job in self.model.values():
            if job.state == "running" and job.owner == worker:
                job.expired = True

    def ours(self, held: Claim) -> bool:
        job = self.model[held.id]
        return job.state == "running" and job.fence == held.fence

    def write(self, held: Claim, end: Any) -> bool:
        """Whether the write landed; it must exactly when the claim still holds."""
        ours = self.ours(held)

        async def go() -> bool:
            try:
                async with self.sessions.begin() as session:
                    await ledger.enter_job(session, held)
                    await end(session, held)
            except LeaseLost:
                return False
            return True

        landed = self.run(go())
        assert landed == ours, "a write lands if, and only if, its fence is the newest"
        return landed

    @invariant()
    def agrees(self) -> None:
        rows = self.sql("SELECT id, state, fence, attempt, crash_count, locked_by FROM api.jobs")
        found = {row[0]: tuple(row[1:]) for row in rows}
        expected = {
            key: (j.state, j.fence, j.attempt, j.crashes, j.owner if j.state == "running" else None)
            for key, j in self.model.items()
        }
        assert found == expected


@pytest.mark.timeout(600)
def test_the_ledger_agrees_with_its_model(module_database: Database) -> None:
    LedgerMachine.database = module_database
    case = LedgerMachine.TestCase
    case.settings = settings(
        max_examples=15,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    case().runTest()


async def test_an_unknown_kind_is_left_alone(module_database: Database) -> None:
    module_database.truncate()
    engine = create_engine(module_database.url("oneclick_worker"), name="test")
    sessions = create_sessions(engine)
    async with unit_of_work(
        sessions,
        SilentBell(),
        tenant_id=TENANTS[0],
        actor=service_actor("test"),
        correlation_id="c",
    ) as uow:
        uow.enqueue("tomorrow.kind", uuid7())
    assert await ledger.claim_jobs(sessions, worker="w", kinds=KINDS, slots=5, lease=LEASE) == []
    (held,) = await ledger.claim_jobs(
        sessions, worker="w", kinds=[*KINDS, "tomorrow.kind"], slots=5, lease=LEASE
    )
    assert held.attempt == 1
    await engine.dispose()


async def test_a_cooled_lane_is_not_claimed_and_others_are(module_database: Database) -> None:
    module_database.truncate()
    engine = create_engine(module_database.url("oneclick_worker"), name="test")
    sessions = create_sessions(engine)
    async with unit_of_work(
        sessions,
        SilentBell(),
        tenant_id=TENANTS[0],
        actor=service_actor("test"),
        correlation_id="c",
    ) as uow:
        await ledger.cool_down(
            uow.session, tenant_id=TENANTS[0], lane="slowvendor", delay=timedelta(minutes=10), reason="429"
        )
        uow.enqueue(KINDS[0], uuid7(), lane="slowvendor")
        free = uow.enqueue(KINDS[0], uuid7(), lane="fastvendor")
    async with unit_of_work(
        sessions,
        SilentBell(),
        tenant_id=TENANTS[1],
        actor=service_actor("test"),
        correlation_id="c",
    ) as uow:
        other = uow.enqueue(KINDS[0], uuid7(), lane="slowvendor")
    got = await ledger.claim_jobs(sessions, worker="w", kinds=KINDS, slots=5, lease=LEASE)
    assert {held.id for held in got} == {free, other}
    await engine.dispose()


async def test_one_noisy_tenant_does_not_stall_another(module_database: Database) -> None:
    """Promise 12: ten thousand jobs of A, one of B; B's is in the first claim."""
    module_database.truncate()
    module_database.psql(
        f"INSERT INTO api.jobs (id, tenant_id, kind, subject_id, correlation_id)"
        f" SELECT gen_random_uuid(), '{TENANTS[0]}', '{KINDS[0]}', gen_random_uuid(), 'c'"  # constants of this module
        f" FROM generate_series(1, 10000)"
    )
    engine = create_engine(module_database.url("oneclick_worker"), name="test")
    sessions = create_sessions(engine)
    async with unit_of_work(
        sessions,
        SilentBell(),
        tenant_id=TENANTS[1],
        actor=service_actor("test"),
        correlation_id="c",
    ) as uow:
        mine = uow.enqueue(KINDS[0], uuid7())
    got = await ledger.claim_jobs(sessions, worker="w", kinds=KINDS, slots=2, lease=LEASE)
    assert mine in {held.id for held in got}
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT 1")) == 1
    await engine.dispose()
