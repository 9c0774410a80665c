"""Lanes: a tenant's jobs at one vendor are claimed only so wide, not at all while they cool down, begun ones first."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from services.shared.kit.actors import service_actor
from services.shared.kit.bell import SilentBell
from services.shared.kit.db import Sessions, create_engine, create_sessions
from services.shared.kit.ids import uuid7
from services.shared.kit.jobs import ledger
from services.shared.kit.jobs.ledger import Claim
from services.shared.kit.uow import unit_of_work
from tests.fixtures.postgres import Database

ADA, BEA = UUID(int=21), UUID(int=22)
KIND = "demo.one"
LEASE = timedelta(minutes=5)
WIDTHS = {"slow": 3}


@pytest.fixture
async def sessions(module_database: Database) -> AsyncIterator[Sessions]:
    module_database.truncate()
    engine = create_engine(module_database.url("oneclick_worker"), name="lanes")
    yield create_sessions(engine)
    await engine.dispose()


async def promise(sessions: Sessions, tenant: UUID, lane: str | None, number: int = 1) -> list[UUID]:
    async with unit_of_work(
        sessions, SilentBell(), tenant_id=tenant, actor=service_actor("test"), correlation_id="c"
    ) as uow:
        return [uow.enqueue(KIND, uuid7(), lane=lane) for _ in range(number)]


async def claim(sessions: Sessions, slots: int = 50, **more: dict[str, int]) -> list[Claim]:
    return await ledger.claim_jobs(sessions, worker="w", kinds=[KIND], slots=slots, lease=LEASE, **more)


async def cool(
    sessions: Sessions, claims: list[Claim], seconds: float, *, narrow: bool = False, enough: int = 1
) -> None:
    """Each of these finds no room, one after the other, and is put back."""
    for held in claims:
        async with sessions.begin() as session:
            await ledger.enter_job(session, held)
            await ledger.cool_down(
                session,
                tenant_id=held.tenant_id,
                lane="slow",
                delay=timedelta(seconds=seconds),
                reason="test",
                narrow=timedelta(seconds=30) if narrow else None,
                enough=enough,
            )
            await ledger.later(session, held, timedelta(0), counted=False)


async def test_a_lane_is_claimed_as_wide_as_is_said_and_no_wider(sessions: Sessions) -> None:
    await promise(sessions, ADA, "slow", 10)
    await promise(sessions, ADA, "fast", 5)
    await promise(sessions, ADA, None, 5)
    await promise(sessions, BEA, "slow", 5)
    got = await claim(sessions, widths=WIDTHS)
    assert len([one for one in got if one.tenant_id == BEA]) == 3, "each tenant has a lane of its own"
    assert len([one for one in got if one.tenant_id == ADA]) == 3 + 5 + 5
    assert await claim(sessions, widths=WIDTHS) == []
    async with sessions.begin() as session:
        await ledger.enter_job(session, got[0])
    assert len(await claim(sessions)) == 7 + 2, "a worker that says no width takes what there is"


async def test_an_ended_job_makes_room_for_the_next(sessions: Sessions) -> None:
    await promise(sessions, ADA, "slow", 5)
    first, *_ = await claim(sessions, widths=WIDTHS)
    async with sessions.begin() as session:
        await ledger.enter_job(session, first)
        await ledger.finish(session, first)
    assert len(await claim(sessions, widths=WIDTHS)) == 1


async def test_jobs_that_find_no_room_make_the_lane_as_narrow_as_those_that_did(sessions: Sessions) -> None:
    await promise(sessions, ADA, "slow", 20)
    got = await claim(sessions, widths={"slow": 10})
    assert len(got) == 10
    await cool(sessions, got[4:], 0, narrow=True)
    assert await claim(sessions, widths={"slow": 10}) == [], "four run, and four is how wide it is now"
    async with sessions.begin() as session:
        await ledger.enter_job(session, got[0])
        await ledger.finish(session, got[0])
    assert len(await claim(sessions, widths={"slow": 10})) == 1


async def test_a_lane_is_not_made_narrower_than_is_worth_running(sessions: Sessions) -> None:
    await promise(sessions, ADA, "slow", 20)
    got = await claim(sessions, widths={"slow": 10})
    await cool(sessions, got[1:], 0, narrow=True, enough=5)
    assert len(await claim(sessions, widths={"slow": 10})) == 4


async def test_a_lane_is_never_so_narrow_that_nothing_runs(sessions: Sessions) -> None:
    await promise(sessions, ADA, "slow", 3)
    for _ in range(3):
        await cool(sessions, await claim(sessions, widths=WIDTHS), 0, narrow=True)
    assert len(await claim(sessions, widths=WIDTHS)) == 1


async def test_what_has_begun_goes_before_what_has_not(sessions: Sessions) -> None:
    await promise(sessions, ADA, "slow", 10)
    begun = await claim(sessions, widths=WIDTHS)
    await cool(sessions, begun, 0)
    again = await claim(sessions, widths=WIDTHS)
    assert {one.id for one in again} == {one.id for one in begun}
    assert {one.attempt for one in again} == {1}, "nothing was tried, so nothing was counted"


async def test_a_cooling_lane_costs_its_jobs_nothing_and_the_others_no_time(sessions: Sessions) -> None:
    await promise(sessions, ADA, "slow", 50)
    (one,) = await claim(sessions, slots=1)
    await cool(sessions, [one], 600)
    other = await promise(sessions, BEA, "slow")
    assert [held.id for held in await claim(sessions)] == other


async def test_a_cooling_lane_is_no_backlog(sessions: Sessions, module_database: Database) -> None:
    await promise(sessions, ADA, "slow", 5)
    (one,) = await claim(sessions, slots=1)
    await cool(sessions, [one], 600)
    module_database.psql("UPDATE api.jobs SET run_at = now() - interval '1 hour'")
    await promise(sessions, ADA, "fast", 2)
    found = {item.state: item for item in await ledger.measure_depth(sessions)}
    assert {state: item.jobs for state, item in found.items()} == {"later": 5, "queued": 2}
    assert found["queued"].oldest_seconds < 60


async def test_what_waited_for_its_lane_was_not_due_before(
    sessions: Sessions, module_database: Database
) -> None:
    await promise(sessions, ADA, "slow", 2)
    (one,) = await claim(sessions, slots=1)
    await cool(sessions, [one], 600)
    module_database.psql("UPDATE api.jobs SET run_at = now() - interval '1 hour'")
    assert await claim(sessions) == []
    module_database.psql("UPDATE api.cooldowns SET until = now() - interval '2 seconds'")
    got = await claim(sessions)
    assert len(got) == 2
    for held in got:
        assert timedelta(0) < held.claimed_at - held.run_at < timedelta(minutes=1), (
            "the metric of delays is true"
        )
