"""Promise 2 for every app there is: crashes, lost replies, throttling, settling and refusals, one account each.

`test_killed_worker.py` goes through every pass of every point with two apps; here each app meets each point once,
at its first write, and what its vendor may do to it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from services.shared.kit.faults import POINTS
from services.shared.sdk.suite import Fault, FaultKind
from tests.faults.everyone import PAUSED, Hire, every_app, hire, name_of
from tests.faults.test_killed_worker import ELSEWHERE
from tests.fixtures.engine import Engine

POINTS_OF_A_WORKER = sorted(set(POINTS) - set(ELSEWHERE))
pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]


@pytest.fixture(params=every_app(), ids=name_of)
async def joiner(workers: Engine, request: pytest.FixtureRequest) -> AsyncIterator[Hire]:
    """Somebody who joins with the app of this test."""
    # The sandbox was reset and may give an id out again that the books of an earlier test know.
    await workers.rows("DELETE FROM api.accounts")
    made = hire(workers, request.param)
    yield made
    await made.harness.aclose()


@pytest.mark.parametrize("point", POINTS_OF_A_WORKER)
async def test_a_worker_killed_at_a_point_leaves_one_account(joiner: Hire, point: str) -> None:
    workers = joiner.engine
    doomed = joiner.start_worker(faults=f"{point}=kill")
    request = await joiner.ask()
    doomed.wait_dead()
    await workers.expire_leases()
    joiner.start_worker()
    assert await joiner.see_through(request) == "completed", await workers.picture(request)
    await joiner.assert_one_account()


async def test_the_rerun_of_a_finished_request_plans_only_noop(joiner: Hire) -> None:
    workers = joiner.engine
    joiner.start_worker()
    assert await joiner.see_through(await joiner.ask()) == "completed"
    again = await joiner.ask()
    assert await joiner.see_through(again) == "completed", await workers.picture(again)
    kinds = await workers.rows("SELECT kind FROM api.actions WHERE request_id = :id", id=again)
    assert [row["kind"] for row in kinds] == ["noop"]
    await joiner.assert_one_account()


@pytest.mark.parametrize("kind", [FaultKind.COMMIT_THEN_DROP, FaultKind.COMMIT_THEN_STATUS])
async def test_a_lost_reply_is_read_back_and_not_repeated(joiner: Hire, kind: FaultKind) -> None:
    joiner.start_worker()
    await joiner.harness.inject(Fault(kind=kind, times=2))
    request = await joiner.ask()
    assert await joiner.see_through(request) == "completed", await joiner.engine.picture(request)
    await joiner.assert_one_account()


async def test_a_throttled_vendor_is_left_alone_until_it_says(joiner: Hire) -> None:
    """A write is answered 429 with a time: nothing is sent before that, and the page can say when."""
    workers = joiner.engine
    vendor = joiner.harness.vendor
    await joiner.harness.inject(
        Fault(kind=FaultKind.RATE_LIMIT, method="POST", times=1, retry_after="http-date:+2")
    )
    joiner.start_worker()
    request = await joiner.ask()
    assert await joiner.see_through(request) == "completed", await workers.picture(request)
    calls = workers.sandbox.requests(vendor)
    limited = next(index for index, call in enumerate(calls) if call["fault"] == "rate_limit")
    after = [call for call in calls[limited + 1 :] if "token" not in call["path"]]
    told, next_call = (datetime.fromisoformat(call["at"]) for call in (calls[limited], after[0]))
    assert (next_call - told).total_seconds() >= 0.9
    await joiner.assert_one_account()


async def test_a_settling_vendor_is_waited_for(joiner: Hire) -> None:
    workers = joiner.engine
    joiner.start_worker()
    await joiner.harness.settle(0.8)
    request = await joiner.ask()
    assert await joiner.see_through(request) == "completed", await workers.picture(request)
    await joiner.assert_one_account()


async def test_an_expired_token_is_renewed_once_and_nobody_notices(joiner: Hire) -> None:
    joiner.start_worker()
    await joiner.harness.inject(Fault(kind=FaultKind.EXPIRED_TOKEN, times=1))
    request = await joiner.ask()
    state = await joiner.see_through(request)
    if state != "completed":
        # A token that was typed in has no successor: the refusal is believed, said, and waited for.
        assert state == PAUSED
        why = await joiner.engine.value(
            "SELECT waiting_reason FROM api.results WHERE request_id = :id", id=request
        )
        assert why
        await joiner.reconnect()
        assert await joiner.see_through(request) == "completed", await joiner.engine.picture(request)
    await joiner.assert_one_account()


async def test_a_revoked_grant_pauses_and_a_reconnect_completes_it_once(joiner: Hire) -> None:
    joiner.start_worker()
    await joiner.harness.inject(Fault(kind=FaultKind.EXPIRED_TOKEN, times=None))
    request = await joiner.ask()
    assert await joiner.see_through(request) == PAUSED
    error = await joiner.engine.value("SELECT error FROM api.results WHERE request_id = :id", id=request)
    assert error is None, "it waits, it has not failed"
    await joiner.harness.clear_faults()
    await joiner.reconnect()
    assert await joiner.see_through(request) == "completed", await joiner.engine.picture(request)
    await joiner.assert_one_account()


async def test_a_missing_scope_is_named_and_a_retry_goes_on(joiner: Hire) -> None:
    joiner.start_worker()
    await joiner.harness.inject(Fault(kind=FaultKind.FORBIDDEN, times=None))
    request = await joiner.ask()
    assert await joiner.see_through(request) == "failed"
    error = await joiner.engine.value("SELECT error FROM api.results WHERE request_id = :id", id=request)
    assert error["code"] == "missing_scope"
    assert error["remedy"]
    await joiner.harness.clear_faults()
    await joiner.engine.retry(request)
    assert await joiner.see_through(request) == "completed", await joiner.engine.picture(request)
    await joiner.assert_one_account()


async def test_an_unknown_answer_is_never_a_success(joiner: Hire) -> None:
    joiner.start_worker()
    for method in ("POST", "PUT", "PATCH"):
        await joiner.harness.inject(Fault(kind=FaultKind.GARBAGE, method=method, times=None))
    request = await joiner.ask()
    assert await joiner.see_through(request) in {"failed", "partial"}
    error = await joiner.engine.value("SELECT error FROM api.results WHERE request_id = :id", id=request)
    assert error["code"] in {"unknown", "unavailable", "not_found", "settling"}, error
    raw = await joiner.engine.value(
        "SELECT count(*) FROM api.provider_calls WHERE request_id = :id AND response_body IS NOT NULL",
        id=request,
    )
    assert raw > 0, "the raw reply is kept"
