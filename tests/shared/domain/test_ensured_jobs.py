"""A job that is promised again is done again, whatever a worker is doing with the one before."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import select

from services.shared.domain.provisioning import executing, reading, steering
from services.shared.domain.provisioning.states import RequestState
from services.shared.kit.jobs.ledger import claim_jobs, finish
from services.shared.kit.jobs.model import Job
from tests.shared.domain.conftest import Desk

LEASE = timedelta(seconds=60)


async def _states(desk: Desk) -> list[str]:
    async with desk.unit() as uow:
        states = await uow.session.scalars(
            select(Job.state).where(Job.kind == "result.apply").order_by(Job.id)
        )
        return [str(state) for state in states]


async def test_a_waiting_job_stands_for_the_new_promise(desk: Desk) -> None:
    request_id = await desk.make()
    async with desk.unit() as uow:
        await steering.cancel_request(uow, request_id)
    async with desk.unit() as uow:
        await steering.retry_request(uow, request_id)
    assert await _states(desk) == ["queued"]
    await desk.worker.work()


async def test_a_worker_that_has_looked_already_ends_first_and_a_new_job_follows(desk: Desk) -> None:
    request_id = await desk.make()
    async with desk.unit() as uow:
        await steering.cancel_request(uow, request_id)
    (claim,) = await claim_jobs(
        desk.worker.sessions, worker="hand", kinds=["result.apply"], slots=1, lease=LEASE
    )

    async def retry() -> None:
        async with desk.unit() as uow:
            await steering.retry_request(uow, request_id)

    async with desk.worker.under(claim) as uow:
        assert await executing.load_result(uow, claim.subject_id) is None
        retrying = asyncio.create_task(retry())
        await asyncio.sleep(0.3)
        assert not retrying.done(), "it waits for the worker that has looked"
        await finish(uow.transaction, claim)
    await retrying
    assert await _states(desk) == ["done", "queued"]
    await desk.worker.work()
    async with desk.unit() as uow:
        assert (await reading.get_request_view(uow, request_id)).request.state == RequestState.COMPLETED


async def test_a_worker_that_has_not_looked_yet_sees_the_new_wish(desk: Desk) -> None:
    request_id = await desk.make()
    async with desk.unit() as uow:
        await steering.cancel_request(uow, request_id)
    (claim,) = await claim_jobs(
        desk.worker.sessions, worker="hand", kinds=["result.apply"], slots=1, lease=LEASE
    )
    async with desk.unit() as uow:
        await steering.retry_request(uow, request_id)
    async with desk.worker.under(claim) as uow:
        assert await executing.load_result(uow, claim.subject_id) is not None
        assert await _states(desk) == ["running"]
        await finish(uow.transaction, claim)
