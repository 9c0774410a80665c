"""Promise 2: actions may run twice, effects land once.

A worker is killed by SIGKILL at every fault point, at every pass through it, until a pass no longer comes; another
worker resumes. The points come from the registry, so a new one is exercised by itself.
"""

import pytest

from services.shared.kit.faults import POINTS
from tests.faults.wishes import BOTH, assert_one_account_each
from tests.fixtures.engine import Engine

ELSEWHERE = {
    "request.after_commit": "test_killed_api",
    "look.before_record": "test_waiting",
    "token.after_reply": "tests/auth/test_refreshing",
    "run.before_commit": "test_schedulers",
    "run.after_commit": "test_schedulers",
    "notification.after_commit": "test_notifications_kept",
}
WORKER_POINTS = [name for name in POINTS if name not in ELSEWHERE]
MAX_PASSES = 30

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]


@pytest.mark.parametrize("point", WORKER_POINTS)
async def test_sigkill_at_every_pass_of_a_fault_point_leaves_one_account(workers: Engine, point: str) -> None:
    """For dry runs the plan's own points count too, so the request is planned and applied directly here."""
    for passes in range(MAX_PASSES):
        email = workers.new_address()
        doomed = workers.start_worker(faults=f"{point}=kill@{passes}")
        request = await workers.request(BOTH, email=email)
        died = await workers.died_or_ended(doomed, request)
        if not died:
            assert passes > 0, f"{point} was never passed"
            assert_one_account_each(workers.sandbox, email)
            workers.stop_workers()
            return
        await workers.expire_leases()
        workers.start_worker()
        assert await workers.wait_ended(request) == "completed", await workers.picture(request)
        assert_one_account_each(workers.sandbox, email)
        workers.stop_workers()
    raise AssertionError(f"{point} is passed more than {MAX_PASSES} times")
