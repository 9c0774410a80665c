"""Transactions straight over the driver keep what sessions promise: all or nothing, one tenant, a pool that heals."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Executable, bindparam, func, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from services.shared.domain.account import service as accounts
from services.shared.domain.provisioning import statements
from services.shared.kit.actors import service_actor
from services.shared.kit.db import DatabaseFailure, create_engine, create_sessions
from services.shared.kit.direct import Direct, DirectTransaction, run
from services.shared.kit.events import Event
from services.shared.kit.ids import uuid7
from services.shared.kit.jobs.model import Job
from services.shared.kit.prepared import InsertRows, Prepared, table_of
from services.shared.kit.uow import SET_TENANT, UnitOfWork, enter_tenant
from tests.fixtures.postgres import Database

TENANT, OTHER = UUID(int=31), UUID(int=32)
ENTER = Prepared(SET_TENANT)
ADD = InsertRows(
    Job,
    *("id", "kind", "subject_id", "correlation_id", "last_error"),
    state="queued",
    priority=0,
    attempt=0,
    crash_count=0,
    fence=0,
)
READ = Prepared(select(Job.kind, Job.last_error).order_by(Job.kind))
SLEEP = Prepared(text("SELECT pg_sleep(:seconds)"))


@pytest.fixture
async def engine(module_database: Database) -> AsyncIterator[AsyncEngine]:
    """One connection for everybody, so that what is left in disorder is met by whoever comes next."""
    module_database.truncate()
    made = create_engine(module_database.url("oneclick_worker"), name="direct", pool_size=1)
    yield made
    await made.dispose()


def job(**more: Any) -> dict[str, Any]:
    given = {"id": uuid7(), "subject_id": uuid7(), "kind": "demo.one", "correlation_id": "c"}
    return {"last_error": None, **given, **more}


async def enter(transaction: DirectTransaction, tenant: UUID = TENANT) -> UnitOfWork:
    await run(transaction, ENTER, tenant_id=str(tenant))
    return UnitOfWork(transaction, tenant, service_actor("test"), "c")


async def add(engine: AsyncEngine, *jobs: dict[str, Any], tenant: UUID = TENANT) -> None:
    async with Direct(engine).begin() as transaction:
        await enter(transaction)
        await run(transaction, ADD.statement, **ADD.values(tenant, jobs))


async def stored(engine: AsyncEngine, tenant: UUID = TENANT) -> list[Any]:
    async with Direct(engine).begin() as transaction:
        await enter(transaction, tenant)
        return await run(transaction, READ)


async def test_statements_and_the_session_are_one_transaction(engine: AsyncEngine) -> None:
    async with Direct(engine).begin() as transaction:
        uow = await enter(transaction)
        await uow.insert(ADD, [job(kind="demo.first", last_error={"why": "ü"})])
        uow.enqueue("demo.second", uuid7())
        assert [row.kind for row in await run(transaction, READ)] == ["demo.first", "demo.second"]
        assert len((await uow.session.scalars(select(Job))).all()) == 2
    assert [tuple(row) for row in await stored(engine)] == [
        ("demo.first", {"why": "ü"}),
        ("demo.second", None),
    ]


async def test_an_exception_takes_both_back_and_leaves_the_connection_usable(engine: AsyncEngine) -> None:
    async def fail() -> None:
        async with Direct(engine).begin() as transaction:
            uow = await enter(transaction)
            await uow.insert(ADD, [job()])
            uow.enqueue("demo.second", uuid7())
            await uow.session.flush()
            raise RuntimeError("changed my mind")

    for _ in range(2):
        with pytest.raises(RuntimeError, match="changed my mind"):
            await fail()
    assert await stored(engine) == []
    async with create_sessions(engine).begin() as session:
        assert await session.scalar(select(func.pg_current_xact_id_if_assigned())) is None


async def test_the_tenant_ends_with_the_transaction(engine: AsyncEngine) -> None:
    direct = Direct(engine)
    await add(engine, job())
    assert await direct.once(READ, {}) == []
    assert await stored(engine, OTHER) == []
    with pytest.raises(DatabaseFailure):
        await add(engine, job(), tenant=OTHER)
    assert len(await stored(engine)) == 1


async def test_a_refusal_is_told_as_everywhere_else(engine: AsyncEngine) -> None:
    twice = job()
    with pytest.raises(IntegrityError) as refused:
        await add(engine, twice, twice)
    assert getattr(refused.value.orig, "sqlstate", None) == "23505"
    assert str(twice["id"]) not in str(refused.value), "values are people's data"
    assert await stored(engine) == []


async def test_who_is_cancelled_in_the_middle_leaves_nothing_behind(engine: AsyncEngine) -> None:
    async def work(asleep: asyncio.Event) -> None:
        async with Direct(engine).begin() as transaction:
            uow = await enter(transaction)
            await uow.insert(ADD, [job()])
            uow.enqueue("demo.second", uuid7())
            await uow.session.flush()
            asleep.set()
            await run(transaction, SLEEP, seconds=60.0)

    asleep = asyncio.Event()
    working = asyncio.create_task(work(asleep))
    await asleep.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert await stored(engine) == []
    async with create_sessions(engine).begin() as session:
        await enter_tenant(session, TENANT)
        assert (await session.scalars(select(Job))).all() == []


async def test_a_connection_that_the_server_ended_is_made_anew(
    engine: AsyncEngine, module_database: Database
) -> None:
    direct = Direct(engine)
    me = Prepared(text("SELECT pg_backend_pid() AS pid"))
    (before,) = await direct.once(me, {})
    owner = create_engine(module_database.url("postgres"), name="owner", pool_size=1)
    try:
        async with owner.begin() as connection:
            await connection.execute(
                text("SELECT pg_terminate_backend(:pid, 30000)").bindparams(pid=before.pid)
            )
    finally:
        await owner.dispose()
    # At most the one statement that meets the end, if the news is not there yet.
    for _ in range(2):
        try:
            (after,) = await direct.once(me, {})
        except DatabaseFailure:
            continue
        break
    assert after.pid != before.pid


async def test_what_is_told_keeps_its_order_before_and_after_a_session(engine: AsyncEngine) -> None:
    subject = uuid7()
    async with Direct(engine).begin() as transaction:
        uow = await enter(transaction)
        uow.emit("demo.one", subject, {"n": 1})
        uow.enqueue("demo.one", uuid7())
        uow.emit("demo.two", subject, {"n": 2})
        await uow.store_events()
    async with Direct(engine).begin() as transaction:
        uow = await enter(transaction)
        for word in ("three", "four"):
            uow.emit(f"demo.{word}", subject, {"n": word})
        await uow.store_events()
    told = Prepared(select(Event.type, Event.data).order_by(Event.id))
    async with Direct(engine).begin() as transaction:
        await enter(transaction)
        rows = await run(transaction, told)
    assert [row.type for row in rows] == ["demo.one", "demo.two", "demo.three", "demo.four"]
    assert rows[1].data == {"n": 2}


async def test_a_session_runs_what_is_prepared_in_its_own_transaction(engine: AsyncEngine) -> None:
    sessions = create_sessions(engine)
    async with sessions() as session:
        await run(session, ENTER, tenant_id=str(TENANT))
        session.add(
            Job(id=uuid7(), tenant_id=TENANT, kind="demo.two", subject_id=uuid7(), correlation_id="c")
        )
        more = [job(last_error={"n": 1}), job(kind="demo.three")]
        await run(session, ADD.statement, **ADD.values(TENANT, more))
        rows = await run(session, READ)
        assert [tuple(row) for row in rows] == [
            ("demo.one", {"n": 1}),
            ("demo.three", None),
            ("demo.two", None),
        ]
        await session.rollback()
    assert await stored(engine) == []


def _prepared() -> list[tuple[str, Prepared]]:
    found = [
        (f"{module.__name__}.{name}", value.statement if isinstance(value, InsertRows) else value)
        for module in (statements, accounts)
        for name, value in vars(module).items()
        if isinstance(value, Prepared | InsertRows)
    ]
    return sorted(found)


@pytest.mark.parametrize(("name", "statement"), _prepared(), ids=[name for name, _ in _prepared()])
async def test_the_database_understands_it_and_it_is_scoped(
    engine: AsyncEngine, name: str, statement: Prepared
) -> None:
    assert "tenant_id" in statement.sql, name
    raw = await engine.raw_connection()
    try:
        assert raw.driver_connection is not None
        await raw.driver_connection.prepare(statement.sql)
    finally:
        raw.close()


@pytest.mark.parametrize(
    ("clause", "why"),
    [
        (select(Job.id).where(Job.kind.in_(["demo.one"])), "cannot be prepared"),
        (insert(table_of(Job)).values(id=bindparam("id")), "name every column"),
    ],
)
def test_what_would_go_wrong_quietly_is_refused(clause: Executable, why: str) -> None:
    statement = Prepared(clause)
    with pytest.raises(ValueError, match=why):
        assert statement.sql


async def test_a_transaction_that_is_cancelled_while_it_begins_leaves_no_open_one_to_others(
    module_database: Database,
) -> None:
    """Whoever gets its connection next would write behind a savepoint of it, and commit nothing."""
    module_database.psql("CREATE TABLE IF NOT EXISTS public.kept (n int)")
    engine = create_engine(module_database.url("postgres"), name="cancelled", pool_size=1)
    direct, sessions = Direct(engine), create_sessions(engine)

    async def begin() -> None:
        async with direct.begin():
            await asyncio.sleep(60)

    async with direct.begin():
        """From here on there is a connection in the pool."""
    for steps in range(12):
        beginning = asyncio.create_task(begin())
        for _ in range(steps):
            await asyncio.sleep(0)
        beginning.cancel()
        await asyncio.gather(beginning, return_exceptions=True)
        async with sessions.begin() as session:
            await session.execute(text("INSERT INTO public.kept VALUES (:n)"), {"n": steps})
        kept = module_database.psql("SELECT n FROM public.kept ORDER BY n").splitlines()
        assert kept == [str(n) for n in range(steps + 1)]
    await engine.dispose()
