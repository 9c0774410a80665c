"""Promise 1: accepted means durable. Losing Redis costs latency and nothing else."""

import asyncio
import os
import signal

import pytest

from tests.faults.wishes import BOTH, assert_one_account_each
from tests.fixtures.engine import Engine

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]


@pytest.mark.parametrize("trouble", ["wiped", "killed", "frozen"])
async def test_redis_in_trouble_during_a_run_loses_nothing(workers: Engine, trouble: str) -> None:
    for vendor in ("google", "microsoft"):
        workers.sandbox.configure(vendor, latency_ms=50)
    worker = workers.start_worker()
    emails = [workers.new_address() for _ in range(4)]
    requests = [await workers.request(BOTH, email=email) for email in emails[:2]]
    await asyncio.sleep(0.3)
    try:
        match trouble:
            case "wiped":
                workers.redis.wipe()
            case "killed":
                workers.redis.kill()
            case _:
                os.kill(workers.redis.pid or 0, signal.SIGSTOP)
        requests += [await workers.request(BOTH, email=email) for email in emails[2:]]
        for request, email in zip(requests, emails, strict=True):
            assert await workers.wait_ended(request) == "completed", await workers.picture(request)
            assert_one_account_each(workers.sandbox, email)
        assert worker.alive(), "the worker outlives its bell"
    finally:
        if trouble == "frozen":
            os.kill(workers.redis.pid or 0, signal.SIGCONT)
        if trouble == "killed":
            workers.redis.start()
